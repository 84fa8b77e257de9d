"""Monitors get the truth over real HTTP, and a console in trouble troubles nobody."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
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


# Those who mean no good


async def said(port: int, sent: bytes) -> bytes:
    """All that comes back for these bytes, until the console closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(LIMIT_S):
        writer.write(sent)
        told = b""
        with suppress(ConnectionError):
            while part := await reader.read(65_536):
                told += part
    writer.close()
    return told


def descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
async def running(port: int, daemon: Daemon) -> AsyncIterator[int]:
    """The port of a console that answers; at the end nobody is connected."""
    task = asyncio.create_task(daemon.console(port).run())
    await answers(port)
    yield port
    await answers(port)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"200"),
        (b"GET /healthz HTTP/1.0\r\n\r\n", b"200"),
        (b"HEAD /healthz HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"200"),
        (b"GET /healthz?x=%ff;/..%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"200"),
        (b"GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"GET /../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"404"),
        (b"POST /status HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{}", b"405"),
        (b"OPTIONS /status HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://a\r\n\r\n", b"405"),
        (b"GET /status HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"GET /status HTTP/1.1\r\nTransfer-Encoding: chunked, x\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n", b"400"),
        (b"INVITE sip:112@x SIP/2.0\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), b"400"),
    ],
)
async def test_whatever_is_asked_it_is_answered_and_over(
    running: int, sent: bytes, status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, with nothing for other people's pages in it, and without a line in the log."""
    told = await said(running, sent)
    assert told.startswith((b"HTTP/1.1 " + status, b"HTTP/1.0 " + status)), told[:80]
    assert told.count(b"HTTP/1.") == 1
    assert b"access-control" not in told.lower()
    assert caplog.records == []


async def test_a_second_request_on_a_connection_is_not_answered(running: int) -> None:
    """Neither asked after the first answer nor together with it."""
    told = await said(running, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50)
    assert told.count(b"HTTP/1.1 200") == 1


async def test_who_asks_slowly_is_closed_within_the_bound(
    running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing, half a line, and a header every now and then get the same time."""
    monkeypatch.setattr(module, "LIMIT_S", 0.3)
    for begin, more in ((b"", b""), (b"GET /st", b""), (b"GET / HTTP/1.1\r\n", b"X: y\r\n")):
        reader, writer = await asyncio.open_connection("127.0.0.1", running)
        writer.write(begin)
        async with asyncio.timeout(LIMIT_S):
            while not reader.at_eof():
                with suppress(ConnectionError, TimeoutError):
                    writer.write(more)
                    async with asyncio.timeout(0.02):
                        await reader.read(1)
        writer.close()


async def test_many_who_ask_nothing_keep_nobody_from_asking(
    running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest of them go; so many descriptors are open and no more."""
    monkeypatch.setattr(module, "LIMIT_S", 60.0)
    before = descriptors()
    held = [await asyncio.open_connection("127.0.0.1", running) for _ in range(300)]
    assert (await said(running, b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 200")
    ours = len(held)
    assert descriptors() - before - ours <= module.CONNECTIONS
    async with asyncio.timeout(LIMIT_S):
        for reader, _ in held[: ours - module.CONNECTIONS]:
            with suppress(ConnectionError):
                assert await reader.read() == b""
    for _, writer in held:
        writer.close()
