"""Health and status over HTTP, for monitors on this machine.

GET /healthz    200 while the process turns
GET /readyz     200 when calls are served, 503 with the reason otherwise; an alarm beside served
                calls is in the answer, and changes nothing of its status
GET /status     what `siaga112 status --json` says, callers' numbers masked (docs/status.md)
GET /metrics    figures for Prometheus (docs/metrics.md)

Nothing is changed by a request, so nobody has to prove who they are; who may connect is the
address's business. A connection is for one request and for `LIMIT_S`, and there are at most
`CONNECTIONS`: the oldest one goes when another comes, since all that is old here is somebody who
does not ask. A browser is told no by `console/host.py`.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from console.host import Hosts
from console.status import AlarmShown, Status

log = structlog.get_logger(__name__)

RETRY_S: Final = 5.0
"""Between two tries to bind a port that another program has."""
SHUTDOWN_S: Final = 1.0
"""Requests under way have so long to end; each takes a millisecond."""
CONNECTIONS: Final = 64
"""At a time. Each is a descriptor and some 10 KiB; a monitor needs one for a millisecond."""
LIMIT_S: Final = 5.0
"""From connecting to the end of the answer, however slowly it is asked for or taken."""
HEADERS: Final = 64
"""Lines of a request's head; a browser sends some 15."""
LINE_BYTES: Final = 2048
"""Of each of them, and of the line with the path."""
WRITTEN: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}

Page: TypeAlias = Callable[[], web.Response]


def _ignore(_fault: str | None) -> None:
    """For a console whose owner does not ask."""


class ConsoleServer:
    """A small HTTP server. It shows calls, it never carries one: its faults are its own.

    Args:
        host: The address to bind, loopback unless an administrator says otherwise.
        port: The TCP port.
        status: What `/status` shows.
        fault: Why calls are not served, or None when they are.
        alarms: What needs an administrator's hand.
        metrics: What `/metrics` shows, and its media type.
        on_bound: Called with the reason when the port cannot be bound, and with None when it is.
        names: By which it may be asked for, besides those that `Hosts` knows.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        status: Callable[[], Status],
        fault: Callable[[], str | None],
        alarms: Callable[[], Sequence[AlarmShown]],
        metrics: Callable[[], tuple[bytes, str]],
        on_bound: Callable[[str | None], None] = _ignore,
        names: Sequence[str] = (),
    ) -> None:
        self._host = host
        self._port = port
        self._status = status
        self._fault = fault
        self._alarms = alarms
        self._metrics = metrics
        self._on_bound = on_bound
        self._hosts = Hosts(host, names)
        self._pages: Mapping[str, Page] = {
            "/healthz": lambda: _json({"live": True}),
            "/readyz": self._ready,
            "/status": lambda: _json(self._status()),
            "/metrics": self._figures,
        }

    async def run(self) -> None:
        """Serves until cancelled. A port that cannot be bound is tried again, for ever."""
        server = _Bounded(
            self._answer,
            access_log=None,
            lingering_time=0.0,
            max_headers=HEADERS,
            max_line_size=LINE_BYTES,
            max_field_size=LINE_BYTES,
            logger=_faults,
        )
        runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await self._bind(runner)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _bind(self, runner: web.ServerRunner) -> None:
        while True:
            site = web.TCPSite(runner, self._host, self._port)
            try:
                await site.start()
            except OSError as error:
                # Asyncio puts words of its own around the system's, unless it is about the name.
                number = error.errno or 0
                self._on_bound(os.strerror(number) if number > 0 else str(error))
                await site.stop()
                await asyncio.sleep(RETRY_S)
            else:
                log.info("console_bound", host=self._host, port=self._port)
                self._on_bound(None)
                return

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        page = self._pages.get(request.path)
        if not self._hosts.knows(request.headers.get("Host")):
            answer = _said(421, f"this is not that host's; expected {self._hosts}")
        elif page is None:
            answer = _said(404, f"there are {', '.join(self._pages)}")
        elif request.method not in {"GET", "HEAD"}:
            answer = _said(405, "nothing can be changed here")
            answer.headers["Allow"] = "GET, HEAD"
        else:
            answer = page()
        answer.force_close()
        return answer

    def _ready(self) -> web.Response:
        fault = self._fault()
        value = {"ready": fault is None, "why": fault, "alarms": self._alarms()}
        return _json(value, status=503 if fault else 200)

    def _figures(self) -> web.Response:
        body, media_type = self._metrics()
        return web.Response(body=body, headers={**WRITTEN, "Content-Type": media_type})


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether it is no fault of who asks: nobody fills a log with requests that are none."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_faults: Final = logging.getLogger(__name__)
_faults.addFilter(_is_ours)


class _Bounded(web.Server):
    """Connections that end, and not more than so many."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: dict[web.RequestHandler, tuple[asyncio.Transport, asyncio.TimerHandle]] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self._open) >= CONNECTIONS:
            oldest, _ = next(iter(self._open.values()))
            oldest.abort()
            self._forget(next(iter(self._open)))
        end = asyncio.get_running_loop().call_later(LIMIT_S, transport.abort)
        self._open[handler] = transport, end

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        self._forget(handler)

    def _forget(self, handler: web.RequestHandler) -> None:
        if handler in self._open:
            _, end = self._open.pop(handler)
            end.cancel()


def _said(status: int, why: str) -> web.Response:
    return _json({"error": why}, status=status)


def _json(value: Any, status: int = 200) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, headers=WRITTEN, content_type="application/json")
