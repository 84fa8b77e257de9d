"""Overrides: exceptions by date, which win over patterns and holidays.

Those of one date act in this order, however they are written: closed, swaps, leaves of the whole
date; then leaves of one shift and extras. Within each the later one in the settings acts last.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from routing.operator import STRICT, AgencyId, PersonId
from routing.shift import ShiftId

Date: TypeAlias = date
"""A field of the same name hides the type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A person is off duty.

    Attributes:
        kind: Names this override.
        date: The day on which the shift starts; the first one of several.
        person: Who.
        until: The last of the days; None: only `date`.
        shift: Which shift; None: every shift of these days.
        note: Why, for people.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    kind: Literal["leave"]
    date: Date
    person: PersonId
    until: Date | None = None
    shift: ShiftId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A person works a shift in addition to those who work it anyway, also where it is closed.

    Attributes:
        kind: Names this override.
        date: The day on which the shift starts; the first one of several.
        person: Who.
        shift: Which.
        until: The last of the days; None: only `date`.
        note: Why, for people.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    kind: Literal["extra"]
    date: Date
    person: PersonId
    shift: ShiftId
    until: Date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Two people exchange their shifts; each takes the other's place.

    Attributes:
        kind: Names this override.
        date: The day on which the person's shift starts; the first one of several.
        person: Who gives a shift away.
        partner: Who takes it, and gives theirs.
        shift: The person's shift; None: all that they have that day.
        partner_shift: The partner's shift; None: all that they have that day.
        partner_date: The day on which the partner's shift starts; None: the same day.
        until: The last of the days; None: only `date`. Not together with `partner_date`.
        note: Why, for people.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    kind: Literal["swap"]
    date: Date
    person: PersonId
    partner: PersonId
    shift: ShiftId | None = None
    partner_shift: ShiftId | None = None
    partner_date: Date | None = None
    until: Date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Nobody works by pattern or holiday roster; extras still do.

    Attributes:
        kind: Names this override.
        date: The day on which the shift starts; the first one of several.
        until: The last of the days; None: only `date`.
        shift: Which shift; None: every shift of these days.
        agency: Whose people; None: the whole post.
        note: Why, for people.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    kind: Literal["closed"]
    date: Date
    until: Date | None = None
    shift: ShiftId | None = None
    agency: AgencyId | None = None
    note: str = ""


Override: TypeAlias = Leave | Extra | Swap | Closed
