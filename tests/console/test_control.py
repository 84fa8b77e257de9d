"""The control socket answers, and whatever comes in is harmless."""

import asyncio
import os
import pwd
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console import control as module
from console.claim import Claim
from console.control import CONNECTIONS, ControlServer, Unfit
from console.message import REQUEST_BYTES, Kind, Request
from console.peer import Peer
from tests.journal.sample import LIMIT_S

ECHO = b'{"siaga112": 1, "ask": "echo"}\n'
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Desk:
    """A server, and what it was asked and has told."""

    def __init__(self, folder: Path) -> None:
        self.told: list[str | None] = []
        self.bound = asyncio.Event()
        self.asked: list[Request] = []
        self.peers: list[Peer] = []
        self.let_go = asyncio.Event()
        self.much_asked = asyncio.Event()
        handlers = {
            "echo": self._echo,
            "wait": self._wait,
            "fail": self._fail,
            "much": self._much,
            "unfit": self._unfit,
        }
        self.server = ControlServer(folder, handlers, on_bound=self._on_bound)

    def _on_bound(self, fault: str | None) -> None:
        self.told.append(fault)
        if fault is None:
            self.bound.set()

    async def _echo(self, request: Request, peer: Peer) -> Request:
        self.asked.append(request)
        self.peers.append(peer)
        return request

    async def _wait(self, _request: Request, _peer: Peer) -> str:
        await self.let_go.wait()
        return "at last"

    async def _fail(self, _request: Request, _peer: Peer) -> None:
        raise RuntimeError("boom")

    async def _unfit(self, _request: Request, _peer: Peer) -> None:
        raise Unfit("not like this")

    async def _much(self, _request: Request, _peer: Peer) -> str:
        self.much_asked.set()
        return "x" * 8_000_000

    async def connect(self) -> Streams:
        """A connection, which its user closes."""
        return await asyncio.open_unix_connection(self.server.path)

    async def say(self, line: bytes, *, ends: bool = False) -> Any:
        """What is answered to a line; with `ends` nothing more will be sent."""
        told = await asyncio.to_thread(_say, self.server.path, line, ends=ends)
        assert told.count(b"\n") == 1
        assert told.endswith(b"\n"), "an answer is one line"
        answer = msgspec.json.decode(told)
        assert answer["siaga112"] == 1
        return answer

    async def fault(self, line: bytes, *, ends: bool = False) -> Kind:
        """The kind of fault that is answered."""
        return Kind((await self.say(line, ends=ends))["error"]["kind"])


def _say(path: Path, line: bytes, *, ends: bool) -> bytes:
    """All that comes back; a server that has not read everything resets after it has answered."""
    told = b""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(LIMIT_S)
        link.connect(str(path))
        with suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(line)
            if ends:
                link.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while part := link.recv(65_536):
                told += part
    return told


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A server that listens; at the end nothing of it is left."""
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    desk = Desk(tmp_path / "run")
    running = asyncio.create_task(desk.server.run())
    async with asyncio.timeout(LIMIT_S):
        await desk.bound.wait()
    yield desk
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [task for task in asyncio.all_tasks() if task.get_name() == "control"] == []
    assert list(desk.server.path.parent.iterdir()) == []


async def test_a_request_is_answered_with_its_value(desk: Desk) -> None:
    """One line there, one line back, and the connection is over."""
    line = b'{"siaga112": 1, "ask": "echo", "numbers": true}\n'
    assert (await desk.say(line))["value"] == {"siaga112": 1, "ask": "echo", "numbers": True}
    assert await desk.say(ECHO, ends=True) == await desk.say(ECHO)


async def test_who_asks_for_the_unknown_learns_what_is_known(desk: Desk) -> None:
    """For programs as a list, for people in the message."""
    error = (await desk.say(b'{"siaga112": 1, "ask": "relaod"}\n'))["error"]
    assert error["kind"] == "unknown_request"
    assert error["known"] == ["echo", "wait", "fail", "much", "unfit"]
    assert error["message"] == "unknown request 'relaod'; known: echo, wait, fail, much, unfit"


async def test_who_asks_is_known_by_the_kernels_word(desk: Desk) -> None:
    """The process, its user and its group: nothing that they say themselves."""
    await desk.say(ECHO)
    (peer,) = desk.peers
    assert peer == Peer(os.getpid(), os.getuid(), os.getgid())
    assert peer.user() == pwd.getpwuid(os.getuid()).pw_name
    assert Peer(1, 4_000_000_000, 1).user() == "uid 4000000000"


async def test_what_cannot_be_meant_is_no_fault_of_the_daemons(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Who asks is told why, and no traceback is written."""
    error = (await desk.say(b'{"siaga112": 1, "ask": "unfit"}\n'))["error"]
    assert (error["kind"], error["message"]) == ("unfit", "not like this")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"\n", Kind.MALFORMED),
        (b"reload\n", Kind.MALFORMED),
        (b"null\n", Kind.MALFORMED),
        (b"\xff\xfe\n", Kind.MALFORMED),
        (b'{"siaga112": 1}\n', Kind.MALFORMED),
        (b'{"siaga112": "1", "ask": "echo"}\n', Kind.MALFORMED),
        (b'{"siaga112": 1, "ask": "echo", "sudo": true}\n', Kind.MALFORMED),
        (b'{"siaga112": 1, "ask": "echo", "x": ' + b"[" * 4000 + b"\n", Kind.MALFORMED),
        (b"[" * 4000 + b"\n", Kind.MALFORMED),
        (b'{"siaga112": 2, "ask": "echo"}\n', Kind.WRONG_VERSION),
        (b'{"siaga112": -1, "ask": "echo"}\n', Kind.WRONG_VERSION),
        (b'{"siaga112": 1, "ask": "__class__"}\n', Kind.UNKNOWN_REQUEST),
        (b" " * REQUEST_BYTES + ECHO, Kind.TOO_LONG),
        (b"x" * 1_000_000, Kind.TOO_LONG),
        (b'{"siaga112": 1, "ask": "fail"}\n', Kind.FAILED),
    ],
)
async def test_nonsense_is_told_what_it_is(desk: Desk, line: bytes, kind: Kind) -> None:
    """Nothing of it reaches a handler, and the next one is served."""
    assert await desk.fault(line) == kind
    assert desk.asked == []
    assert "value" in await desk.say(ECHO)


