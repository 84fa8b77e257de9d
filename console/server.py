"""Health and status over HTTP, for monitors on this machine.

GET /healthz    200 while the process turns
GET /readyz     200 when calls are served, 503 with the reason otherwise; an alarm beside served
                calls is in the answer, and changes nothing of its status
GET /status     what `siaga112 status --json` says, callers' numbers masked (docs/status.md)
GET /metrics    figures for Prometheus (docs/metrics.md)
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web

from console.status import AlarmShown, Status

log = structlog.get_logger(__name__)

RETRY_S: Final = 5.0
"""Between two tries to bind a port that another program has."""
SHUTDOWN_S: Final = 1.0
"""Requests under way have so long to end; each takes a millisecond."""
NOT_STORED: Final = {"Cache-Control": "no-store"}


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
    ) -> None:
        self._host = host
        self._port = port
        self._status = status
        self._fault = fault
        self._alarms = alarms
        self._metrics = metrics
        self._on_bound = on_bound

    async def run(self) -> None:
        """Serves until cancelled. A port that cannot be bound is tried again, for ever."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._live),
                web.get("/readyz", self._ready),
                web.get("/status", self._all),
                web.get("/metrics", self._figures),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await self._bind(runner)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _bind(self, runner: web.AppRunner) -> None:
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

    async def _live(self, _request: web.Request) -> web.Response:
        return _json({"live": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        fault = self._fault()
        value = {"ready": fault is None, "why": fault, "alarms": self._alarms()}
        return _json(value, status=503 if fault else 200)

    async def _all(self, _request: web.Request) -> web.Response:
        return _json(self._status())

    async def _figures(self, _request: web.Request) -> web.Response:
        body, media_type = self._metrics()
        return web.Response(body=body, headers={**NOT_STORED, "Content-Type": media_type})


def _json(value: Any, status: int = 200) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(
        body=body, status=status, headers=NOT_STORED, content_type="application/json"
    )
