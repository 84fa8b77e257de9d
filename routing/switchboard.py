"""The phones that ring or talk for callers: what becomes of each offer.

    RINGING ──answered──▶ TALKING ──leg gone──▶ (parted)
       │  └─answered, to confirm─▶ CONFIRMING ─1 pressed─▶ TALKING
       └──withdrawn / no answer──▶ WITHDRAWN ──leg gone──▶ (forgotten)

A target stays taken until its leg is known to be gone: what Asterisk has not confirmed is not free.
"""

from collections.abc import Iterator
from typing import assert_never

from routing import hunt
from routing.availability import Availability
from routing.cause import Cause, explain
from routing.crew import Crew
from routing.entry import Entry, OpenOffer
from routing.moment import Instant, Moment, after, earliest
from routing.note import CallId, Note
from routing.offer import (
    SHORT_TALK_S,
    Confirm,
    Connect,
    FloorCommand,
    LegAnswered,
    LegConfirmed,
    LegGone,
    LegRinging,
    Offer,
    OfferId,
    OutsideTarget,
    Parted,
    SeatTarget,
    Stage,
    Standing,
    Withdraw,
)
from routing.operator import PersonId
from routing.plan import Plan
from routing.queue import Queue
from routing.talk import Talk

CONFIRM_TIME_S = 12.0
"""For a callee outside to press 1: the announcement takes about six seconds."""
_BOUNDED = (Stage.RINGING, Stage.CONFIRMING)
_HELD = (Stage.TALKING, Stage.WITHDRAWN)
"""Of a number outside: it was held by a caller, and the next one may have it at once. One that is
refused is not tried for everybody in turn, nor a voicemail for the same caller without a pause."""


