"""The event stream of one connection: in order, a little late, and lost when nobody reads it."""

import asyncio
import json
from collections import deque
from typing import Any

from switch.fake.wire import Wire

NOTICED_S = 3.0
"""After so long the client's pings show that a connection is half-open."""


class Stream:
    """One WebSocket; to be read with `receive`.

    Args:
        wire: What its events go over.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._on_way: deque[str | Exception] = deque()
        self._due = 0.0
        self._arrived: asyncio.Queue[str | Exception] = asyncio.Queue()
        self.half_open = False
        self.closed = False

    def send(self, event: dict[str, Any]) -> None:
        """Sends an event; one that was sent before arrives before."""
        if self.half_open or self.closed:
            return
        self._post(json.dumps(event))

    def _post(self, item: str | Exception) -> None:
        now = self._loop.time()
        self._due = max(self._due, now + self._wire.event_s())
        self._on_way.append(item)
        self._loop.call_at(self._due, self._arrive)

    def _arrive(self) -> None:
        if self._on_way:
            self._arrived.put_nowait(self._on_way.popleft())

    def close(self, why: str = "event stream closed (1000)") -> None:
        """Ends it in order: the reader is told after all that was sent."""
        if not self.closed:
            self.closed = True
            self._post(ConnectionResetError(why))

    def cut(self, why: str = "event stream closed (1006)") -> None:
        """Ends it at once: what was on its way is lost."""
        if not self.closed:
            self.closed = True
            self._on_way.clear()
            self._arrived.put_nowait(ConnectionResetError(why))

    def freeze(self) -> None:
        """Nothing comes any more; the reader's pings notice it after a while."""
        self.half_open = True
        self._loop.call_later(NOTICED_S, self.cut, "no pong")

    async def receive(self) -> str:
        """The next event's text.

        Raises:
            ConnectionResetError: The connection has ended.
        """
        item = await self._arrived.get()
        if isinstance(item, Exception):
            raise item
        return item
