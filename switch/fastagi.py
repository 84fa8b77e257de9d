"""A small FastAGI server: Asterisk connects, asks, gets variables set, and goes on.

Nobody who connects costs more than `BYTES` of memory, `LIMIT_S` of time and one of `CONNECTIONS`
places; no one is served twice on one connection. Commands go out one at a time, as whole lines:
Asterisk does not see a second one that comes along with the first.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import structlog

from switch.agi import (
    DEAD_CHANNEL,
    FAILURE,
    OK,
    AgiError,
    Dialogue,
    Event,
    HungUp,
    Malformed,
    Reply,
    Request,
)

log = structlog.get_logger(__name__)

PORT: Final = 4573
"""FastAGI's own port: what Asterisk takes when the URL names none (AGI_PORT)."""
LIMIT_S: Final = 2.0
"""From the connection to the last reply, which takes some milliseconds. Asterisk gives a connection
as long to come about (MAX_AGI_CONNECT), and its caller hears nothing meanwhile."""
CONNECTIONS: Final = 64
"""At once; one that is too many is closed. At 5 ms each this is more than any trunk brings."""
CHUNK_BYTES: Final = 4096
RETRY_S: Final = 5.0
"""Between two tries to bind a port that another program has."""

Answer: TypeAlias = Callable[[Request, Mapping[str, str]], Mapping[str, str] | None]
"""From a request, and the channel's variables that were asked for, to the variables to be set, in
this order; None for a script that is not known."""


class FastAgi:
    """The server.

    Args:
        host: The address to bind, loopback unless an administrator says otherwise.
        port: The TCP port; 0 takes a free one.
        answer: What is answered; it is quick, and never waits.
        wanted: The channel's variables that it needs.
        on_bound: Called with the reason when the port cannot be bound, and with None when it is.
        limit_s: Seconds for one dialogue.
    """

    def __init__(
        self,
        host: str,
        port: int,
        answer: Answer,
        wanted: Sequence[str] = (),
        *,
        on_bound: Callable[[str | None], None] = lambda _: None,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._host = host
        self._port = port
        self._answer = answer
        self._wanted = tuple(wanted)
        self._on_bound = on_bound
        self._limit_s = limit_s
        self._tasks: set[asyncio.Task[None]] = set()
        self.port: int | None = None

    @property
    def connections(self) -> int:
        """How many are served now."""
        return len(self._tasks)

    async def run(self) -> None:
        """Serves until cancelled. A port that cannot be bound is tried again, for ever."""
        server = await self._bind()
        try:
            await asyncio.Event().wait()
        finally:
            self.port = None
            server.close()
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _bind(self) -> asyncio.Server:
        while True:
            try:
                server = await asyncio.start_server(
                    self._enter, self._host, self._port, limit=CHUNK_BYTES
                )
            except OSError as error:
                # Asyncio puts words of its own around the system's, unless it is about the name.
                number = error.errno or 0
                self._on_bound(os.strerror(number) if number > 0 else str(error))
                await asyncio.sleep(RETRY_S)
            else:
                self.port = server.sockets[0].getsockname()[1]
                log.info("agi_bound", host=self._host, port=self.port)
                self._on_bound(None)
                return server

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= CONNECTIONS:
            log.debug("agi_too_many")
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer), name="agi")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; whatever comes of it, it is closed and nothing is raised."""
        why: str | None = None
        try:
            async with asyncio.timeout(self._limit_s):
                await _Visit(reader, writer).serve(self._answer, self._wanted)
        except TimeoutError:
            why = f"not over within {self._limit_s} s"
        except (AgiError, OSError) as error:
            why = str(error) or type(error).__name__
        except Exception:
            log.exception("agi_failed")
            why = "a fault of this program"
        finally:
            if why is not None:
                log.info("agi_refused", why=why)
                writer.write(FAILURE)
            if writer.transport.get_write_buffer_size():
                writer.transport.abort()  # who does not read is not waited for
            else:
                writer.close()


class _Visit:
    """One connection's dialogue."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._dialogue = Dialogue()
        self._events: list[Event] = []

    async def serve(self, answer: Answer, wanted: Sequence[str]) -> None:
        """Asks for variables, answers, sets variables; a caller who has gone ends it."""
        request = await self._next()
        if not isinstance(request, Request):
            return
        values: dict[str, str] = {}
        for name in wanted:
            reply = await self._do(self._dialogue.get_variable(name))
            if reply is None:
                return
            values[name] = reply.value or ""
        answered = answer(request, values)
        if answered is None:
            raise AgiError(f"no script {request.script[:32]!r}")
        for name, value in answered.items():
            reply = await self._do(self._dialogue.set_variable(name, value))
            if reply is None or reply.code == DEAD_CHANNEL:
                return
            if reply.code != OK:
                raise AgiError(f"Asterisk refuses to set {name} ({reply.code})")

    async def _do(self, command: bytes) -> Reply | None:
        """The reply to a command; None when the caller has gone."""
        self._writer.write(command)
        await self._writer.drain()
        event = await self._next()
        return event if isinstance(event, Reply) else None

    async def _next(self) -> Event | None:
        """The next event; None when the other side has closed."""
        while not self._events:
            data = await self._reader.read(CHUNK_BYTES)
            if not data:
                return None
            self._events = self._dialogue.receive(data)
        event = self._events.pop(0)
        if isinstance(event, HungUp):
            return None
        if self._events and not isinstance(self._events[0], HungUp):
            raise Malformed("a reply to nothing")
        return event
