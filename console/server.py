"""Health and status over HTTP, for monitors on this machine.

GET /health/live    200 while the process turns
GET /health/ready   200 when calls are served, 503 with the reason otherwise
GET /status         calls in progress and counts, as JSON
"""

import asyncio
from collections.abc import Callable

from aiohttp import web

from console.board import Board


class ConsoleServer:
    """A small HTTP server.

    Args:
        host: The address to bind, loopback unless an administrator says otherwise.
        port: The TCP port.
        board: What `/status` shows.
        fault: Why calls are not served, or None when they are.
    """

    def __init__(self, host: str, port: int, board: Board, fault: Callable[[], str | None]) -> None:
        self._host = host
        self._port = port
        self._board = board
        self._fault = fault

    async def run(self) -> None:
        """Serves until cancelled.

        Raises:
            OSError: The port cannot be bound.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/health/live", self._live),
                web.get("/health/ready", self._ready),
                web.get("/status", self._status),
            ]
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        fault = self._fault()
        return web.json_response(
            {"ready": fault is None, "why": fault}, status=503 if fault else 200
        )

    async def _status(self, _request: web.Request) -> web.Response:
        fault = self._fault()
        return web.json_response(
            {
                "ready": fault is None,
                "why": fault,
                "calls": self._board.calls,
                "counts": dict(self._board.counts),
            }
        )
