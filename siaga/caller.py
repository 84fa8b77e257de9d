"""One caller: a mailbox, a task, and the state that the core keeps for the call.

The task takes one event at a time, steps the core, and performs what it says: first what costs no
time (the floor above all, so that phones ring at once), then Asterisk, in order.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import structlog

from ivr.adoption import memory_of
from ivr.announcement import Placed
from ivr.call import CallFlow
from ivr.command import Answer, AskPlace, Command, HangUp, Join, Play, RenewFuse
from ivr.dialogue import Digit, Silence, Spoken
from ivr.state import Call, CallerGone, CallEvent, Ended, LettingGo, Step, Talking, deadline
from journal.record import ENDINGS
from routing.cause import Cause
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import Enqueue, Leave, OfferId, Target
from routing.service import ServiceId
from siaga.clock import Clock
from siaga.leg import Leg
from siaga.line import FUSE_S, Line
from siaga.recorder import Recorder
from switch.error import SwitchError, is_passing
from switch.event import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    Event,
    StasisEnd,
)

log = structlog.get_logger(__name__)

MAILBOX = 256
"""Events that one call may have unread; a storm of digits beyond it is shed and counted. All others
are few: there is one end, and no more offers than phones."""


JOIN_RETRY_S = 0.2
"""Between two tries to bring caller and operator together while Asterisk does not obey."""
FAILED_JOINS = 2
"""So many answered operators could not be bridged: the fault is on the caller's side."""


class Unjoinable(Exception):
    """Asterisk has refused again and again to bring this caller together with who has answered."""


@dataclass(frozen=True, slots=True)
class LegsChanged:
    """The caller's legs are others now, and the dialplan is to know them."""


def may_be_pulled_out(event: StasisEnd) -> bool:
    """Whether the dialplan may have the caller now: of who gives up on arrival no hang-up is told.

    Who was not answered yet can be pulled out by the first fuse only, which burns for FUSE_S.
    """
    age_s = event.age_s()
    return event.channel.state == "Up" or age_s is None or age_s >= FUSE_S


class House(Protocol):
    """What a caller's task needs of the conductor."""

    recorder: Recorder
    """Records talks; nobody waits for it."""

    def tell_floor(self, event: Enqueue | Leave) -> None:
        """Steps the floor and sends out what it wants done."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""

    def count_renewal(self) -> None:
        """A caller's fuse burns anew."""

    def place(self, call: CallId, up_to: int) -> int | None:
        """The caller's place in the queue, no more than `up_to`; None for who does not wait."""

    def has_slept(self, due: Instant) -> bool:
        """Whether the process has slept through a time that was due, and has not caught up."""

    @property
    def lags(self) -> bool:
        """Whether Asterisk may have acted without a heartbeat of ours, unheard until now."""

    async def awake(self) -> None:
        """Returns when what happened in the last sleep has been taken."""


