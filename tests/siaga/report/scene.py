"""Calls made by hand, and what a report says of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journal.record import Ground, Record
from siaga.period import Period
from siaga.report.call import read
from siaga.report.report import Report
from siaga.report.tally import Tally
from siaga.settings import Settings, load
from tests.siaga.folder import KOTA_METRO

NOON = datetime(2026, 10, 6, 5, 0, tzinfo=UTC)
"""Of a Tuesday in Lampung, in the shift pagi."""
JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = timedelta(days=1)

Happened = tuple[float, str, dict[str, Any]]


def settings() -> Settings:
    """Those that are shipped."""
    return load(KOTA_METRO)


def history(call: str, at: datetime, *happened: Happened) -> list[Record]:
    """A call's records: seconds after its arrival, name, facts; `path` is that of a ground."""
    found = []
    for number, (s, what, facts) in enumerate(happened):
        path = facts.get("path")
        found.append(
            Record(
                id=f"{call}-{number + 1:08d}",
                at=at + timedelta(seconds=s),
                what=what,
                call=call,
                offset_s=s,
                detail={name: fact for name, fact in facts.items() if name != "path"},
                because=() if path is None else (Ground("why", path),),
            )
        )
    return found


ARRIVED: Happened = (0.0, "arrived", {"ani": "081234567890", "trunk": "seluler", "how": "new"})


def answered(
    call: str, at: datetime, s: float, service: str = "medis", target: str = "person:sri"
) -> list[Record]:
    """A call that was answered after so long, and lasted a minute."""
    offer = {"offer": f"{call}-o", "target": target}
    return history(
        call,
        at,
        ARRIVED,
        (0.0, "zone", {"verdict": "inside", "neighbour": None}),
        (min(2.0, s), "chosen", {"service": service}),
        (min(2.0, s), "queued", {"service": service, "waiting": 1}),
        (min(2.0, s), "offered", {**offer, "path": "services.hunt_groups.medis"}),
        (s, "bridged", offer),
        (s + 60.0, "ended", {"by": "caller", "talked_s": 60.0}),
    )


def abandoned(call: str, at: datetime, s: float, why: str = "hung up") -> list[Record]:
    """A call that was given up after so long."""
    ending = {"where": "waiting", "waited_s": s, "why": why}
    return history(call, at, ARRIVED, (s, "abandoned", ending))


def period(start: datetime, end: datetime) -> Period:
    """On the clock of Lampung."""
    return Period(start.astimezone(JAKARTA), end.astimezone(JAKARTA), JAKARTA)


def tally(histories: Iterable[Iterable[Record]], of: Period, own: Settings | None = None) -> Tally:
    """The counts of these calls."""
    found = Tally(own or settings(), of)
    for records in histories:
        call = read(records)
        assert call is not None
        found.take(call)
    return found


def report(
    histories: Iterable[Iterable[Record]], of: Period, own: Settings | None = None
) -> Report:
    """A report of these calls, made when the period was over."""
    own = own or settings()
    return Report(tally(histories, of, own), own, of.end + DAY)


def by_call(records: Iterable[Record]) -> list[list[Record]]:
    """The records of each call, in their order."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.call is not None:
            found.setdefault(record.call, []).append(record)
    return list(found.values())
