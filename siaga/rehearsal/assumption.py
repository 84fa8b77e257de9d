"""A city's file: what differs from the city that is assumed, told by file, line and column."""

from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from siaga import document
from siaga.document import Document, Tree
from siaga.problem import SettingsError, Severity
from siaga.rehearsal.city import City
from siaga.rule import city as rule
from siaga.rule.finding import Findings
from siaga.schema import validate
from siaga.settings import Settings


def read(path: Path, settings: Settings) -> City:
    """The city of a file; what is not written in it is as assumed.

    Raises:
        SettingsError: With everything that is wrong in it.
    """
    written = document.read(path)
    city = None if written.tree is None else _judged(written, settings)
    if any(problem.severity is Severity.ERROR for problem in written.problems) or city is None:
        raise SettingsError(written.problems)
    return city


def _judged(written: Document, settings: Settings) -> City | None:
    """The assumed city's tree with the file's laid over it is a whole city, if it is one."""
    whole = _laid_over(tree_of(City()), written.tree)
    city = validate(City, whole, written, (written.stem,))
    findings = Findings({written.stem: written})
    known = tuple(settings.catalogue.services)
    tree = written.tree
    own = tree.get("services") if isinstance(tree, dict) else None
    if isinstance(own, dict):
        rule.check_services(tuple(own), written.stem, known, findings)
    if city is not None:
        rule.check(city, written.stem, findings)
    return city


def tree_of(value: object) -> Tree:
    """A value as it would be written."""
    if is_dataclass(value):
        return {each.name: tree_of(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        pairs = cast("dict[Any, object]", value).items()
        return {str(key): tree_of(one) for key, one in pairs}
    if isinstance(value, tuple):
        return [tree_of(one) for one in value]
    return str(value.value) if isinstance(value, Enum) else f"{value:g}"


def _laid_over(below: Tree, above: Tree) -> Tree:
    if isinstance(below, dict) and isinstance(above, dict):
        merged = {key: _laid_over(below.get(key), one) for key, one in above.items()}
        return {**below, **merged}
    return above
