"""A status to test with: a centre on a quiet day."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from console.board import Board, CallInProgress
from console.outcome import Finding
from console.status import (
    AgencyShown,
    AlarmShown,
    AsteriskShown,
    BrokerShown,
    LinkState,
    OperatorShown,
    PhoneShown,
    ProcessShown,
    SeatShown,
    SettingsShown,
    SpoolShown,
    Status,
)
from tests.journal.sample import NOON

MORNING = NOON - timedelta(hours=5)
PHONE = PhoneShown(seat="medis-1", endpoint="siaga-medis-1", state=SeatShown.READY, call=None)
ALARM = AlarmShown(what="disk_full", why="no room on /var", do="make room", since=MORNING)
TYPO = Finding(
    file="/etc/siaga112/roster.yaml",
    line=7,
    col=19,
    severity="error",
    message="unknown person 'sry'; did you mean 'sri'?",
    text="/etc/siaga112/roster.yaml:7:19: unknown person 'sry'; did you mean 'sri'?",
)
QUIET = Status(
    at=NOON,
    version="0.1.0",
    started=MORNING,
    uptime_s=18_000.0,
    ready=True,
    why=None,
    asterisk=AsteriskShown(
        state=LinkState.UP,
        since=MORNING,
        version="22.10.1",
        why=None,
        url="http://127.0.0.1:8088",
        app="siaga",
        connects=1,
        unknown_events=0,
        malformed_events=0,
    ),
    heartbeat_age_s=0.4,
    settings=SettingsShown(
        folder="/etc/siaga112",
        known_good=None,
        accepted=MORNING,
        warnings=(),
        refused=None,
        restart_needed={},
    ),
    calls={},
    stages={},
    queue=(),
    agencies={
        "medis": AgencyShown(
            name="Dinas Kesehatan",
            operators=(
                OperatorShown(
                    person="sri",
                    name="Sri Wahyuni",
                    shift="pagi",
                    until=NOON + timedelta(hours=3),
                    phones=(PHONE,),
                ),
            ),
        ),
        "damkar": AgencyShown(name="Damkar", operators=()),
    },
    post=PhoneShown(seat="pos", endpoint="siaga-pos", state=SeatShown.READY, call=None),
    slowed=(),
    alarms=(),
    spool=SpoolShown(waiting=0, fault=None, shed={}),
    broker=BrokerShown(state="up", why=None, published=12, waiting=0),
    figures=Board().figures,
    counts={},
    fuse_renewals=0,
    tasks=(),
    process=ProcessShown(pid=112, tasks=9, memory_blocks=400_000),
)


def status(**changes: Any) -> Status:
    """The quiet day, but for these fields."""
    return replace(QUIET, **changes)


def waiting(seconds: float, number: str = "0812***890", service: str = "medis") -> CallInProgress:
    """A caller who has come so many seconds ago, and waits."""
    return CallInProgress(NOON - timedelta(seconds=seconds), "waiting", service, number=number)
