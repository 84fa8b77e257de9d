"""What the floor knows that Asterisk does not, as a value: it outlives the process."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.credit import Credit
from routing.history import Work
from routing.operator import PersonId, SeatId
from routing.service import GroupId
from routing.talk import Talk


@dataclass(frozen=True, slots=True)
class Pause:
    """A person wants no calls, or seemed to be away; it ends with the turn of duty.

    Times are in wall-clock seconds since the epoch.

    Attributes:
        turn: When the turn began in which it began; 0 off duty.
        automatic: Not asked for by anybody: the person did not answer.
        since: When it began; 0 if an earlier release has written it.
        until: When it ends by itself; None: with the turn.
        reason: What was said of it, for people.
    """

    turn: float
    automatic: bool
    since: float = 0.0
    until: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All of it. Calls and offers are not here: they live with their channels (ADR 10).

    Attributes:
        work: By person, for fair shares.
        rung: By hunt group, who was rung last.
        pauses: Who is paused.
        seats: Who has signed on where.
        wrap_ups: Who is in wrap-up, and until when, in wall-clock seconds since the epoch.
        credits: By number, what callers had earned who gave up.
        talks: By person, the last one, with its mark.
        notices: Whose automatic pause has ended without their knowing, and the turn it was in.
    """

    work: Mapping[PersonId, Work] = field(default_factory=dict)
    rung: Mapping[GroupId, PersonId] = field(default_factory=dict)
    pauses: Mapping[PersonId, Pause] = field(default_factory=dict)
    seats: Mapping[SeatId, PersonId] = field(default_factory=dict)
    wrap_ups: Mapping[PersonId, float] = field(default_factory=dict)
    credits: Mapping[str, Credit] = field(default_factory=dict)
    talks: Mapping[PersonId, Talk] = field(default_factory=dict)
    notices: Mapping[PersonId, float] = field(default_factory=dict)
