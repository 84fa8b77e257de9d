"""Whoever asks the daemon gets its answer, or learns in time why there is none."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from console import inquiry as module
from console.claim import PATH_BYTES, Claim
from console.inquiry import NoReply, NotRunning
from console.instruction import Answered
from console.message import SOCKET
from console.outcome import Accepted, Failed, Refused
from tests.console.sample import QUIET, TYPO
from tests.journal.sample import LIMIT_S, NOON

ACCEPTED = Accepted(
    folder="/etc/siaga112", changed=("roster.yaml",), restart_needed={}, warnings=(), kept=True
)
PAUSED = Answered(
    wanted="pause",
    person="sri",
    outcome="paused",
    holds=True,
    name="Sri Wahyuni",
    agency="dinkes",
    until=None,
    last=False,
    text="Sri Wahyuni (sri) is paused",
)
REFUSED = Refused(folder="/etc/siaga112", problems=(TYPO,), in_use_since=NOON)


@contextmanager
def answering(folder: Path, *parts: bytes) -> Iterator[list[bytes]]:
    """Something that answers the first who asks with these parts; what was asked is given."""
    asked: list[bytes] = []
    claim = Claim.make(folder / SOCKET)

    def serve() -> None:
        link, _ = claim.listener.accept()
        with link:
            asked.append(link.recv(4096))
            for part in parts:
                link.sendall(part)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield asked
    finally:
        thread.join(LIMIT_S)
        claim.release()


def value(what: object) -> bytes:
    """An answer with that value."""
    return b'{"siaga112":1,"value":' + msgspec.json.encode(what) + b"}\n"


def test_the_status_goes_there_and_back(tmp_path: Path) -> None:
    """In whatever pieces it comes; numbers are asked for only by who wants them."""
    line = value(QUIET)
    with answering(tmp_path, line[:50], line[50:51], line[51:]) as asked:
        assert module.status(tmp_path) == QUIET
    assert asked == [b'{"siaga112":1,"ask":"status","numbers":false}\n']
    with answering(tmp_path, line) as asked:
        module.status(tmp_path, numbers=True)
    assert b'"numbers":true' in asked[0]


def test_an_instruction_goes_there_and_back(tmp_path: Path) -> None:
    """What is not said is not sent."""
    line = value(PAUSED)
    with answering(tmp_path, line) as asked:
        assert module.instruct(tmp_path, "pause", "sri") == PAUSED
    assert asked == [b'{"siaga112":1,"ask":"pause","numbers":false,"person":"sri"}\n']
    with answering(tmp_path, line) as asked:
        module.instruct(tmp_path, "pause", "sri", for_s=60.0, reason="makan", force=True)
    assert b'"person":"sri","for_s":60.0,"reason":"makan","force":true' in asked[0]


def test_what_is_unfit_is_no_other_version(tmp_path: Path) -> None:
    """Who asks hears what is wrong with it."""
    line = b'{"siaga112":1,"error":{"kind":"unfit","message":"no such thing"}}\n'
    with answering(tmp_path, line), pytest.raises(NoReply, match="no such thing") as raised:
        module.instruct(tmp_path, "pause", "sri")
    assert "version" not in raised.value.do


@pytest.mark.parametrize("outcome", [ACCEPTED, REFUSED, Failed(why="boom")])
def test_each_outcome_goes_there_and_back(
    tmp_path: Path, outcome: Accepted | Refused | Failed
) -> None:
    """And is told apart by its name."""
    with answering(tmp_path, value(outcome)):
        assert module.reload(tmp_path) == outcome


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "it has ended without an answer"),
        (b'{"siaga112":1,"value":', "it has ended without an answer"),
        (b"hello\n", "its answer is not understood"),
        (b'{"siaga112":1,"value":{}}\n', "its answer is not understood"),
        (
            b'{"siaga112":2,"error":{"kind":"wrong_version","message":"2 is spoken here"}}\n',
            "the daemon says: 2 is spoken here",
        ),
        (b'{"siaga112":1,"error":{"kind":"too_many","message":"try again"}}\n', "try again"),
    ],
)
def test_what_is_no_answer_is_said(tmp_path: Path, line: bytes, why: str) -> None:
    """A daemon that dies meanwhile, something else that listens, a daemon of another version."""
    with answering(tmp_path, line), pytest.raises(NoReply, match=why) as caught:
        module.status(tmp_path)
    assert caught.value.do


def test_a_field_that_is_new_disturbs_no_old_command(tmp_path: Path) -> None:
    """A daemon that says more is understood as far as it was before."""
    more = msgspec.to_builtins(QUIET) | {"moon": "full"}
    with answering(tmp_path, value(more)):
        assert module.status(tmp_path) == QUIET


def test_an_answer_without_end_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory of the command is bounded, whatever listens there."""
    monkeypatch.setattr(module, "ANSWER_BYTES", 1000)
    with (
        answering(tmp_path, b"x" * 2000),
        pytest.raises(NoReply, match="longer than 1000 bytes"),
    ):
        module.status(tmp_path)


def test_a_frozen_daemon_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes the connection, and nobody answers; later it takes no more of them."""
    monkeypatch.setattr(module, "STATUS_S", 0.05)
    claim = Claim.make(tmp_path / SOCKET)
    with pytest.raises(NoReply, match="it has not answered in time"):
        module.status(tmp_path)
    waiting = []
    while True:
        link = socket.socket(socket.AF_UNIX)
        link.setblocking(False)
        waiting.append(link)
        try:
            link.connect(str(claim.path))
        except BlockingIOError:
            break
    with pytest.raises(NoReply, match="too many wait for it already"):
        module.status(tmp_path)
    for link in waiting:
        link.close()
    claim.release()


def test_nobody_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    """No folder, no socket, or one that a dead daemon has left."""
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(NotRunning, match="no daemon listens on") as caught:
            module.reload(folder)
        assert "systemctl start siaga112" in caught.value.do
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET))
    with pytest.raises(NotRunning, match="no daemon listens on"):
        module.status(tmp_path)


def test_a_path_that_no_socket_can_have_is_said(tmp_path: Path) -> None:
    """Before the system's own words, which name no number."""
    with pytest.raises(NotRunning, match=f"at most {PATH_BYTES} bytes") as caught:
        module.status(tmp_path / ("x" * PATH_BYTES))
    assert "--runtime" in caught.value.do
