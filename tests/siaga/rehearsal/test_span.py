"""When a city calls: as often as its hours and days of the week say, in order, never outside."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.rotation import Weekday
from siaga.rehearsal.city import City
from siaga.rehearsal.rehearsal import calls_of, days_of
from siaga.rehearsal.span import Curve, Span

METRO, BERLIN = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 30, tzinfo=METRO)
WEEK = timedelta(weeks=1)
EVEN = City(hours=(1.0,) * 24, weekdays={})


def times(city: City, span: Span, calls: int, zone: ZoneInfo = METRO) -> list[float]:
    """When they call."""
    return list(Curve(city, span, zone).times(calls, Random(1)))  # noqa: S311 - always the same


@given(st.integers(1, 300), st.integers(60, 400_000), st.integers(0, 86_400))
def test_there_are_as_many_calls_as_asked_for_in_order_and_in_time(
    calls: int, seconds: int, offset: int
) -> None:
    """Whatever the span, also a part of an hour."""
    start = MONDAY + timedelta(seconds=offset)
    span = Span(start, start + timedelta(seconds=seconds))
    found = times(City(), span, calls)
    assert len(found) == calls
    assert all(before <= after for before, after in pairwise(found))
    assert found[0] >= 0
    assert found[-1] <= seconds


def test_hours_without_weight_have_no_calls() -> None:
    """All calls come between noon and one by the site's clock."""
    noon = City(hours=tuple(float(hour == 12) for hour in range(24)))
    found = times(noon, Span(MONDAY, MONDAY + WEEK), 500)
    assert {int(second % 86_400 // 3600) for second in found} == {12}


def test_a_day_of_twice_the_weight_has_about_twice_the_calls() -> None:
    """Two of eight parts of 8,000 calls fall on Friday."""
    city = City(hours=(1.0,) * 24, weekdays={Weekday.FRI: 2.0})
    found = times(city, Span(MONDAY, MONDAY + WEEK), 8000)
    friday = sum(4 * 86_400 <= second < 5 * 86_400 for second in found)
    assert friday == pytest.approx(2000, rel=0.1)


def test_a_day_with_a_changed_clock_has_its_own_length() -> None:
    """In the night of 25 October 2026 Berlin's clocks show one hour twice."""
    day = Span(
        datetime(2026, 10, 25, tzinfo=BERLIN).astimezone(UTC),
        datetime(2026, 10, 26, tzinfo=BERLIN).astimezone(UTC),
    )
    assert day.seconds == 25 * 3600
    assert Curve(EVEN, day, BERLIN).days == pytest.approx(25 / 24)
    assert max(times(EVEN, day, 200, BERLIN)) > 24 * 3600


def test_a_week_has_the_calls_of_a_city() -> None:
    """Seven days of a city whose days are alike; and back again."""
    assert calls_of(EVEN, Span(MONDAY, MONDAY + WEEK), METRO) == round(7 * EVEN.calls_per_day)
    assert days_of(EVEN, 10_000) == 35
    assert days_of(EVEN, 1) == 1
    assert calls_of(EVEN, Span(MONDAY, MONDAY + timedelta(seconds=60)), METRO) == 1
