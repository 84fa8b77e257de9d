"""Lists of numbers as administrators write them."""

import pytest

from routing.number_list import NumberList, meant

HOME = {"country": "ID", "area_code": "725"}


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        ("081234567890", "+6281234567890"),
        ("+62 812-3456-7890", "+6281234567890"),
        ("0725412345", "+62725412345"),
        ("0725*", "+62725*"),
        ("+62725*", "+62725*"),
    ],
)
def test_an_entry_means_a_number_or_all_that_begin_so(entry: str, number: str) -> None:
    """However it is written."""
    assert meant(entry, **HOME) == number


@pytest.mark.parametrize("entry", ["", "*", "0725", "112", "anonymous", "0725*1", "ab*"])
def test_what_is_neither_is_said(entry: str) -> None:
    """With what was expected."""
    with pytest.raises(ValueError, match="expected"):
        meant(entry, **HOME)


def test_a_number_is_listed_by_itself_or_by_its_beginning() -> None:
    """A whole number is that one alone: lengths differ within an area code."""
    listed = NumberList(("0725*", "08123456789", "no number"), **HOME)
    assert "+62725412345" in listed
    assert "+628123456789" in listed
    assert "+6281234567890" not in listed
    assert "+62721412345" not in listed


def test_a_list_without_entries_lists_nothing() -> None:
    """Not even what begins with nothing."""
    assert "+62725412345" not in NumberList((), **HOME)
