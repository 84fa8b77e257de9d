"""Samples of states and events, made from their types: every field with every value that matters.

A type that joins a union is sampled by itself, as long as the values of its fields are known; what
is not known is a `LookupError` that says which field wants values.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import product
from typing import Any, Generic, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Facets: TypeAlias = Mapping[str, str]
"""What tells a sample from the others of its type: by field, the words for its value."""
Values: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By field (`offer`, or `Talking.offer` where a type has values of its own): words and value."""


@dataclass(frozen=True, slots=True)
class Sample(Generic[T]):
    """A value, and the words for what is special about it."""

    value: T
    facets: Facets


def members(union: Any) -> tuple[type, ...]:
    """The types of a union, or the one type that it is."""
    return get_args(union) if get_origin(union) in {Union, types.UnionType} else (union,)


def samples(kind: Any, values: Values) -> Iterator[Sample[Any]]:
    """Every combination of the values that matter.

    Raises:
        LookupError: A field has no values.
    """
    for member in members(kind):
        hints = get_type_hints(member)
        names = [field.name for field in fields(member)]
        choices = [_choices(member, name, hints[name], values) for name in names]
        for chosen in product(*choices):
            facets = {key: word for sample in chosen for key, word in sample.facets.items()}
            made = dict(zip(names, (sample.value for sample in chosen), strict=True))
            yield Sample(member(**made), facets)


def _choices(owner: type, name: str, hint: Any, values: Values) -> list[Sample[Any]]:
    own = f"{owner.__name__}.{name}"
    key = own if own in values else name
    if key in values:
        return [Sample(value, {key: word} if word else {}) for word, value in values[key].items()]
    kinds = members(hint)
    if all(is_dataclass(kind) for kind in kinds):
        return [
            Sample(sample.value, {**_which(key, sample.value, kinds), **sample.facets})
            for sample in samples(hint, values)
        ]
    raise LookupError(f"{own} has no values to be sampled with: tests/matrix gives some by field")


def _which(key: str, value: object, kinds: tuple[type, ...]) -> Facets:
    return {key: type(value).__name__} if len(kinds) > 1 else {}
