"""Shifts: stretches of the day by the site's clock, and one person's turn on one of them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import ClassVar, Final, NewType

from routing.operator import STRICT, PersonId
from routing.reason import Reason
from routing.walltime import as_shown, first_instant

ShiftId = NewType("ShiftId", str)

DAY_OFF: Final = ShiftId("libur")
"""In a rotation's cycle: a day without a shift. No shift can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Half-open `[start, end)` in the site's zone; an end at or before the start is next day."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's turn `[start, end)`, and the rule that put them there.

    Start and end carry the offset that the site's clock has at that moment: they print as it shows
    them, and are ordered and subtracted as instants.
    """

    person: PersonId
    shift: ShiftId
    start: datetime
    end: datetime
    because: Reason


def bounds(shift: Shift, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Start and end of the shift that starts on this day.

    One that a change of clocks swallows starts and ends at once.
    """
    last = day if shift.start < shift.end else day + timedelta(days=1)
    start = first_instant(datetime.combine(day, shift.start), zone)
    end = first_instant(datetime.combine(last, shift.end), zone)
    return as_shown(start, zone), as_shown(end, zone)
