"""A small server that speaks ARI's wire, and its faults, on a free loopback port."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from switch.client import Link, Switch
from switch.credential import Credential
from switch.event import Event

CREDENTIAL = Credential("siaga", "a secret:with colon")
INFO = {"system": {"version": "22.10.1"}}


@dataclass(slots=True)
class Request:
    """One request that came in."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    authorization: str


@dataclass(slots=True)
class Wire:
    """What came in, what is answered, and the open event streams."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    streams: list[web.WebSocketResponse] = field(default_factory=list)
    opened: asyncio.Queue[web.WebSocketResponse] = field(default_factory=asyncio.Queue)
    delay_s: float = 0.0
    deaf: bool = False
    no_stream: int | None = None

    def asked(self, path: str) -> list[Request]:
        """The requests to a path so far."""
        return [request for request in self.requests if request.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers as the test has said; 204 otherwise."""
        text = await request.text()
        path = request.path.removeprefix("/ari")
        self.requests.append(
            Request(
                request.method,
                path,
                dict(request.query),
                json.loads(text) if text else None,
                request.headers.get("Authorization", ""),
            )
        )
        if path == "/events" and self.no_stream is not None:
            return web.Response(status=self.no_stream)
        if path == "/events":
            return await self._stream(request)
        await asyncio.sleep(self.delay_s)
        status, body = self.answers.get(f"{request.method} {path}", (204, None))
        if path == "/asterisk/info" and f"GET {path}" not in self.answers:
            status, body = 200, INFO
        if isinstance(body, bytes):
            return web.Response(status=status, body=body)
        return (
            web.json_response(body, status=status)
            if body is not None
            else web.Response(status=status)
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=not self.deaf)
        await socket.prepare(request)
        self.streams.append(socket)
        self.opened.put_nowait(socket)
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        return socket


@asynccontextmanager
async def open_wire() -> AsyncIterator[Wire]:
    """A server for as long as the context."""
    wire = Wire()
    app = web.Application()
    app.router.add_route("*", "/ari/{path:.*}", wire.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    wire.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield wire
    finally:
        for socket in wire.streams:
            await socket.close()
        await runner.cleanup()


class Ear:
    """Everything that a switch has told, to be waited for."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.links: asyncio.Queue[Link] = asyncio.Queue()
        self.on_event: Callable[[Event], None] = self.events.put_nowait

    def take(self, event: Event) -> None:
        """What the switch calls; a test may have put something else in its place."""
        self.on_event(event)

    async def event(self) -> Event:
        """The next event."""
        async with asyncio.timeout(3.0):
            return await self.events.get()

    async def link(self, kind: type[Link]) -> Link:
        """The next state of that kind, after any others."""
        async with asyncio.timeout(5.0):
            while True:
                link = await self.links.get()
                if isinstance(link, kind):
                    return link


async def never() -> bool:
    """An application that another process keeps."""
    return False


@asynccontextmanager
async def open_switch(
    url: str, ear: Ear, *, ping_s: float = 2.0, free: Callable[[], bool] = lambda: False
) -> AsyncIterator[Switch]:
    """A running switch; at the end no task of it is left."""

    async def is_free() -> bool:
        return free()

    switch = Switch(
        base_url=url,
        credential=CREDENTIAL,
        app="siaga",
        on_event=ear.take,
        on_link=ear.links.put_nowait,
        draw=lambda: 0.0,
        is_free=is_free,
        ping_s=ping_s,
    )
    before = asyncio.all_tasks()
    task = asyncio.create_task(switch.run())
    try:
        yield switch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await switch.close()
    left = {other for other in asyncio.all_tasks() - before if "switch" in other.get_name()}
    assert left == set()
