"""Where calls, floor, switch and journal meet. One mailbox and one task per call; no policy here.

Asterisk's events come in from the switch's reader (`take`), which never waits; each goes to the
mailbox of its call, to its leg, or to the floor. The floor is one synchronous object: whoever steps
it also sends out what it wants done, before anything else can happen.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never

import structlog
from journal.journal import Journal

from ivr.call import CallerGone, CallEvent, CallFlow, Ended, Step, Talking, deadline
from ivr.command import Answer, HangUp, Join, Play, Remember, RenewFuse
from ivr.dialogue import Digit, MenuDialogue, Silence, Spoken
from ivr.menu import Menu
from routing.cause import Cause
from routing.floor import Floor
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import (
    Confirm,
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegGone,
    Offer,
    OfferId,
    OutsideTarget,
    Parted,
    PlanChanged,
    SeatChanged,
    SeatState,
    Transfer,
    Withdraw,
)
from routing.operator import Language
from routing.plan import Plan
from routing.service import ServiceId
from routing.zone import Evidence, Finding, Policy, Verdict
from siaga.clock import Clock
from siaga.leg import Leg
from siaga.line import Line
from switch.client import Switch
from switch.error import SwitchError
from switch.event import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    ChannelStateChange,
    DeviceStateChanged,
    Event,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)

log = structlog.get_logger(__name__)

MAILBOX = 256
"""Events that one call may have unread; a storm of digits beyond it is shed and counted."""

SEAT_STATES = {
    "NOT_INUSE": SeatState.READY,
    "UNKNOWN": SeatState.READY,
    "UNAVAILABLE": SeatState.UNREACHABLE,
    "INVALID": SeatState.UNREACHABLE,
}
"""Asterisk's device states; all others mean a phone that is in use."""


@dataclass(slots=True)
class _LegsChanged:
    """The call's ringing legs are others now; the dialplan is to know them."""


@dataclass(slots=True)
class _Call:
    """A call in progress: its line, its mailbox and its state's last word."""

    line: Line
    flow: CallFlow
    arrived: Moment
    mailbox: asyncio.Queue[CallEvent | _LegsChanged] = field(
        default_factory=lambda: asyncio.Queue(MAILBOX)
    )
    legs: dict[OfferId, Leg] = field(default_factory=dict)
    cause: int | None = None
    talking: bool = False
    handing_back: bool = False


