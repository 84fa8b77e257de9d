"""Somebody between daemon and Asterisk who reads what both say: refuses, delays, repeats, invents.

Unlike a `Cable` it understands HTTP and WebSocket. As long as it is told nothing, it hands on what
it is given, unchanged and in order. A request that it delays is asked of Asterisk even when the
daemon has given it up meanwhile, as a slow Asterisk would.
"""

import asyncio
import time
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

HOST = "127.0.0.1"
BODY_LIMIT = 4 << 20
"""Bytes of a request; Asterisk itself takes far less."""
END_LIMIT_S = 1.0
"""For requests in progress when it ends."""
KEPT = ("Content-Type", "Authorization")
"""Headers that both sides are to see."""


class Middleman:
    """An HTTP server on loopback that asks another one.

    Args:
        port: Asterisk's, on loopback.

    Attributes:
        status: Each request is answered with it, and Asterisk is not asked; None: it is.
        requests_late_s: So much later each request is asked of Asterisk.
        events_late_s: So much later each event is handed on.
        times: So often each event is handed on.
    """

    def __init__(self, port: int) -> None:
        self.status: int | None = None
        self.requests_late_s = 0.0
        self.events_late_s = 0.0
        self.times = 1
        self._far = f"http://{HOST}:{port}"
        self._reads = asyncio.Event()
        self._reads.set()
        self._streams: set[web.WebSocketResponse] = set()
        self._deaf: set[web.WebSocketResponse] = set()
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        # Without a limit here, how many requests go side by side is the daemon's own choice.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=END_LIMIT_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.resume()
        for stream in tuple(self._streams):
            await stream.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    @property
    def url(self) -> str:
        """What the daemon takes for Asterisk."""
        if self._runner is None:
            raise RuntimeError("the middleman is not there")
        return f"http://{HOST}:{self._runner.addresses[0][1]}"

    def pause(self) -> None:
        """Reads no event any more, until `resume()`: Asterisk cannot get rid of them."""
        self._reads.clear()

    def resume(self) -> None:
        """Reads events again."""
        self._reads.set()

    def deafen(self) -> None:
        """Hands on no event any more on the streams that are open now; their pings are answered."""
        self._deaf |= self._streams

    @property
    def streams(self) -> int:
        """How many event streams are open."""
        return len(self._streams)

    async def invent(self, message: str | bytes) -> None:
        """Says something on each event stream that Asterisk has never said."""
        for stream in tuple(self._streams):
            await _hand_on(stream, message)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.status is not None:
            return web.json_response({"message": "refused on purpose"}, status=self.status)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request)
        body = await request.read()
        if self.requests_late_s:
            await asyncio.sleep(self.requests_late_s)
        try:
            async with self._asker.request(
                request.method, self._where(request), data=body, headers=_kept(request)
            ) as response:
                answer = await response.read()
                return web.Response(
                    status=response.status, body=answer, content_type=response.content_type
                )
        except aiohttp.ClientError:
            return _hang_up(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            far = await self._asker.ws_connect(
                self._where(request), headers=_kept(request), max_msg_size=0
            )
        except aiohttp.WSServerHandshakeError as error:
            return web.Response(status=error.status)
        except aiohttp.ClientError:
            return _hang_up(request)
        async with far:
            near = web.WebSocketResponse(max_msg_size=0)
            await near.prepare(request)
            self._streams.add(near)
            ends = [
                asyncio.create_task(self._bring(far, near), name="middleman events"),
                asyncio.create_task(_drain(near), name="middleman pings"),
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._streams.discard(near)
                self._deaf.discard(near)
                for end in ends:
                    end.cancel()
                await asyncio.gather(*ends, return_exceptions=True)
                await near.close()
        return near

    async def _bring(
        self, far: aiohttp.ClientWebSocketResponse, near: web.WebSocketResponse
    ) -> None:
        """Events, in their order, from Asterisk to the daemon."""
        late: asyncio.Queue[tuple[float, str | bytes]] = asyncio.Queue()
        teller = asyncio.create_task(self._tell(late, near), name="middleman teller")
        try:
            while True:
                await self._reads.wait()
                message = await far.receive()
                if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                    return
                late.put_nowait((time.monotonic() + self.events_late_s, message.data))
        finally:
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)

    async def _tell(
        self, late: asyncio.Queue[tuple[float, str | bytes]], near: web.WebSocketResponse
    ) -> None:
        while True:
            due, data = await late.get()
            if (left := due - time.monotonic()) > 0:
                await asyncio.sleep(left)
            for _ in range(0 if near in self._deaf else self.times):
                await _hand_on(near, data)

    @property
    def _asker(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the middleman is not there")
        return self._session

    def _where(self, request: web.Request) -> URL:
        return URL(f"{self._far}{request.raw_path}", encoded=True)


def _kept(request: web.Request) -> dict[str, str]:
    return {name: request.headers[name] for name in KEPT if name in request.headers}


def _hang_up(request: web.Request) -> web.Response:
    """What the daemon sees when Asterisk is away: a connection that is closed on it."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


async def _hand_on(stream: web.WebSocketResponse, data: str | bytes) -> None:
    if isinstance(data, str):
        await stream.send_str(data)
    else:
        await stream.send_bytes(data)


async def _drain(near: web.WebSocketResponse) -> None:
    """The daemon says nothing on the stream; its pings are answered underneath."""
    async for _ in near:
        pass
