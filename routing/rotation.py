"""Patterns: who works when by rule, in cycles of days or in weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, NewType

from routing.operator import STRICT, PersonId
from routing.shift import ShiftId

TeamId = NewType("TeamId", str)
RotationId = NewType("RotationId", str)


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Teams that work through one cycle of days, over and over, each at its own day of it.

    Attributes:
        anchor: The date on which the cycle days of `teams` hold; it may lie ahead or behind.
        cycle: The shift of each day, one after the other; `libur` is a day off.
        teams: The day of the cycle that each team has on the anchor date; 1 is the first.
        since: The first date of this rotation; None: it always was.
        until: Its last date; None: it goes on for ever.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    anchor: date
    cycle: tuple[ShiftId, ...]
    teams: Mapping[TeamId, int]
    since: date | None = None
    until: date | None = None

    def day_of(self, team: TeamId, day: date) -> int:
        """The day of the cycle that the team has on a date, from 1; it repeats with the cycle."""
        return (self.teams[team] - 1 + (day - self.anchor).days) % len(self.cycle) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyRow:
    """These people work this shift on these days (the day on which the shift starts).

    Attributes:
        days: Of the week.
        shift: Which.
        people: Who.
        since: The first date on which this row holds; None: it always did.
        until: The last date; None: it holds for ever.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    days: tuple[Weekday, ...]
    shift: ShiftId
    people: tuple[PersonId, ...]
    since: date | None = None
    until: date | None = None


def holds(rule: Rotation | WeeklyRow, day: date) -> bool:
    """Whether a rule is in force on a date."""
    return (rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)
