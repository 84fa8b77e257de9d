"""What the Asterisk in memory runs on: clock, chance and tasks."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from switch.fake.wire import Wire

MILLISECOND_S = 0.001


class Machine:
    """The machine under one Asterisk.

    Args:
        draw: Uniform numbers in [0, 1), for what takes time.
        wall: The wall time.

    Attributes:
        draw: The same.
        wire: Between this Asterisk and its client.
        tasks: Those that run.
        faults: Errors in tasks that have ended; each is a fault of the fake.
    """

    def __init__(self, draw: Callable[[], float], wall: Callable[[], datetime]) -> None:
        self.draw = draw
        self.wire = Wire(draw)
        self.tasks: set[asyncio.Task[None]] = set()
        self.faults: list[str] = []
        self._wall = wall

    def soon(self, act: Callable[..., object], *args: Any, limit_s: float = MILLISECOND_S) -> None:
        """Does it within a drawn moment."""
        asyncio.get_running_loop().call_later(self.draw() * limit_s, act, *args)

    async def trip(self) -> None:
        """A request or an answer on its way."""
        await asyncio.sleep(self.wire.request_s())

    def stamp(self) -> str:
        """The time in ARI's form."""
        return self._wall().isoformat(timespec="milliseconds").replace("+00:00", "+0000")

    def epoch(self) -> int:
        """Whole seconds, as the dialplan's EPOCH."""
        return int(self._wall().timestamp())

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Runs it; an error in it is kept."""
        task = asyncio.create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.faults.append(f"{task.get_name()}: {task.exception()!r}")
