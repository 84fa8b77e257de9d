"""The floor of the centre: waiting callers, operators, and the offers between them.

One mutable object without I/O. It is told what happened (`routing.offer`) and returns what is to
be done; it alone holds the queue and the offers, so that no operator is ever offered two callers.

    waiting ──offer──▶ RINGING ──answered──▶ TALKING ──leg gone──▶ (parted)
                          │  └─answered, to confirm─▶ CONFIRMING ─1 pressed─▶ TALKING
                          └─withdrawn / no answer──▶ WITHDRAWN ──leg gone──▶ (forgotten)

A target stays taken until its leg is known to be gone: what Asterisk has not confirmed is not free.
"""

from typing import assert_never

from routing import hunt
from routing.availability import Availability
from routing.cause import explain
from routing.moment import Instant, Moment, after, earliest
from routing.note import CallId, Note
from routing.offer import (
    Adopt,
    Confirm,
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegAnswered,
    LegConfirmed,
    LegGone,
    LegRinging,
    Offer,
    OfferId,
    OutsideTarget,
    Parted,
    PlanChanged,
    SeatChanged,
    SeatState,
    SeatTarget,
    Stage,
    Standing,
    Target,
    Withdraw,
)
from routing.plan import Plan
from routing.queue import Entry, OpenOffer, Waiting
from routing.service import Strategy

ROUND_PAUSE_S = 5.0
"""Between two rounds of a chain in which nobody could be rung: a phone may register meanwhile."""
ROUND_LEAST_S = 2.0
"""From the begin of a round to that of the next: a trunk that refuses at once is not asked without
end, and an operator who declines has a moment to breathe."""
CONFIRM_TIME_S = 12.0
"""For a callee outside to press 1: the announcement takes about six seconds."""


