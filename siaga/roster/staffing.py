"""What the roster is held to: how many people, how much rest, how even a load (`roster.yaml`)."""

from dataclasses import dataclass, field
from typing import ClassVar, Final

from routing.operator import STRICT, AgencyId
from routing.roster import RosterPlan
from routing.shift import ShiftId

DEFAULT_MINIMUM: Final = 1
"""Somebody, at every moment: without that an agency's callers overflow at once."""
DEFAULT_REST_H: Final = 11.0
"""Directive 2003/88/EC of the EU, article 3: eleven hours in a row per day.

The Indonesian labour law (UU 13/2003, articles 77 and 79) bounds the hours of a day and of a week,
and gives breaks and a weekly rest, but names no rest between two turns.
"""
DEFAULT_UNEVEN: Final = 0.25
"""A house rule, with no law behind it: in four weeks, a week more than the colleagues have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """An agency has so many people on duty; that for one shift goes before that for all.

    Attributes:
        agency: Whose people.
        people: How many at least.
        shift: While this shift runs; None means always.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    agency: AgencyId
    people: int
    shift: ShiftId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What `siaga112 roster check` expects of the roster; calls are routed without it.

    Attributes:
        minimum: How many people; an agency that is not named needs one.
        rest_h: Hours between the end of a person's turn and the start of the next.
        uneven: The share by which a person's hours, nights and holidays may differ from those of
            the agency's average.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    minimum: tuple[Minimum, ...] = ()
    rest_h: float = DEFAULT_REST_H
    uneven: float = DEFAULT_UNEVEN

    def needed(self, agency: AgencyId, shift: ShiftId | None) -> int:
        """How many people of the agency have to be on duty while the shift, or none, runs."""
        rows = [row for row in self.minimum if row.agency == agency]
        for row in rows:
            if row.shift == shift:
                return row.people
        return next((row.people for row in rows if row.shift is None), DEFAULT_MINIMUM)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSettings(RosterPlan):
    """All of `roster.yaml`: who works when, and what that is held to."""

    staffing: Staffing = field(default_factory=Staffing)
