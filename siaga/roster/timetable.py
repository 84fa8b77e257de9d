"""The shifts of each date, whether or not anybody works them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from routing.roster import RosterPlan
from routing.shift import ShiftId, bounds

BESIDE = range(-2, 3)
"""Days around a date, on one of which a shift that begins near it is said to start."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A shift of one date: `[start, end)`, as the site's clock shows it."""

    date: date
    shift: ShiftId
    start: datetime
    end: datetime

    def __str__(self) -> str:
        until = "" if self.end.date() == self.start.date() else f"{self.end:%a} "
        return f"{self.shift} {self.start:%a %d %b %Y %H:%M}-{until}{self.end:%H:%M}"


class Timetable:
    """When shifts are, by date; exact over changes of clocks, as the roster is.

    Args:
        plan: An accepted one: its zone is known, and so are its shifts.
    """

    def __init__(self, plan: RosterPlan) -> None:
        self.zone = ZoneInfo(plan.timezone)
        self._shifts = plan.shifts
        self._known: dict[date, tuple[Slot, ...]] = {}

    def slot(self, day: date, shift: ShiftId) -> Slot:
        """The shift of that date; one that a change of clocks swallows starts and ends at once."""
        return Slot(day, shift, *bounds(self._shifts[shift], day, self.zone))

    def slots(self, first: date, days: int) -> Iterator[Slot]:
        """All shifts of so many dates, by date and in the order of the settings."""
        for day in (first + timedelta(days=offset) for offset in range(days)):
            if day not in self._known:
                self._known[day] = tuple(self.slot(day, shift) for shift in self._shifts)
            yield from self._known[day]

    def at(self, start: datetime, end: datetime) -> tuple[Slot, ...]:
        """The shifts that are exactly `[start, end)`."""
        return tuple(slot for slot in self._beside(start) if (slot.start, slot.end) == (start, end))

    def nearest(self, start: datetime, end: datetime, number: int) -> tuple[Slot, ...]:
        """The shifts that differ least from `[start, end)`."""
        return tuple(
            sorted(
                self._beside(start), key=lambda slot: abs(slot.start - start) + abs(slot.end - end)
            )[:number]
        )

    def _beside(self, start: datetime) -> Iterator[Slot]:
        today = start.astimezone(self.zone).date()
        return self.slots(today + timedelta(days=BESIDE.start), len(BESIDE))
