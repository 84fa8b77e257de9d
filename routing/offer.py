"""The language of the floor: what it is told, and what it wants done.

An *offer* is one ringing phone for one caller. The floor names it; the shell builds a channel (the
*leg*) for it in Asterisk and reports what becomes of that leg.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NewType, TypeAlias

from routing.mark import Mark
from routing.moment import Instant
from routing.note import CallId, Note
from routing.operator import Language, PersonId, SeatId
from routing.plan import Plan
from routing.reason import Reason
from routing.service import ServiceId, TrunkId

OfferId = NewType("OfferId", str)
SHORT_TALK_S = 3.0
"""An operator who hangs up within this has not answered (DESIGN §4.7)."""


@dataclass(frozen=True, slots=True)
class SeatTarget:
    """A phone at the post, and who sits at it (None: whoever picks up)."""

    seat: SeatId
    endpoint: str
    person: PersonId | None

    @property
    def key(self) -> str:
        """Whom it reaches: two targets with one key are never rung for two callers at once."""
        return f"seat:{self.seat}" if self.person is None else f"person:{self.person}"

    @property
    def dial(self) -> str:
        """The endpoint as Asterisk dials it."""
        return f"PJSIP/{self.endpoint}"


@dataclass(frozen=True, slots=True)
class OutsideTarget:
    """A number outside the post, over a trunk."""

    number: str
    trunk: TrunkId
    endpoint: str

    @property
    def key(self) -> str:
        """Whom it reaches."""
        return f"outside:{self.number}@{self.trunk}"

    @property
    def dial(self) -> str:
        """The number as Asterisk dials it."""
        return f"PJSIP/{self.number}@{self.endpoint}"


Target: TypeAlias = SeatTarget | OutsideTarget


class Stage(Enum):
    """How far an offer is."""

    RINGING = "ringing"
    CONFIRMING = "confirming"
    TALKING = "talking"
    WITHDRAWN = "withdrawn"


class SeatState(Enum):
    """What Asterisk knows of a phone; unknown counts as ready."""

    READY = "ready"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A neighbour's centre that is tried before anybody here."""

    target: OutsideTarget
    ring_time_s: float
    confirm: bool
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """A caller wants a human now.

    Attributes:
        call: Whose.
        service: What they chose, or the default one.
        arrived: Wall-clock seconds since the epoch at the call's arrival: the place in the queue.
        head: Goes before everybody else: was already served once and lost the operator.
        skip: Keys of targets that are passed over in the first round.
        transfer: A neighbour's centre that is tried first.
        number: The caller's as presented, for a credit; None where nobody can be told by it.
        handicap_s: The place is that of who comes so many seconds later.
        language: What the caller speaks, as far as is known.
    """

    call: CallId
    service: ServiceId
    arrived: float
    head: bool = False
    skip: tuple[str, ...] = ()
    transfer: Transfer | None = None
    number: str | None = None
    handicap_s: float = 0.0
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The caller has gone, from the queue or from a talk."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An offer of an earlier run of the daemon, whose leg was found in Asterisk.

    Attributes:
        stage: RINGING, CONFIRMING or TALKING.
        deadline: When it has rung long enough, or when the callee has to have pressed 1.
        service: What the caller wanted, if it is known.
        number: The caller's as presented, if it is known.
    """

    offer: OfferId
    call: CallId
    target: Target
    confirm: bool
    stage: Stage
    deadline: Instant
    service: ServiceId | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Adopt:
    """Callers and legs that were found: they go on where they were, all of them at once.

    At once, because a target is free only if no leg among them all rings or talks at it.
    """

    offers: tuple[Standing, ...]
    waiting: tuple[Enqueue, ...]


@dataclass(frozen=True, slots=True)
class LegRinging:
    """The offered phone rings."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The offered phone was picked up."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class LegConfirmed:
    """The callee outside pressed 1: a human, not a voicemail."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class LegGone:
    """The leg has ended or could not be made, with a Q.850 cause (0: none given)."""

    offer: OfferId
    cause: int


@dataclass(frozen=True, slots=True)
class SeatChanged:
    """Asterisk reports another state of a phone, whatever it is used for."""

    endpoint: str
    state: SeatState


@dataclass(frozen=True, slots=True)
class Paused:
    """An operator wants no calls until further notice, or until the turn of duty ends.

    Attributes:
        for_s: Seconds after which it ends by itself.
        reason: What was said of it, for people.
    """

    person: PersonId
    for_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """An operator takes calls again: neither paused nor in wrap-up."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class SignedOn:
    """An operator has sat down at a seat that is nobody's own."""

    person: PersonId
    seat: SeatId


@dataclass(frozen=True, slots=True)
class SignedOff:
    """An operator has left the seat that they had signed on to."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class Seen:
    """An operator uses the phone for something that is no call: they are there."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class Noticed:
    """An operator has heard that they had been paused for not answering."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class Marked:
    """An operator says what their last call was."""

    person: PersonId
    mark: Mark


PersonEvent: TypeAlias = Paused | Ready | SignedOn | SignedOff | Seen | Noticed | Marked
"""What a person says of themselves, or shows."""


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """A new set of settings was accepted."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Unsighted:
    """What Asterisk has is about to be told, piece by piece: nobody is offered before `Sighted`."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """What Asterisk has is known, or will hardly ever be: a floor that was blind offers now."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A deadline that the floor asked for has come."""


FloorEvent: TypeAlias = (
    Enqueue
    | Adopt
    | Leave
    | LegRinging
    | LegAnswered
    | LegConfirmed
    | LegGone
    | SeatChanged
    | PersonEvent
    | PlanChanged
    | Unsighted
    | Sighted
    | Expired
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Ring this target for this caller.

    Attributes:
        ring_time_s: How long, at most.
        label: What the phone shows as the caller's name.
        confirm: An answer counts only once the callee has pressed 1.
        overflow: The hunt group has not answered, and this is somebody beyond it.
    """

    offer: OfferId
    call: CallId
    target: Target
    ring_time_s: float
    label: str
    confirm: bool = False
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End this leg, ringing or answered; its `LegGone` is still awaited."""

    offer: OfferId
    answered_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Confirm:
    """Ask the callee of this answered leg to press 1."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class Connect:
    """This caller and this answered leg belong together."""

    call: CallId
    offer: OfferId
    target: Target


@dataclass(frozen=True, slots=True)
class Parted:
    """The leg of a talk has ended, the caller is still there."""

    call: CallId
    offer: OfferId
    target: Target
    cause: int


FloorCommand: TypeAlias = Offer | Withdraw | Confirm | Connect | Parted | Note
