"""Where callers, floor, switch and journal meet; no policy here.

Asterisk's events come in from the switch's reader (`take`), which never waits; each goes to the
mailbox of its caller (`siaga.reception` has them), to its leg or to the floor (`siaga.ringer`),
unless `siaga.resync` is learning what happened before it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from ivr.dialogue import Spoken
from ivr.menu import Menu
from journal.journal import Journal
from routing.draw import Draw
from routing.floor import Floor
from routing.moment import Instant, Moment, after
from routing.note import CallId, Note
from routing.offer import FloorEvent, PlanChanged, SeatChanged, SeatState, Sighted, Target
from routing.plan import Plan
from routing.snapshot import Snapshot
from routing.talk import Talk
from routing.throttle import Slowed
from siaga.adoption import FoundCall
from siaga.caller import Caller
from siaga.clock import Clock
from siaga.delivery import Delivery
from siaga.echo import Echo
from siaga.feature import Features
from siaga.leg import Leg
from siaga.line import call_of_playback
from siaga.notebook import MemoryNotebook, Notebook, Notebooks
from siaga.reception import Reception
from siaga.recorder import Recorder
from siaga.resync import Resync
from siaga.ringer import Ringer
from siaga.takeover import last_playback
from siaga.throttle import ThrottleDesk
from siaga.vigil import Vigil
from switch.asterisk import Asterisk
from switch.event import (
    ChannelUserevent,
    Event,
    StasisStart,
)

log = structlog.get_logger(__name__)

LAG_S = 2.5
"""Each second a heartbeat proves, within a second, that events come; the dialplan waits for 3 s."""

DOUBT_S, DOUBT_EVERY_S = 1.0, 10.0
"""So long after a fault of the floor all is learnt anew, and no more often than that."""

SEAT_STATES = {
    "NOT_INUSE": SeatState.READY,
    "UNKNOWN": SeatState.READY,
    "UNAVAILABLE": SeatState.UNREACHABLE,
    "INVALID": SeatState.UNREACHABLE,
}
"""Asterisk's device states; all others mean a phone that is in use."""


