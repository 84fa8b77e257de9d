"""What serves callers, without a process: conductor, heartbeat, duty board, journal, any switch.

The daemon is this and what a process needs besides: signals, console, spool. Here the switch is
given, so that the same parts run on a real Asterisk and on the fake one.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from journal.journal import Journal, Sink
from routing.note import CallId, Note
from routing.offer import Leave
from siaga.clock import Clock
from siaga.conductor import Conductor
from siaga.duty import DutyBoard
from siaga.heartbeat import Heartbeat
from siaga.settings import Settings
from switch.client import Down, Link, Standby, Switch, Up
from switch.event import ChannelUserevent, Event


class Connect(Protocol):
    """Makes the switch, not yet running."""

    def __call__(
        self, on_event: Callable[[Event], None], on_link: Callable[[Link], None]
    ) -> Switch:
        """A switch that tells events and its connection's changes to these two."""


class Centre:
    """Serves the callers of one Asterisk from `start` to `stop`.

    Args:
        settings: The accepted settings.
        clock: The only clock.
        sink: Keeps the records.
        run_id: Tells this run's ids from those of another.
        connect: Makes the switch.
    """

    def __init__(
        self, settings: Settings, clock: Clock, sink: Sink, run_id: str, connect: Connect
    ) -> None:
        plan = settings.plan()
        self._clock = clock
        self.switch = connect(self._take, self._on_link)
        self.journal = Journal(sink, run_id, lambda _: "")
        self.conductor = Conductor(
            self.switch, self.journal, clock, plan, settings.menu, f"{run_id}-"
        )
        self.heartbeat = Heartbeat(self.switch, clock, run_id)
        self._duty = DutyBoard(self.switch, clock, plan)
        self._up = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        """Returns when events flow and Asterisk has the first heartbeat."""
        self._tasks = (
            asyncio.create_task(self.switch.run(), name="switch"),
            asyncio.create_task(self.heartbeat.run(), name="heartbeat"),
            asyncio.create_task(self._duty.run(), name="duty"),
        )
        await self._up.wait()
        while self.heartbeat.age_s is None:  # noqa: ASYNC110 - the heartbeat has no event for it
            await asyncio.sleep(0.01)

    async def stop(self, drain_s: float = 0.0) -> None:
        """New calls to the last resort; calls in progress get `drain_s`, then are given back."""
        await self.heartbeat.withdraw()
        await self.conductor.drain(drain_s)
        await self._close()

    async def kill(self) -> None:
        """Ends as a killed process does, without a word: its switch has to be cut off before."""
        for call in tuple(self.conductor._callers):  # noqa: SLF001 - nobody is to be rung any more
            self.conductor.tell_floor(Leave(CallId(call)))
        await self._close()

    async def _close(self) -> None:
        await self.conductor.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.switch.close()

    def _take(self, event: Event) -> None:
        if isinstance(event, ChannelUserevent):
            self.heartbeat.take(event)
        else:
            self.conductor.take(event)

    def _on_link(self, link: Link) -> None:
        match link:
            case Up():
                self._note("asterisk_up", version=link.version)
                self._duty.refresh()
                self.conductor.resync()
                self._up.set()
            case Down():
                self._note("asterisk_down", why=link.reason)
            case Standby():
                self._note("standby")

    def _note(self, what: str, **detail: str) -> None:
        self.journal.note(Note(None, what, detail), at=self._clock.now(), arrived=None)
