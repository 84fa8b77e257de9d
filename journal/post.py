"""What the daemon and the process that keeps its records tell each other: a line of JSON each.

The daemon says what is (`States`) and what has come of a command (`Obeyed`); the process says how
it is (`Report`), what came over MQTT (`Command`, `Refusal`), and what Asterisk has seen alone
(`Untold`).
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec


class _Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="line"):
    """One line; `line` says of which kind."""


class BrokerReport(msgspec.Struct, frozen=True, kw_only=True):
    """How publishing goes.

    Attributes:
        state: `starting`, `up`, `lost` (a moment ago), `away` (for long) or `refused`.
        why: What is wrong, or None.
        published: Records that the broker has confirmed to this process.
        waiting: Records in the store that it has not confirmed yet.
        unheard: Why no commands come although some are allowed, or None.
    """

    state: str = "starting"
    why: str | None = None
    published: int = 0
    waiting: int = 0
    unheard: str | None = None


class Belated(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened without a daemon.

    Attributes:
        at: Seconds since 1970.
        what: The record's name.
        detail: Its facts; of a talk with `endpoint` and `number` in place of the target.
    """

    at: float
    what: str
    detail: Mapping[str, str | float]


class Untold(_Line, frozen=True, kw_only=True, tag="untold"):
    """What the journal lacks of a call that is over.

    Attributes:
        call: Its id.
        arrived: When it came in, in seconds since 1970.
        told: In the order of time.
    """

    call: str
    arrived: float
    told: tuple[Belated, ...]


class Report(_Line, frozen=True, kw_only=True, tag="report"):
    """How the keeper is.

    Attributes:
        fault: Why the store takes nothing, or None.
        stored: Records that it has taken from this process.
        behind: Bytes of the spool that it has not taken yet.
        broker: How publishing goes; None when nothing is published.
        unread: Why Asterisk's own rows cannot be read, or None.
    """

    fault: str | None = None
    stored: int = 0
    behind: int = 0
    unread: str | None = None
    broker: BrokerReport | None = None


class Command(_Line, frozen=True, kw_only=True, tag="command"):
    """What somebody wants who may.

    Attributes:
        id: Comes back with the answer.
        command: `pause`, `ready` or `reload`.
        by: Who, as the topic says.
        person: Of which operator.
        for_s: Seconds after which a pause ends by itself.
        reason: Why, for people.
        force: The agency's last one is meant, too.
    """

    id: int
    command: str
    by: str
    person: str | None = None
    for_s: float | None = None
    reason: str = ""
    force: bool = False


class Refusal(_Line, frozen=True, kw_only=True, tag="refusal"):
    """What somebody wanted, and is not asked for.

    Attributes:
        command: As the topic says.
        by: Who, as the topic says.
        error: A word for programs.
        why: For people.
    """

    command: str
    by: str
    error: str
    why: str


class States(_Line, frozen=True, kw_only=True, tag="states"):
    """What is now.

    Attributes:
        states: By the end of a topic, what is retained there; null: nothing any more.
    """

    states: dict[str, msgspec.Raw]


class Obeyed(_Line, frozen=True, kw_only=True, tag="obeyed"):
    """What has come of a command.

    Attributes:
        id: The command's.
        done: It is as it was wanted.
        outcome: A word for programs.
        text: For people.
    """

    id: int
    done: bool
    outcome: str
    text: str


ToDaemon: TypeAlias = Report | Command | Refusal | Untold
ToProcess: TypeAlias = States | Obeyed

to_daemon: Final = msgspec.json.Decoder(ToDaemon)
to_process: Final = msgspec.json.Decoder(ToProcess)


def line(message: ToDaemon | ToProcess) -> bytes:
    """The message as it is written."""
    return msgspec.json.encode(message) + b"\n"
