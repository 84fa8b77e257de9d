"""The floor of the centre: waiting callers, operators, and the offers between them.

One mutable object without I/O. It is told what happened (`routing.offer`) and returns what is to
be done; it alone holds the queue and the offers, so that no operator is ever offered two callers.

    queue ◀──whom to serve── hunter ──rings──▶ switchboard ◀──what legs tell──
                               │ who is free                  │ who talked, who did not answer
                               ▼                              ▼
                         availability ───who is paused────▶ crew
"""

from typing import assert_never

from routing import hunt
from routing.availability import Availability
from routing.condition import Condition, condition_of
from routing.crew import Crew
from routing.draw import Draw
from routing.entry import Waiting
from routing.hunter import Hunter
from routing.lane import Lane
from routing.moment import Instant, Moment, after, earliest
from routing.note import CallId, Note
from routing.obstacle import Obstacle
from routing.offer import (
    Adopt,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegAnswered,
    LegConfirmed,
    LegGone,
    LegRinging,
    Marked,
    Noticed,
    Paused,
    PlanChanged,
    Ready,
    SeatChanged,
    SeatState,
    SeatTarget,
    Seen,
    Sighted,
    SignedOff,
    SignedOn,
    Stage,
    Target,
    Unsighted,
)
from routing.operator import PersonId
from routing.order import Order
from routing.plan import Plan
from routing.presence import Presence, presence_at
from routing.queue import Queue
from routing.reach import Unreached, unreached
from routing.seating import Seating
from routing.snapshot import Snapshot
from routing.switchboard import Switchboard


