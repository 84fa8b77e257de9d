"""Whoever knocks at a door of the centre that is not theirs is turned away, and callers are served.

Each protocol's own refusals are in tests/console and tests/switch; here all doors are those of a
running centre, and all at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from console.message import SOCKET
from console.server import CONNECTIONS, LIMIT_S
from sandbox.behaviour import Answer
from sandbox.system import CALLER_TONE_HZ, System
from tests.console.test_control import _say
from tests.live.centre import assert_talk, dial_112, records

pytestmark = pytest.mark.live

MANY = 300
"""Connections of those who do not ask, at each door."""
ASTERISKS = 150
"""Of those at Asterisk's, which takes 100."""
GROWTH_BYTES = 24 << 20
"""Of the daemon's memory, over all of it."""
SETTLED_S = 15.0
GARBAGE = (
    b"",
    b"\n" * 1000,
    b"\0\xff" * 5000,
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000,
    b"A" * 1_000_000,
    b'{"siaga112": 1, "ask": "status", "numbers": ' + b"[" * 3000 + b"\n",
    b"agi_request: agi://x/route\n" * 3000 + b"\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300),
)
ORIGIN = {"Origin": "http://evil.example"}
RESOURCES = ("channels", "asterisk/info", "applications", "endpoints", "bridges", "nothing", "../")


def taken(system: System) -> tuple[int, int]:
    """Descriptors that the daemon has open, and bytes of memory that are its own."""
    process = Path(f"/proc/{system.daemon.pid}")
    pages = int((process / "statm").read_text().split()[1])
    return len(list((process / "fd").iterdir())), pages * 4096


async def served(system: System) -> None:
    """A caller reaches a human, both hear each other, and nothing is left."""
    medis = system.phones.get("medis-1") or await system.register("medis-1", Answer(0.2))  # type: ignore[call-overload]
    caller = await dial_112(system, "1")
    await medis.established(8.0)
    await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))


async def told(port: int, sent: bytes) -> bytes:
    """What comes back for these bytes, until the door is shut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    back = b""
    with suppress(ConnectionError, BrokenPipeError):
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(SETTLED_S):
            while part := await reader.read(65_536):
                back += part
    writer.close()
    return back


@asynccontextmanager
async def crowd(port: int, begin: bytes, count: int) -> AsyncIterator[None]:
    """So many who say half of something, and stay."""
    writers = []
    for _ in range(count):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        writers.append(writer)
    yield
    for writer in writers:
        writer.transport.abort()


async def test_asterisks_interface_is_for_who_has_the_password(listening: System) -> None:
    """Nothing without it, nothing by a wrong one, and nothing for another page's script."""
    url = f"{listening.pbx.ari_url}/ari"
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": aiohttp.encode_basic_auth("siaga", "wrong")},
        {"Authorization": aiohttp.encode_basic_auth("root", listening.pbx.ari_password)},
    )
    async with aiohttp.ClientSession() as session:
        for method in ("GET", "POST", "DELETE", "PUT"):
            for resource in RESOURCES:
                for headers in wrong:
                    address = f"{url}/{resource}"
                    async with session.request(method, address, headers=headers) as answer:
                        assert answer.status in {401, 404}, (method, resource)
        async with session.get(f"{url}/channels?api_key=siaga:wrong") as answer:
            assert answer.status == 401
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            await session.ws_connect(f"{url}/events?app=siaga&subscribeAll=true")
        for method in ("OPTIONS", "GET"):
            async with session.request(method, f"{url}/channels", headers=ORIGIN) as answer:
                assert "Access-Control-Allow-Origin" not in answer.headers
        for path in ("/ws", "/static/x", "/phoneprov/x", "/amanager", "/rawman", "/mxml"):
            async with session.get(f"{listening.pbx.ari_url}{path}") as answer:
                assert answer.status in {403, 404, 426}, path
    assert records(listening, "standby") == []
    await served(listening)


async def test_the_daemons_doors_stay_open_for_who_may(listening: System) -> None:
    """Garbage and hundreds who say nothing at each; descriptors and memory go back."""
    await served(listening)
    port = listening.console_port
    agi = listening.settings.daemon.agi.port
    assert agi is not None
    control = listening.daemon.runtime / SOCKET
    before, memory = await asyncio.to_thread(taken, listening)
    for garbage in GARBAGE[1:]:
        assert (await told(port, garbage))[9:12] in {b"", b"400"}
        assert (await told(agi, garbage)) in {b"", b"FAILURE\n"}
        said = await asyncio.to_thread(_say, control, garbage, ends=True)
        assert b'"error":{"kind":"' in said
    async with aiohttp.ClientSession() as session:
        address = f"http://127.0.0.1:{port}/status"
        async with session.get(address, headers={"Host": "evil.example"}) as answer:
            assert (answer.status, "calls" in await answer.text()) == (421, False)
        async with session.get(address, headers=ORIGIN) as answer:
            assert (answer.status, "Access-Control-Allow-Origin" in answer.headers) == (200, False)
    async with crowd(port, b"GET /st", MANY), crowd(agi, b"agi_re", MANY):
        now, _ = await asyncio.to_thread(taken, listening)
        assert now <= before + CONNECTIONS + 64 + 16
        await served(listening)
        assert (await listening.daemon.status())["ready"] is True
        assert (await listening.daemon.command("status")).exit == 0
    async with asyncio.timeout(SETTLED_S + LIMIT_S):
        while (await asyncio.to_thread(taken, listening))[0] > before:  # noqa: ASYNC110 - a process
            await asyncio.sleep(0.1)
    assert (await asyncio.to_thread(taken, listening))[1] < memory + GROWTH_BYTES
    log = listening.daemon.log.read_text()
    assert ("Traceback" in log, '"level": "error"' in log) == (False, False)


async def test_with_asterisks_interface_crowded_a_caller_reaches_a_human(
    listening: System,
) -> None:
    """Who has no password can take all its connections: what is open stays, or the last resort."""
    await listening.register("medis-1", Answer(0.2))
    async with crowd(listening.pbx.site.http_port, b"GET /ari/ch", ASTERISKS):
        await served(listening)
    await listening.daemon.served()
    await served(listening)
