"""Wall times: each has one instant, in the same order, also when clocks are put forward or back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.walltime import as_shown, dates, first_instant

ZONES = (
    "Asia/Jakarta",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)
WALL = st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2030-01-01"))


@pytest.mark.parametrize(
    ("zone", "wall", "utc"),
    [
        ("Asia/Jakarta", "2026-11-24T07:00:00", "2026-11-24T00:00:00+00:00"),
        ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59+00:00"),
        ("Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", "2026-03-29T02:30:00.5", "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
        ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00+00:00"),
        ("America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00+00:00"),
        ("America/Sao_Paulo", "2018-02-17T23:30:00", "2018-02-18T01:30:00+00:00"),
        ("Pacific/Apia", "2011-12-30T15:00:00", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_wall_time_is_the_first_instant_that_shows_it_or_later(
    zone: str, wall: str, utc: str
) -> None:
    """Once, never (the instant of the skip), or twice (the first time)."""
    instant = first_instant(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert instant.isoformat() == utc


@given(WALL, WALL, st.sampled_from(ZONES))
def test_later_on_the_wall_is_never_earlier(one: datetime, two: datetime, zone: str) -> None:
    """The order of wall times is the order of their instants."""
    instants = [first_instant(wall, ZoneInfo(zone)) for wall in sorted((one, two))]
    assert instants == sorted(instants)


@given(WALL, st.sampled_from(ZONES))
def test_no_earlier_instant_shows_the_wall_time(wall: datetime, zone: str) -> None:
    """At that instant the clock shows it or later, and a second before something earlier."""
    wall = wall.replace(microsecond=0)
    instant = first_instant(wall, ZoneInfo(zone))
    before = instant - timedelta(seconds=1)
    assert instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= wall
    assert before.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wall


@given(WALL, st.sampled_from(ZONES))
def test_what_is_shown_is_the_same_instant(naive: datetime, zone: str) -> None:
    """An instant as the zone shows it is equal to itself and prints like the zone's clock."""
    instant = naive.replace(tzinfo=UTC)
    shown = as_shown(instant, ZoneInfo(zone))
    assert shown == instant
    assert shown.isoformat() == instant.astimezone(ZoneInfo(zone)).isoformat()


def test_dates_end_with_the_calendar() -> None:
    """Days before the first and after the last year are left out, not an error."""
    assert list(dates(date(2026, 1, 1), range(-1, 2))) == [
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 1, 2),
    ]
    assert list(dates(date.max, range(9))) == []
    assert list(dates(date.min, range(-9, 9))) == []
