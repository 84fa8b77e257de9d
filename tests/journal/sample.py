"""Records and moments to test with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from journal.record import Record
from routing.moment import Instant, Moment

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
LIMIT_S = 10.0
"""No test waits longer for what must happen."""


def record(number: int, what: str = "digit", **fields: Any) -> Record:
    """A record with an id that tells its place in the order."""
    first = {"id": f"w-{number:08d}", "at": NOON + timedelta(milliseconds=number), "call": "c-1"}
    return Record(what=what, **{**first, **fields})


def moment(seconds: float) -> Moment:
    """So many seconds after noon, by both clocks."""
    return Moment(Instant(1000.0 + seconds), NOON + timedelta(seconds=seconds))


def until(holds: Callable[[], object]) -> None:
    """Returns when it holds; fails when it does not within `LIMIT_S`."""
    end = monotonic() + LIMIT_S
    while not holds():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.005)


def files(folder: Path) -> list[str]:
    """The names in a folder, sorted; none when it does not exist."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
