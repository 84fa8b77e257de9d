"""Asterisk's Gateway Interface as a protocol, without a socket: what comes in, what goes out.

    Asterisk ──environment, empty line──▶ Request
             ◀──one command──  ──its answer──▶ Reply     and so on
             ──HANGUP──▶ HungUp                          at any time

Everything that comes in has a bound: whoever sends more, or something else, is told apart by
`Malformed` and nothing else. Source: Asterisk's res_agi.c; 8,192 bytes is the longest command it
reads.

    AgiError
    └── Malformed     what came is no AGI, or too much of it
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias
from urllib.parse import unquote_plus

LINE_BYTES: Final = 8192
"""The longest line; Asterisk's own values are at most this long."""
LINES: Final = 192
"""Lines of one environment or reply: some 25 of Asterisk's, and 128 arguments (MAX_ARGS)."""
BYTES: Final = 65_536
"""All that a dialogue brings; a usual one has a thousand."""
COMMAND_BYTES: Final = 8000
"""The longest command that goes out; AGI_BUF_LEN is 8,192."""
OK, DEAD_CHANNEL = 200, 511
"""Codes of replies; `Reply` has the others."""
FAILURE: Final = b"FAILURE\n"
"""Asterisk sets AGISTATUS=FAILURE at a line that begins so; a mere close is a SUCCESS for it."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_CODE: Final = re.compile(r"([1-5][0-9]{2})([ -])(.*)", re.ASCII | re.DOTALL)
_RESULT: Final = re.compile(r"result=(-?[0-9]{1,10})(?: \((.*))?", re.ASCII | re.DOTALL)
_CONTROL: Final = dict.fromkeys((*range(32), 127, 133, 8232, 8233), " ")


class AgiError(Exception):
    """A dialogue that cannot go on."""


class Malformed(AgiError):
    """What came is no AGI, or too much of it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a dialplan asks for.

    Attributes:
        script: The path of the URL without slashes around it: `route`.
        parameters: `name=value`, of the URL's query and of the arguments; these win.
        environment: Asterisk's own values, by their names without `agi_`.
    """

    script: str
    parameters: Mapping[str, str]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command.

    Attributes:
        code: 200 done, 510 no such command, 511 the channel is dead, 520 wrong usage.
        result: The number after `result=`; empty without one.
        value: What stands in parentheses; None if nothing does.
    """

    code: int
    result: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller has gone."""


Event: TypeAlias = Request | Reply | HungUp


class _State(Enum):
    ENVIRONMENT = auto()
    IDLE = auto()
    REPLY = auto()


class Dialogue:
    """One connection of Asterisk's, from its environment to the last reply."""

    def __init__(self) -> None:
        self._state = _State.ENVIRONMENT
        self._buffer = bytearray()
        self._total = 0
        self._lines: list[str] = []

    def receive(self, data: bytes) -> list[Event]:
        """What these bytes complete.

        Raises:
            Malformed: They are no AGI, or the bounds are exceeded; nothing more can be received.
        """
        self._total += len(data)
        if self._total > BYTES:
            raise Malformed(f"more than {BYTES} bytes")
        self._buffer += data
        events: list[Event] = []
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            event = self._line(line)
            if event is not None:
                events.append(event)
        if len(self._buffer) > LINE_BYTES:
            raise Malformed(f"a line of more than {LINE_BYTES} bytes")
        return events

    def get_variable(self, name: str) -> bytes:
        """The command that asks for a channel's variable; its reply's value is None if unset."""
        return self._command(f"GET VARIABLE {_checked(name)}")

    def set_variable(self, name: str, value: str) -> bytes:
        """The command that sets a channel's variable to exactly this, but for control characters.

        Raises:
            ValueError: The name is no variable's, or the command would be too long for Asterisk.
        """
        return self._command(f'SET VARIABLE {_checked(name)} "{quoted(value)}"')

    def _command(self, text: str) -> bytes:
        if self._state is not _State.IDLE:
            raise ValueError("a command before the reply to the one before")
        data = text.encode("utf-8", "replace") + b"\n"
        if len(data) > COMMAND_BYTES:
            raise ValueError(f"a command of {len(data)} bytes")
        self._state = _State.REPLY
        return data

    def _line(self, line: bytes) -> Event | None:
        if len(line) > LINE_BYTES:
            raise Malformed(f"a line of more than {LINE_BYTES} bytes")
        text = line.decode("utf-8", "replace").removesuffix("\r")
        if text == "HANGUP" and self._state is not _State.ENVIRONMENT:
            return HungUp()
        self._lines.append(text)
        if len(self._lines) > LINES:
            raise Malformed(f"more than {LINES} lines")
        match self._state:
            case _State.ENVIRONMENT:
                return self._end_environment() if not text else None
            case _State.REPLY:
                return self._end_reply()
            case _State.IDLE:
                raise Malformed("a reply to nothing")

    def _end_environment(self) -> Request:
        lines, self._lines = self._lines[:-1], []
        self._state = _State.IDLE
        values: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                raise Malformed("an environment with something else than agi_name: value")
            # Asterisk puts its own values first: a second one is a line break in an argument.
            values.setdefault(name.removeprefix("agi_"), value.removeprefix(" "))
        if "request" not in values:
            raise Malformed("an environment without agi_request")
        return _request(values)

    def _end_reply(self) -> Reply | None:
        """The reply, if its last line has come."""
        text = "\n".join(self._lines)
        first = _CODE.fullmatch(text)
        if first is None:
            raise Malformed("a reply without a code")
        code, mark, rest = int(first[1]), first[2], first[3]
        if mark == "-":
            # Proper usage follows, and ends with a line of the same code.
            if len(self._lines) == 1 or not self._lines[-1].startswith(f"{code} "):
                return None
            rest = ""
        result = _RESULT.match(rest)
        value = None
        if result is not None and result[2] is not None:
            # A value may have line breaks in it; Asterisk's parenthesis ends the last line.
            if not rest.endswith(")"):
                return None
            value = result[2][:-1]
        self._lines = []
        self._state = _State.IDLE
        return Reply(code, result[1] if result else "", value)


def quoted(value: str) -> str:
    """A value as it stands between the quotes of a command; res_agi.c reads exactly it."""
    return value.translate(_CONTROL).replace("\\", "\\\\").replace('"', '\\"')


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no variable's name")
    return name


def _request(values: dict[str, str]) -> Request:
    """The script is what follows the server in the URL, with or without a query."""
    path = values.get("network_script")
    if path is None:
        path = values["request"].partition("://")[2].partition("/")[2]
    script, _, query = path.partition("?")
    fields = [unquote_plus(field) for field in query.split("&")]
    fields += [values[f"arg_{number}"] for number in range(1, LINES) if f"arg_{number}" in values]
    pairs = (field.partition("=") for field in fields)
    parameters = {name.strip(): value.strip() for name, equals, value in pairs if equals}
    return Request(script.strip("/"), parameters, values)
