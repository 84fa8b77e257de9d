"""The FastAGI server: whoever connects gets an answer or a close within the bound."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from switch.agi import FAILURE, Request
from switch.fastagi import CONNECTIONS, FastAgi
from tests.switch.test_agi import ENVIRONMENT

LIMIT_S = 0.3
"""Shorter than the real one, so that tests need not wait for it."""
HOST = "127.0.0.1"


def answer(request: Request, values: Mapping[str, str]) -> Mapping[str, str] | None:
    """Says back what was asked; knows one script, and has a fault in another."""
    if request.script == "broken":
        raise RuntimeError("of this program")
    if request.script != "route":
        return None
    return {"SIAGA_SERVICE": request.parameters.get("service", ""), "SIAGA_DIAL": values["DID"]}


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def serving(limit_s: float = LIMIT_S) -> AsyncIterator[FastAgi]:
    """A server on a free port; at the end no task and no connection is left."""
    before = len(asyncio.all_tasks())
    files = open_files()
    bound = asyncio.Event()
    server = FastAgi(HOST, 0, answer, ("DID",), on_bound=lambda _: bound.set(), limit_s=limit_s)
    running = asyncio.create_task(server.run())
    try:
        async with asyncio.timeout(5.0):
            await bound.wait()
        yield server
        async with asyncio.timeout(5.0):
            while server.connections:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.005)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    async with asyncio.timeout(5.0):
        while len(asyncio.all_tasks()) > before or open_files() > files:  # noqa: ASYNC110 - the loop's
            await asyncio.sleep(0.005)


class Pbx:
    """Asterisk's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, server: FastAgi) -> "Pbx":
        """A connection."""
        return cls(*await asyncio.open_connection(HOST, server.port))

    def send(self, data: bytes) -> None:
        """Some bytes, without waiting."""
        self._writer.write(data)

    async def line(self) -> bytes:
        """The next line; empty when the server has closed."""
        async with asyncio.timeout(5.0):
            with suppress(ConnectionError):
                return await self._reader.readline()
        return b""

    async def rest(self) -> bytes:
        """All that still comes until the server closes, which it must."""
        async with asyncio.timeout(5.0):
            with suppress(ConnectionError):
                return await self._reader.read()
        return b""

    async def close(self) -> None:
        """Asterisk goes."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


async def test_a_request_is_answered_one_command_at_a_time() -> None:
    """GET VARIABLE first, then SET VARIABLE in order, then the close: for Asterisk a success."""
    async with serving() as server:
        pbx = await Pbx.connect(server)
        pbx.send(ENVIRONMENT)
        assert await pbx.line() == b"GET VARIABLE DID\n"
        pbx.send(b'200 result=1 (a "b")\n')
        assert await pbx.line() == b'SET VARIABLE SIAGA_SERVICE "medis"\n'
        pbx.send(b"200 result=1\n")
        assert await pbx.line() == b'SET VARIABLE SIAGA_DIAL "a \\"b\\""\n'
        pbx.send(b"200 result=1\n")
        assert await pbx.rest() == b""
        await pbx.close()


@pytest.mark.parametrize("script", [b"nothing", b"broken", b"../route"])
async def test_a_script_that_is_not_known_or_fails_is_a_failure(script: bytes) -> None:
    """AGISTATUS is FAILURE, the dialplan goes on, and the server too."""
    async with serving() as server:
        pbx = await Pbx.connect(server)
        pbx.send(ENVIRONMENT.replace(b"script: route", b"script: " + script))
        await pbx.line()
        pbx.send(b"200 result=0\n")
        assert await pbx.rest() == FAILURE
        await pbx.close()
        await test_a_request_is_answered_one_command_at_a_time()


@pytest.mark.parametrize("reply", [b"510 Invalid or unknown command\n", b"520 Invalid\n"])
async def test_a_variable_that_asterisk_does_not_set_is_a_failure(reply: bytes) -> None:
    """A dialplan never goes on with half of an answer as if it were whole."""
    async with serving() as server:
        pbx = await Pbx.connect(server)
        pbx.send(ENVIRONMENT)
        await pbx.line()
        pbx.send(b"200 result=0\n")
        await pbx.line()
        pbx.send(reply)
        assert await pbx.rest() == FAILURE
        await pbx.close()


@pytest.mark.parametrize(
    "data", [b"HANGUP\n", b"511 Command Not Permitted on a dead channel or intercept routine\n"]
)
async def test_a_caller_who_has_gone_ends_it_without_a_complaint(data: bytes) -> None:
    """At any step."""
    async with serving() as server:
        for steps in range(2):
            pbx = await Pbx.connect(server)
            pbx.send(ENVIRONMENT)
            await pbx.line()
            for _ in range(steps):
                pbx.send(b"200 result=0\n")
                await pbx.line()
            with capture_logs() as logs:
                pbx.send(data if steps else b"HANGUP\n")
                assert await pbx.rest() == b""
            assert logs == []
            await pbx.close()


@pytest.mark.parametrize("begin", [b"", b"agi_network: yes\n", ENVIRONMENT, b"agi_x"])
async def test_who_says_nothing_more_is_closed_within_the_bound(begin: bytes) -> None:
    """Half-open or silent, before or in the dialogue."""
    async with serving() as server:
        pbx = await Pbx.connect(server)
        pbx.send(begin)
        assert (await pbx.rest()).endswith(FAILURE)
        await pbx.close()


async def test_who_sends_a_byte_at_a_time_gets_no_more_time() -> None:
    """The bound is for the dialogue, not for each of its parts."""
    async with serving() as server:
        pbx = await Pbx.connect(server)
        async with asyncio.timeout(5.0):
            with suppress(ConnectionError):
                while server.connections or not pbx._writer.transport.is_closing():
                    pbx.send(b"a")
                    await asyncio.sleep(0.01)
                    if pbx._reader.at_eof():
                        break
        assert (await pbx.rest()) in {FAILURE, b""}
        await pbx.close()


@pytest.mark.parametrize("begin", [b"", b"agi_netw", ENVIRONMENT, ENVIRONMENT + b"HANGUP\n"])
async def test_who_closes_first_ends_it_at_once(begin: bytes) -> None:
    """The end of the stream is an end, and no loop that turns for ever."""
    async with serving(limit_s=60.0) as server:
        pbx = await Pbx.connect(server)
        pbx.send(begin)
        await pbx.close()


async def test_who_resets_the_connection_is_no_error() -> None:
    """SO_LINGER of zero seconds: the close is a reset."""
    async with serving(limit_s=60.0) as server:
        pbx = await Pbx.connect(server)
        pbx.send(ENVIRONMENT)
        await pbx.line()
        raw = pbx._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        await pbx.close()


async def test_who_pours_in_is_stopped_and_nothing_grows() -> None:
    """A flood ends at the bound, whether there are line breaks in it or not."""
    async with serving(limit_s=60.0) as server:
        for flood in (b"a" * 1_000_000, b"agi_x: y\n" * 100_000):
            pbx = await Pbx.connect(server)
            pbx.send(flood)
            await pbx.rest()
            await pbx.close()


async def test_more_connections_than_places_cost_the_others_nothing() -> None:
    """Those who are too many are closed at once; when one goes, there is a place again."""
    async with serving(limit_s=60.0) as server:
        held = [await Pbx.connect(server) for _ in range(CONNECTIONS)]
        for pbx in held:
            pbx.send(ENVIRONMENT)
            assert await pbx.line() == b"GET VARIABLE DID\n"
        more = [await Pbx.connect(server) for _ in range(20)]
        for pbx in more:
            assert await pbx.rest() == b""
        assert server.connections == CONNECTIONS
        for pbx in (*held, *more):
            await pbx.close()
        await asyncio.sleep(0)
    await test_a_request_is_answered_one_command_at_a_time()


async def test_a_port_in_use_is_told_with_the_systems_words() -> None:
    """It is tried again; calls do not depend on it."""
    async with serving() as other:
        told: asyncio.Queue[str | None] = asyncio.Queue()
        assert other.port is not None
        server = FastAgi(HOST, other.port, answer, on_bound=told.put_nowait)
        running = asyncio.create_task(server.run())
        async with asyncio.timeout(5.0):
            assert await told.get() == "Address already in use"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_stop_ends_what_is_under_way() -> None:
    """Nobody is left waiting for a server that has gone."""
    async with serving(limit_s=60.0) as server:
        pbx = await Pbx.connect(server)
        pbx.send(ENVIRONMENT)
        await pbx.line()
        await pbx.close()


PARTS = st.binary(max_size=300) | st.sampled_from(
    [ENVIRONMENT, b"200 result=1\n", b"200 result=1 (x", b"520-a\n", b"HANGUP\n", b"\n", b"agi_"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(PARTS, max_size=12), pause=st.booleans())
def test_any_bytes_on_the_socket_are_answered_or_closed_within_the_bound(
    parts: list[bytes],
    pause: bool,  # noqa: FBT001 - hypothesis passes it by name
) -> None:
    """No exception, no task or file left, and the next one is served."""

    async def play() -> None:
        async with serving(limit_s=0.05) as server:
            pbx = await Pbx.connect(server)
            for part in parts:
                pbx.send(part)
                if pause:
                    await asyncio.sleep(0)
            said = await pbx.rest()
            for line in said.splitlines(keepends=True):
                assert line == FAILURE or line.startswith((b"GET VARIABLE", b"SET VARIABLE"))
            await pbx.close()

    with capture_logs() as logs:
        asyncio.run(play())
    assert [entry for entry in logs if entry["log_level"] == "error"] == []
