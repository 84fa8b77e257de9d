"""One caller: a mailbox, a task, and the state that the core keeps for the call.

The task takes one event at a time, steps the core, and performs what it says: first what costs no
time (the floor above all, so that phones ring at once), then Asterisk, in order.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from ivr.call import CallerGone, CallEvent, CallFlow, Ended, Step, Talking, deadline
from ivr.command import Answer, Command, HangUp, Join, Play, Remember, RenewFuse
from ivr.dialogue import Digit, Silence, Spoken
from routing.cause import Cause
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import Connect, Enqueue, Leave, OfferId, Parted
from siaga.clock import Clock
from siaga.leg import Leg
from siaga.line import FUSE_S, Line
from switch.error import SwitchError
from switch.event import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    Event,
    StasisEnd,
)

log = structlog.get_logger(__name__)

MAILBOX = 256
"""Events that one call may have unread; a storm of digits beyond it is shed and counted."""


FAILED_JOINS = 2
"""So many answered operators could not be bridged: the fault is on the caller's side."""


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

    def tell_floor(self, event: Enqueue | Leave) -> None:
        """Steps the floor and sends out what it wants done."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""


class Caller:
    """One call in progress.

    Args:
        line: The caller's channel and bridge.
        flow: The core's rules for this call.
        arrived: When the call came in.
        house: The floor and the journal.
        clock: The only clock.
    """

    def __init__(
        self, line: Line, flow: CallFlow, arrived: Moment, house: House, clock: Clock
    ) -> None:
        self.line = line
        self.arrived = arrived
        self.legs: dict[OfferId, Leg] = {}
        self.talking = False
        self.ended = asyncio.Event()
        self.shed = 0
        self._flow = flow
        self._house = house
        self._clock = clock
        self._cause: int | None = None
        self._failed_joins = 0
        self._mailbox: asyncio.Queue[CallEvent | LegsChanged] = asyncio.Queue(MAILBOX)

    @property
    def id(self) -> CallId:
        """The call's id."""
        return self.line.call

    def post(self, event: CallEvent | LegsChanged) -> None:
        """Puts an event into the mailbox; never waits. A full one sheds digits, never an end."""
        try:
            self._mailbox.put_nowait(event)
        except asyncio.QueueFull:
            self.shed += 1
            if isinstance(event, CallerGone | Connect | Parted):
                self._mailbox.get_nowait()
                self._mailbox.put_nowait(event)

    def take(self, event: Event) -> None:
        """An event of the caller's channel."""
        match event:
            case ChannelDtmfReceived():
                self.post(Digit(event.digit))
            case ChannelHangupRequest():
                self._cause = event.cause or Cause.NORMAL_CLEARING
            case StasisEnd():
                pulled_out = self._cause is None and may_be_pulled_out(event)
                cause = self._cause or (0 if pulled_out else Cause.NORMAL_CLEARING)
                self.post(CallerGone(cause, pulled_out=pulled_out))
            case ChannelDestroyed():
                self.post(CallerGone(event.cause))
            case _:
                pass

    async def live(self, begin: Callable[[CallFlow, Moment], Step]) -> None:
        """The call from its first step to its end. Nothing leaves it but by the last resort."""
        structlog.contextvars.bind_contextvars(call_id=self.id)
        try:
            state, commands = begin(self._flow, self.arrived)
            await self._perform(commands)
            while not isinstance(state, Ended):
                event = await self._next(deadline(state))
                if isinstance(event, LegsChanged):
                    await self._tell_legs()
                    continue
                state, commands = self._flow.step(state, event, at=self._clock.now())
                self.talking = isinstance(state, Talking)
                await self._perform(commands)
        except Exception as error:
            log.exception("call_failed")
            self._house.note(Note(self.id, "call_failed", {"error": repr(error)}))
            await self.hand_back("an error of the daemon")
        try:
            await self.line.close()
        except SwitchError as error:
            log.info("line_not_closed", error=str(error))

    async def hand_back(self, why: str) -> None:
        """Gives the caller to the dialplan's last resort; if even that fails, the fuse does."""
        self._house.note(Note(self.id, "handed_back", {"why": why}))
        try:
            await self.line.hand_back()
        except SwitchError as error:
            log.warning("not_handed_back", error=str(error))
        try:
            self._house.tell_floor(Leave(self.id))
        except Exception:
            log.exception("floor_failed")

    async def _next(self, due: Instant | None) -> CallEvent | LegsChanged:
        """The next event, or `Silence` when the deadline comes first."""
        if not self._mailbox.empty():
            return self._mailbox.get_nowait()
        if due is None:
            return await self._mailbox.get()
        try:
            async with asyncio.timeout(max(0.0, due - self._clock.now().instant)):
                return await self._mailbox.get()
        except TimeoutError:
            return Silence()

    async def _perform(self, commands: tuple[Command, ...]) -> None:
        slow: list[Answer | Play | RenewFuse | Remember | HangUp | Join] = []
        for command in commands:
            match command:
                case Enqueue() | Leave():
                    self._house.tell_floor(command)
                case Note():
                    self._house.note(command)
                case _:
                    slow.append(command)
        for command in slow:
            if isinstance(command, Join):
                await self._join(command.offer)
            else:
                await self._do(command)

    async def _do(self, command: Answer | Play | RenewFuse | Remember | HangUp) -> None:
        """A request that fails costs nothing: the caller has gone, or the fuse takes over."""
        try:
            await self.line.perform(command)
        except SwitchError as error:
            log.warning("not_performed", command=type(command).__name__, error=str(error))
            if isinstance(command, Play):
                self.post(Spoken())

    async def _join(self, offer: OfferId) -> None:
        leg = self.legs.get(offer)
        if leg is None:
            return
        try:
            await self.line.join(leg)
        except SwitchError as error:
            # Either side has gone (its event is on the way), or this leg cannot be talked to.
            log.warning("not_joined", offer=offer, error=str(error))
            leg.withdraw(answered_elsewhere=False)
            self._failed_joins += 1
            if self._failed_joins >= FAILED_JOINS:
                raise
            return
        detail = {"offer": offer, "target": leg.offer.target.key}
        self._house.note(Note(self.id, "bridged", detail))

    async def _tell_legs(self) -> None:
        try:
            await self.line.set_legs([leg.channel.id for leg in self.legs.values()])
        except SwitchError as error:
            log.info("legs_not_told", error=str(error))
