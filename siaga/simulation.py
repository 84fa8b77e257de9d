"""A centre on an Asterisk in memory, in virtual time: people call, things break, records come out.

    async def day() -> None:
        simulation = Simulation(settings, seed=7, start=datetime(2026, 11, 23, 1, tzinfo=UTC))
        await simulation.start()
        simulation.asterisk.register("siaga-medis-1", Answer(2.0))
        ...
    virtual.run(day())

One seed is one run: the same numbers are drawn, so the same things happen.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from ivr.guard import Tries
from journal.journal import Journal
from journal.record import Record
from routing.snapshot import Snapshot
from routing.throttle import Charges
from siaga.centre import Centre
from siaga.notebook import MemoryNotebook, Notebooks
from siaga.settings import Settings
from siaga.shelf import HEADER_BYTES, Kept
from siaga.sound import NARROW_HZ
from siaga.virtual import VirtualClock
from switch.client import Link
from switch.event import Event
from switch.fake.asterisk import FakeAsterisk, shipped_length
from switch.fake.connection import FakeSwitch


class Memory:
    """Keeps records until it is closed, as a spool whose process was killed."""

    def __init__(self, records: list[Record], told: Callable[[Record], None]) -> None:
        self._records = records
        self._told = told
        self.closed = False

    def append(self, record: Record) -> None:
        """Takes a record."""
        if not self.closed:
            self._records.append(record)
            self._told(record)


class MemoryShelf:
    """A shelf for recordings of the Asterisk in memory, whose disk never fills by itself.

    Args:
        asterisk: Whose recordings.

    Attributes:
        kept: What is on it, by path.
        why_not: Why nothing is to be recorded, if anything is wrong with the disk.
    """

    def __init__(self, asterisk: FakeAsterisk) -> None:
        self.kept: dict[str, Kept] = {}
        self.why_not: str | None = None
        self._files = asterisk.exchange.recorded

    async def fault(self) -> str | None:
        """What is wrong with the disk."""
        return self.why_not

    async def keep(self, name: str, call: str, began: datetime) -> Kept | None:
        """Puts it there under the next number of its call."""
        seconds = self._files.get(name)
        if seconds is None:
            return None
        day = f"{began:%Y/%m/%d}/{call}"
        number = sum(path.startswith(f"{day}-") for path in self.kept) + 1
        size = HEADER_BYTES + 2 * round(seconds * NARROW_HZ)
        kept = Kept(f"{day}-{number}.wav", size, round(seconds, 3), "0" * 64)
        self.kept[kept.path] = kept
        return kept

    async def clear(self, name: str) -> None:
        """Asterisk has it no more."""
        self._files.pop(name, None)

    async def left(self) -> list[str]:
        """What Asterisk has."""
        return sorted(self._files)


class Simulation:
    """An Asterisk in memory, and the centre that serves its callers; made in a virtual loop.

    Args:
        settings: The accepted settings.
        seed: Of all that is drawn.
        start: The wall time at the loop's start; aware.
        media_s: Seconds of a medium by its URI; None if there is no such file.
        outside: Number and trunk endpoint of the last resort's last step.
        callerids: Name and number of the seats' phones, by endpoint, as in pjsip.conf.

    Attributes:
        records: What was recorded, by all centres that ran.
        notebooks: What they have kept for one another.
        shelf: The recordings that they have made.
        on_event: Hears each event before the conductor does.
        on_record: Hears each record that is kept.
        apart: Ids of channels whose events the conductor is not told: somebody else's legs.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        seed: int,
        start: datetime,
        media_s: Callable[[str], float | None] = shipped_length,
        outside: tuple[str, str] | None = None,
        callerids: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        # Latencies of a simulation, nothing that has to be secret.
        self.random = random.Random(seed)  # noqa: S311
        self.clock = VirtualClock(asyncio.get_running_loop(), start)
        self.asterisk = FakeAsterisk(
            draw=self.random.random,
            wall=lambda: self.clock.now().wall,
            seats={
                seat.endpoint: (callerids or {}).get(seat.endpoint, ("", ""))
                for seat in settings.operators.seats.values()
            },
            app=settings.daemon.asterisk.app,
            media_s=media_s,
            outside=outside,
        )
        self.records: list[Record] = []
        self.shelf = MemoryShelf(self.asterisk)
        self.notebooks = (
            MemoryNotebook[Snapshot](),
            MemoryNotebook[Charges](),
            MemoryNotebook[Tries](),
        )
        self.on_event: Callable[[Event], None] = lambda _: None
        self.on_record: Callable[[Record], None] = lambda _: None
        self.apart: set[str] = set()
        self._settings = settings
        self._runs = 0
        self._centre: Centre | None = None
        self._switch: FakeSwitch | None = None
        self._memory = self._new_memory()

    def _new_memory(self) -> Memory:
        def told(record: Record) -> None:
            self.on_record(record)

        return Memory(self.records, told)

    @property
    def is_running(self) -> bool:
        """Whether a centre does."""
        return self._centre is not None

    @property
    def centre(self) -> Centre:
        """The centre that runs now.

        Raises:
            RuntimeError: None does.
        """
        if self._centre is None:
            raise RuntimeError("no centre is running")
        return self._centre

    async def start(self) -> None:
        """A centre begins, and takes new calls when this returns; one at a time."""
        self._runs += 1
        self._memory = self._new_memory()
        self._close_notebooks(closed=False)
        run = f"run{self._runs}"
        self._centre = Centre(
            self._settings,
            self.clock,
            Journal(self._memory, run, lambda _: ""),
            run,
            self._connect,
            draw=self.random.random,
            notebooks=Notebooks(*self.notebooks, self._shelf),
        )
        await self._centre.start()

    @property
    def _shelf(self) -> MemoryShelf | None:
        return None if self._settings.daemon.recording is None else self.shelf

    def _connect(
        self,
        on_event: Callable[[Event], None],
        on_link: Callable[[Link], None],
        is_free: Callable[[], Awaitable[bool]],
    ) -> FakeSwitch:
        def take(event: Event) -> None:
            self.on_event(event)
            channel = getattr(event, "channel", None)
            if channel is None or channel.id not in self.apart:
                on_event(event)

        self._switch = FakeSwitch(
            self.asterisk,
            on_event=take,
            on_link=on_link,
            draw=self.random.random,
            is_free=is_free,
        )
        return self._switch

    def use(self, settings: Settings) -> None:
        """Other settings are accepted: by the centre that runs, and by all after it."""
        self._settings = settings
        if self._centre is not None:
            self._centre.use(settings, settings.plan())

    async def stop(self, drain_s: float = 0.0) -> None:
        """The centre ends in order."""
        centre, self._centre = self.centre, None
        await centre.drain(drain_s)
        await centre.close()

    async def kill(self) -> None:
        """The centre dies at once: nothing more is asked, told or recorded by it."""
        centre, self._centre = self.centre, None
        self._memory.closed = True
        self._close_notebooks(closed=True)
        if self._switch is not None:
            self._switch.sever()
        await centre.close()

    def _close_notebooks(self, *, closed: bool) -> None:
        for notebook in self.notebooks:
            notebook.closed = closed

    def left(self) -> list[str]:
        """What is in progress in Asterisk and in the centre; empty when nothing is."""
        tasks = [] if self._centre is None else self._centre.conductor.tasks()
        return [*self.asterisk.left(), *(f"task {name}" for name in tasks)]
