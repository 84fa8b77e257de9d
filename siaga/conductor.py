"""Where calls, floor, switch and journal meet. One mailbox and one task per call; no policy here.

Asterisk's events come in from the switch's reader (`take`), which never waits; each goes to the
mailbox of its call, to its leg, or to the floor. The floor is one synchronous object: whoever steps
it also sends out what it wants done, before anything else can happen.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, assert_never

import structlog

from ivr.call import CallerGone, CallFlow
from ivr.dialogue import MenuDialogue, Spoken
from ivr.menu import Menu
from journal.journal import Journal
from routing.floor import Floor
from routing.moment import Instant
from routing.note import CallId, Note
from routing.offer import (
    Confirm,
    Connect,
    Expired,
    FloorCommand,
    FloorEvent,
    LegGone,
    Offer,
    OfferId,
    Parted,
    PlanChanged,
    SeatChanged,
    SeatState,
    Withdraw,
)
from routing.plan import Plan
from siaga.arrival import LEG, arrival_note, first_step, kind_of
from siaga.caller import Caller, LegsChanged
from siaga.clock import Clock
from siaga.leg import Leg, LegReport
from siaga.line import Line, is_bridge_of_call
from switch.asterisk import Asterisk
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

SEAT_STATES = {
    "NOT_INUSE": SeatState.READY,
    "UNKNOWN": SeatState.READY,
    "UNAVAILABLE": SeatState.UNREACHABLE,
    "INVALID": SeatState.UNREACHABLE,
}
"""Asterisk's device states; all others mean a phone that is in use."""