class Conductor:
    """Runs all calls of one Asterisk.

    Args:
        switch: Asterisk.
        journal: Takes every note.
        clock: The only clock.
        plan: The accepted settings of routing.
        menu: The accepted menu.
        prefix: Makes ids of this run differ from those of the run before.
        draw: For hunting at random.
        notebooks: Keep what is known here and not in Asterisk.

    Attributes:
        echo: Proves that requests, events and this conductor work.
        fuse_renewals: How often a caller's fuse was renewed.
        on_seat: Takes each phone's state as it is told; to be replaced by who wants to know.
        throttle: The numbers that are slowed down; takes what operators say of calls.
        features: What operators dial at their phones.
        recorder: Records talks.
        on_marked: Takes each talk that an operator has marked; the throttle counts them.
    """

    def __init__(
        self,
        switch: Asterisk,
        journal: Journal,
        clock: Clock,
        plan: Plan,
        menu: Menu,
        prefix: str,
        *,
        draw: Draw,
        notebooks: Notebooks,
    ) -> None:
        self.echo = Echo(switch, prefix)
        self.fuse_renewals = 0
        self.on_seat: Callable[[str, SeatState], None] = lambda _endpoint, _state: None
        self._switch = switch
        self._journal = journal
        self._clock = clock
        self._plan = plan
        self._menu = menu
        self._prefix = prefix
        self._draw = draw
        self._notebooks = notebooks
        self.throttle = ThrottleDesk(clock, plan, notebooks.throttle, self.note)
        self._vigil = Vigil(self.echo, clock)
        self._reception = Reception(switch, clock, self)
        self.features = Features(switch, clock, self, notebooks.tries)
        self.on_marked: Callable[[Talk], None] = self._count
        self.recorder = Recorder(switch, notebooks.shelf, clock, self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._delivery = Delivery(self, clock)
        self._resync = Resync(switch, self.echo, self)
        self._times_let_go = 0
        self._serves = False
        self._doubting: asyncio.TimerHandle | None = None
        self._doubted_until = Instant(0.0)
        self._ringer = self._new_ringer(MemoryNotebook())

    @property
    def calls(self) -> int:
        """Callers that this process holds."""
        return len(self._reception.callers)

    @property
    def menu(self) -> Menu:
        """The accepted menu."""
        return self._menu

    @property
    def plan(self) -> Plan:
        """The accepted settings of routing."""
        return self._plan

    @property
    def serves(self) -> bool:
        """Whether the calls are this process's; what it is told of people before is forgotten."""
        return self._serves

    def slowed(self, number: str) -> Slowed | None:
        """Whether calls from a number, as received, are slowed down now."""
        return self.throttle.verdict(number)

    def is_free(self, target: Target) -> bool:
        """Whether a target could be rung now; while nothing is known of phones, all can."""
        return self.is_blind or self.floor.is_free(target, self._clock.now())

    def tasks(self) -> list[str]:
        """The names of the tasks that serve calls and legs now; the floor's timer is one."""
        timers = ["timer of the floor"] if self._ringer.is_timed else []
        return sorted([*timers, *(task.get_name() for task in self._tasks)])

    @property
    def floor(self) -> Floor:
        """Queue, offers and phones, to be looked at."""
        return self._ringer.floor

    @property
    def refused(self) -> tuple[str, ...]:
        """Phones that Asterisk has just made no channel for, while it has made none at all."""
        return self._ringer.refused

    @property
    def callers(self) -> Mapping[str, Caller]:
        """Those who are here, by channel."""
        return self._reception.callers

    @property
    def legs(self) -> Mapping[str, Leg]:
        """The operators' legs, by channel."""
        return self._ringer.legs

    def caller(self, call: CallId) -> Caller | None:
        """The caller of that call, if still here."""
        return self._reception.callers.get(call)

    async def run(self) -> None:
        """Watches for sleep until cancelled."""
        await self._vigil.run()

    def has_slept(self, due: Instant) -> bool:
        """Whether the process has slept through a time that was due, and has not caught up."""
        return self._vigil.has_slept(due)

    @property
    def is_blind(self) -> bool:
        """Whether events are missing: the connection is cut, or what it brings is not known yet."""
        return self._resync.is_blind

    @property
    def lags(self) -> bool:
        """Whether Asterisk may have acted without a heartbeat of ours, unheard until now."""
        return self.echo.age_s > LAG_S

    async def awake(self) -> None:
        """Returns when what happened in a sleep or in a cut is known, or will hardly ever be."""
        await self._vigil.awake()
        await self._resync.sighted()

    def lose_sight(self) -> None:
        """The event stream is gone."""
        self._resync.lose_sight()

    def resync(self) -> None:
        """The event stream is new: what happened without it is asked for.

        Whoever begins to serve first learns what is kept now: another process may have served, and
        written, since this one began or let go.
        """
        if not self._serves:
            self._serves = True
            self._ringer.close()
            self._ringer = self._new_ringer(self._notebooks.floor)
            self.throttle.open()
            self.features.open()
            self._resync.begin()
            self.spawn(self._offer_sighted(), "first look")
        else:
            self._resync.begin()

    def doubt(self) -> None:
        """The floor has failed at something: what it was told may be lost, such as a busy phone.

        So all is let go of and taken up again, as another process would do it.
        """
        if self._doubting is None:
            pause_s = max(DOUBT_S, self._doubted_until - self._clock.now().instant)
            loop = asyncio.get_running_loop()
            self._doubting = loop.call_later(pause_s, self._begin_anew)

    def _begin_anew(self) -> None:
        self._doubting = None
        self._doubted_until = after(self._clock.now().instant, DOUBT_EVERY_S)
        if self._serves:
            log.warning("begins_anew", calls=self.calls)
            self.let_go()
            self.resync()

    def look_again(self) -> None:
        """Requests were refused or lost for a while: what they were to end may still be there."""
        if self._serves:
            self._resync.begin()

    async def _offer_sighted(self) -> None:
        """Nobody is rung before it is known who is on a call, or hardly ever will be."""
        await self._resync.sighted()
        self.tell_floor(Sighted())

    def replace_plan(self, plan: Plan, menu: Menu) -> None:
        """New settings: at once for the floor, for the menu from the next call on."""
        self._plan, self._menu = plan, menu
        self.throttle.use(plan)
        self.tell_floor(PlanChanged(plan))

    async def drain(self, limit_s: float) -> None:
        """Lets calls in progress end for `limit_s`, then gives all but the talking ones back."""
        await self._reception.drain(limit_s)
        await self.features.drain()

    def let_go(self) -> tuple[asyncio.Task[None], ...]:
        """Forgets all calls and legs, which go on in Asterisk for whoever adopts them.

        Returns:
            The tasks that end by this.
        """
        tasks = tuple(self._tasks)
        self._reception.let_go()
        self.features.calls.clear()
        self._ringer.close()
        self._resync.close()
        self.recorder.let_go()
        for task in tasks:
            task.cancel()
        self._resync = Resync(self._switch, self.echo, self)
        self._times_let_go += 1
        self._serves = False
        self.throttle.close()
        self._ringer = self._new_ringer(MemoryNotebook())
        return tasks

    async def close(self) -> None:
        """Ends all tasks; what is left in Asterisk goes on without this process."""
        if self._doubting is not None:
            self._doubting.cancel()
        await asyncio.gather(*self.let_go(), return_exceptions=True)

    def _new_ringer(self, notebook: Notebook[Snapshot]) -> Ringer:
        """An empty floor, whose offers' ids differ from those that were served from before."""
        again = f"{self._times_let_go}-" if self._times_let_go else ""
        prefix = f"{self._prefix}{again}"
        return Ringer(
            self._switch,
            self._clock,
            self._plan,
            prefix,
            self,
            draw=self._draw,
            notebook=notebook,
        )

    def note(self, note: Note) -> None:
        """Writes to the journal, with the call's own time."""
        caller = None if note.call is None else self.caller(note.call)
        arrived = None if caller is None else caller.arrived.instant
        self._journal.note(note, at=self._clock.now(), arrived=arrived)

    def count_renewal(self) -> None:
        """A caller's fuse burns anew."""
        self.fuse_renewals += 1

    def place(self, call: CallId, up_to: int) -> int | None:
        """The caller's place in the queue, no more than `up_to`; None for who does not wait."""
        return self.floor.position(call, up_to)

    def tell_floor(self, event: FloorEvent) -> None:
        """Steps the floor and sends out what it wants done."""
        self._ringer.tell(event)

    def _count(self, talk: Talk) -> None:
        """A mark counts for the number that was presented."""
        if talk.number is not None and talk.mark is not None:
            self.throttle.mark(talk.number, talk.mark, talk.call)

    # Asterisk's events

    def take(self, event: Event) -> None:
        """Brings an event of Asterisk to whom it concerns; never waits."""
        if isinstance(event, ChannelUserevent):
            self.echo.take(event)
        elif not self._resync.take(event):
            self.give(event)

    def give(self, event: Event) -> None:
        """An event, to whom it concerns."""
        self._delivery.give(event)

    def welcome(self, event: StasisStart, arrived: Moment) -> None:
        """A caller begins a stay."""
        self._reception.welcome(event, arrived)

    async def end_orphan(self, channel_id: str) -> None:
        """A leg that this process does not know rings for nobody."""
        await self._resync.end_orphan(channel_id)

    def know_spoken(self, playback_id: str, *, failed: bool) -> None:
        """Only the end of what is heard now counts; what it replaced ends too."""
        caller = self.callers.get(call_of_playback(playback_id))
        playback = None if caller is None else caller.line.playback
        if caller is not None and playback is not None and playback.id == playback_id:
            caller.post(Spoken(failed))

    def know_seat(self, endpoint: str, state: str) -> None:
        """A phone's state, by Asterisk's device states."""
        known = SEAT_STATES.get(state, SeatState.BUSY)
        self.tell_floor(SeatChanged(endpoint, known))
        self.on_seat(endpoint, known)

    # Calls of an earlier run

    def last_playbacks(self, calls: tuple[FoundCall, ...]) -> list[str]:
        """Of calls that were found, what each caller heard last."""
        return [last_playback(call, self._menu) for call in calls if call.bridged]

    def adopt(self, calls: tuple[FoundCall, ...], playing: frozenset[str]) -> None:
        """Takes up calls; who has not been served yet is welcomed, at the time of the arrival."""
        self._ringer.adopt(*self._reception.adopt(calls, playing))

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs a task, which `close` ends."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
