"""Trees of texts, validated into the dataclasses that the rest of the house works with.

The dataclasses are the schema; pydantic tells what does not fit, this module says it to people.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from routing.number import shown
from siaga.document import Document, Tree
from siaga.problem import Problem, SettingsPath, suggestion

T = TypeVar("T")

_EXPECTED: Final = {
    "string_type": "a word or a text",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "path_type": "a path",
    "dataclass_type": "keys with values",
    "mapping_type": "keys with values",
    "dict_type": "keys with values",
    "tuple_type": "a list",
}
"""By pydantic's type of error: what was expected."""
_TAGS: Final = {"to": "step", "kind": "kind"}
"""Fields whose word chooses the member of a union, and what such words are called."""


def validate(type_: type[T], tree: Tree, document: Document, path: SettingsPath) -> T | None:
    """The tree as a value of `type_`, or None and the document's problems are more.

    Args:
        type_: A dataclass of the schema.
        tree: What is written at `path`.
        document: Where it is written; takes the problems.
        path: Settings path of the tree.
    """
    try:
        return TypeAdapter(type_).validate_python(tree)
    except ValidationError as error:
        found = dict.fromkeys(_explain(error, type_, tree))
    for inner, message, of_key in found:
        place = document.place((*path, *inner), of_key=of_key)
        document.problems.append(Problem(*place, message))
    return None


def _explain(
    error: ValidationError, type_: object, tree: Tree
) -> Iterator[tuple[SettingsPath, str, bool]]:
    """Each error's path inside the tree, its message, and whether it is about the key."""
    for detail in error.errors(include_url=False):
        path, member = _path_and_member(detail["loc"], type_)
        if member is None:
            yield _explain_one(detail, type_at(type_, path[:-1]), path)
            continue
        start, name = member
        union, step = type_at(type_, start), _at(tree, start)
        tag, choices = _tag(union), _choices(union)
        chosen = step.get(tag) if isinstance(step, dict) else None
        if not isinstance(step, dict) or choices.get(str(chosen)) == name:
            yield _explain_one(detail, _member(union, name), path)
        elif chosen is None:
            yield start, f"{tag!r} is missing{suggestion('', choices, 'expected one of')}", False
        elif chosen not in choices:
            what = _TAGS[tag]
            meant = suggestion(str(chosen), choices, f"{what}s")
            message = f"unknown {what} {_quoted(chosen)}{meant}"
            yield (*start, tag), message, False


def _explain_one(
    detail: ErrorDetails, around: object, path: SettingsPath
) -> tuple[SettingsPath, str, bool]:
    """One error; `around` is the type of the mapping or list that the path's last key is in."""
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return path, f"{str(path[-1])!r} is missing", False
    if kind == "unexpected_keyword_argument":
        known = _known_keys(around)
        message = f"unknown key {_quoted(path[-1])}{suggestion(str(path[-1]), known, 'known keys')}"
        return path, message, True
    if kind in {"enum", "literal_error"}:
        known = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
        return (
            path,
            f"{_quoted(value)} is not known here{suggestion(str(value), known, 'expected one of')}",
            False,
        )
    if kind.startswith("time_"):
        return path, f"expected a time such as 07:00, found {_quoted(value)}", False
    if kind.startswith("date_"):
        return path, f"expected a date such as 2026-12-31, found {_quoted(value)}", False
    expected = _EXPECTED.get(kind)
    if expected is None:
        return path, f"{detail['msg']}, found {_quoted(value)}", False
    return path, f"expected {expected}, found {_quoted(value)}", False


def _quoted(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case _:
            return repr(shown(str(value)))


def _path_and_member(
    loc: tuple[str | int, ...], type_: object
) -> tuple[SettingsPath, tuple[SettingsPath, str] | None]:
    """The path as written, and the member of a union that pydantic tried, with the union's path."""
    path: SettingsPath = ()
    for position, key in enumerate(loc):
        if key in _choices(type_at(type_, path)).values():
            return (*path, *loc[position + 1 :]), (path, str(key))
        path = (*path, key)
    return path, None


def _at(tree: Tree, path: SettingsPath) -> Tree:
    for key in path:
        match tree:
            case dict() if isinstance(key, str):
                tree = tree.get(key)
            case list() if isinstance(key, int) and key < len(tree):
                tree = tree[key]
            case _:
                return None
    return tree


def type_at(type_: object, path: SettingsPath) -> object:
    """The type that the schema has at a path; None where it has none, and at unknown keys."""
    for key in path:
        args = get_args(type_)
        if is_dataclass(type_) and isinstance(type_, type):
            type_ = get_type_hints(type_).get(str(key))
        elif get_origin(type_) in {tuple, list}:
            type_ = args[0]
        elif len(args) > 1 and not _is_union(type_):
            type_ = args[1]
        else:
            return None
    return type_


def _is_union(type_: object) -> bool:
    return get_origin(type_) in {Union, UnionType}


def _known_keys(type_: object) -> list[str]:
    return [field.name for field in fields(type_)] if is_dataclass(type_) else []


def _member(union: object, name: str) -> object:
    """The member of a union by its name."""
    return next((member for member in get_args(union) if member.__name__ == name), None)


def _tag(union: object) -> str:
    """The field whose word chooses the member of a union."""
    return next(tag for tag in _TAGS if any(tag in _known_keys(m) for m in get_args(union)))


def _choices(type_: object) -> dict[str, str]:
    """For a union of dataclasses: the class of each word that their tag can be."""
    found: dict[str, str] = {}
    for member in get_args(type_) if _is_union(type_) else ():
        hints = get_type_hints(member) if is_dataclass(member) else {}
        word = next((hints[tag] for tag in _TAGS if tag in hints), None)
        if get_origin(word) is Literal:
            found |= dict.fromkeys(get_args(word), str(member.__name__))
    return found
