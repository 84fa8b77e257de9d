"""Asks a running daemon, over its control socket.

NotAnswered
├── NotRunning     no daemon listens there
├── NotAllowed     the socket is not for this user
└── NoReply        a daemon is there, and no answer came of it

It blocks, and loads no more than it needs: a command is there and gone.
"""

import errno
import socket
import time
from pathlib import Path
from typing import ClassVar, Final, TypeVar

import msgspec

from console.claim import PATH_BYTES
from console.instruction import Answered
from console.message import ANSWER_BYTES, ANSWER_S, SOCKET, VERSION, Answer, Kind, Request
from console.outcome import Outcome
from console.removal import Removal
from console.status import Status

T = TypeVar("T")
STATUS_S: Final = 5.0
"""A daemon that turns answers within a few milliseconds."""
OUTCOME_S: Final = ANSWER_S + 5.0
"""The daemon's own limit comes first, and says more."""
CHUNK_BYTES: Final = 65_536
_STATUS: Final = msgspec.json.Decoder(Status)
_REMOVAL: Final = msgspec.json.Decoder(Removal)
_ANSWERED: Final = msgspec.json.Decoder(Answered)
_RECORDED: Final = msgspec.json.Decoder(bool)
_OUTCOME: Final[msgspec.json.Decoder[Outcome]] = msgspec.json.Decoder(Outcome)


class NotAnswered(Exception):
    """The daemon could not be asked; the text says why.

    Attributes:
        kind: For programs.
        do: What to do about it.
    """

    kind: ClassVar[str] = "not_answered"

    def __init__(self, why: str, do: str) -> None:
        super().__init__(why)
        self.do = do


class NotRunning(NotAnswered):
    """No daemon listens there."""

    kind = "not_running"


class NotAllowed(NotAnswered):
    """The socket is not for this user."""

    kind = "not_allowed"


class NoReply(NotAnswered):
    """A daemon is there, and no answer came of it."""

    kind = "no_reply"


def status(runtime: Path, *, numbers: bool = False) -> Status:
    """What the daemon says of itself.

    Args:
        runtime: Its runtime folder.
        numbers: Callers' numbers in full.

    Raises:
        NotAnswered: It cannot be asked.
    """
    request = Request(siaga112=VERSION, ask="status", numbers=numbers)
    return _value(_asked(runtime / SOCKET, request, STATUS_S), _STATUS)


def reload(runtime: Path) -> Outcome:
    """What has come of reading the settings again.

    Args:
        runtime: The daemon's runtime folder.

    Raises:
        NotAnswered: It cannot be asked, or has not answered.
    """
    request = Request(siaga112=VERSION, ask="reload")
    return _value(_asked(runtime / SOCKET, request, OUTCOME_S), _OUTCOME)


def called_back(runtime: Path, call: str, by: str) -> None:
    """Has the daemon record that somebody has rung an abandoned caller.

    Args:
        runtime: The daemon's runtime folder.
        call: The abandoned call.
        by: Who has.

    Raises:
        NotAnswered: It cannot be asked, or has not answered.
    """
    request = Request(siaga112=VERSION, ask="called_back", call=call, by=by)
    _value(_asked(runtime / SOCKET, request, STATUS_S), _RECORDED)


def purge(runtime: Path, by: str | None, days: int | None, *, dry_run: bool) -> Removal:
    """What the daemon has removed of what is too old, or would remove.

    Args:
        runtime: The daemon's runtime folder.
        by: Who wants it; None: the user who asks.
        days: How old it is at least; None: as the settings say.
        dry_run: Only count.

    Raises:
        NotAnswered: It cannot be asked, or has not answered.
    """
    request = Request(
        siaga112=VERSION,
        ask="purge",
        by=msgspec.UNSET if by is None else by,
        days=msgspec.UNSET if days is None else days,
        dry_run=dry_run,
    )
    return _value(_asked(runtime / SOCKET, request, OUTCOME_S), _REMOVAL)


