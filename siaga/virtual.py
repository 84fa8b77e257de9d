"""Virtual time: a loop that never waits, and a clock that reads its time.

When nothing is ready the loop's time jumps to the next timer, so that a city's day takes seconds.
Only what lives inside the process can be waited for: no sockets, no threads, no programs.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from routing.moment import Instant, Moment

T = TypeVar("T")
FIRST_S = 1000.0
"""A loop's time at its start; not zero, as a machine's monotonic clock is not."""


class Stuck(RuntimeError):
    """All tasks wait, nothing is ready, and no timer is set: it would be for ever."""


class _Selector(selectors.SelectSelector):
    """Looks at file descriptors without waiting; the waiting is done by `skip`."""

    def __init__(self, skip: Callable[[float | None], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout != 0:
            self._skip(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when nothing else is left to do."""

    def __init__(self) -> None:
        self._now = FIRST_S
        super().__init__(_Selector(self._skip))

    def time(self) -> float:
        """Seconds; jumps from timer to timer."""
        return self._now

    def _skip(self, timeout: float | None) -> None:
        if timeout is None:
            raise Stuck("nothing is ready and no timer is set; all tasks would wait for ever")
        self._now += timeout


class VirtualClock:
    """Reads both clocks from a loop's time.

    Args:
        loop: The loop; its time is the monotonic clock.
        start: The wall time at which the loop's time was FIRST_S; aware.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> Moment:
        """The loop's time, and the wall time that belongs to it."""
        seconds = self._loop.time()
        return Moment(Instant(seconds), self._start + timedelta(seconds=seconds - FIRST_S))


def run(work: Coroutine[Any, Any, T], *, debug: bool | None = None) -> T:
    """What `work` returns, in a virtual loop of its own.

    Args:
        work: A coroutine, as for `asyncio.run`.
        debug: asyncio's debug mode; None leaves it to the environment.

    Raises:
        Stuck: `work` waits for what cannot come.
    """
    with asyncio.Runner(debug=debug, loop_factory=VirtualLoop) as runner:
        return runner.run(work)
