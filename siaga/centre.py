"""What serves callers: conductor, heartbeat, duty board, journal, and any switch.

The daemon is this and what a process needs besides: signals, console, spool, alarms. The switch is
given, so that the same parts run on a real Asterisk and on the fake one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from journal.journal import Journal
from routing.draw import Draw
from routing.note import Note
from routing.plan import Plan
from routing.seating import Seating
from routing.service import ServiceId
from siaga.clock import Clock
from siaga.conductor import Conductor
from siaga.duty import DutyBoard
from siaga.heartbeat import STALE_S, Heartbeat
from siaga.notebook import Notebooks
from siaga.settings import Settings
from switch.client import Down, Link, Standby, Switch, Up
from switch.event import Event


class Connect(Protocol):
    """Makes the switch, not yet running."""

    def __call__(
        self,
        on_event: Callable[[Event], None],
        on_link: Callable[[Link], None],
        is_free: Callable[[], Awaitable[bool]],
    ) -> Switch:
        """A switch that tells events and its connection's changes, and asks when in standby."""


class Centre:
    """Serves the callers of one Asterisk.

    Args:
        settings: The accepted settings.
        clock: The only clock.
        journal: Takes what is to be remembered.
        run_id: Tells this run's ids from those of another.
        connect: Makes the switch.
        draw: For hunting at random.
        notebooks: Keep what is known here and not in Asterisk.
        on_link: Takes each change of the connection, when the centre has acted on it.

    Attributes:
        link_since: When the connection came to be as it is.
        on_deserted: Takes the services for which nobody is on duty, at each change and in between;
            to be replaced by who wants to know.
        on_seated: Called when somebody may sit elsewhere; the same.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        run_id: str,
        connect: Connect,
        *,
        draw: Draw,
        notebooks: Notebooks,
        on_link: Callable[[Link], None] = lambda _: None,
    ) -> None:
        plan = settings.plan()
        self.link_since = clock.now().wall
        self._clock = clock
        self._told = on_link
        self.on_deserted: Callable[[tuple[ServiceId, ...]], None] = lambda _: None
        self.on_seated: Callable[[], None] = lambda: None
        self.switch = connect(self._take, self._on_link, self._is_free)
        self.journal = journal
        self.conductor = Conductor(
            self.switch,
            self.journal,
            clock,
            plan,
            settings.menu,
            f"{run_id}-",
            draw=draw,
            notebooks=notebooks,
        )
        self.heartbeat = Heartbeat(self.switch, self.conductor.echo, clock)
        self.heartbeat.on_back = self.conductor.look_again
        self._duty = DutyBoard(self.switch, clock, plan, self._on_deserted, self._seating)
        self.conductor.features.on_seated = self._seated
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serves until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.switch.run(), name="switch")
            group.create_task(self.heartbeat.run(), name="heartbeat")
            group.create_task(self._duty.run(), name="duty")
            group.create_task(self.conductor.run(), name="conductor")
            group.create_task(self.conductor.recorder.run(), name="recorder")

    async def start(self) -> None:
        """Serves in a task of its own; returns when Asterisk has the first heartbeat."""
        self._running = asyncio.create_task(self.run(), name="centre")
        while self.heartbeat.age_s is None:  # noqa: ASYNC110 - the heartbeat has no event for it
            await asyncio.sleep(0.01)

    async def drain(self, limit_s: float) -> None:
        """New calls to the last resort; calls in progress have `limit_s`, then are given back."""
        await self.heartbeat.withdraw()
        await self.conductor.drain(limit_s)
        await self.conductor.close()

    async def close(self) -> None:
        """Ends what `start` began; calls that are left go on in Asterisk without this centre."""
        await self.conductor.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self.switch.close()

    @property
    def fault(self) -> str | None:
        """Why new calls would go to the last resort; None when they are served."""
        match self.switch.link:
            case Down(reason):
                return f"Asterisk is away: {reason}"
            case Standby():
                return "standby: another daemon has the application"
            case Up():
                age_s = self.heartbeat.age_s
                return None if age_s is not None and age_s < STALE_S else "no heartbeat yet"

    def use(self, settings: Settings, plan: Plan) -> None:
        """Accepted settings are in force from now on; `plan` is what they compile to."""
        self.conductor.replace_plan(plan, settings.menu)
        self._duty.refresh(plan)

    def _seated(self) -> None:
        self._duty.refresh()
        self.on_seated()

    def _seating(self) -> Seating:
        return self.conductor.floor.seating

    def _take(self, event: Event) -> None:
        self.conductor.take(event)

    async def _is_free(self) -> bool:
        """Whether the daemon that has taken the application serves nobody any more."""
        return await self.heartbeat.is_stale()

    def _on_deserted(self, services: tuple[ServiceId, ...]) -> None:
        self.on_deserted(services)

    def _on_link(self, link: Link) -> None:
        self.link_since = self._clock.now().wall
        match link:
            case Up():
                self._note("asterisk_up", version=link.version)
                self._duty.refresh()
                self.conductor.resync()
            case Down():
                self._note("asterisk_down", why=link.reason)
                self.conductor.lose_sight()
            case Standby():
                self._note("standby")
                self.conductor.let_go()
        self._told(link)

    def _note(self, what: str, **detail: str) -> None:
        self.journal.note(Note(None, what, detail), at=self._clock.now(), arrived=None)