class Floor:
    """Who waits, who is offered, who talks.

    Args:
        plan: The accepted settings.
        prefix: Begins every offer's id, so that ids of two runs differ.
        draw: For the strategies that ring at random.
        blind: Nothing is known yet of who is on a call: nobody is offered before `Sighted`.
    """

    def __init__(self, plan: Plan, prefix: str, draw: Draw, *, blind: bool = False) -> None:
        self._plan = plan
        self._blind = blind
        self._out: list[FloorCommand] = []
        self._shift_due: Instant | None = None
        self._pause_due: Instant | None = None
        self._crew = Crew()
        self._queue = Queue()
        self._phones = Availability(self._crew)
        self._board = Switchboard(
            plan, prefix, queue=self._queue, phones=self._phones, crew=self._crew, out=self._out
        )
        self._hunter = Hunter(
            plan,
            phones=self._phones,
            seating=self._crew.seating,
            history=self._crew.history,
            order=Order(self._crew.history, draw),
            ring=self._board.ring,
            note=self._out.append,
        )

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """What is to be done after `event`; events of unknown calls and offers mean nothing."""
        self._queue.touched.clear()
        self._queue.roused.clear()
        self._board.freed = self._crew.lapse(at.instant)
        self._take(event, at)
        if self._crew.has_pauses:
            self._relieve(at)
        self._serve(at)
        self._pause_due = self._crew.pause_due(at)
        out = tuple(self._out)
        self._out.clear()
        return out

    def deadline(self) -> Instant | None:
        """When the floor wants an `Expired`, if nothing happens before."""
        ringing = self._board.deadline()
        soon = self._pause_due
        if self._queue and not self._blind:
            ahead = self._shift_due, self._crew.deadline(), ringing, self._queue.deadline()
            return earliest(soon, *ahead)
        return earliest(soon, ringing)

    def waiting(self) -> tuple[Waiting, ...]:
        """The queue, first to be served first."""
        return tuple(entry.shown() for entry in self._queue.in_order())

    def position(self, call: CallId, up_to: int) -> int | None:
        """The caller's place in the queue; see `Queue.position`."""
        return self._queue.position(call, up_to)

    def taken(self) -> dict[str, CallId]:
        """By target key, the call that it rings for or talks to."""
        return {key: offer.call for key, offer in self._phones.taken().items()}

    def state_of(self, target: SeatTarget, at: Moment) -> SeatState:
        """Whether a phone could be rung; nothing known counts as ready."""
        return self._phones.state_of(target, self._plan, at)

    def is_free(self, target: Target, at: Moment) -> bool:
        """Whether a target could be offered a caller now."""
        return self._phones.is_free(target, self._plan, at)

    def unreached(self, at: Moment) -> Unreached:
        """Whom phones that do not work keep from being rung."""

        def works(endpoint: str) -> bool:
            return self._phones.seat_state(endpoint) is not SeatState.UNREACHABLE

        return unreached(self._plan, self._crew.seating, at.wall, works)

    def obstacle(self, target: Target, at: Moment, *, rouse: bool = False) -> Obstacle | None:
        """Why a target could not be offered a caller now (`rouse`: out of the wrap-up, too)."""
        return self._phones.obstacle(target, self._plan, at, rouse=rouse)

    @property
    def seating(self) -> Seating:
        """Who sits where; to be looked at."""
        return self._crew.seating

    def presence(self, endpoint: str, at: Moment) -> Presence | None:
        """The state of who sits at a phone; None if it is no seat."""
        return presence_at(endpoint, self._crew, self._plan, at, self._board.is_there)

    def condition(self, person: PersonId, at: Moment) -> Condition | None:
        """A person's state, wherever they sit; None if the settings know no such person."""
        if person not in self._plan.operators.people:
            return None
        return condition_of(person, self._crew, self._plan, at, self._board.is_there)

    @property
    def revision(self) -> int:
        """Another number whenever a `snapshot` would be another one."""
        return self._crew.revision + self._queue.revision

    def snapshot(self, at: Moment) -> Snapshot:
        """What is known here and not in Asterisk, to be kept for another run."""
        work, rung = self._crew.history.kept()
        return Snapshot(
            work=work,
            rung=rung,
            pauses=self._crew.pauses(),
            seats=self._crew.seating.kept(),
            wrap_ups=self._crew.wrap_ups(at),
            credits=self._queue.credits(at.wall.timestamp()),
            talks=self._crew.talks.kept(),
            notices=self._crew.notices(),
        )

    def restore(self, kept: Snapshot, at: Moment) -> None:
        """Goes on from what another run knew; before anything else is told."""
        self._crew.restore(kept, self._plan, at)
        latest = at.wall.timestamp() + self._plan.catalogue.redial_credit_s
        self._queue.restore(kept.credits, latest)
        self._pause_due = self._crew.pause_due(at)

    def _take(self, event: FloorEvent, at: Moment) -> None:
        match event:
            case Enqueue():
                self._enqueue(event, at)
            case Adopt():
                self._adopt(event, at)
            case Leave():
                self._leave(event.call, at)
            case LegRinging() | LegAnswered() | LegConfirmed() | LegGone():
                self._board.take(event, at)
            case SeatChanged():
                self._seat(event)
            case Paused() | Ready() | SignedOn() | SignedOff() | Seen():
                self._person(event, at)
            case Noticed() | Marked():
                self._out += self._crew.take(event, self._plan, at)
            case PlanChanged():
                self._replan(event.plan, at)
            case Unsighted():
                self._blind = True
            case Sighted():
                self._sighted()
            case Expired():
                self._expire(at)
            case _:
                assert_never(event)

    def _enqueue(self, event: Enqueue, at: Moment) -> None:
        if self._queue.leave(event.call) is not None:
            self._board.withdraw_all(event.call)
        chain = self._hunter.chain_of(event.service, event.transfer)
        entry = self._queue.join(event, chain, self._board.number(), at)
        self._watch_shift(at)
        detail: dict[str, str | int] = {"service": event.service, "waiting": len(self._queue)}
        if entry.earned < entry.arrived:
            detail["credit_s"] = round(entry.arrived - entry.earned)
        self._out.append(Note(event.call, "queued", detail))

    def _adopt(self, event: Adopt, at: Moment) -> None:
        """Takes the offers up first, so that nobody who rings or talks is offered anybody else."""
        waiting = {enqueue.call for enqueue in event.waiting}
        talks_first = sorted(event.offers, key=lambda standing: standing.stage is not Stage.TALKING)
        for standing in talks_first:
            self._board.take_up(standing, is_wanted=standing.call in waiting)
        for enqueue in event.waiting:
            self._enqueue(enqueue, at)
            entry = self._queue[enqueue.call]
            entry.offers += self._board.bounded(entry.call)
            entry.offered_in_round = bool(entry.offers or entry.skipped)
            found = {offer.target.key for offer in entry.offers}
            seating = self._crew.seating
            entry.step = hunt.step_of(self._plan, entry.chain, found, at.wall, seating)

    def _leave(self, call: CallId, at: Moment) -> None:
        """The caller has gone; who waited for nothing keeps the place for a while."""
        entry = self._queue.leave(call)
        if entry is not None:
            self._queue.credit(entry, self._plan.catalogue, at)
        self._board.withdraw_all(call)

    def _sighted(self) -> None:
        if self._blind:
            self._blind = False
            self._queue.touch_all()
            self._board.freed = True

    def _expire(self, at: Moment) -> None:
        self._board.expire(at)
        self._queue.touched |= self._queue.due(at.instant)
        if self._shift_due is not None and self._shift_due <= at.instant:
            self._queue.rouse_all()
            self._watch_shift(at)

    def _seat(self, event: SeatChanged) -> None:
        """A phone that is ready serves whoever is next; for one that is not, nobody waits on."""
        before = self._phones.learn(event.endpoint, event.state)
        is_new = before is SeatState.UNREACHABLE and event.state is SeatState.READY
        if event.state is SeatState.BUSY or is_new:
            person = self._phones.person_with(event.endpoint, self._plan.operators)
            if person is not None:
                self._out += self._crew.is_back(person)
        if event.state is SeatState.READY:
            self._board.freed = True
        else:
            self._queue.rouse_unrung()

    def _person(self, event: Paused | Ready | SignedOn | SignedOff | Seen, at: Moment) -> None:
        """Somebody comes or goes: whoever waits for them is looked at again."""
        self._out += self._crew.take(event, self._plan, at)
        self._board.freed = True
        self._queue.rouse_unrung()

    def _relieve(self, at: Moment) -> None:
        """Nobody is paused for not answering whom nobody else of the agency stands in for."""
        notes = self._crew.relieve(self._plan, at, self._board.is_there)
        if notes:
            self._out += notes
            self._board.freed = True

    def _replan(self, plan: Plan, at: Moment) -> None:
        self._plan = self._board.plan = plan
        self._hunter.use(plan)
        self._queue.touch_all()
        for entry in self._queue:
            entry.chain = self._hunter.chain_of(entry.service, entry.transfer)
            entry.step = min(entry.step, len(entry.chain.steps) - 1)
            if entry.is_hurried:
                entry.hasten()
        self._queue.reorder()
        self._watch_shift(at)

    def _watch_shift(self, at: Moment) -> None:
        change = self._plan.roster.next_change(at.wall)
        seconds = None if change is None else (change - at.wall).total_seconds()
        self._shift_due = None if seconds is None else after(at.instant, seconds)

    def _serve(self, at: Moment) -> None:
        """Serves whom the event concerns; all in their order, as long as a phone is ready.

        Of those of one lane only the first is, but for who has changed, or whose time has come.
        """
        board, queue = self._board, self._queue
        touched, roused = queue.touched, queue.roused
        if self._blind or not queue or not (touched or roused or board.freed):
            return
        ready, offers = board.freed and self._is_anybody_ready(at), len(board)
        due = queue.due(at.instant) if ready or roused else set[CallId]()
        lanes: set[Lane | None] = set()
        for entry in queue.in_order() if ready else queue.concerned():
            call = entry.call
            if call not in touched:
                if not (ready or call in roused):
                    continue
                if entry.lane in lanes and call not in due:
                    continue
            self._hunter.serve(entry, at)
            queue.served(entry, at.instant)
            if entry.lane is not None:
                lanes.add(entry.lane)
            if board.freed and len(board) != offers:
                ready, offers = self._is_anybody_ready(at), len(board)

    def _is_anybody_ready(self, at: Moment) -> bool:
        return self._phones.is_anybody_ready(self._plan, at)
