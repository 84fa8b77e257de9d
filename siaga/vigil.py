"""Whether this process has slept: frozen, starved or suspended, while Asterisk's clock went on.

Who wakes up late must not act on what it remembers. Its callers may be in the last resort by now,
talking, and a fuse that is renewed there would cut that talk ten seconds later. So whoever acts
because time has passed asks here first, and waits until the events of the sleep have been taken.
"""

import asyncio

import structlog

from routing.moment import Instant, after
from siaga.clock import Clock
from siaga.echo import Echo
from switch.error import SwitchError

log = structlog.get_logger(__name__)

TICK_S = 0.25
"""Between two looks at the clock: a sleep is noticed by the first timer that is due after it."""
LATE_S = 1.0
"""A timer that is later than this was slept through; a busy loop is late by some 10 ms."""
ECHO_LIMIT_S, RETRY_S = 1.0, 0.2
"""For the proof that nothing is unread, and between two tries while the connection is away."""


class Vigil:
    """Notices sleep, and says when it is over.

    Args:
        echo: Proves that the events of the sleep have been taken.
        clock: The only clock.
    """

    def __init__(self, echo: Echo, clock: Clock) -> None:
        self._echo = echo
        self._clock = clock
        self._awake = asyncio.Event()
        self._awake.set()

    async def run(self) -> None:
        """Looks at the clock until cancelled, and catches up after a sleep."""
        while True:
            due = after(self._clock.now().instant, TICK_S)
            await asyncio.sleep(TICK_S)
            if self.has_slept(due):
                await self._catch_up()

    def has_slept(self, due: Instant) -> bool:
        """Whether something that was due then must wait; now, or since a sleep that is not over."""
        slept_s = self._clock.now().instant - due
        if slept_s > LATE_S and self._awake.is_set():
            log.warning("slept", seconds=round(slept_s, 3))
            self._awake.clear()
        return not self._awake.is_set()

    async def awake(self) -> None:
        """Returns when the events of the last sleep have been taken; mostly at once."""
        await self._awake.wait()

    async def _catch_up(self) -> None:
        while not self._awake.is_set():
            try:
                await self._echo.sound(ECHO_LIMIT_S)
                self._awake.set()
            except (SwitchError, TimeoutError) as error:
                log.info("not_caught_up", error=repr(error))
                await asyncio.sleep(RETRY_S)
