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
import pytest

from console import server as module
from console.board import Board
from console.server import ConsoleServer
from sandbox.port import free_tcp_port
from tests.journal.sample import LIMIT_S, record

Get = Callable[[str], Awaitable[tuple[int, Any]]]


@dataclass
class Daemon:
    """What the console is told about."""

    board: Board
    fault: str | None = None
    alarms: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def daemon() -> Daemon:
    """A daemon that serves calls."""
    return Daemon(Board())


@pytest.fixture
def port() -> int:
    """A free one."""
    return free_tcp_port()


@pytest.fixture
async def get(daemon: Daemon, port: int) -> AsyncIterator[Get]:
    """Asks the running console for a path: status and JSON."""
    server = ConsoleServer(
        "127.0.0.1",
        port,
        daemon.board,
        lambda: daemon.fault,
        lambda: ["call a"],
        alarms=lambda: daemon.alarms,
    )
    running = asyncio.create_task(server.run())
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
    daemon.fault = "Asterisk is away"
    assert await get("/health/live") == (200, {"live": True})


async def test_ready_means_that_calls_are_served(get: Get, daemon: Daemon) -> None:
    """200 while they are; 503 with the reason from the moment on in which they are not."""
    assert await get("/health/ready") == (200, {"ready": True, "why": None, "alarms": []})
    daemon.fault = "standby: another daemon has the application"
    status, value = await get("/health/ready")
    assert (status, value) == (503, {"ready": False, "why": daemon.fault, "alarms": []})


async def test_the_status_shows_calls_figures_and_tasks(get: Get, daemon: Daemon) -> None:
    """As JSON, with no caller's number in it."""
    facts = {"ani": "081234567890", "trunk": "seluler", "did": "112", "how": "new"}
    daemon.board.take(record(1, "arrived", detail=facts))
    status, value = await get("/status")
    assert status == 200
    assert value["ready"] is True
    assert value["calls"]["c-1"]["stage"] == "arriving"
    assert value["figures"]["calls"] == 1
    assert value["tasks"] == ["call a"]
    assert value["counts"] == {"arrived": 1}
    assert "081234567890" not in str(value)


async def test_alarms_are_shown_and_change_nothing(
    daemon: Daemon, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typo in the settings does not take calls from a daemon that serves them."""
    alarm = {"what": "settings_refused", "why": "a typo", "do": "mend it", "since": "noon"}
    monkeypatch.setattr(daemon, "alarms", [alarm])
    assert await get("/health/ready") == (200, {"ready": True, "why": None, "alarms": [alarm]})
    assert (await get("/status"))[1]["alarms"] == [alarm]


async def test_the_status_counts_all_tasks_of_the_process(get: Get) -> None:
    """One task more is one more in the count, whoever began it: a leak is seen from outside."""
    before = (await get("/status"))[1]["process"]["tasks"]
    more = asyncio.create_task(asyncio.Event().wait())
    assert (await get("/status"))[1]["process"]["tasks"] == before + 1
    more.cancel()


async def test_the_status_counts_what_the_interpreter_holds(get: Get) -> None:
    """In blocks of memory: a hundred thousand numbers that are kept are as many more."""
    before = (await get("/status"))[1]["process"]["memory_blocks"]
    kept = [number + 0.5 for number in range(100_000)]
    assert (await get("/status"))[1]["process"]["memory_blocks"] > before + len(kept) // 2


async def test_it_leaves_its_port(daemon: Daemon, port: int) -> None:
    """Two runs one after the other bind the same port."""
    for _ in range(2):
        server = ConsoleServer("127.0.0.1", port, daemon.board, lambda: None, list)
        running = asyncio.create_task(server.run())
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
        told: list[str | None] = []
        server = ConsoleServer(
            "127.0.0.1", port, daemon.board, lambda: None, list, on_bound=told.append
        )
        running = asyncio.create_task(server.run())
        done, _ = await asyncio.wait({running}, timeout=5 * module.RETRY_S)
        assert not done
    await answers(port)
    *before, last = told
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
                async with session.get(f"http://127.0.0.1:{port}/health/live") as response:
                    assert response.status == 200
                    return
            await asyncio.sleep(0.02)
