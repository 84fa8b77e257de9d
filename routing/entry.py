"""A caller's place in the queue, and the offers that ring for it."""

from dataclasses import dataclass, field
from typing import TypeAlias

from routing import hunt
from routing.credit import Credit
from routing.lane import Lane
from routing.moment import Instant, after, earliest
from routing.note import CallId
from routing.offer import OfferId, Stage, Target, Transfer
from routing.operator import Language
from routing.service import GroupId, ServiceId

Place: TypeAlias = tuple[bool, float, int]
"""Sorts the queue; the last one tells apart whoever is equal in the others."""


@dataclass(slots=True)
class OpenOffer:
    """An offer whose leg is not known to be gone.

    Attributes:
        confirm: An answer counts only once the callee has pressed 1.
        deadline: When ringing or confirming has lasted long enough.
        group: The hunt group of the caller's service, for the wrap-up.
        is_duty: Rings an operator of that group for being on duty: not to answer counts.
        talks_since: When it was connected; None before, and for talks of an earlier run.
        has_talked: Whether it was connected.
    """

    id: OfferId
    call: CallId
    target: Target
    confirm: bool
    stage: Stage
    deadline: Instant
    group: GroupId | None = None
    is_duty: bool = False
    talks_since: Instant | None = None
    has_talked: bool = False


@dataclass(slots=True)
class Entry:
    """A caller's place.

    Attributes:
        arrived: Wall-clock seconds since the epoch.
        earned: The same, with what an earlier call had earned.
        began: When the waiting began, with what an earlier call had earned.
        head: Goes before everybody else.
        handicap_s: The place is that of who came so many seconds later.
        language: What the caller speaks, as far as is known.
        number: Breaks ties, in the order of joining the queue.
        chain: The way along which phones are rung.
        step: How far along the chain it is, since `step_since`.
        skipped: Keys of targets that did not answer in this round.
        ani: The caller's number as presented, if a credit may be kept for it.
        credit: What an earlier call from that number had earned.
        round_since: When this round of the chain began.
        is_hurried: Has waited so long that the chain is at its end at once.
        is_unlimited: In this round the group's operators are rung whatever their penalty.
        widens: When the next penalty limit comes into force.
        offered_in_round: Whether anybody rang in it.
        resume: When the next round begins, if this one found nobody.
        offers: What rings for the caller now.
        lane: As of the last time that it was served.
    """

    call: CallId
    service: ServiceId
    arrived: float
    earned: float
    began: Instant
    head: bool
    number: int
    chain: hunt.Chain
    transfer: Transfer | None
    step: int
    step_since: Instant
    round_since: Instant
    skipped: set[str]
    handicap_s: float = 0.0
    language: Language | None = None
    ani: str | None = None
    credit: Credit | None = None
    is_hurried: bool = False
    is_unlimited: bool = False
    widens: Instant | None = None
    offered_in_round: bool = False
    resume: Instant | None = None
    offers: list[OpenOffer] = field(default_factory=list)
    lane: Lane | None = None

    @property
    def place(self) -> Place:
        """Sorts the queue: head, then waiting time, of which priority is worth some.

        Whoever has waited `ageing_s` longer makes up for one step of priority, so the order of two
        callers never changes while they wait, and nobody is passed for ever.
        """
        place = self.earned - self.chain.head_start_s + self.handicap_s
        return (not self.head, place, self.number)

    @property
    def busy_until(self) -> Instant:
        """How long the present step waits for somebody busy."""
        return after(self.step_since, hunt.busy_wait_of(self.chain.steps[self.step]))

    @property
    def hurry(self) -> Instant | None:
        """When the caller has waited the most; None if that is so already, or never."""
        most_s = self.chain.max_wait_s
        return None if most_s is None or self.is_hurried else after(self.began, most_s)

    @property
    def due(self) -> Instant | None:
        """When the caller is to be looked at again, if nothing happens before."""
        turn = self.resume
        if turn is None and not self.offers:
            turn = self.busy_until
        return earliest(turn, self.hurry, self.widens)

    def penalty_limit(self, at: Instant) -> int | None:
        """The highest penalty that may ring; None for any. Also finds when it `widens`."""
        self.widens = None
        limits = self.chain.hunted.group.penalty_limit
        if not limits or self.is_unlimited or self.is_past_group:
            return None
        limit = None
        for waited_s, highest in sorted(limits.items()):
            since = after(self.began, waited_s)
            if since > at:
                self.widens = since
                break
            limit = highest
        return limit

    def lane_at(self, at: Instant) -> Lane | None:
        """The lane, for who has just been served; None with a neighbour's centre in the chain.

        That chain is this caller's alone.
        """
        if self.transfer is not None:
            return None
        return Lane(
            chain=self.chain,
            step=self.step,
            is_rung=bool(self.offers),
            has_paused=self.resume is not None,
            limit=self.penalty_limit(at),
            skipped=frozenset(self.skipped),
        )

    @property
    def is_past_group(self) -> bool:
        """Whether the chain has left the hunt group."""
        return self.step > self.chain.group

    def hasten(self) -> None:
        """The most has been waited: on to what always rings, in this round and all later ones."""
        self.is_hurried = True
        self.step = max(self.step, self.chain.tail)
        self.resume = None

    def restart(self, chain: hunt.Chain, at: Instant) -> None:
        """A new round of the chain, without a neighbour's centre: everybody is rung again."""
        self.transfer = None
        self.chain = chain
        self.step, self.step_since, self.round_since = 0, at, at
        if self.is_hurried:
            self.step = chain.tail
        self.skipped.clear()
        self.is_unlimited = False
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