class Switchboard:
    """The offers whose legs are not known to be gone.

    Args:
        prefix: Begins every offer's id.
        queue: Who waits.
        phones: Which targets are taken.
        crew: Learns who has talked and who has not answered.
        out: Takes what is to be done.

    Attributes:
        plan: The accepted settings.
        freed: Whether a phone may have become free in the present step.
    """

    def __init__(
        self,
        plan: Plan,
        prefix: str,
        *,
        queue: Queue,
        phones: Availability,
        crew: Crew,
        out: list[FloorCommand],
    ) -> None:
        self.plan = plan
        self.freed = False
        self._prefix = prefix
        self._count = 0
        self._queue = queue
        self._phones = phones
        self._crew = crew
        self._out = out
        self._offers: dict[OfferId, OpenOffer] = {}

    def __len__(self) -> int:
        return len(self._offers)

    def number(self) -> int:
        """Another number each time."""
        self._count += 1
        return self._count

    def ring(self, entry: Entry, candidate: hunt.Candidate, step: hunt.Step, at: Moment) -> None:
        """Offers a waiting caller to a target, which is taken from now on."""
        ring_time_s = hunt.ring_time_of(step)
        offer = OpenOffer(
            id=OfferId(f"{self._prefix}{self.number()}"),
            call=entry.call,
            target=candidate.target,
            confirm=hunt.needs_confirmation(step),
            stage=Stage.RINGING,
            deadline=after(at.instant, ring_time_s),
            group=entry.chain.hunted.id,
            is_duty=step is entry.chain.hunted,
        )
        self._offers[offer.id] = offer
        self._phones.take(offer)
        entry.offers.append(offer)
        entry.offered_in_round = True
        detail = {"offer": offer.id, "target": offer.target.key}
        self._out.append(Note(entry.call, "offered", detail, candidate.because))
        self._out.append(
            Offer(
                offer=offer.id,
                call=entry.call,
                target=offer.target,
                ring_time_s=ring_time_s,
                label=entry.chain.label,
                confirm=offer.confirm,
                overflow=entry.is_past_group and not offer.is_duty,
            )
        )

    def take_up(self, standing: Standing, *, is_wanted: bool) -> None:
        """One leg of an earlier run.

        A talk goes on; what rings for nobody, or where another one rings, is ended.
        """
        services = self.plan.catalogue.services
        service = None if standing.service is None else services.get(standing.service)
        offer = OpenOffer(
            id=standing.offer,
            call=standing.call,
            target=standing.target,
            confirm=standing.confirm,
            stage=standing.stage,
            deadline=standing.deadline,
            group=None if service is None else service.group,
            has_talked=standing.stage is Stage.TALKING,
        )
        self._offers[offer.id] = offer
        is_first = self._phones.take(offer)
        if offer.stage is Stage.TALKING:
            self._began(offer, standing.number)
            return
        if not (is_first and is_wanted):
            offer.stage = Stage.WITHDRAWN
            self._out.append(Withdraw(offer.id, answered_elsewhere=False))
        elif offer.stage is Stage.CONFIRMING:
            self._out.append(Confirm(offer.id))
            self._note(offer, "asked_to_confirm")

    def take(self, event: LegRinging | LegAnswered | LegConfirmed | LegGone, at: Moment) -> None:
        """What a leg tells; of an unknown one, or one that is too late, it means nothing."""
        offer = self._offers.get(event.offer)
        if offer is None:
            return
        match event:
            case LegRinging():
                if offer.stage is Stage.RINGING:
                    self._note(offer, "ringing")
            case LegAnswered():
                if offer.stage is Stage.RINGING:
                    self._answered(offer, at)
            case LegConfirmed():
                if offer.stage is Stage.CONFIRMING:
                    self._connect(offer, at)
            case LegGone():
                self._gone(offer, event.cause, at)
            case _:
                assert_never(event)

    def bounded(self, call: CallId | None = None) -> Iterator[OpenOffer]:
        """The offers, of all callers or of one, that ring or are asked to confirm."""
        for offer in self._offers.values():
            if offer.stage in _BOUNDED and (call is None or call == offer.call):
                yield offer

    def deadline(self) -> Instant | None:
        """When the first of those has rung, or may confirm, for long enough."""
        return earliest(*[each.deadline for each in self.bounded()])

    def expire(self, at: Moment) -> None:
        """Withdraws what has rung, or not confirmed, for long enough."""
        for offer in tuple(self.bounded()):
            if offer.deadline <= at.instant:
                if offer.stage is Stage.RINGING:
                    self._missed(offer, at)
                self._drop(offer, "no answer" if offer.stage is Stage.RINGING else "not confirmed")
                offer.stage = Stage.WITHDRAWN
                self._out.append(Withdraw(offer.id, answered_elsewhere=False))

    def withdraw_all(self, call: CallId) -> None:
        """Whatever rings or talks for the caller is ended."""
        for offer in self._offers.values():
            if offer.call == call:
                self._withdraw(offer, answered_elsewhere=False)

    def _answered(self, offer: OpenOffer, at: Moment) -> None:
        if not offer.confirm:
            self._connect(offer, at)
            return
        offer.stage = Stage.CONFIRMING
        offer.deadline = after(at.instant, CONFIRM_TIME_S)
        self._note(offer, "asked_to_confirm")
        self._out.append(Confirm(offer.id))

    def _connect(self, winner: OpenOffer, at: Moment) -> None:
        entry = self._queue.leave(winner.call)
        self._began(winner, None if entry is None else entry.ani)
        winner.stage = Stage.TALKING
        winner.talks_since, winner.has_talked = at.instant, True
        self._note(winner, "operator_answered")
        self._out.append(Connect(winner.call, winner.id, winner.target))
        for offer in tuple(self.bounded(winner.call)):
            self._withdraw(offer, answered_elsewhere=True)

    def _began(self, offer: OpenOffer, number: str | None) -> None:
        """It is what the operator marks from now on."""
        person = _person_of(offer)
        if person is not None:
            self._crew.talks.began(Talk(offer.call, number, person))

    def _gone(self, offer: OpenOffer, cause: int, at: Moment) -> None:
        del self._offers[offer.id]
        self._phones.release(offer)
        self.freed = True
        if isinstance(offer.target, OutsideTarget) and offer.stage in _HELD:
            self._queue.rouse_unrung(but=offer.call)
        if offer.has_talked:
            self._talked(offer, cause, at)
        if offer.stage is Stage.TALKING:
            self._out.append(Parted(offer.call, offer.id, offer.target, cause))
        elif offer.stage is not Stage.WITHDRAWN:
            self._judge(offer, cause, at)
            self._drop(offer, explain(cause))

    def _talked(self, offer: OpenOffer, cause: int, at: Moment) -> None:
        """The wrap-up begins; but an operator who hung up at once has not answered."""
        person = _person_of(offer)
        if person is None:
            return
        since = offer.talks_since
        is_short = since is not None and at.instant < after(since, SHORT_TALK_S)
        if is_short and offer.stage is Stage.TALKING and cause == Cause.NORMAL_CLEARING:
            self._missed(offer, at)
            return
        groups = self.plan.catalogue.hunt_groups
        group = None if offer.group is None else groups.get(offer.group)
        self._crew.talked(person, 0.0 if group is None else group.wrap_up_s, self.plan, at)

    def _judge(self, offer: OpenOffer, cause: int, at: Moment) -> None:
        """Not to answer counts; to decline shows that the person is there."""
        person = _person_of(offer)
        if cause == Cause.NO_ANSWER:
            self._missed(offer, at)
        elif person is not None and cause in {Cause.USER_BUSY, Cause.CALL_REJECTED}:
            self._crew.history.forgive(person)

    def _missed(self, offer: OpenOffer, at: Moment) -> None:
        person = _person_of(offer)
        if person is None or not offer.is_duty or offer.group is None:
            return
        group = self.plan.catalogue.hunt_groups.get(offer.group)
        limit = 0 if group is None else group.auto_pause_after
        self._out += self._crew.missed(person, limit, self.plan, at, is_there=self.is_there)

    def is_there(self, person: PersonId) -> bool:
        """Whether any phone of the person works."""
        return self._phones.is_there(person, self.plan.operators)

    def _drop(self, offer: OpenOffer, why: str) -> None:
        """The offer failed: its target is skipped until the chain starts over."""
        entry = self._queue[offer.call]
        entry.offers.remove(offer)
        entry.skipped.add(offer.target.key)
        self._queue.touched.add(offer.call)
        self._note(offer, "offer_failed", outcome=why)

    def _withdraw(self, offer: OpenOffer, *, answered_elsewhere: bool) -> None:
        if offer.stage is Stage.WITHDRAWN:
            return
        if offer.stage is not Stage.TALKING:
            self._note(offer, "withdrawn")
        offer.stage = Stage.WITHDRAWN
        self._out.append(Withdraw(offer.id, answered_elsewhere))

    def _note(self, offer: OpenOffer, what: str, **detail: str) -> None:
        facts = {"offer": offer.id, "target": offer.target.key, **detail}
        self._out.append(Note(offer.call, what, facts))


def _person_of(offer: OpenOffer) -> PersonId | None:
    return offer.target.person if isinstance(offer.target, SeatTarget) else None
