"""What a waiting caller is told beside the ringing, and when: the state of it, and what it asks.

    begin ──first_after_s──▶ place and apology ──their intervals──▶ again, for as long as it takes
      └──a phone beyond the hunt group rings──▶ that others are rung, once

What is said stands in `ivr.announcer`.
"""

from dataclasses import dataclass

from routing.moment import Instant, after, earliest
from routing.service import Announcements

UNWRITTEN = Announcements()
"""The rules where the settings have none: an apology whenever the ring-back tone has ended."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The answer to `AskPlace`: the caller's place in the queue; None where it is not known."""

    place: int | None


@dataclass(frozen=True, slots=True)
class Turned:
    """The hunt group has not answered: a phone beyond it rings."""


@dataclass(frozen=True, slots=True)
class Announcing:
    """When one caller is told what.

    Attributes:
        spoken: When the last words began.
        position: When the place is told next; None for never.
        apology: When the next apology is; None where it has no time of its own.
        turn: When it is said that others are rung; None for not now.
        turned: That was said, or will be: once is enough.
        told: The place that was told last.
        asked: The place is asked for, and nobody waits for the answer from then on.
    """

    spoken: Instant
    position: Instant | None
    apology: Instant | None
    turn: Instant | None = None
    turned: bool = False
    told: int | None = None
    asked: Instant | None = None


def begin(
    rules: Announcements, *, at: Instant, first_after_s: float, told: int | None = None
) -> Announcing:
    """Place and apology come for the first time after so many seconds."""
    first = after(at, first_after_s)
    return Announcing(
        spoken=at,
        position=None if rules.position_every_s is None else first,
        apology=None if rules.apology_every_s is None else first,
        told=told,
    )


def due(state: Announcing, replay: Instant) -> Instant:
    """When something is to be played, which may be the ringing again at `replay`."""
    if state.asked is not None:
        return state.asked
    return earliest(replay, state.position, state.apology, state.turn) or replay