class Caller:
    """One call in progress.

    Args:
        line: The caller's channel and bridge.
        flow: The core's rules for this call.
        arrived: When the call came in.
        house: The floor and the journal.
        clock: The only clock.

    Attributes:
        legs: Of the offers whose channels are not known to be gone.
        rung: Keys of the targets that were rung in this round of the chain, in order.
        served: A human has answered, or the call is over: nobody is to ring for this caller.
        is_over: The call's ending is recorded.
    """

    def __init__(
        self, line: Line, flow: CallFlow, arrived: Moment, house: House, clock: Clock
    ) -> None:
        self.line = line
        self.arrived = arrived
        self.legs: dict[OfferId, Leg] = {}
        self.rung: dict[str, None] = {}
        self.served = False
        self.ended = asyncio.Event()
        self.shed = 0
        self._flow = flow
        self._house = house
        self._clock = clock
        self._cause: int | None = None
        self._failed_joins = 0
        self.is_over = False
        self._given_back: str | None = None
        self._lives = False
        self._untold = False
        self._gone = False
        self._mailbox: asyncio.Queue[tuple[CallEvent | LegsChanged, Moment]] = asyncio.Queue()

    @property
    def id(self) -> CallId:
        """The call's id."""
        return self.line.call

    def post(self, event: CallEvent | LegsChanged) -> None:
        """Puts an event into the mailbox; never waits. A full one sheds digits, nothing else.

        It has happened now, however long a request holds the call up before there is time for it.
        """
        if isinstance(event, Digit | Spoken) and self._mailbox.qsize() >= MAILBOX:
            self.shed += 1
        else:
            self._mailbox.put_nowait((event, self._clock.now()))

    def take(self, event: Event) -> None:
        """An event of the caller's channel."""
        match event:
            case ChannelDtmfReceived():
                self.post(Digit(event.digit))
            case ChannelHangupRequest():
                self._cause = event.cause or Cause.NORMAL_CLEARING
            case StasisEnd():
                if self._cause is not None:
                    self._leave(CallerGone(self._cause))
                elif self._given_back is not None or may_be_pulled_out(event):
                    self.pulled_out()
                else:
                    self._leave(CallerGone(Cause.NORMAL_CLEARING))
            case ChannelDestroyed():
                self._leave(CallerGone(event.cause))
            case _:
                pass

    def rings(self, target: Target) -> None:
        """A phone rings for this caller; one that did so before begins a new round of the chain."""
        if target.key in self.rung:
            self.rung.clear()
        self.rung[target.key] = None
        self.post(LegsChanged())

    def pulled_out(self) -> None:
        """Asterisk has the caller back in the dialplan; legs that have answered may follow."""
        self.line.pulled_out = self._given_back is None
        self._leave(CallerGone(0, pulled_out=True))

    def vanish(self) -> None:
        """The channel does not exist any more; nobody saw why."""
        self._leave(CallerGone(Cause.UNSEEN))

    def _leave(self, event: CallerGone) -> None:
        """No phone is to ring for this caller from now on, whatever is still in the mailbox."""
        self._gone = True
        self.post(event)
        self._house.tell_floor(Leave(self.id))

    async def live(self, begin: Callable[[CallFlow, Moment], Step]) -> None:
        """The call from its first step to its end. Nothing leaves it but by the last resort."""
        structlog.contextvars.bind_contextvars(call_id=self.id)
        self._lives = True
        try:
            state, commands = begin(self._flow, self._clock.now())
            await self._perform(state, commands)
            while not isinstance(state, Ended):
                event, at = await self._next(deadline(state))
                if isinstance(event, LegsChanged):
                    await self._tell_legs()
                    continue
                state, commands = self._flow.step(state, event, at=at)
                await self._perform(state, commands)
        except Unjoinable:
            self._lives = False
            await self.hand_back("Asterisk joins nobody with this caller")
        except Exception as error:
            log.exception("call_failed")
            self._house.note(Note(self.id, "call_failed", {"error": repr(error)}))
            self._lives = False
            await self.hand_back("an error of the daemon")
        self._house.recorder.end(self.id)
        try:
            await self.line.close()
        except SwitchError as error:
            log.info("line_not_closed", error=str(error))

    async def hand_back(self, why: str) -> None:
        """Gives the caller to the dialplan's last resort; if even that fails, the fuse does.

        It is recorded when the caller has left, or hung up instead; at once if nobody would see it.
        """
        self._given_back = why
        if not self._lives:
            self._note(Note(self.id, "handed_back", {"why": why}))
        try:
            await self.line.hand_back()
        except SwitchError as error:
            log.warning("not_handed_back", error=str(error))
        try:
            self._house.tell_floor(Leave(self.id))
        except Exception:
            log.exception("floor_failed")

    async def _next(self, due: Instant | None) -> tuple[CallEvent | LegsChanged, Moment]:
        """The next event and when it was, or `Silence` when the deadline comes first."""
        if not self._mailbox.empty():
            return self._mailbox.get_nowait()
        if due is None:
            return await self._mailbox.get()
        try:
            async with asyncio.timeout(max(0.0, due - self._clock.now().instant)):
                return await self._mailbox.get()
        except TimeoutError:
            if not self._house.has_slept(due):
                return Silence(), self._clock.now()
        await self._house.awake()
        if self._mailbox.empty():
            return Silence(), self._clock.now()
        return self._mailbox.get_nowait()

    async def _perform(self, state: Call, commands: tuple[Command, ...]) -> None:
        self.served = isinstance(state, Talking | LettingGo)
        if self.served:
            self.rung.clear()
        if not isinstance(state, Talking):
            self._house.recorder.end(self.id)
        slow: list[Answer | Play | RenewFuse | HangUp | Join] = []
        for command in commands:
            match command:
                case Enqueue() | Leave():
                    self._house.tell_floor(command)
                case Note():
                    self._note(command)
                case AskPlace(up_to):
                    self.post(Placed(self._house.place(self.id, up_to)))
                case _:
                    slow.append(command)
        for command in slow:
            if isinstance(command, Join):
                await self._join(command.offer, state)
            else:
                await self._do(command)
        if self._untold:
            await self._tell_legs()
        memory = memory_of(state)
        if memory is not None:
            try:
                await self.line.remember(memory)
            except SwitchError as error:
                log.info("not_remembered", error=str(error))

    def _note(self, note: Note) -> None:
        """Who is pulled out after this process gave the caller back was handed back."""
        if note.what == "pulled_out" and self._given_back is not None:
            note = replace(note, what="handed_back", detail={"why": self._given_back})
        self.is_over |= note.what in ENDINGS
        self._house.note(note)

    async def _do(self, command: Answer | Play | RenewFuse | HangUp) -> None:
        """A request that fails costs nothing: the caller has gone, or the fuse takes over."""
        try:
            if isinstance(command, HangUp) and self._house.lags:
                # Refused if the dialplan has the caller, who may be talking there.
                await self.line.perform(RenewFuse())
            await self.line.perform(command)
            if isinstance(command, RenewFuse):
                self._house.count_renewal()
        except SwitchError as error:
            log.warning("not_performed", command=type(command).__name__, error=str(error))
            if isinstance(command, Play):
                self.post(Spoken(failed=True))

    async def _join(self, offer: OfferId, talking: Call) -> None:
        """Brings caller and operator together; while Asterisk does not obey, again and again.

        Not when the dialplan has joined them meanwhile: from there they are not to be taken.
        """
        await self._house.awake()
        while (leg := self.legs.get(offer)) is not None and isinstance(talking, Talking):
            if self._gone or leg.has_left:
                return
            now = self._clock.now()
            since = now.wall - timedelta(seconds=now.instant - talking.since)
            try:
                await self._bridge(leg, talking.service)
                await self.line.guard(leg, since.timestamp())
            except SwitchError as error:
                if not is_passing(error):
                    await self._not_joined(leg, error)
                    return
                log.warning("not_joined", offer=offer, error=str(error))
                await asyncio.sleep(JOIN_RETRY_S)
                await self._house.awake()
            else:
                return

    async def _bridge(self, leg: Leg, service: ServiceId) -> None:
        was_joined = leg.joined
        await self.line.join(leg)
        if not was_joined:
            detail = {"offer": leg.offer.offer, "target": leg.offer.target.key}
            self._house.note(Note(self.id, "bridged", detail))
        if self._flow.records(service):
            self._house.recorder.begin(self.id, leg.offer.offer)

    async def _not_joined(self, leg: Leg, error: SwitchError) -> None:
        """Either side has gone (its event is on the way), or this leg cannot be talked to.

        In one bridge they talk: a fuse that could not be taken off lets the dialplan join the two.
        """
        log.warning("not_joined", offer=leg.offer.offer, error=str(error))
        if leg.joined:
            return
        await self._house.awake()
        leg.withdraw(answered_elsewhere=False)
        self._failed_joins += 1
        if self._failed_joins >= FAILED_JOINS:
            raise Unjoinable from error

    async def _tell_legs(self) -> None:
        """What cannot be told now is told after the next step, such as a renewal of the fuse."""
        self._untold = True
        try:
            await self.line.set_legs((leg.channel.id for leg in self.legs.values()), self.rung)
        except SwitchError as error:
            log.info("legs_not_told", error=str(error))
        else:
            self._untold = False