def instruct(
    runtime: Path,
    wanted: str,
    person: str,
    *,
    for_s: float | None = None,
    reason: str = "",
    force: bool = False,
) -> Answered:
    """Has the daemon pause an operator, or have one ready.

    Args:
        runtime: The daemon's runtime folder.
        wanted: `pause` or `ready`.
        person: The operator's id.
        for_s: Seconds after which a pause ends by itself.
        reason: Why, for people.
        force: The agency's last one is meant, too.

    Raises:
        NotAnswered: It cannot be asked, or has not answered.
    """
    request = Request(
        siaga112=VERSION,
        ask=wanted,
        person=person,
        for_s=msgspec.UNSET if for_s is None else for_s,
        reason=reason or msgspec.UNSET,
        force=force or msgspec.UNSET,
    )
    return _value(_asked(runtime / SOCKET, request, STATUS_S), _ANSWERED)


def _value(line: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The value of an answer.

    Raises:
        NoReply: It has another form, or says that there is none.
    """
    other = "the daemon that runs is of another version than this command: restart it"
    try:
        answer = msgspec.json.decode(line, type=Answer)
        if answer.error is not None and answer.error.kind is Kind.UNFIT:
            raise NoReply(f"the daemon says: {answer.error.message}", "ask for something else")
        if answer.error is not None:
            raise NoReply(f"the daemon says: {answer.error.message}", other)
        return decoder.decode(answer.value)
    except msgspec.DecodeError as error:
        raise NoReply(f"its answer is not understood: {error}", other) from error


def _asked(path: Path, request: Request, limit_s: float) -> bytes:
    """The line that a daemon answers.

    Raises:
        NotAnswered: It does not.
    """
    if len(str(path).encode()) > PATH_BYTES:
        why = f"{path} is too long: a socket's path has at most {PATH_BYTES} bytes"
        raise NotRunning(why, "give the daemon and this command a shorter --runtime")
    end = time.monotonic() + limit_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(limit_s)
        _connect(link, path)
        try:
            link.sendall(msgspec.json.encode(request) + b"\n")
        except BrokenPipeError:
            pass  # it has said already why it does not listen
        except OSError as error:
            raise _silent(path, error.strerror or str(error)) from error
        return _line(link, path, end)


def _connect(link: socket.socket, path: Path) -> None:
    try:
        link.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        do = (
            "systemctl status siaga112; systemctl start siaga112; a daemon that was started "
            "otherwise is asked with its --runtime"
        )
        raise NotRunning(f"no daemon listens on {path}", do) from error
    except PermissionError as error:
        do = "ask as root, or as a user of the group of that socket"
        raise NotAllowed(f"this user may not connect to {path}", do) from error
    except OSError as error:
        busy = error.errno == errno.EAGAIN
        why = "too many wait for it already" if busy else error.strerror or str(error)
        raise _silent(path, why) from error


def _line(link: socket.socket, path: Path, end: float) -> bytes:
    """What comes up to the newline, if all of it is there in time."""
    parts: list[bytes] = []
    length = 0
    while True:
        try:
            link.settimeout(max(0.001, end - time.monotonic()))
            part = link.recv(CHUNK_BYTES)
        except TimeoutError as error:
            raise _silent(path, "it has not answered in time") from error
        except OSError as error:
            raise _silent(path, error.strerror or str(error)) from error
        if not part:
            raise _silent(path, "it has ended without an answer")
        parts.append(part)
        length += len(part)
        if part.endswith(b"\n"):
            return b"".join(parts)
        if length > ANSWER_BYTES:
            raise _silent(path, f"its answer is longer than {ANSWER_BYTES} bytes")


def _silent(path: Path, why: str) -> NoReply:
    do = "systemctl status siaga112; journalctl -u siaga112; the watchdog restarts a frozen one"
    return NoReply(f"no answer from the daemon on {path}: {why}", do)
