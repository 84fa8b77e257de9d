"""Who is on duty: shifts, weekly rows, and overrides by date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import ClassVar, NewType

from routing.operator import STRICT, PersonId
from routing.reason import Reason

ShiftId = NewType("ShiftId", str)


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class OverrideKind(StrEnum):
    """What an override does: takes a person off duty that day, or puts them on a shift of it."""

    LEAVE = "leave"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Half-open `[start, end)` in the site's time zone; an end at or before the start is next day."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyRow:
    """These people work this shift on these days (the day on which the shift starts)."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    days: tuple[Weekday, ...]
    shift: ShiftId
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An exception to the weekly rows; it wins over them.

    Attributes:
        date: The day on which the shift starts.
        kind: Leave (off duty) or extra (on duty).
        person: Whom it concerns.
        shift: Which shift; None means every shift of that date, for leave only.
        note: Why, for people.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    date: date
    kind: OverrideKind
    person: PersonId
    shift: ShiftId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPlan:
    """The roster as people write it (`roster.yaml`).

    Attributes:
        timezone: IANA name of the site's zone.
        shifts: By id.
        weekly: Who works when, normally.
        overrides: Exceptions by date.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    timezone: str
    shifts: Mapping[ShiftId, Shift]
    weekly: tuple[WeeklyRow, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's turn `[start, end)`, both aware, and the rule that put them there."""

    person: PersonId
    shift: ShiftId
    start: datetime
    end: datetime
    because: Reason
