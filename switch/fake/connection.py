"""`Switch` on the Asterisk in memory: the same reconnects and standby, another wire."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from switch.client import Down, Link, Switch, Up
from switch.credential import Credential
from switch.error import SwitchError
from switch.event import ApplicationReplaced, Event, decode
from switch.fake.asterisk import FakeAsterisk
from switch.fake.stream import Stream


class Lead:
    """Carries requests to the Asterisk in memory, until it is severed.

    Args:
        asterisk: Where they go.
    """

    def __init__(self, asterisk: FakeAsterisk) -> None:
        self._asterisk = asterisk
        self.severed = False

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """One request; one of a severed lead goes nowhere, and no answer ever comes.

        Raises:
            SwitchError: As `FakeAsterisk.request`.
        """
        if self.severed:
            await asyncio.Event().wait()
        answer = await self._asterisk.request(method, path, query=query, body=body)
        if self.severed:
            await asyncio.Event().wait()
        return answer


class FakeSwitch(Switch):
    """One connection to the Asterisk in memory.

    Args:
        asterisk: It.
        on_event: Takes each event.
        on_link: Takes each change of the connection.
        draw: Uniform numbers in [0, 1), for the jitter of reconnects.
        is_free: Whether a lost application may be taken again; asked while in standby.
    """

    def __init__(
        self,
        asterisk: FakeAsterisk,
        *,
        on_event: Callable[[Event], None],
        on_link: Callable[[Link], None],
        draw: Callable[[], float],
        is_free: Callable[[], Awaitable[bool]],
    ) -> None:
        super().__init__(
            base_url="http://in-memory",
            credential=Credential("fake", "fake"),
            app=asterisk.app.name,
            on_event=on_event,
            on_link=on_link,
            draw=draw,
            is_free=is_free,
        )
        self._asterisk = asterisk
        self._lead = Lead(asterisk)
        self._requests = self._lead
        self._stream: Stream | None = None

    def sever(self) -> None:
        """The process is as good as dead: its stream closes, nothing that it asks gets through."""
        self._lead.severed = True
        if self._stream is not None:
            self._stream.cut("severed")

    async def _connect(self) -> bool:
        """As over a wire; whether the application was taken away."""
        if self._lead.severed:
            await asyncio.Event().wait()
        stream = self._stream = await self._asterisk.connect()
        self.connects += 1
        reader = asyncio.create_task(self._take_all(stream), name="switch reader")
        try:
            await self._prepare()
            self._tell(Up(await self.version()))
            return await self._until_over(reader)
        finally:
            stream.cut("closed here")
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _take_all(self, stream: Stream) -> bool:
        while True:
            try:
                event = decode(await stream.receive())
            except (ConnectionResetError, SwitchError) as error:
                self._tell(Down(str(error)))
                return False
            if isinstance(event, ApplicationReplaced):
                return True
            self._give(event)