async def test_half_a_line_is_no_request(desk: Desk) -> None:
    """Whoever ends in the middle of it is told so."""
    assert await desk.fault(ECHO[:-1], ends=True) is Kind.MALFORMED
    assert desk.asked == []


async def test_the_slow_are_told_and_hold_nobody_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that says nothing, or a byte now and then, is over after its time."""
    monkeypatch.setattr(module, "REQUEST_S", 0.3)
    reader, writer = await desk.connect()
    assert "value" in await desk.say(ECHO)
    async with asyncio.timeout(LIMIT_S):
        while not reader.at_eof():
            with suppress(ConnectionError):
                writer.write(b" ")
                await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    line = await reader.readline()
                    break
    assert msgspec.json.decode(line)["error"]["kind"] == "too_slow"
    writer.close()


async def test_who_goes_away_is_not_waited_for(desk: Desk) -> None:
    """Before the request, in the middle of it, and before the answer."""
    for line in (b"", ECHO[:10], b'{"siaga112": 1, "ask": "wait"}\n'):
        _, writer = await desk.connect()
        writer.write(line)
        await writer.drain()
        writer.transport.abort()
    desk.let_go.set()
    assert "value" in await desk.say(ECHO)


async def test_who_does_not_read_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that nobody takes does not stay in memory."""
    monkeypatch.setattr(module, "TAKE_S", 0.1)
    _, writer = await desk.connect()
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b'{"siaga112": 1, "ask": "much"}\n')
    await writer.drain()
    async with asyncio.timeout(LIMIT_S):
        await desk.much_asked.wait()
        while desk.server._serving:  # noqa: ASYNC110 - the task tells nobody
            await asyncio.sleep(0.02)
    writer.transport.abort()
    monkeypatch.setattr(module, "TAKE_S", LIMIT_S)
    reader, writer = await desk.connect()
    writer.write(b'{"siaga112": 1, "ask": "much"}\n')
    assert len(await reader.read()) > 8_000_000
    writer.close()


async def test_there_are_only_so_many_at_a_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more is told at once; when one of them goes, the next is served."""
    monkeypatch.setattr(module, "REQUEST_S", LIMIT_S)
    held = [await desk.connect() for _ in range(CONNECTIONS)]
    for _, writer in held:
        writer.write(b'{"siaga112": 1, "ask": "wait"}\n')
        await writer.drain()
    assert await desk.fault(b"") is Kind.TOO_MANY
    assert await desk.fault(ECHO) is Kind.TOO_MANY
    desk.let_go.set()
    async with asyncio.timeout(LIMIT_S):
        for reader, writer in held:
            assert b"at last" in await reader.read()
            writer.close()
        while "value" not in await desk.say(ECHO):
            pass


async def test_an_answer_that_does_not_come_is_not_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked is told, and can ask again."""
    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    assert await desk.fault(b'{"siaga112": 1, "ask": "wait"}\n') is Kind.NO_ANSWER


async def test_a_socket_that_was_removed_is_put_back(desk: Desk) -> None:
    """A cleaner of old files takes the socket; the daemon is there again by itself."""
    desk.bound.clear()
    desk.server.path.unlink()
    async with asyncio.timeout(LIMIT_S):
        await desk.bound.wait()
    assert "value" in await desk.say(ECHO)


async def test_a_taken_socket_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another daemon has it: that is told, and when it goes the socket is ours."""
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    desk = Desk(tmp_path)
    other = Claim.make(desk.server.path)
    running = asyncio.create_task(desk.server.run())
    async with asyncio.timeout(LIMIT_S):
        while not desk.told:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.01)
        assert desk.told[0] == "a daemon that runs has it"
        other.release()
        await desk.bound.wait()
    assert "value" in await desk.say(ECHO)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
