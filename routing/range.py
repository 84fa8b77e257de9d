"""Ranges of telephone numbers: which of 100,000 is the most specific one that a number is in.

A range is the numbers between two bounds, filled up to the 15 digits of E.164: the prefix `+62725`
stands for 627250000000000 to 627259999999999. Ranges may lie in one another, and the innermost one
counts; laid side by side they are one sorted row of beginnings, in which a number is looked up by
bisection.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from routing.zone import Row

DIGITS: Final = 15
"""The most digits that a number has, without the plus (ITU-T E.164, clause 6)."""
_NONE: Final = -1


class NumberRange(NamedTuple):
    """Numbers from `low` to `high`, both included, that have at least so many digits.

    Attributes:
        low: The first one, 15 digits.
        high: The last one, 15 digits.
        digits: A number with fewer digits is in none of these, since it has no such beginning.
    """

    low: int
    high: int
    digits: int


def number_range(first: str, last: str) -> NumberRange:
    """The numbers that begin with `first`, with `last`, or with what is between these.

    Args:
        first: `+` and 1 to 15 digits.
        last: The same, as long as `first` and not below it.

    Raises:
        ValueError: They are no bounds of a range.
    """
    low, high = first.removeprefix("+"), last.removeprefix("+")
    if max(len(low), len(high)) > DIGITS:
        raise ValueError(f"{max(first, last, key=len)} has more than {DIGITS} digits")
    if len(low) != len(high):
        raise ValueError(f"{first} and {last} are not of the same length")
    if low > high:
        raise ValueError(f"{first} is above {last}")
    return NumberRange(int(low.ljust(DIGITS, "0")), int(high.ljust(DIGITS, "9")), len(low))


class RangeSheet:
    """Rows of a table of ranges, by column: 100,000 of them take 4 MiB and not 30."""

    def __init__(self) -> None:
        self._low, self._high, self._digits = array("q"), array("q"), array("b")
        self._lines = array("i")
        self._rows: list[Row] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[NumberRange]:
        return map(NumberRange, self._low, self._high, self._digits)

    def add(self, numbers: NumberRange, row: Row, line: int) -> None:
        """One row more; equal rows are best the same object."""
        self._low.append(numbers.low)
        self._high.append(numbers.high)
        self._digits.append(numbers.digits)
        self._rows.append(row)
        self._lines.append(line)

    def row(self, index: int) -> tuple[Row, int]:
        """What that row says, and in which line it is written."""
        return self._rows[index], self._lines[index]


class RangeTable:
    """Ranges, compiled: a number's most specific one is found without searching them.

    Of ranges with the same numbers the first one stands.

    Args:
        ranges: None of them crosses another one: they are apart, or one is in the other.

    Raises:
        ValueError: Two of them cross (`clashes` tells which).
    """

    def __init__(self, ranges: Sequence[NumberRange]) -> None:
        self._digits = array("b", (each.digits for each in ranges))
        self._around = array("i", (_NONE for _ in ranges))
        self._starts = array("q")
        self._owners = array("i")
        self._lay(ranges)

    def find(self, e164: str) -> int | None:
        """The index of the innermost range that the number is in; None when it is in none.

        Args:
            e164: `+` and at most 15 digits.
        """
        digits = len(e164) - 1
        at = bisect_right(self._starts, int(e164[1:].ljust(DIGITS, "0"))) - 1
        owner = self._owners[at] if at >= 0 else _NONE
        while owner != _NONE and self._digits[owner] > digits:
            owner = self._around[owner]
        return None if owner == _NONE else owner

    def _lay(self, ranges: Sequence[NumberRange]) -> None:
        """Side by side: where each stretch begins, and which range is the innermost in it."""
        open_: list[int] = []
        for index in _sorted(ranges):
            self._close(open_, ranges, ranges[index].low)
            if open_ and _same(ranges[open_[-1]], ranges[index]):
                continue
            if open_ and ranges[open_[-1]].high < ranges[index].high:
                raise ValueError(f"{ranges[open_[-1]]} and {ranges[index]} cross")
            self._around[index] = open_[-1] if open_ else _NONE
            self._begin(ranges[index].low, index)
            open_.append(index)
        self._close(open_, ranges, 10**DIGITS)

    def _close(self, open_: list[int], ranges: Sequence[NumberRange], low: int) -> None:
        """Ends the ranges that end before `low`; what is around them goes on."""
        while open_ and ranges[open_[-1]].high < low:
            ended = ranges[open_.pop()]
            self._begin(ended.high + 1, open_[-1] if open_ else _NONE)

    def _begin(self, start: int, owner: int) -> None:
        if self._starts and self._starts[-1] == start:
            self._owners[-1] = owner
        else:
            self._starts.append(start)
            self._owners.append(owner)


def clashes(ranges: Sequence[NumberRange]) -> Iterator[tuple[int, int]]:
    """Pairs of indexes of ranges that are the same, or cross so that neither is more specific.

    The one that was given later comes last. Each range is named with one other one at most.
    """
    open_: list[int] = []
    for index in _sorted(ranges):
        while open_ and ranges[open_[-1]].high < ranges[index].low:
            open_.pop()
        if not open_ or _holds(ranges[open_[-1]], ranges[index]):
            open_.append(index)
        else:
            yield min(open_[-1], index), max(open_[-1], index)


def _sorted(ranges: Sequence[NumberRange]) -> Iterable[int]:
    """From below; of those that begin alike the widest first, of equal ones the first one."""
    return sorted(range(len(ranges)), key=lambda at: (ranges[at].low, -ranges[at].high))


def _same(one: NumberRange, other: NumberRange) -> bool:
    return (one.low, one.high) == (other.low, other.high)


def _holds(outer: NumberRange, inner: NumberRange) -> bool:
    """Whether one is in the other and has fewer numbers; `inner` does not begin below `outer`."""
    return inner.high <= outer.high and not _same(outer, inner)
