"""The queue's parts: a caller's place, and the offers that ring for it."""

from dataclasses import dataclass, field

from routing import hunt
from routing.moment import Instant, after
from routing.note import CallId
from routing.offer import OfferId, Stage, Target, Transfer
from routing.service import ServiceId


@dataclass(slots=True)
class OpenOffer:
    """An offer whose leg is not known to be gone.

    Attributes:
        confirm: An answer counts only once the callee has pressed 1.
        deadline: When ringing or confirming has lasted long enough.
    """

    id: OfferId
    call: CallId
    target: Target
    confirm: bool
    stage: Stage
    deadline: Instant


@dataclass(slots=True)
class Entry:
    """A caller's place.

    Attributes:
        arrived: Wall-clock seconds since the epoch.
        head: Goes before everybody else.
        number: Breaks ties, in the order of joining the queue.
        chain: The way along which phones are rung.
        step: How far along the chain it is, since `step_since`.
        skipped: Keys of targets that did not answer in this round.
        round_since: When this round of the chain began.
        offered_in_round: Whether anybody rang in it.
        resume: When the next round begins, if this one found nobody.
        offers: What rings for the caller now.
    """

    call: CallId
    service: ServiceId
    arrived: float
    head: bool
    number: int
    chain: hunt.Chain
    transfer: Transfer | None
    step: int
    step_since: Instant
    round_since: Instant
    skipped: set[str]
    offered_in_round: bool = False
    resume: Instant | None = None
    offers: list[OpenOffer] = field(default_factory=list)

    @property
    def place(self) -> tuple[bool, int, float, int]:
        """Sorts the queue: head, priority, arrival."""
        return (not self.head, -self.chain.priority, self.arrived, self.number)

    @property
    def busy_until(self) -> Instant:
        """How long the present step waits for somebody busy."""
        return after(self.step_since, hunt.busy_wait_of(self.chain.steps[self.step]))

    @property
    def due(self) -> Instant | None:
        """When the caller is to be looked at again, if nothing happens before."""
        if self.resume is not None:
            return self.resume
        return None if self.offers else self.busy_until

    def restart(self, chain: hunt.Chain, at: Instant) -> None:
        """A new round of the chain, without a neighbour's centre: everybody is rung again."""
        self.transfer = None
        self.chain = chain
        self.step, self.step_since, self.round_since = 0, at, at
        self.skipped.clear()
        self.offered_in_round = False
        self.resume = None

    def shown(self) -> "Waiting":
        """As others may see it."""
        ringing = tuple(offer.target.key for offer in self.offers)
        return Waiting(self.call, self.service, self.arrived, ringing)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in the queue, as others may see it."""

    call: CallId
    service: ServiceId
    arrived: float
    ringing: tuple[str, ...]
