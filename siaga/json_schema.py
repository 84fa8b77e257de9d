"""A JSON Schema (draft 2020-12) of each file of the settings, for editors.

It is made of the dataclasses that the loader reads into, and their docstrings are what an editor
shows. It refuses nothing that the loader takes: a scalar is read from its text, so an editor that
sees a number where a text is expected (`prefix: 0725`) is told that this is right. What only rules
know (ranges, references) is the loader's business.
"""

import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal, NewType, TypeAlias, get_args, get_origin

from siaga.scalar import grammar_of
from siaga.schema import hints_of, is_union
from siaga.settings import SCHEMA

Schema: TypeAlias = dict[str, Any]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
SUFFIX: Final = ".schema.json"
TEXT: Final = ["string", "number", "boolean"]
"""What an editor may take a scalar for that the loader reads as a text."""
_SEEN_AS: Final[dict[object, list[str]]] = {
    int: ["integer", "string"],
    float: ["number", "string"],
    bool: ["boolean", "string"],
}
"""What an editor takes a value for that is written without quotes; all else is a string."""


def of_file(stem: str) -> Schema:
    """The schema of a file of the settings.

    Args:
        stem: One of `siaga.settings.STEMS`.

    Raises:
        TypeError: The dataclasses have a type for which no schema is known.
    """
    definitions: Schema = {}
    top = _of_dataclass(SCHEMA[stem], definitions)
    return {
        "$schema": DRAFT,
        "title": f"{stem}.yaml of Siaga 112",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


def _of(type_: object, definitions: Schema) -> Schema:
    """The schema of a type; those of dataclasses are put with the definitions, by their names."""
    while isinstance(type_, NewType):
        type_ = type_.__supertype__
    if is_union(type_):
        return _of_union(get_args(type_), definitions)
    grammar, origin, args = grammar_of(type_), get_origin(type_), get_args(type_)
    if grammar is not None:
        return {"type": _SEEN_AS.get(type_, ["string"]), "pattern": f"^({grammar.pattern})$"}
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple and args[1:] == (...,):
        return {"type": "array", "items": _of(args[0], definitions)}
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {
            "type": "object",
            **_of_keys(args[0]),
            "additionalProperties": _of(args[1], definitions),
        }
    if isinstance(type_, type):
        if is_dataclass(type_):
            if type_.__name__ not in definitions:
                definitions[type_.__name__] = {}
                definitions[type_.__name__] = _of_dataclass(type_, definitions)
            return {"$ref": f"#/$defs/{type_.__name__}"}
        if issubclass(type_, Enum):
            return {"enum": [member.value for member in type_]}
        if issubclass(type_, str | Path):
            return {"type": TEXT}
    raise TypeError(f"no JSON Schema is known for {type_!r}")


def _of_union(members: tuple[object, ...], definitions: Schema) -> Schema:
    found = [_of(member, definitions) for member in members if member is not type(None)]
    if type(None) in members:
        found.append({"type": "null"})
    return {"anyOf": found}


def _of_keys(type_: object) -> Schema:
    """What keys of a mapping must look like; an editor takes each for a string."""
    grammar = grammar_of(type_)
    if isinstance(type_, type) and issubclass(type_, Enum):
        return {"propertyNames": {"enum": [member.value for member in type_]}}
    return {} if grammar is None else {"propertyNames": {"pattern": f"^({grammar.pattern})$"}}


def _of_dataclass(type_: type, definitions: Schema) -> Schema:
    told = attributes(type_)
    properties: Schema = {}
    required = []
    for field in fields(type_):
        about: Schema = {"description": told[field.name]} if field.name in told else {}
        if isinstance(field.default, str | int | float) and not isinstance(field.default, Enum):
            about["default"] = field.default
        elif isinstance(field.default, Enum):
            about["default"] = field.default.value
        if field.default is MISSING and field.default_factory is MISSING:
            required.append(field.name)
        properties[field.name] = {**about, **_of(hints_of(type_)[field.name], definitions)}
    return {
        "description": (inspect.getdoc(type_) or "").partition("\n")[0],
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def attributes(type_: type) -> dict[str, str]:
    """What the docstrings of a dataclass and of its bases say of each attribute (Google form)."""
    told: dict[str, str] = {}
    for base in reversed(type_.__mro__):
        section = (inspect.cleandoc(base.__doc__ or "")).partition("Attributes:\n")[2]
        for name, text in re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE):
            told[name] = " ".join(text.split())
    return told
