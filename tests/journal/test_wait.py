"""Counts of waits are as exact as the waits themselves, to the tenth of a second."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.standard import NFPA, STANDARDS
from journal.wait import Served, Waits

WAITS = st.lists(st.integers(0, 600).map(lambda tenth: tenth / 10), max_size=50)


def waits(seconds: list[float]) -> Waits:
    """These waits."""
    found = Waits()
    for each in seconds:
        found.add(each)
    return found


@given(WAITS, st.sampled_from([50, 90, 95, 99, 100]), st.integers(0, 60))
def test_waits_are_those_of_a_sorted_list(seconds: list[float], percent: int, limit: int) -> None:
    """Nearest rank, longest, and how many were in time."""
    found, ordered = waits(seconds), sorted(seconds)
    rank = ceil(len(ordered) * percent / 100)
    assert found.percentile(percent) == (ordered[rank - 1] if ordered else None)
    assert found.longest == (ordered[-1] if ordered else None)
    assert found.within(limit) == sum(each <= limit for each in ordered)
    assert found.number == len(ordered)


@given(WAITS, WAITS)
def test_joined_waits_are_those_of_both(first: list[float], second: list[float]) -> None:
    """As if they had been counted together."""
    found = waits(first)
    found.join(waits(second))
    both = waits(first + second)
    assert [found.percentile(p) for p in (50, 99)] == [both.percentile(p) for p in (50, 99)]
    assert found.number == both.number


def test_a_wait_just_above_a_limit_is_late() -> None:
    """10.01 s is not within 10 s; 10 s is, and so is what floats make of it."""
    assert waits([10.01]).within(10) == 0
    assert waits([10.0, 0.1 * 3 + 9.7]).within(10) == 2


def test_who_gives_up_late_counts_as_late_and_who_does_so_early_counts_for_nothing() -> None:
    """Two answered in time, one late, one gave up after 15 s, one after 3 s: two of four."""
    served = Served(5, waits([2.0, 8.0, 12.0]), waits([15.0, 3.0]))
    assert served.share_within(10) == pytest.approx(0.5)
    assert served.longest == 15.0
    assert Served().share_within(10) is None


@pytest.mark.parametrize(
    ("share", "met"), [(0.9, True), (0.8999, False), (1.0, True), (None, True)]
)
def test_a_standard_is_met_from_its_percentage_on(share: float | None, met: bool) -> None:  # noqa: FBT001
    """Ninety of a hundred within ten seconds is enough; of no calls at all nothing is missed."""
    assert NFPA.is_met(share) is met


def test_the_standards_are_those_that_are_named() -> None:
    """NFPA 1225: 90 % in 10 s; NENA-STA-020: 90 % in 15 s, 95 % in 20 s."""
    assert [(each.percent, each.within_s) for each in STANDARDS] == [(90, 10), (90, 15), (95, 20)]
