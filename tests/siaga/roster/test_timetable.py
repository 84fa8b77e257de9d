"""The shifts of a date: found by their exact times, also where the clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from siaga.roster.timetable import Timetable
from tests.siaga.roster.centre import ROSTER, centre, settings_of


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Timetable:
    """Three shifts in a zone with summer time."""
    folder = centre(tmp_path_factory.mktemp("centre"))
    return Timetable(settings_of(folder, ROSTER.replace("Asia/Jakarta", "Europe/Berlin")).roster)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 24), 11), (date(2027, 3, 27), 9), (date(2026, 12, 24), 10)]
)
def test_a_night_is_as_long_as_the_clock_makes_it(berlin: Timetable, day: date, hours: int) -> None:
    """It is found by its two instants, whatever lies between them."""
    slot = berlin.slot(day, "malam")  # type: ignore[arg-type]
    assert slot.end - slot.start == timedelta(hours=hours)
    assert berlin.at(slot.start.astimezone(UTC), slot.end.astimezone(UTC)) == (slot,)


def test_a_second_more_is_no_shift(berlin: Timetable) -> None:
    """Times are exact; the shift that they are near is the first that is told."""
    start = datetime(2026, 12, 24, 6, 0, 1, tzinfo=UTC)
    end = datetime(2026, 12, 24, 13, 0, tzinfo=UTC)
    assert berlin.at(start, end) == ()
    near = [str(slot) for slot in berlin.nearest(start, end, 2)]
    assert near[0] == "pagi Thu 24 Dec 2026 07:00-14:00"
    assert len(near) == 2
