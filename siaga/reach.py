"""Whether the phones work that callers depend on; tells when they do not, and when they do again.

Event-driven: a phone's state, a change of shift or of settings asks for a look. What is wrong
counts when it still is after a while, since a phone that registers again is gone for a moment.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from routing.offer import SeatState
from routing.reach import Unreached
from siaga.clock import Clock
from siaga.conductor import Conductor

SETTLE_S = 10.0
"""A switch that is restarted brings phones back one by one, within seconds; who is rung meanwhile
overflows at once."""


class Reach:
    """Looks at the floor's phones.

    Args:
        conductor: Has the floor, and tells of each phone's state.
        clock: The only clock.
        told: Takes what does not work, after each look; what is empty works again.
    """

    def __init__(
        self, conductor: Conductor, clock: Clock, told: Callable[[Unreached], None]
    ) -> None:
        self._conductor = conductor
        self._clock = clock
        self._told = told
        self._due = asyncio.Event()
        self._off: set[str] = set()
        conductor.on_seat = self._take

    def refresh(self) -> None:
        """Something is new that decides who can be reached."""
        self._due.set()

    def _take(self, endpoint: str, state: SeatState) -> None:
        """Most of what is told of phones is that they ring and talk."""
        if (endpoint in self._off) != (state is SeatState.UNREACHABLE):
            self._off ^= {endpoint}
            self.refresh()

    async def run(self) -> None:
        """Looks whenever there is reason to, until cancelled."""
        while True:
            await self._due.wait()
            found = await self._lasting()
            if not self._conductor.is_blind:
                self._told(found)

    async def _lasting(self) -> Unreached:
        """What works at no look for a while; what has failed meanwhile asks for another."""
        self._due.clear()
        found = self._look()
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                while found != Unreached():
                    await self._due.wait()
                    self._due.clear()
                    found &= self._look()
        if self._look() != found:
            self._due.set()
        return found

    def _look(self) -> Unreached:
        return self._conductor.floor.unreached(self._clock.now())
