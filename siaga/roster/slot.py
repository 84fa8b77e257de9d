"""The shift in which something happens, by weekday: Friday's malam ends on Saturday."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from routing.rotation import Weekday
from routing.shift import ShiftId
from siaga.roster.staffing import RosterSettings
from siaga.roster.timetable import Timetable

DAYS: Final = tuple(Weekday)
NO_SHIFT: Final = ShiftId("-")
"""Of times at which no shift of the settings runs."""
BEFORE, AROUND = timedelta(days=2), 4
"""A shift that runs at an instant, or begins next, is one of these days' around it."""


class SlotId(NamedTuple):
    """A shift of a day of the week: that on which it starts."""

    day: Weekday
    shift: ShiftId

    def __str__(self) -> str:
        return f"{self.day.value} {self.shift}"


class Slots:
    """Tells the shift of one instant after the other.

    Args:
        roster: The accepted one.
    """

    def __init__(self, roster: RosterSettings) -> None:
        self._table = Timetable(roster)
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._slot = SlotId(Weekday.MON, NO_SHIFT)

    def at(self, wall: datetime) -> SlotId:
        """The shift that runs then; of several, the one that began last."""
        if self._since is None or self._until is None or not self._since <= wall < self._until:
            self._look(wall)
        return self._slot

    def _look(self, wall: datetime) -> None:
        today = wall.astimezone(self._table.zone).date()
        near = [slot for slot in self._table.slots(today - BEFORE, AROUND) if slot.start < slot.end]
        running = [slot for slot in near if slot.start <= wall < slot.end]
        edges = {edge for slot in near for edge in (slot.start, slot.end) if edge > wall}
        self._since, self._until = wall, min(edges, default=wall)
        if running:
            last = max(running, key=lambda slot: slot.start)
            self._slot = SlotId(DAYS[last.date.weekday()], last.shift)
        else:
            self._slot = SlotId(DAYS[today.weekday()], NO_SHIFT)