class Conductor:
    """Runs all calls of one Asterisk.

    Args:
        switch: Asterisk.
        journal: Takes every note.
        clock: The only clock.
        plan: The accepted settings of routing.
        menu: The accepted menu.
        prefix: Makes ids of this run differ from those of the run before.
    """

    def __init__(
        self, switch: Switch, journal: Journal, clock: Clock, plan: Plan, menu: Menu, prefix: str
    ) -> None:
        self._switch = switch
        self._journal = journal
        self._clock = clock
        self._plan = plan
        self._menu = menu
        self._prefix = prefix
        self._floor = Floor(plan, prefix)
        self._calls: dict[str, _Call] = {}
        self._legs: dict[str, Leg] = {}
        self._offers: dict[OfferId, Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.shed = 0

    @property
    def calls(self) -> int:
        """Callers that this process holds."""
        return len(self._calls)

    def take(self, event: Event) -> None:
        """Brings an event of Asterisk to whom it concerns; never waits."""
        match event:
            case StasisStart():
                self._enter(event)
            case DeviceStateChanged():
                self._seat(event.device_state.name, event.device_state.state)
            case PlaybackFinished():
                for call in self._calls.values():
                    if call.line.is_playing(event.playback.id):
                        self._post(call, Spoken())
            case (
                StasisEnd()
                | ChannelDtmfReceived()
                | ChannelStateChange()
                | ChannelDestroyed()
                | ChannelHangupRequest()
            ):
                if event.channel.id in self._legs:
                    self._legs[event.channel.id].take(event)
                elif event.channel.id in self._calls:
                    self._of_caller(self._calls[event.channel.id], event)
            case _:
                pass

    def replace_plan(self, plan: Plan, menu: Menu) -> None:
        """New settings: at once for the floor, for the menu from the next call on."""
        self._plan, self._menu = plan, menu
        self._tell_floor(PlanChanged(plan))

    async def drain(self, limit_s: float) -> None:
        """Lets calls in progress end for `limit_s`, then gives all but the talking ones back."""
        self._draining = True
        try:
            await asyncio.wait_for(self._idle.wait(), limit_s)
        except TimeoutError:
            for call in tuple(self._calls.values()):
                if not call.talking:
                    await self._hand_back(call, "the daemon stops")

    async def close(self) -> None:
        """Ends all tasks; what is left in Asterisk goes on without this process."""
        if self._timer is not None:
            self._timer.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Asterisk's events

    def _enter(self, event: StasisStart) -> None:
        channel = event.channel
        if channel.id in self._legs:
            self._legs[channel.id].take(event)
            return
        kind, *rest = event.args or ["new"]
        if kind == "leg":
            self._spawn(self._end_orphan(channel.id), f"orphan {channel.id}")
            return
        at = self._clock.now()
        call_id = CallId(channel.id)
        line = Line(self._switch, call_id, channel.caller.number)
        flow = CallFlow(
            call_id,
            MenuDialogue(self._menu, self._plan.catalogue.default_service),
            self._plan.catalogue.default_service,
        )
        call = _Call(line, flow, at)
        self._calls[channel.id] = call
        self._idle.clear()
        variables = channel.channelvars
        evidence = Evidence(
            trunk=variables.get("SIAGA_TRUNK", ""),
            did=variables.get("SIAGA_DID", ""),
            ani=channel.caller.number,
        )
        self._note(
            Note(
                call_id,
                "arrived",
                {"trunk": evidence.trunk, "did": evidence.did, "ani": evidence.ani, "how": kind},
            )
        )
        service = variables.get("SIAGA_SERVICE") or (rest[0] if rest else "")
        begin = partial(self._begin, evidence) if kind == "new" else partial(self._resume, service)
        self._spawn(self._live(call, begin), f"call {channel.id}")

    def _begin(self, evidence: Evidence, flow: CallFlow, at: Moment) -> Step:
        verdict = self._plan.zones.judge(evidence)
        return _first_step(flow, self._plan, verdict, self._menu.languages[0], at)

    def _resume(self, service: str, flow: CallFlow, at: Moment) -> Step:
        known = ServiceId(service)
        if known not in self._plan.catalogue.services:
            known = self._plan.catalogue.default_service
        return flow.resume(known, self._menu.languages[0], at=at)

    def _of_caller(self, call: _Call, event: Event) -> None:
        match event:
            case ChannelDtmfReceived():
                self._post(call, Digit(event.digit))
            case ChannelHangupRequest():
                call.cause = event.cause or Cause.NORMAL_CLEARING
            case StasisEnd():
                gone = CallerGone(call.cause or 0, pulled_out=call.cause is None)
                self._post(call, gone)
            case ChannelDestroyed():
                self._post(call, CallerGone(event.cause))
            case _:
                pass

    def _seat(self, device: str, state: str) -> None:
        technology, _, endpoint = device.partition("/")
        if technology == "PJSIP" and endpoint:
            self._tell_floor(SeatChanged(endpoint, SEAT_STATES.get(state, SeatState.BUSY)))

    def _post(self, call: _Call, event: CallEvent | _LegsChanged) -> None:
        try:
            call.mailbox.put_nowait(event)
        except asyncio.QueueFull:
            self.shed += 1
            if isinstance(event, CallerGone | Connect | Parted):
                call.mailbox.get_nowait()
                call.mailbox.put_nowait(event)

    # One call

    async def _live(self, call: _Call, begin: Callable[[CallFlow, Moment], Step]) -> None:
        """One call's task. Nothing leaves it but by the last resort."""
        structlog.contextvars.bind_contextvars(call_id=call.line.call)
        try:
            state, commands = begin(call.flow, call.arrived)
            await self._perform(call, commands)
            while not isinstance(state, Ended):
                event = await _next(call.mailbox, deadline(state), self._clock)
                if isinstance(event, _LegsChanged):
                    await self._tell_legs(call)
                    continue
                state, commands = call.flow.step(state, event, at=self._clock.now())
                call.talking = isinstance(state, Talking)
                await self._perform(call, commands)
        except Exception as error:
            log.exception("call_failed")
            self._note(Note(call.line.call, "call_failed", {"error": repr(error)}))
            await self._hand_back(call, "an error of the daemon")
        finally:
            self._forget(call)
        await _quietly(call.line.close())

    async def _perform(self, call: _Call, commands: tuple[Any, ...]) -> None:
        """First what costs no time, the floor above all; then Asterisk, in order."""
        slow: list[Answer | Play | RenewFuse | Remember | HangUp | Join] = []
        for command in commands:
            match command:
                case Enqueue() | Leave():
                    self._tell_floor(command)
                case Note():
                    self._note(command)
                case _:
                    slow.append(command)
        for command in slow:
            if isinstance(command, Join):
                await self._join(call, command.offer)
            else:
                await self._do(call, command)

    async def _do(
        self, call: _Call, command: Answer | Play | RenewFuse | Remember | HangUp
    ) -> None:
        """A request that fails costs nothing: the caller has gone, or the fuse takes over."""
        try:
            await call.line.perform(command)
        except SwitchError as error:
            log.warning("not_performed", command=type(command).__name__, error=str(error))
            if isinstance(command, Play):
                self._post(call, Spoken())

    async def _join(self, call: _Call, offer: OfferId) -> None:
        leg = call.legs.get(offer)
        if leg is None:
            return
        try:
            await call.line.join(leg)
        except SwitchError as error:
            # Either side has gone (its event is on the way), or this leg cannot be talked to.
            log.warning("not_joined", offer=offer, error=str(error))
            leg.withdraw(answered_elsewhere=False)
            return
        self._note(
            Note(call.line.call, "bridged", {"offer": offer, "target": leg.offer.target.key})
        )

    async def _tell_legs(self, call: _Call) -> None:
        try:
            await call.line.set_legs([leg.channel.id for leg in call.legs.values()])
        except SwitchError as error:
            log.info("legs_not_told", error=str(error))

    async def _hand_back(self, call: _Call, why: str) -> None:
        self._note(Note(call.line.call, "handed_back", {"why": why}))
        self._tell_floor(Leave(call.line.call))
        await _quietly(call.line.hand_back())

    def _forget(self, call: _Call) -> None:
        if self._calls.get(call.line.channel_id) is call:
            del self._calls[call.line.channel_id]
        if not self._calls:
            self._idle.set()

    # The floor

    def _tell_floor(self, event: FloorEvent) -> None:
        at = self._clock.now()
        for command in self._floor.step(event, at=at):
            self._obey(command)
        self._arm(at.instant)

    def _arm(self, now: Instant) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._floor.deadline()
        if due is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, due - now), self._tell_floor, Expired())

    def _obey(self, command: FloorCommand) -> None:
        match command:
            case Note():
                self._note(command)
            case Offer():
                self._offer(command)
            case Withdraw():
                self._offers[command.offer].withdraw(answered_elsewhere=command.answered_elsewhere)
            case Confirm():
                leg = self._offers[command.offer]
                self._spawn(leg.ask_to_confirm(), f"confirm {command.offer}")
            case Connect() | Parted():
                call = self._calls.get(command.call)
                if call is not None:
                    self._post(call, command)
            case _:
                assert_never(command)

    def _offer(self, offer: Offer) -> None:
        call = self._calls[offer.call]
        leg = Leg(
            offer,
            f"siaga-leg-{offer.offer}",
            call.line,
            self._switch,
            self._leg_reports,
            language=self._menu.languages[0],
        )
        self._offers[offer.offer] = leg
        self._legs[leg.channel.id] = leg
        call.legs[offer.offer] = leg
        self._post(call, _LegsChanged())
        self._spawn(leg.run(), f"leg {offer.offer}")

    def _leg_reports(self, report: Any) -> None:
        if isinstance(report, LegGone):
            leg = self._offers.pop(report.offer)
            del self._legs[leg.channel.id]
            call = self._calls.get(leg.offer.call)
            if call is not None:
                call.legs.pop(report.offer, None)
                self._post(call, _LegsChanged())
        self._tell_floor(report)

    async def _end_orphan(self, channel_id: str) -> None:
        """A leg that this process does not know rings for nobody."""
        await _quietly(self._switch.channel(channel_id).hangup())

    # The rest

    def _note(self, note: Note) -> None:
        call = self._calls.get(note.call) if note.call is not None else None
        arrived = call.arrived.instant if call is not None else None
        self._journal.note(note, at=self._clock.now(), arrived=arrived)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _first_step(
    flow: CallFlow, plan: Plan, verdict: Verdict, language: Language, at: Moment
) -> Step:
    """What the zone's verdict means for the call, with the verdict's note in front."""
    note = Note(
        flow.call,
        "zone",
        {"verdict": verdict.finding, "neighbour": verdict.neighbour},
        verdict.because,
    )
    neighbour = None
    if verdict.finding is Finding.OUTSIDE and verdict.neighbour is not None:
        neighbour = plan.zones.zones.neighbours.get(verdict.neighbour)
    policy = Policy.SERVE if neighbour is None else neighbour.policy
    if policy is Policy.TRANSFER and neighbour.number and neighbour.trunk:
        trunk = plan.zones.zones.trunks[neighbour.trunk]
        transfer = Transfer(
            target=OutsideTarget(neighbour.number, neighbour.trunk, trunk.endpoint),
            ring_time_s=neighbour.ring_time_s,
            confirm=neighbour.confirm,
            because=verdict.because,
        )
        state, commands = flow.transfer(language, transfer, at=at)
    else:
        announce = policy is not Policy.SERVE
        state, commands = flow.begin(at=at, announce=announce)
    return state, (note, *commands)


async def _next(
    mailbox: asyncio.Queue[CallEvent | _LegsChanged], due: Instant | None, clock: Clock
) -> CallEvent | _LegsChanged:
    """The next event of a call, or `Silence` when its deadline comes first."""
    if not mailbox.empty():
        return mailbox.get_nowait()
    if due is None:
        return await mailbox.get()
    try:
        async with asyncio.timeout(max(0.0, due - clock.now().instant)):
            return await mailbox.get()
    except TimeoutError:
        return Silence()


async def _quietly(work: Coroutine[Any, Any, object]) -> None:
    """Does what is worth trying and may fail: what it concerns has gone, or Asterisk has."""
    try:
        await work
    except SwitchError as error:
        log.info("not_cleaned", error=str(error))
