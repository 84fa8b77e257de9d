"""Trees of texts, validated into the dataclasses that the rest of the house works with.

The dataclasses are the schema; pydantic tells what does not fit, this module says it to people.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from routing.number import shown
from siaga.document import Document, Tree
from siaga.problem import Problem, SettingsPath, alike, suggestion
from siaga.scalar import grammar_of

T = TypeVar("T")

_EXPECTED: Final = {
    "string_type": "a word or a text",
    "path_type": "a path",
    "dataclass_type": "keys with values",
    "mapping_type": "keys with values",
    "dict_type": "keys with values",
    "tuple_type": "a list",
}
"""By pydantic's type of error: what was expected; numbers and times have their grammar."""
LONGEST: Final = 24
"""Characters of what is meant to be a number, a time or a date; right ones have at most 20."""
_TAGS: Final = {"to": "step", "kind": "kind"}
"""Fields whose word chooses the member of a union, and what such words are called."""
_ADAPTERS: Final[dict[type, TypeAdapter[Any]]] = {}
_SECRET: Final = re.compile(r"passw|secret|token|sandi|rahasia|^pins?$", re.IGNORECASE)
"""Keys of which somebody expects that a secret belongs there."""
_KEY: Final = re.compile(r"[a-z_]+")
"""What a key could be meant to be; anything else without a value was rather cut off by a comma."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing that does not fit.

    Attributes:
        path: Inside the tree.
        message: What is said of it.
        of_key: It is about the key, not about its value.
        meant: The path of the key that was probably meant by an unknown one.
        is_missing: There is nothing at the path.
        is_unknown: The schema has no such key.
    """

    path: SettingsPath
    message: str
    of_key: bool = False
    meant: SettingsPath | None = None
    is_missing: bool = False
    is_unknown: bool = False


def validate(type_: type[T], tree: Tree, document: Document, path: SettingsPath) -> T | None:
    """The tree as a value of `type_`, as far as it can be read; the document's problems are more.

    A value that comes with problems serves only for what else is wrong with it.

    Args:
        type_: A dataclass of the schema.
        tree: What is written at `path`.
        document: Where it is written; takes the problems.
        path: Settings path of the tree.
    """
    faults = {fault.path: fault for fault in _misspelt(type_, tree, ())}
    value, more = _validated(type_, tree)
    if any(_is_endless(_at(tree, path)) for path in faults):
        value = None  # no rule has to reckon with a number of hundreds of digits
    for fault in more:
        faults.setdefault(fault.path, fault)
    if value is None and all(fault.is_unknown for fault in faults.values()):
        # What is wrong beside a misspelt key is told at once, not after its correction.
        value, _ = _validated(type_, _without(tree, faults))
    meant = {fault.meant for fault in faults.values()}
    for fault in faults.values():
        if fault.is_missing and fault.path in meant:
            continue  # one slip of the pen: the unknown key is told, with what was meant
        place = document.place((*path, *fault.path), of_key=fault.of_key)
        document.problems.append(Problem(*place, fault.message))
        document.unfit.add((*path, *fault.path))
    return value


def _is_endless(value: Tree) -> bool:
    return isinstance(value, str) and len(value) > LONGEST


def _validated(type_: type[T], tree: Tree) -> tuple[T | None, tuple[_Fault, ...]]:
    try:
        return _adapter(type_).validate_python(tree), ()
    except ValidationError as error:
        return None, tuple(_explain(error, type_, tree))


def _adapter(type_: type[T]) -> TypeAdapter[T]:
    """Made once: it takes as long as all the rest of a reload."""
    if type_ not in _ADAPTERS:
        _ADAPTERS[type_] = TypeAdapter(type_)
    return _ADAPTERS[type_]


def _without(tree: Tree, paths: Collection[SettingsPath], at: SettingsPath = ()) -> Tree:
    """The tree without the keys at these paths."""
    match tree:
        case dict():
            kept = {key: value for key, value in tree.items() if (*at, key) not in paths}
            return {key: _without(value, paths, (*at, key)) for key, value in kept.items()}
        case list():
            return [_without(item, paths, (*at, index)) for index, item in enumerate(tree)]
        case _:
            return tree


def _misspelt(type_: object, tree: Tree, path: SettingsPath) -> Iterator[_Fault]:
    """Numbers, times and truth values that are not written as they are to be."""
    match tree:
        case str():
            grammar = grammar_of(type_)
            if grammar is not None and not grammar.takes(tree):
                yield _Fault(path, f"expected {grammar.expected}, found {_quoted(tree)}")
        case dict():
            chosen = _chosen(type_, tree)
            for key, value in tree.items():
                yield from _misspelt(type_at(chosen, (key,)), value, (*path, key))
        case list():
            for index, item in enumerate(tree):
                yield from _misspelt(type_at(type_, (index,)), item, (*path, index))
        case _:
            return


def _chosen(type_: object, tree: Mapping[str, Tree]) -> object:
    """The member of a union that this mapping is written for; other types are themselves."""
    choices = choices_of(type_)
    return _member(type_, choices.get(str(tree.get(_tag(type_))), "")) if choices else type_