class Floor:
    """Who waits, who is offered, who talks.

    Args:
        plan: The accepted settings.
        prefix: Begins every offer's id, so that ids of two runs differ.
    """

    def __init__(self, plan: Plan, prefix: str) -> None:
        self._plan = plan
        self._prefix = prefix
        self._count = 0
        self._waiting: dict[CallId, Entry] = {}
        self._offers: dict[OfferId, OpenOffer] = {}
        self._phones = Availability()
        self._shift_due: Instant | None = None
        self._out: list[FloorCommand] = []
        self._touched: set[CallId] = set()
        self._freed = False

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """What is to be done after `event`; events of unknown calls and offers mean nothing."""
        self._touched.clear()
        self._freed = False
        self._take(event, at)
        self._serve_all(at)
        out, self._out = tuple(self._out), []
        return out

    def deadline(self) -> Instant | None:
        """When the floor wants an `Expired`, if nothing happens before."""
        if not self._waiting and not self._offers:
            return None
        ringing = (o.deadline for o in self._offers.values() if o.stage in _BOUNDED)
        entries = (entry.due for entry in self._waiting.values())
        shift = self._shift_due if self._waiting else None
        return earliest(shift, *ringing, *entries)

    def waiting(self) -> tuple[Waiting, ...]:
        """The queue, first to be served first."""
        return tuple(entry.shown() for entry in self._in_order())

    def taken(self) -> dict[str, CallId]:
        """By target key, the call that it rings for or talks to."""
        return {key: offer.call for key, offer in self._phones.taken().items()}

    def state_of(self, target: SeatTarget) -> SeatState:
        """Whether a phone could be rung; nothing known counts as ready."""
        return self._phones.state_of(target, self._plan.operators)

    def is_free(self, target: Target) -> bool:
        """Whether a target could be offered a caller now."""
        return self._phones.is_free(target, self._plan.operators)

    def _take(self, event: FloorEvent, at: Moment) -> None:
        match event:
            case Enqueue():
                self._enqueue(event, at)
            case Adopt():
                self._adopt(event, at)
            case Leave():
                self._leave(event.call)
            case LegRinging():
                self._ringing(event.offer)
            case LegAnswered():
                self._answered(event.offer, at)
            case LegConfirmed():
                self._confirmed(event.offer)
            case LegGone():
                self._gone(event)
            case SeatChanged():
                self._seat(event)
            case PlanChanged():
                self._replan(event.plan, at)
            case Expired():
                self._expire(at)
            case _:
                assert_never(event)

    def _enqueue(self, event: Enqueue, at: Moment) -> None:
        if event.call in self._waiting:
            self._leave(event.call)
        self._count += 1
        chain = hunt.chain_of(self._plan, event.service, event.transfer)
        self._waiting[event.call] = Entry(
            call=event.call,
            service=event.service,
            arrived=event.arrived,
            head=event.head,
            number=self._count,
            chain=chain,
            transfer=event.transfer,
            step=0,
            step_since=at.instant,
            round_since=at.instant,
            skipped=set(event.skip),
        )
        self._touched.add(event.call)
        self._watch_shift(at)
        self._note(event.call, "queued", service=event.service, waiting=len(self._waiting))

    def _adopt(self, event: Adopt, at: Moment) -> None:
        """Takes the offers up first, so that nobody who rings or talks is offered anybody else."""
        waiting = {enqueue.call for enqueue in event.waiting}
        talks_first = sorted(event.offers, key=lambda standing: standing.stage is not Stage.TALKING)
        for standing in talks_first:
            self._take_up(standing, is_wanted=standing.call in waiting)
        for enqueue in event.waiting:
            self._enqueue(enqueue, at)
            entry = self._waiting[enqueue.call]
            entry.offers += [
                offer
                for offer in self._offers.values()
                if offer.call == entry.call and offer.stage in _BOUNDED
            ]
            entry.offered_in_round = bool(entry.offers or entry.skipped)
            found = {offer.target.key for offer in entry.offers}
            entry.step = hunt.step_of(self._plan, entry.chain, found, at.wall)

    def _take_up(self, standing: Standing, *, is_wanted: bool) -> None:
        """One leg. A talk goes on; what rings for nobody, or where another one rings, is ended."""
        offer = OpenOffer(
            id=standing.offer,
            call=standing.call,
            target=standing.target,
            confirm=standing.confirm,
            stage=standing.stage,
            deadline=standing.deadline,
        )
        self._offers[offer.id] = offer
        is_first = self._phones.take(offer)
        if offer.stage is Stage.TALKING:
            return
        if not (is_first and is_wanted):
            offer.stage = Stage.WITHDRAWN
            self._out.append(Withdraw(offer.id, answered_elsewhere=False))
        elif offer.stage is Stage.CONFIRMING:
            self._out.append(Confirm(offer.id))

    def _leave(self, call: CallId) -> None:
        self._waiting.pop(call, None)
        for offer in tuple(self._offers.values()):
            if offer.call == call:
                self._withdraw(offer, answered_elsewhere=False)

    def _ringing(self, id_: OfferId) -> None:
        offer = self._offers.get(id_)
        if offer is not None and offer.stage is Stage.RINGING:
            self._note(offer.call, "ringing", offer=id_, target=offer.target.key)

    def _answered(self, id_: OfferId, at: Moment) -> None:
        offer = self._offers.get(id_)
        if offer is None or offer.stage is not Stage.RINGING:
            return
        if offer.confirm:
            offer.stage = Stage.CONFIRMING
            offer.deadline = after(at.instant, CONFIRM_TIME_S)
            self._note(offer.call, "asked_to_confirm", offer=id_, target=offer.target.key)
            self._out.append(Confirm(id_))
        else:
            self._connect(offer)

    def _confirmed(self, id_: OfferId) -> None:
        offer = self._offers.get(id_)
        if offer is not None and offer.stage is Stage.CONFIRMING:
            self._connect(offer)

    def _connect(self, winner: OpenOffer) -> None:
        entry = self._waiting.pop(winner.call)
        winner.stage = Stage.TALKING
        self._note(winner.call, "operator_answered", offer=winner.id, target=winner.target.key)
        self._out.append(Connect(winner.call, winner.id, winner.target))
        for offer in tuple(entry.offers):
            if offer is not winner:
                self._withdraw(offer, answered_elsewhere=True)

    def _gone(self, event: LegGone) -> None:
        offer = self._offers.pop(event.offer, None)
        if offer is None:
            return
        self._phones.release(offer)
        self._freed = True
        if offer.stage is Stage.TALKING:
            self._out.append(Parted(offer.call, offer.id, offer.target, event.cause))
        elif offer.stage is not Stage.WITHDRAWN:
            self._drop(offer, explain(event.cause))

    def _drop(self, offer: OpenOffer, why: str) -> None:
        """The offer failed: its target is skipped until the chain starts over."""
        entry = self._waiting[offer.call]
        entry.offers.remove(offer)
        self._touched.add(entry.call)
        entry.skipped.add(offer.target.key)
        self._note(offer.call, "offer_failed", offer=offer.id, target=offer.target.key, outcome=why)

    def _withdraw(self, offer: OpenOffer, *, answered_elsewhere: bool) -> None:
        if offer.stage is Stage.WITHDRAWN:
            return
        if offer.stage is not Stage.TALKING:
            self._note(offer.call, "withdrawn", offer=offer.id, target=offer.target.key)
        offer.stage = Stage.WITHDRAWN
        self._out.append(Withdraw(offer.id, answered_elsewhere))

    def _expire(self, at: Moment) -> None:
        for offer in tuple(self._offers.values()):
            if offer.stage in _BOUNDED and offer.deadline <= at.instant:
                self._drop(offer, "no answer" if offer.stage is Stage.RINGING else "not confirmed")
                offer.stage = Stage.WITHDRAWN
                self._out.append(Withdraw(offer.id, answered_elsewhere=False))
        for entry in self._waiting.values():
            if entry.due is not None and entry.due <= at.instant:
                self._touched.add(entry.call)
        if self._shift_due is not None and self._shift_due <= at.instant:
            self._touched.update(self._waiting)
            self._watch_shift(at)

    def _seat(self, event: SeatChanged) -> None:
        """A phone that is ready serves whoever is next; for one that is not, nobody waits on."""
        self._phones.learn(event.endpoint, event.state)
        if event.state is SeatState.READY:
            self._freed = True
        else:
            self._touched.update(e.call for e in self._waiting.values() if not e.offers)

    def _replan(self, plan: Plan, at: Moment) -> None:
        self._plan = plan
        self._touched.update(self._waiting)
        for entry in self._waiting.values():
            entry.chain = hunt.chain_of(plan, entry.service, entry.transfer)
            entry.step = min(entry.step, len(entry.chain.steps) - 1)
        self._watch_shift(at)

    def _watch_shift(self, at: Moment) -> None:
        change = self._plan.roster.next_change(at.wall)
        seconds = None if change is None else (change - at.wall).total_seconds()
        self._shift_due = None if seconds is None else after(at.instant, seconds)

    def _in_order(self) -> list[Entry]:
        return sorted(self._waiting.values(), key=lambda entry: entry.place)

    def _serve_all(self, at: Moment) -> None:
        """Serves whom the event concerns; all in their order, as long as a phone is ready."""
        if not self._touched and not self._freed:
            return
        ready, offers = self._freed and self._somebody_ready(), len(self._offers)
        for entry in self._in_order():
            if ready or entry.call in self._touched:
                self._serve(entry, at)
                if self._freed and len(self._offers) != offers:
                    ready, offers = self._somebody_ready(), len(self._offers)

    def _somebody_ready(self) -> bool:
        return self._phones.is_anybody_ready(self._plan.operators)

    def _serve(self, entry: Entry, at: Moment) -> None:
        """Offers the caller to everybody whom the chain allows now, going on where none is left."""
        if entry.resume is not None and entry.resume <= at.instant:
            entry.restart(hunt.chain_of(self._plan, entry.service), at.instant)
        first = 0
        while True:
            self._offer_all(entry, first, at)
            if entry.offers or entry.resume is not None:
                return
            if entry.busy_until > at.instant and self._somebody_busy(entry, at):
                return
            if entry.step + 1 < len(entry.chain.steps):
                entry.step += 1
                entry.step_since = at.instant
                first = entry.step  # at the steps before it, nobody was free a moment ago
            elif entry.offered_in_round:
                soonest = after(entry.round_since, ROUND_LEAST_S)
                if at.instant < soonest:
                    entry.resume = soonest
                    return
                entry.restart(hunt.chain_of(self._plan, entry.service), at.instant)
                first = 0
            else:
                entry.resume = after(at.instant, ROUND_PAUSE_S)
                self._note(entry.call, "nobody_to_ring", pause_s=ROUND_PAUSE_S)

    def _offer_all(self, entry: Entry, first: int, at: Moment) -> None:
        """Rings who is free at the current step, and who has become free at those from `first`."""
        for index in range(first, entry.step + 1):
            step = entry.chain.steps[index]
            linear = hunt.strategy_of(step) is Strategy.LINEAR
            for candidate in hunt.candidates(self._plan, entry.chain, index, at.wall):
                if linear and entry.offers:
                    break
                if isinstance(candidate.target, OutsideTarget) and index != entry.step:
                    continue
                if self.is_free(candidate.target) and candidate.target.key not in entry.skipped:
                    self._offer(entry, candidate, step, at)

    def _offer(self, entry: Entry, candidate: hunt.Candidate, step: hunt.Step, at: Moment) -> None:
        self._count += 1
        ring_time_s = hunt.ring_time_of(step)
        offer = OpenOffer(
            id=OfferId(f"{self._prefix}{self._count}"),
            call=entry.call,
            target=candidate.target,
            confirm=hunt.needs_confirmation(step),
            stage=Stage.RINGING,
            deadline=after(at.instant, ring_time_s),
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
            )
        )

    def _somebody_busy(self, entry: Entry, at: Moment) -> bool:
        return any(
            isinstance(candidate.target, SeatTarget)
            and candidate.target.key not in entry.skipped
            and self._phones.state_of(candidate.target, self._plan.operators) is SeatState.BUSY
            for candidate in hunt.candidates(self._plan, entry.chain, entry.step, at.wall)
        )

    def _note(self, call: CallId, what: str, **detail: str | float) -> None:
        self._out.append(Note(call, what, detail))


_BOUNDED = frozenset({Stage.RINGING, Stage.CONFIRMING})
