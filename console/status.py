"""What the daemon says of itself: one value for HTTP, for the control socket and for people.

docs/status.md describes its JSON, field by field. Times are UTC; what is a list of ids is in the
order in which it counts.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from console.board import CallInProgress
from console.outcome import Finding


class LinkState(StrEnum):
    """The connection to Asterisk."""

    UP = "up"
    DOWN = "down"
    STANDBY = "standby"


class SeatShown(StrEnum):
    """What is known of a phone; nothing is while Asterisk is away."""

    READY = "ready"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the status: all of its fields are written, by their names."""


class AlarmShown(_Part, frozen=True, kw_only=True):
    """An alarm that stands.

    Attributes:
        what: Its name, as in systemd/README.md.
        why: What is wrong.
        do: What to do about it.
        since: When it began.
    """

    what: str
    why: str
    do: str
    since: datetime


class AsteriskShown(_Part, frozen=True, kw_only=True):
    """The connection to Asterisk.

    Attributes:
        state: Whether events flow.
        since: When that began.
        version: Asterisk's, when up.
        why: Why there is no connection, when down.
        url: Of its HTTP server.
        app: The Stasis application.
        connects: Event streams that were opened since the process began.
        unknown_events: Those of a kind that nobody reads here.
        malformed_events: Those of a known kind that could not be read.
    """

    state: LinkState
    since: datetime
    version: str | None
    why: str | None
    url: str
    app: str
    connects: int
    unknown_events: int
    malformed_events: int


class RefusalShown(_Part, frozen=True, kw_only=True):
    """The set of settings that was tried last, and cannot be used.

    Attributes:
        at: When it was read.
        problems: All that is wrong with it.
    """

    at: datetime
    problems: tuple[Finding, ...]


class SettingsShown(_Part, frozen=True, kw_only=True):
    """The settings in use, and what waits to be.

    Attributes:
        folder: Where people write them.
        known_good: The copy that is used, as a start found only errors in `folder`; else None.
        accepted: When those in use were accepted.
        warnings: What is wrong with those in use and can be lived with.
        refused: What was tried last and cannot be used; None when that is in use.
        restart_needed: What is changed and waits for a restart: where it is written, by name.
    """

    folder: str
    known_good: str | None
    accepted: datetime
    warnings: tuple[Finding, ...]
    refused: RefusalShown | None
    restart_needed: Mapping[str, str]


class PhoneShown(_Part, frozen=True, kw_only=True):
    """A phone at the post.

    Attributes:
        seat: Its id.
        endpoint: As Asterisk knows it.
        state: Whether it could be rung.
        call: The call that it rings for or talks to, if it is one of 112.
    """

    seat: str
    endpoint: str
    state: SeatShown
    call: str | None


class PauseShown(_Part, frozen=True, kw_only=True):
    """An operator's pause.

    Attributes:
        since: When it began; None if that is not known.
        until: When it ends by itself; None: with the turn of duty.
        automatic: Not asked for: calls were not answered.
        reason: What was said of it; may be empty.
    """

    since: datetime | None
    until: datetime | None
    automatic: bool
    reason: str


class OperatorShown(_Part, frozen=True, kw_only=True):
    """An operator on duty.

    Attributes:
        person: The id.
        name: As supervisors know them.
        shift: Which one they work.
        until: When their turn ends.
        phones: At the seats that are theirs.
        pause: While no calls are offered to them.
        wrap_up_s: Seconds of wrap-up that are left; 0 for none.
    """

    person: str
    name: str
    shift: str
    until: datetime
    phones: tuple[PhoneShown, ...]
    pause: PauseShown | None = None
    wrap_up_s: float = 0.0


class AgencyShown(_Part, frozen=True, kw_only=True):
    """An agency, and who of it is on duty.

    Attributes:
        name: As people know it.
        operators: On duty now.
    """

    name: str
    operators: tuple[OperatorShown, ...]


class SpoolShown(_Part, frozen=True, kw_only=True):
    """The records on their way to the disk.

    Attributes:
        waiting: How many are in memory only.
        fault: Why the disk does not take them, or None.
        shed: How many are lost, by class: `ending` or `other`.
        behind: Bytes on the disk that the store does not have yet.
    """

    waiting: int
    fault: str | None
    shed: Mapping[str, int]
    behind: int = 0


class BrokerShown(_Part, frozen=True, kw_only=True):
    """How publishing over MQTT goes.

    Attributes:
        state: `starting`, `up`, `lost` (a moment ago), `away` (for long) or `refused`.
        why: What is wrong, or None.
        published: Records that the broker has confirmed to the process that publishes.
        waiting: Records in the store that it has not confirmed yet.
        unheard: Why the broker brings no commands although some are allowed, or None.
    """

    state: str
    why: str | None
    published: int
    waiting: int
    unheard: str | None = None


class SlowedShown(_Part, frozen=True, kw_only=True):
    """A number that is slowed down (docs/throttle.md).

    Attributes:
        number: In international form, masked unless numbers are shown.
        marks: How many prank or ghost calls it comes from.
        until: When it ends.
    """

    number: str
    marks: int
    until: datetime


class ProcessShown(_Part, frozen=True, kw_only=True):
    """What the process holds; numbers that grow are a leak.

    Attributes:
        pid: Its id.
        tasks: All tasks of its loop.
        memory_blocks: What the interpreter has allocated.
    """

    pid: int
    tasks: int
    memory_blocks: int


class Status(_Part, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        at: When this was so.
        version: Of this software.
        started: When the process began.
        uptime_s: Since then, by a clock that nobody steps.
        ready: Whether new calls are served by this daemon.
        why: Why they are not.
        asterisk: The connection.
        heartbeat_age_s: Since Asterisk last heard that calls are served; None if it never did.
        settings: Those in use.
        calls: In progress, by id, the oldest first.
        stages: How many of them there are, by stage.
        queue: Ids of those who wait, the next to be served first.
        agencies: By id, with who is on duty.
        post: The phone that rings when nobody else answers.
        slowed: Numbers that are slowed down, by when it ends.
        alarms: What needs a hand, the oldest first.
        spool: The records.
        broker: How publishing over MQTT goes; None where nothing is published.
        figures: Since the process began.
        counts: Records since then, by name.
        fuse_renewals: How often a caller's fuse was renewed since then.
        tasks: What is done for calls at this moment.
        process: What it holds.
    """

    at: datetime
    version: str
    started: datetime
    uptime_s: float
    ready: bool
    why: str | None
    asterisk: AsteriskShown
    heartbeat_age_s: float | None
    settings: SettingsShown
    calls: Mapping[str, CallInProgress]
    stages: Mapping[str, int]
    queue: tuple[str, ...]
    agencies: Mapping[str, AgencyShown]
    post: PhoneShown
    slowed: tuple[SlowedShown, ...]
    alarms: tuple[AlarmShown, ...]
    spool: SpoolShown
    broker: BrokerShown | None = None
    figures: Mapping[str, Any]
    counts: Mapping[str, int]
    fuse_renewals: int
    tasks: tuple[str, ...]
    process: ProcessShown