def _explain(error: ValidationError, type_: object, tree: Tree) -> Iterator[_Fault]:
    """Each error, said to people."""
    for detail in error.errors(include_url=False):
        path, member = _path_and_member(detail["loc"], type_)
        if member is None:
            yield _explain_one(detail, type_at(type_, path[:-1]), path, tree)
            continue
        start, name = member
        union, step = type_at(type_, start), _at(tree, start)
        tag, choices = _tag(union), choices_of(union)
        chosen = step.get(tag) if isinstance(step, dict) else None
        if not isinstance(step, dict) or choices.get(str(chosen)) == name:
            yield _explain_one(detail, _member(union, name), path, tree)
        elif chosen is None:
            yield _Fault(start, f"{tag!r} is missing{suggestion('', choices, 'expected one of')}")
        elif str(chosen) not in choices:
            what = _TAGS[tag]
            meant = suggestion(str(chosen), choices, f"{what}s")
            yield _Fault((*start, tag), f"unknown {what} {_quoted(chosen)}{meant}")


def _explain_one(detail: ErrorDetails, around: object, path: SettingsPath, tree: Tree) -> _Fault:
    """One error; `around` is the type of the mapping or list that the path's last key is in."""
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return _Fault(path, f"{str(path[-1])!r} is missing", is_missing=True)
    if kind == "unexpected_keyword_argument":
        return _unknown_key(around, path, tree)
    if kind in {"enum", "literal_error"}:
        known = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
        meant = suggestion(str(value), known, "expected one of")
        return _Fault(path, f"{_quoted(value)} is not known here{meant}")
    if kind.startswith("date_"):
        return _Fault(path, f"there is no day {_quoted(value)} in the calendar")
    grammar = grammar_of(type_at(around, path[-1:]))
    expected = _EXPECTED.get(kind) if grammar is None else grammar.expected
    if expected is None:
        return _Fault(path, f"{detail['msg']}, found {_quoted(value)}")
    return _Fault(path, f"expected {expected}, found {_quoted(value)}")


def _unknown_key(around: object, path: SettingsPath, tree: Tree) -> _Fault:
    """A key that the schema has not, and the one that was probably meant."""
    key, known, beside = str(path[-1]), known_keys(around), _at(tree, path[:-1])
    unwritten = [name for name in known if isinstance(beside, dict) and name not in beside]
    meant = alike(key, unwritten)
    if _SECRET.search(key):
        end = "; secrets are never written here: they come from the environment or a file"
    elif key == "<<":
        end = "; mappings are not merged here: write the keys out"
    elif ":" in key:
        end = "; expected a blank after the colon"
    elif not _KEY.fullmatch(key) and _at(tree, path) is None:
        end = "; a text with a comma inside { } must be in quotes"
    else:
        end = suggestion(key, known if meant is None else [meant], "known keys")
    return _Fault(
        path,
        f"unknown key {_quoted(path[-1])}{end}",
        of_key=True,
        meant=None if meant is None else (*path[:-1], meant),
        is_unknown=True,
    )


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
        if key in choices_of(type_at(type_, path)).values():
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
        type_ = _without_none(type_)
        args = get_args(type_)
        if is_dataclass(type_) and isinstance(type_, type):
            type_ = hints_of(type_).get(str(key))
        elif get_origin(type_) in {tuple, list}:
            type_ = args[0]
        elif len(args) > 1 and not is_union(type_):
            type_ = args[1]
        else:
            return None
    return type_


@cache
def hints_of(type_: type) -> Mapping[str, object]:
    """The types of a dataclass's fields by name; what belongs to the class is no field."""
    names = {field.name for field in fields(type_)}
    return {name: hint for name, hint in get_type_hints(type_).items() if name in names}


def is_union(type_: object) -> bool:
    """Whether a value may be of several types."""
    return get_origin(type_) in {Union, UnionType}


def _without_none(type_: object) -> object:
    """The type of a value that is there."""
    members = [member for member in get_args(type_) if member is not type(None)]
    return members[0] if is_union(type_) and len(members) == 1 else type_


def known_keys(type_: object) -> list[str]:
    """The keys that a mapping of this type can have; none are known of other types."""
    type_ = _without_none(type_)
    return [field.name for field in fields(type_)] if is_dataclass(type_) else []


def _member(union: object, name: str) -> object:
    """The member of a union by its name."""
    return next((member for member in get_args(union) if member.__name__ == name), None)


def _tag(union: object) -> str:
    """The field whose word chooses the member of a union."""
    members = get_args(union)
    return next(tag for tag in _TAGS if any(tag in known_keys(member) for member in members))


def choices_of(type_: object) -> dict[str, str]:
    """For a union of dataclasses: the class of each word that their tag can be."""
    found: dict[str, str] = {}
    for member in get_args(type_) if is_union(type_) else ():
        hints = hints_of(member) if is_dataclass(member) and isinstance(member, type) else {}
        word = next((hints[tag] for tag in _TAGS if tag in hints), None)
        if get_origin(word) is Literal:
            found |= dict.fromkeys(get_args(word), str(member.__name__))
    return found
