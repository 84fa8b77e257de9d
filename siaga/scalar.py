"""What the text of a scalar means where a number, a truth value or a time is expected.

YAML, its older versions and Python each read some words as numbers that nobody meant: `1_000`,
`1e3`, `0x70`, `007`, `12:30`, `on`. Here one spelling of each is read, and all else is told.
Telephone numbers are no numbers: they are read as they are written.
"""

import re
from dataclasses import dataclass
from datetime import date, time
from types import UnionType
from typing import Final, NewType, Union, get_args, get_origin


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a value is written.

    Attributes:
        pattern: Of the whole text.
        expected: What a message says was expected.
    """

    pattern: str
    expected: str

    def takes(self, text: str) -> bool:
        """Whether the text is one."""
        return re.fullmatch(self.pattern, text, re.ASCII) is not None


GRAMMARS: Final[dict[object, Grammar]] = {
    int: Grammar(r"[-+]?(0|[1-9][0-9]{0,8})", "a whole number"),
    float: Grammar(r"[-+]?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?", "a number such as 15 or 0.5"),
    bool: Grammar(r"true|false", "true or false"),
    time: Grammar(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", "a time such as 07:00"),
    date: Grammar(
        r"2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "a date such as 2026-12-31"
    ),
}
"""By the type of the schema. A count has at most nine digits, a time is exact to the second."""


def grammar_of(type_: object) -> Grammar | None:
    """How values of a type are written; None when any text will do, or none at all."""
    if get_origin(type_) in {Union, UnionType}:
        (type_, *more) = [member for member in get_args(type_) if member is not type(None)]
        if more:
            return None
    while isinstance(type_, NewType):
        type_ = type_.__supertype__
    return GRAMMARS.get(type_) if isinstance(type_, type) else None
