"""Licences: what each package says of itself, and whether that is allowed here.

A package says it by an SPDX expression (PEP 639) or, if it is older, in words. Words are not
guessed at: somebody has read the licence and has written into licences.toml which one it is, with
the words that were there; a package that says something else later is a finding.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from supply import HOUSE

RULES: Final = HOUSE / "supply" / "licences.toml"
TOKEN: Final = re.compile(r"\(|\)|[A-Za-z0-9.+-]+")
WORDS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Read:
    """What somebody has found in a package that says it in words.

    Attributes:
        says: The words of its metadata.
        spdx: The licence.
        why: How that is known.
    """

    says: str
    spdx: str
    why: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed.

    Attributes:
        allowed: By SPDX id, why.
        read: By package.
    """

    allowed: Mapping[str, str]
    read: Mapping[str, Read]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of a package.

    Attributes:
        package: Its name.
        spdx: Its licence; empty: not known.
        fault: What is wrong, or empty.
    """

    package: str
    spdx: str
    fault: str = ""


def load(path: Path = RULES) -> Rules:
    """The rules of a file.

    Raises:
        OSError: It cannot be read.
        tomllib.TOMLDecodeError: It is no TOML.
        TypeError: An entry has not what it takes.
    """
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    return Rules(
        allowed={id_: str(why) for id_, why in values["allowed"].items()},
        read={package: Read(**entry) for package, entry in values["read"].items()},
    )


def judge(packages: Iterable[str], rules: Rules) -> list[Verdict]:
    """What comes of each of these installed packages, and of readings that are of none of them."""
    names = list(packages)
    verdicts = [_verdict(name, rules) for name in names]
    stale = sorted(rules.read.keys() - set(names))
    return verdicts + [
        Verdict(name, "", "is in licences.toml and not among the packages: take it out")
        for name in stale
    ]


def is_allowed(expression: str, allowed: Iterable[str]) -> bool:
    """Whether an SPDX expression is met by allowed licences: all of an AND, one of an OR.

    Raises:
        ValueError: It is no expression.
    """
    tokens = TOKEN.findall(expression)
    if "".join(tokens) != WORDS.sub("", expression):
        raise ValueError(f"no SPDX expression: {expression!r}")
    holds, rest = _either(tokens, frozenset(allowed))
    if rest:
        raise ValueError(f"no SPDX expression: {expression!r}")
    return holds


def stated(about: Mapping[str, str | None], classifiers: Sequence[str]) -> tuple[str, str]:
    """What a package's metadata says: an SPDX expression, or words; one of them may be empty."""
    expression = about.get("License-Expression") or ""
    words = (about.get("License") or "").strip().splitlines()
    classes = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    return expression, "; ".join([*words[:1], *classes])


def _verdict(package: str, rules: Rules) -> Verdict:
    try:
        about = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return Verdict(package, "", "is not installed: make setup")
    fields = {name: about[name] for name in ("License-Expression", "License")}
    expression, words = stated(fields, about.get_all("Classifier") or [])
    read = rules.read.get(package)
    if expression:
        if read is not None:
            return Verdict(package, expression, "says it by SPDX now: take it out of licences.toml")
        return _held(package, expression, rules)
    if read is None:
        return Verdict(package, "", f"says {words!r}: read its licence, note it in licences.toml")
    if read.says != words:
        return Verdict(package, "", f"says {words!r}, and said {read.says!r} when it was read")
    return _held(package, read.spdx, rules)


def _held(package: str, expression: str, rules: Rules) -> Verdict:
    try:
        allowed = is_allowed(expression, rules.allowed)
    except ValueError as error:
        return Verdict(package, "", str(error))
    return Verdict(package, expression, "" if allowed else f"{expression} is not allowed here")


def _either(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    holds, rest = _all(tokens, allowed)
    while rest[:1] == ["OR"]:
        other, rest = _all(rest[1:], allowed)
        holds = holds or other
    return holds, rest


def _all(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    holds, rest = _one(tokens, allowed)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:], allowed)
        holds = holds and other
    return holds, rest


def _one(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    match tokens:
        case ["(", *rest]:
            holds, rest = _either(rest, allowed)
            if rest[:1] != [")"]:
                raise ValueError("no SPDX expression: a parenthesis is not closed")
            return holds, rest[1:]
        case [id_, "WITH", exception, *rest]:
            return f"{id_} WITH {exception}" in allowed, rest
        case [id_, *rest] if id_ not in {"AND", "OR", "WITH", ")"}:
            return id_ in allowed, rest
        case _:
            raise ValueError("no SPDX expression: a licence is missing")
