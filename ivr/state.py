"""Where a call can be, and what can happen to it.

Each state holds only what that state knows.
"""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from ivr.announcement import Announcing, Placed, Turned, due
from ivr.command import Command
from ivr.dialogue import Digit, Listening, Silence, Speaking, Spoken
from routing.moment import Instant, Moment, earliest
from routing.note import Note
from routing.offer import Connect, OfferId, Parted, Target
from routing.operator import Language
from routing.reason import Reason
from routing.service import ServiceId


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller's channel has left.

    Attributes:
        cause: Q.850 cause of the hang-up; 0 when none is known.
        pulled_out: Did not hang up: Asterisk took the caller to the last resort (the fuse burned).
    """

    cause: int
    pulled_out: bool = False


CallEvent: TypeAlias = Digit | Spoken | Silence | CallerGone | Connect | Parted | Placed | Turned


@dataclass(frozen=True, slots=True)
class InMenu:
    """The caller hears the menu."""

    arrived: Moment
    dialogue: Speaking | Listening
    renewal: Instant


@dataclass(frozen=True, slots=True)
class Dismissing:
    """The caller hears that another centre is theirs, and then has time to press a key.

    Attributes:
        because: Why the caller is not served.
    """

    arrived: Moment
    dialogue: Speaking | Listening
    renewal: Instant
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Slowing:
    """The caller is asked whether it is an emergency, and has time to press 1; else waits.

    Attributes:
        handicap_s: Of who presses nothing (`routing.offer.Enqueue.handicap_s`); greater than 0.
    """

    arrived: Moment
    dialogue: Speaking | Listening
    renewal: Instant
    handicap_s: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """The caller waits for a human; the floor holds the place and the offers.

    `replay` is when the ringing begins again, if its end is not told before; `head` is the place
    before everybody else, of who has lost an operator; `handicap_s` is that of the place.
    """

    arrived: Moment
    service: ServiceId
    language: Language
    renewal: Instant
    playing_since: Instant
    replay: Instant
    announcing: Announcing
    head: bool = False
    handicap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Talking:
    """The caller and a human are bridged."""

    arrived: Moment
    service: ServiceId
    language: Language
    offer: OfferId
    target: Target
    since: Instant


@dataclass(frozen=True, slots=True)
class LettingGo:
    """All is said, and the caller is being hung up on.

    Attributes:
        ending: What is recorded when the caller has gone.
        again: When it is asked for again, if the caller has not gone by then.
    """

    ending: Note
    again: Instant


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more will happen."""


Greeted: TypeAlias = InMenu | Dismissing | Slowing
Call: TypeAlias = Greeted | Waiting | Talking | LettingGo | Ended
Step: TypeAlias = tuple[Call, tuple[Command, ...]]
"""The state after an event, and what is to be done."""


def deadline(state: Call) -> Instant | None:
    """When the call wants a `Silence`, if nothing happens before."""
    match state:
        case InMenu() | Dismissing() | Slowing():
            return earliest(state.renewal, state.dialogue.deadline)
        case Waiting():
            return earliest(state.renewal, due(state.announcing, state.replay))
        case LettingGo():
            return state.again
        case Talking() | Ended():
            return None
        case _:
            assert_never(state)
