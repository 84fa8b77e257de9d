"""What is published over MQTT: topics and payloads (docs/asyncapi.yaml, docs/mqtt.md).

    PREFIX/call/CALL              records of a call, each call's in one topic, so in their order
    PREFIX/centre                 records of the whole centre
    PREFIX/state/daemon           retained; the last will says that nobody is here
    PREFIX/state/operator/PERSON  retained
    PREFIX/state/queue            retained
    PREFIX/state/alarms           retained
    PREFIX/anchor                 retained: heads of the chains
    PREFIX/command/WHO/COMMAND    what others want
    PREFIX/answer/WHO/…           what has come of it

A consumer of records leaves out those whose id it knows.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

import msgspec

from journal.broker import Numbers
from journal.mask import PERSONAL, STARS, mask
from journal.record import Ground, Record
from journal.seal import ASIDE

VERSION: Final = 1
"""Of the payloads: grows when something gets another meaning or goes, not when it comes along."""
DAEMON, QUEUE, ALARMS, OPERATOR, ANCHOR = (
    "state/daemon",
    "state/queue",
    "state/alarms",
    "state/operator/",
    "anchor",
)
COMMAND, ANSWER = "command/", "answer/"
LASTING: Final = frozenset({DAEMON, ANCHOR})
"""States that are retained for ever; the others expire when nobody refreshes them."""
TEXT_CHARS: Final = 2_000
"""Of one fact of a record: all errors of a bad set of settings are in the journal, and what no
broker takes would hold up everything behind it."""
CALLERS: Final = 100
"""Waiting callers that are told one by one."""
HEADS: Final = 20
"""Chains whose heads are told: those of so many last runs of the daemon."""
_SAFE: Final = "!$&'()*,:;=@ "
"""What stands in a topic as it is, beside letters, digits and -._~ (MQTT 5, 4.7)."""
_DIALLED: Final = frozenset({"target", "dial"})
"""Facts that may have a number outside the post: somebody's, if no caller's."""
_LONG_NUMBER: Final = re.compile(r"\+?[0-9]{7,}")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A record (docs/records.md).

    Attributes:
        schema: Version of the payload.
        id: The record's: whoever has seen it has seen the record.
        at: When, UTC.
        what: Its name.
        call: Its call, or None.
        offset_s: Seconds since the call arrived.
        detail: Its facts; personal ones masked, unless the topic is opened for them.
        because: The grounds of a decision.
    """

    schema: int = VERSION
    id: str
    at: datetime
    what: str
    call: str | None
    offset_s: float | None
    detail: dict[str, Any]
    because: tuple[Ground, ...]


class _State(msgspec.Struct, frozen=True, kw_only=True):
    """What is now.

    Attributes:
        schema: Version of the payload.
        at: Since when it is known to be so, UTC.
    """

    schema: int = VERSION
    at: datetime


class DaemonState(_State, frozen=True, kw_only=True):
    """Whether anybody is here.

    Attributes:
        online: The daemon lives; else no other state is true.
        ready: New callers are served by it.
        why: Why they are not.
        version: Of the software.
        started: When it began.
    """

    online: bool
    ready: bool = False
    why: str | None = None
    version: str | None = None
    started: datetime | None = None


class Will(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says of us when we are gone without a word.

    Attributes:
        schema: Version of the payload.
        online: Never.
        ready: Never.
        why: That the connection broke.
    """

    schema: int = VERSION
    online: bool = False
    ready: bool = False
    why: str = "the connection to the broker is lost"


class Doing(StrEnum):
    """What an operator does."""

    OFF_DUTY = "off_duty"
    READY = "ready"
    IN_CALL = "in_call"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class OperatorState(_State, frozen=True, kw_only=True):
    """An operator of the settings.

    Attributes:
        person: The id.
        agency: The id of the agency.
        doing: What they do.
        call: The call that rings at their phone, or that they talk to.
        seats: Where they sit.
        shift: The one that they are on duty for.
        until: When their turn of duty ends.
    """

    person: str
    agency: str
    doing: Doing
    call: str | None
    seats: tuple[str, ...]
    shift: str | None
    until: datetime | None


class WaitingCaller(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits for a human.

    Attributes:
        call: The call.
        service: What was chosen.
        since: When the call arrived.
    """

    call: str
    service: str
    since: datetime


class QueueState(_State, frozen=True, kw_only=True):
    """Who waits.

    Attributes:
        waiting: How many.
        services: The same by service.
        oldest: When who waits longest has arrived; None when nobody waits.
        callers: The next to be served first, a hundred at most.
    """

    waiting: int
    services: dict[str, int]
    oldest: datetime | None
    callers: tuple[WaitingCaller, ...]


class StandingAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator has to put right.

    Attributes:
        alarm: Its name (systemd/README.md).
        why: What is wrong.
        do: What to do about it.
        since: When it began.
    """

    alarm: str
    why: str
    do: str
    since: datetime


class AlarmsState(_State, frozen=True, kw_only=True):
    """The alarms that stand.

    Attributes:
        alarms: The oldest first.
    """

    alarms: tuple[StandingAlarm, ...]


class ChainHead(msgspec.Struct, frozen=True, kw_only=True):
    """The newest record of one run of the daemon.

    Attributes:
        writer: The run.
        number: The record's number there.
        link: Its link of the chain.
    """

    writer: str
    number: int
    link: str


class AnchorState(_State, frozen=True, kw_only=True):
    """Heads of the journal's chains (docs/journal.md).

    Attributes:
        store: Which store they are of.
        heads: Of the last runs, the newest last.
    """

    store: str
    heads: tuple[ChainHead, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What has come of a command.

    Attributes:
        schema: Version of the payload.
        command: Which one.
        done: It is as it was wanted.
        outcome: A word for programs.
        text: For people.
    """

    schema: int = VERSION
    command: str
    done: bool
    outcome: str
    text: str


_ENCODER: Final = msgspec.json.Encoder(enc_hook=repr)


def topic_of(prefix: str, record: Record) -> str:
    """Where a record is published."""
    if record.call is None:
        return f"{prefix}/centre"
    return f"{prefix}/call/{level(record.call)}"


def level(text: str) -> str:
    """A text as one level of a topic: what cannot stand there is %-encoded."""
    return quote(text, safe=_SAFE, errors="replace") or "%"


def event(record: Record, opened: Collection[Numbers]) -> bytes:
    """The payload of a record."""
    kind: Numbers = "centre" if record.call is None else "call"
    is_open = kind in opened
    return _ENCODER.encode(
        Event(
            id=record.id,
            at=record.at,
            what=record.what,
            call=record.call,
            offset_s=record.offset_s,
            detail=dict(_shown(record.detail, is_open=is_open)),
            because=record.because,
        )
    )


def encode(payload: msgspec.Struct) -> bytes:
    """Any other payload."""
    return _ENCODER.encode(payload)


def _shown(detail: Mapping[str, Any], *, is_open: bool) -> Iterator[tuple[str, Any]]:
    """The facts as others see them."""
    for name, value in detail.items():
        if not isinstance(value, str):
            yield name, value
        elif is_open:
            yield name, _cut(value)
        elif name in ASIDE:
            yield name, PERSONAL.get(name, _hidden)(value) if value else value
        elif name in _DIALLED:
            yield name, _LONG_NUMBER.sub(lambda found: mask(found[0]), _cut(value))
        else:
            yield name, _cut(value)


def _hidden(_value: str) -> str:
    return STARS


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARS else f"{text[:TEXT_CHARS]}…"
