"""Loads: nights, holidays and hours, and who has too much or too little of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.operator import AgencyId, PersonId
from routing.reason import Reason
from routing.shift import Duty, ShiftId
from siaga.roster.load import Load, Measure, is_night, uneven

WIB = timezone(timedelta(hours=7))
MONDAY = datetime(2026, 12, 21, tzinfo=WIB)


def duty(start_h: float, hours: float, person: str = "sri") -> Duty:
    """A turn that begins so many hours after Monday's midnight."""
    start = MONDAY + timedelta(hours=start_h)
    end = start + timedelta(hours=hours)
    return Duty(PersonId(person), ShiftId("x"), start, end, Reason("because"))


def found(duties: Iterable[Duty], share: float = 0.25) -> list[Load]:
    """Who has too much or too little; the 25th is a holiday, all are of one agency."""
    return list(
        uneven(duties, lambda _: AgencyId("dinkes"), lambda day: day == date(2026, 12, 25), share)
    )


@pytest.mark.parametrize(
    ("start_h", "hours", "expected"),
    [
        (21, 10, True),
        (7, 14, False),
        (14, 10, False),
        (14, 10.1, True),
        (4.9, 8, True),
        (5, 19, False),
        (7, 24, True),
    ],
)
def test_a_night_has_some_part_between_midnight_and_five(
    start_h: float, hours: float, *, expected: bool
) -> None:
    """Half-open: what ends at midnight or begins at five is none."""
    assert is_night(duty(start_h, hours)) is expected


def test_a_holiday_is_counted_where_the_turn_begins() -> None:
    """Three of four holidays' turns are one person's."""
    day = 4 * 24
    more = [duty(day + hour, 1, "sri") for hour in range(6, 12)]
    loads = found([*more, duty(0, 6, "bayu"), duty(30, 6, "agus")])
    assert [(load.person, load.measure) for load in loads] == [
        ("sri", Measure.HOLIDAYS),
        ("bayu", Measure.HOLIDAYS),
        ("agus", Measure.HOLIDAYS),
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 200), st.integers(1, 12), st.sampled_from(["sri", "bayu", "agus"])
        ),
        min_size=1,
        max_size=30,
    ),
    st.floats(0, 2),
)
def test_a_finding_is_beyond_both_bounds(turns: list[tuple[int, int, str]], share: float) -> None:
    """Nobody is told to differ by no more than a turn, or than the share of the average."""
    duties = [duty(start, hours, person) for start, hours, person in turns]
    longest = max(hours for _, hours, _ in turns)
    for load in found(duties, share):
        difference = abs(load.amount - load.average)
        assert difference > share * load.average
        assert difference > (longest if load.measure is Measure.HOURS else 1)


def test_who_shares_evenly_is_not_told() -> None:
    """The same number of turns each, the nights in turn."""
    people = ("sri", "bayu", "agus")
    assert found(duty(21 + 24 * day, 10, people[day % 3]) for day in range(9)) == []
