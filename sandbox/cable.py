"""The connection between daemon and Asterisk, which a test may cut, mend, or leave half-open."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
CHUNK = 65_536


class Cable:
    """A TCP port that leads to another one.

    Args:
        port: Where it leads to, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._far = port
        self._server: asyncio.Server | None = None
        self._threads: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._is_cut = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, HOST, 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._drop()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """What the daemon takes for Asterisk."""
        if self._server is None:
            raise RuntimeError("the cable is not laid")
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def cut(self) -> None:
        """All connections are reset; new ones are too, until `mend()`."""
        self._is_cut = True
        await self._drop()

    def stall(self) -> None:
        """Nothing comes through any more, and nobody is told: half-open."""
        self._flowing.clear()

    def mend(self) -> None:
        """Connections are possible again, and what was held back comes through."""
        self._is_cut = False
        self._flowing.set()

    async def _drop(self) -> None:
        threads = tuple(self._threads)
        for thread in threads:
            thread.cancel()
        await asyncio.gather(*threads, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        thread = asyncio.current_task()
        if thread is None or self._is_cut:
            writer.transport.abort()
            return
        self._threads.add(thread)
        far_writer = None
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._far)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, far_writer))
                both.create_task(self._carry(far_reader, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._threads.discard(thread)
            for end in (writer, far_writer):
                if end is not None:
                    end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()
