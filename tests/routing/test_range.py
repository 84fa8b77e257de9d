"""Ranges of numbers: the most specific one wins, as a search through all of them would find it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.range import NumberRange, RangeSheet, RangeTable, clashes, number_range
from routing.zone import Finding, Row

METRO = number_range("+62725", "+62725")
BLOCK = number_range("+6272540", "+6272549")
HALF = number_range("+6272545", "+6272554")

PREFIXES = st.lists(st.text("01", min_size=1, max_size=6), unique=True, max_size=12)
NUMBERS = st.text("01", min_size=1, max_size=15)
BOUNDS = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(sorted)


def numbered(bounds: Sequence[int]) -> NumberRange:
    """A range of two-digit beginnings."""
    return number_range(f"+{bounds[0]:02}", f"+{bounds[1]:02}")


def innermost(ranges: Sequence[NumberRange], number: str) -> NumberRange | None:
    """The smallest range that the number is in, by a search through all of them."""
    value = int(number.ljust(15, "0"))
    fitting = [
        each for each in ranges if each.low <= value <= each.high and len(number) >= each.digits
    ]
    return min(fitting, key=lambda each: each.high - each.low, default=None)


def test_a_prefix_is_the_range_of_its_numbers() -> None:
    """Filled up to fifteen digits, the most that a number has."""
    assert METRO == (627250000000000, 627259999999999, 5)


@pytest.mark.parametrize(
    ("first", "last"), [("+621", "+6212"), ("+622", "+621"), ("+6" + "2" * 15, "+6" + "2" * 15)]
)
def test_bounds_are_of_the_same_length_and_in_order(first: str, last: str) -> None:
    """What is no range is refused when it is made, not when somebody calls."""
    with pytest.raises(ValueError, match=r"above|same length|more than 15"):
        number_range(first, last)


def test_a_block_goes_before_what_it_is_in() -> None:
    """And what is around it holds on both of its sides."""
    table = RangeTable([METRO, BLOCK])
    assert [table.find(f"+62725{rest}") for rest in ("399", "400", "499", "500")] == [0, 1, 1, 0]
    assert table.find("+62724999") is None
    assert table.find("+62726") is None


def test_a_number_that_is_too_short_is_not_in_a_longer_range() -> None:
    """+62725 does not begin with +6272500000, though zeros would make it so."""
    table = RangeTable([METRO, number_range("+6272500000", "+6272500000")])
    assert table.find("+62725") == 0
    assert table.find("+6272") is None
    assert table.find("+6272500000") == 1


def test_of_equal_ranges_the_first_one_stands() -> None:
    """A prefix, and a block from 0 to 9 below it, are the same numbers."""
    same = number_range("+627250", "+627259")
    table = RangeTable([METRO, same])
    assert table.find("+62725123") == 0
    assert list(clashes([METRO, same])) == [(0, 1)]


def test_ranges_that_cross_are_refused() -> None:
    """Neither is more specific, so nobody could say which one counts."""
    assert list(clashes([HALF, BLOCK])) == [(0, 1)]
    with pytest.raises(ValueError, match="cross"):
        RangeTable([HALF, BLOCK])


def test_no_ranges_find_nothing() -> None:
    """A table without rows answers for every number."""
    assert RangeTable([]).find("+62725123") is None


@given(PREFIXES, NUMBERS)
def test_the_longest_prefix_is_found(prefixes: list[str], number: str) -> None:
    """As by trying all of them."""
    table = RangeTable([number_range(f"+{each}", f"+{each}") for each in prefixes])
    found = table.find(f"+{number}")
    fitting = [each for each in prefixes if number.startswith(each)]
    assert (None if found is None else prefixes[found]) == max(fitting, key=len, default=None)


@given(st.lists(BOUNDS, max_size=10), st.text("0123456789", min_size=1, max_size=4))
def test_the_innermost_range_is_found(bounds: list[list[int]], number: str) -> None:
    """Of ranges that do not cross; and `clashes` is empty exactly when none are equal or cross."""
    ranges: list[NumberRange] = []
    for each in map(numbered, bounds):
        if not list(clashes([*ranges, each])):
            ranges.append(each)
    found = RangeTable(ranges).find(f"+{number}")
    assert (None if found is None else ranges[found]) == innermost(ranges, number)


@given(BOUNDS, BOUNDS)
def test_two_ranges_clash_when_they_are_equal_or_cross(one: list[int], other: list[int]) -> None:
    """In either order; what is apart or strictly inside does not."""
    (a, b), (c, d) = one, other
    is_apart = b < c or d < a
    is_inside = one != other and ((a <= c and d <= b) or (c <= a and b <= d))
    found = list(clashes([numbered(one), numbered(other)]))
    assert found == ([] if is_apart or is_inside else [(0, 1)])


def test_a_sheet_gives_back_its_rows() -> None:
    """Ranges in their order, each with what is said of it and its line."""
    row = Row(Finding.INSIDE, note="Metro")
    sheet = RangeSheet()
    sheet.add(METRO, row, 2)
    sheet.add(BLOCK, row, 4)
    assert list(sheet) == [METRO, BLOCK]
    assert (len(sheet), sheet.row(1)) == (2, (row, 4))