FAULT_PAUSE_S = 1.0
"""After a fault of the floor its deadlines go on, but not in a tight loop."""
LEAVE_LIMIT_S, LEAVE_POLL_S = 2.0, 0.02
"""For a caller who was handed back to leave Stasis, which takes some 10 ms."""


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
        self, switch: Asterisk, journal: Journal, clock: Clock, plan: Plan, menu: Menu, prefix: str
    ) -> None:
        self._switch = switch
        self._journal = journal
        self._clock = clock
        self._plan = plan
        self._menu = menu
        self._floor = Floor(plan, prefix)
        self._callers: dict[str, Caller] = {}
        self._legs: dict[str, Leg] = {}
        self._offers: dict[OfferId, Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def calls(self) -> int:
        """Callers that this process holds."""
        return len(self._callers)

    def tasks(self) -> list[str]:
        """The names of the tasks that serve calls and legs now; the floor's timer is one."""
        timers = [] if self._timer is None else ["timer of the floor"]
        return sorted([*timers, *(task.get_name() for task in self._tasks)])

    def take(self, event: Event) -> None:
        """Brings an event of Asterisk to whom it concerns; never waits."""
        match event:
            case StasisStart():
                self._enter(event)
            case DeviceStateChanged():
                technology, _, endpoint = event.device_state.name.partition("/")
                if technology == "PJSIP" and endpoint:
                    self._seat(endpoint, event.device_state.state)
            case PlaybackFinished():
                for caller in self._callers.values():
                    if caller.line.is_playing(event.playback.id):
                        caller.post(Spoken())
            case (
                StasisEnd()
                | ChannelDtmfReceived()
                | ChannelStateChange()
                | ChannelDestroyed()
                | ChannelHangupRequest()
            ):
                if event.channel.id in self._legs:
                    self._legs[event.channel.id].take(event)
                elif event.channel.id in self._callers:
                    self._callers[event.channel.id].take(event)
            case _:
                pass

    def replace_plan(self, plan: Plan, menu: Menu) -> None:
        """New settings: at once for the floor, for the menu from the next call on."""
        self._plan, self._menu = plan, menu
        self.tell_floor(PlanChanged(plan))

    def resync(self) -> None:
        """The event stream is new: what happened without it is asked for."""
        self._spawn(self._resync(), "resync")

    async def drain(self, limit_s: float) -> None:
        """Lets calls in progress end for `limit_s`, then gives all but the talking ones back."""
        self._draining = True
        try:
            await asyncio.wait_for(self._idle.wait(), limit_s)
        except TimeoutError:
            for caller in tuple(self._callers.values()):
                if not caller.talking:
                    await caller.hand_back("the daemon stops")
            await self._until_only_talks()

    async def _until_only_talks(self) -> None:
        """Waits a moment for those who were handed back to leave."""
        for _ in range(round(LEAVE_LIMIT_S / LEAVE_POLL_S)):
            if all(caller.talking for caller in self._callers.values()):
                return
            await asyncio.sleep(LEAVE_POLL_S)

    async def close(self) -> None:
        """Ends all tasks; what is left in Asterisk goes on without this process."""
        if self._timer is not None:
            self._timer.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def note(self, note: Note) -> None:
        """Writes to the journal, with the call's own time."""
        caller = None if note.call is None else self._callers.get(note.call)
        arrived = None if caller is None else caller.arrived.instant
        self._journal.note(note, at=self._clock.now(), arrived=arrived)

    # Asterisk's events

    def _enter(self, event: StasisStart) -> None:
        id_ = event.channel.id
        if id_ in self._legs:
            self._legs[id_].take(event)
        elif kind_of(event) == LEG:
            self._spawn(self._end_orphan(id_), f"orphan {id_}")
        else:
            self._welcome(event)

    def _welcome(self, event: StasisStart) -> None:
        call = CallId(event.channel.id)
        before = self._callers.get(call)
        if before is not None:
            before.post(CallerGone(0, pulled_out=True))
        default = self._plan.catalogue.default_service
        caller = Caller(
            Line(self._switch, call, event.channel.caller.number),
            CallFlow(call, MenuDialogue(self._menu, default), default),
            self._clock.now(),
            self,
            self._clock,
        )
        self._callers[call] = caller
        self._idle.clear()
        self.note(arrival_note(event))
        self._spawn(self._attend(caller, event, before), f"call {call}")

    async def _attend(self, caller: Caller, event: StasisStart, before: Caller | None) -> None:
        """One stay of a caller in Stasis; an earlier one of the same channel is ended first."""
        try:
            if before is not None:
                await before.ended.wait()
            if self._draining:
                await caller.hand_back("the daemon stops")
            else:
                await caller.live(first_step(event, self._plan, self._menu))
        finally:
            caller.ended.set()
            if self._callers.get(caller.id) is caller:
                del self._callers[caller.id]
            if not self._callers:
                self._idle.set()

    async def _end_orphan(self, channel_id: str) -> None:
        """A leg that this process does not know rings for nobody."""
        try:
            await self._switch.channel(channel_id).hangup()
        except SwitchError as error:
            log.info("orphan_not_ended", channel=channel_id, error=str(error))

    def _seat(self, endpoint: str, state: str) -> None:
        self.tell_floor(SeatChanged(endpoint, SEAT_STATES.get(state, SeatState.BUSY)))

    async def _resync(self) -> None:
        """Phones' states, and the end of what ended while no events came."""
        callers, legs = dict(self._callers), dict(self._legs)
        try:
            endpoints = await self._switch.endpoints()
            alive = {channel.id for channel in await self._switch.channels()}
            bridges = await self._switch.bridges()
        except SwitchError as error:
            log.warning("not_resynced", error=str(error))
            return
        for endpoint in endpoints:
            if endpoint.technology == "PJSIP":
                idle = "NOT_INUSE" if endpoint.state == "online" else "UNAVAILABLE"
                self._seat(endpoint.resource, "INUSE" if endpoint.channel_ids else idle)
        for id_, caller in callers.items():
            if id_ not in alive:
                caller.post(CallerGone(0))
        for id_, leg in legs.items():
            if id_ not in alive:
                leg.lost()
        for bridge in bridges:
            if is_bridge_of_call(bridge.id) and not bridge.channels:
                await self._end_empty(bridge.id)

    async def _end_empty(self, bridge_id: str) -> None:
        """A bridge that is left of a talk which ended while no daemon was there."""
        if all(caller.line.bridge.id != bridge_id for caller in self._callers.values()):
            try:
                await self._switch.bridge(bridge_id).destroy()
            except SwitchError as error:
                log.info("bridge_not_ended", bridge=bridge_id, error=str(error))

    # The floor

    def tell_floor(self, event: FloorEvent) -> None:
        """Steps the floor and sends out what it wants done."""
        at = self._clock.now()
        pause_s = FAULT_PAUSE_S
        try:
            for command in self._floor.step(event, at=at):
                self._obey(command)
            pause_s = 0.0
        finally:
            self._arm(at.instant, pause_s)

    def _arm(self, now: Instant, least_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._floor.deadline()
        if due is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(least_s, due - now), self.tell_floor, Expired())

    def _obey(self, command: FloorCommand) -> None:
        match command:
            case Note():
                self.note(command)
            case Offer():
                self._offer(command)
            case Withdraw():
                self._offers[command.offer].withdraw(answered_elsewhere=command.answered_elsewhere)
            case Confirm():
                leg = self._offers[command.offer]
                self._spawn(leg.ask_to_confirm(), f"confirm {command.offer}")
            case Connect() | Parted():
                caller = self._callers.get(command.call)
                if caller is not None:
                    caller.post(command)
            case _:
                assert_never(command)

    def _offer(self, offer: Offer) -> None:
        caller = self._callers[offer.call]
        leg = Leg(
            offer,
            f"siaga-leg-{offer.offer}",
            caller.line,
            self._switch,
            self._take_report,
            language=self._menu.languages[0],
        )
        self._offers[offer.offer] = leg
        self._legs[leg.channel.id] = leg
        caller.legs[offer.offer] = leg
        caller.post(LegsChanged())
        self._spawn(leg.run(), f"leg {offer.offer}")

    def _take_report(self, report: LegReport) -> None:
        if isinstance(report, LegGone):
            leg = self._offers.pop(report.offer)
            del self._legs[leg.channel.id]
            caller = self._callers.get(leg.offer.call)
            if caller is not None:
                caller.legs.pop(report.offer, None)
                caller.post(LegsChanged())
        self.tell_floor(report)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
