"""Monitors get the truth over real HTTP, and a console in trouble troubles nobody."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
import pytest

from console import server as module
from console.metrics import Metrics
from console.server import ConsoleServer
from console.status import Status
from sandbox.port import free_tcp_port
from tests.console.sample import ALARM, QUIET, status, waiting
from tests.journal.sample import LIMIT_S

Get = Callable[[str], Awaitable[tuple[int, Any]]]


@dataclass
class Daemon:
    """What the console is told about, and what it tells of its port."""

    status: Status = QUIET
    told: list[str | None] = field(default_factory=list)

    def console(self, port: int) -> ConsoleServer:
        """The console of this daemon."""
        return ConsoleServer(
            "127.0.0.1",
            port,
            status=lambda: self.status,
            fault=lambda: self.status.why,
            alarms=lambda: self.status.alarms,
            metrics=Metrics(lambda: self.status).page,
            on_bound=self.told.append,
        )


@pytest.fixture
def daemon() -> Daemon:
    """A daemon that serves calls."""
    return Daemon()


@pytest.fixture
def port() -> int:
    """A free one."""
    return free_tcp_port()


@pytest.fixture
async def get(daemon: Daemon, port: int) -> AsyncIterator[Get]:
    """Asks the running console for a path: status and JSON."""
    running = asyncio.create_task(daemon.console(port).run())
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

        async def ask(path: str) -> tuple[int, Any]:
            async with asyncio.timeout(LIMIT_S):
                while True:
                    with suppress(aiohttp.ClientConnectorError):
                        async with session.get(path) as response:
                            assert response.headers["Cache-Control"] == "no-store"
                            return response.status, await response.json()
                    await asyncio.sleep(0.02)

        yield ask
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_process_that_turns_is_live(get: Get, daemon: Daemon) -> None:
    """Even when it serves no calls: to restart it would not help."""
    daemon.status = status(ready=False, why="Asterisk is away")
    assert await get("/healthz") == (200, {"live": True})


async def test_ready_means_that_calls_are_served(get: Get, daemon: Daemon) -> None:
    """200 while they are; 503 with the reason from the moment on in which they are not."""
    assert await get("/readyz") == (200, {"ready": True, "why": None, "alarms": []})
    why = "standby: another daemon has the application"
    daemon.status = status(ready=False, why=why)
    assert await get("/readyz") == (503, {"ready": False, "why": why, "alarms": []})


async def test_the_status_is_that_of_the_command(get: Get, daemon: Daemon) -> None:
    """The same value as JSON, and nothing besides."""
    daemon.status = status(calls={"c-1": waiting(5.0)}, alarms=(ALARM,))
    code, value = await get("/status")
    assert code == 200
    assert msgspec.convert(value, Status) == daemon.status


async def test_alarms_are_shown_and_change_nothing(daemon: Daemon, get: Get) -> None:
    """A typo in the settings does not take calls from a daemon that serves them."""
    daemon.status = status(alarms=(ALARM,))
    code, value = await get("/readyz")
    assert (code, value["ready"]) == (200, True)
    assert value["alarms"] == msgspec.to_builtins([ALARM])


async def test_figures_are_served_as_prometheus_reads_them(port: int, daemon: Daemon) -> None:
    """In its own media type, and never from a cache."""
    running = asyncio.create_task(daemon.console(port).run())
    await answers(port)
    url = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.content_type == "text/plain"
        assert response.headers["Cache-Control"] == "no-store"
        text = await response.text()
    assert "\nsiaga_ready 1.0\n" in text
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_it_leaves_its_port(daemon: Daemon, port: int) -> None:
    """Two runs one after the other bind the same port."""
    for _ in range(2):
        running = asyncio.create_task(daemon.console(port).run())
        await answers(port)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_taken_port_is_waited_for(
    daemon: Daemon, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program on the port ends no daemon; when it goes, the console is there."""
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    with socket.create_server(("127.0.0.1", port)):
        running = asyncio.create_task(daemon.console(port).run())
        done, _ = await asyncio.wait({running}, timeout=5 * module.RETRY_S)
        assert not done
    await answers(port)
    *before, last = daemon.told
    assert set(before) == {os.strerror(errno.EADDRINUSE)}
    assert last is None
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def answers(port: int) -> None:
    """Returns when the console answers."""
    async with asyncio.timeout(LIMIT_S), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
                    assert response.status == 200
                    return
            await asyncio.sleep(0.02)
