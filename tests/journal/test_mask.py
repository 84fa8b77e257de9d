"""A masked number tells callers apart and cannot be rung; a masked place tells nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.mask import HIDDEN, PERSONAL, STARS, mask


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("081234567890", "0812***890"),
        ("08123456789", "0812***789"),
        ("+6281234567890", "+628***890"),
        ("0721481234", "0721***34"),
        ("07254812", "0725***"),
        ("112", "***"),
        ("", "***"),
    ],
)
def test_the_middle_is_hidden(number: str, shown: str) -> None:
    """The network and a tail are shown, as far as enough stays hidden."""
    assert mask(number) == shown


@given(st.text(alphabet="0123456789", max_size=20))
def test_enough_is_hidden(number: str) -> None:
    """Of any number at least four digits are not shown, or none is."""
    shown = mask(number).replace(STARS, "")
    assert shown == "" or len(number) - len(shown) >= HIDDEN


@given(st.sampled_from(["location", "access"]), st.text())
def test_nothing_of_a_place_is_shown(name: str, text: str) -> None:
    """Half of a location is a location."""
    assert PERSONAL[name](text) == STARS
