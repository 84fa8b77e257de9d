"""Who is on duty, as the last resort gets it."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from routing.holiday import Holidays
from routing.override import Closed
from routing.plan import Plan
from routing.service import ServiceId
from siaga.clock import SystemClock
from siaga.duty import DutyBoard, endpoints_on_duty, rows_ahead
from siaga.holiday import roster_of
from siaga.settings import load
from switch.asterisk import Asterisk
from switch.error import Refused
from switch.rest import Json
from tests.siaga.folder import GOOD

MEDIS, UMUM = ServiceId("medis"), ServiceId("umum")
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""08:00 in Kota Metro: shift pagi."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Kota Metro as shipped."""
    return load(Path(__file__).parents[2] / "config").plan()


def test_the_agencys_operator_of_the_shift_is_named(plan: Plan) -> None:
    """At 08:00 the first of each agency is on duty; the general service names all agencies."""
    assert endpoints_on_duty(plan, MEDIS, MORNING) == ("siaga-medis-1",)
    assert endpoints_on_duty(plan, UMUM, MORNING) == (
        "siaga-medis-1",
        "siaga-damkar-1",
        "siaga-dishub-1",
        "siaga-satpol-1",
    )


def test_rows_follow_the_shifts_without_gap_or_overlap(plan: Plan) -> None:
    """Each row ends where the next one begins, at 14:00, 21:00 and 07:00 local time."""
    rows = rows_ahead(plan, MORNING, days=1)[MEDIS]
    ends = [datetime.fromtimestamp(end, UTC) - MORNING for end, _ in rows]
    assert ends == [timedelta(hours=hours) for hours in (6, 13, 23, 24)]
    assert [endpoints for _, endpoints in rows] == [
        ("siaga-medis-1",),
        ("siaga-medis-2",),
        ("siaga-medis-3",),
        ("siaga-medis-1",),
    ]


def test_a_service_that_is_unknown_rings_the_default_one(plan: Plan) -> None:
    """Whatever the dialplan asks for, somebody is named."""
    assert endpoints_on_duty(plan, ServiceId("x"), MORNING) == endpoints_on_duty(
        plan, UMUM, MORNING
    )


class Wire:
    """An Asterisk that refuses until a test says otherwise; it keeps the globals."""

    def __init__(self) -> None:
        self.refuses = True
        self.kept: list[tuple[str, str]] = []

    async def request(
        self, method: str, path: str, *, query: Json | None = None, body: Json | None = None
    ) -> bytes:
        """Keeps what is set."""
        assert (query, body is None) == (None, False)
        if self.refuses:
            raise Refused(f"{method} {path}", 401, "Unauthorized")
        self.kept.append((str((body or {})["variable"]), str((body or {})["value"])))
        return b""


async def told(board: DutyBoard, wire: Wire, *, refuses: bool) -> list[str]:
    """What is logged while all lists are written once."""
    wire.refuses = refuses
    with capture_logs() as logs:
        await board.write()
    return [entry["event"] for entry in logs]


async def test_a_refusal_is_told_once_however_long_it_lasts(plan: Plan) -> None:
    """Not for each service, not each minute; when it comes back it is told again."""
    wire = Wire()
    board = DutyBoard(Asterisk(wire, "siaga"), SystemClock(), plan, lambda _: None)
    assert await told(board, wire, refuses=True) == ["duty_not_written"]
    assert await told(board, wire, refuses=True) == []
    assert await told(board, wire, refuses=False) == []
    assert len(wire.kept) == len(plan.catalogue.services)
    assert await told(board, wire, refuses=True) == ["duty_not_written"]


async def test_new_settings_are_written_at_once(plan: Plan) -> None:
    """A reload waits for no minute: the last resort rings who is on duty by the newest roster.

    Nobody is rung for ever by the list of a service that is no more.
    """
    wire = Wire()
    wire.refuses = False
    board = DutyBoard(Asterisk(wire, "siaga"), SystemClock(), plan, lambda _: None)
    running = asyncio.create_task(board.run())
    count = len(plan.catalogue.services)
    await until(wire, count)
    minimal = load(GOOD).plan()
    board.refresh(minimal)
    await until(wire, 2 * count)
    kept = dict(wire.kept[count:])
    assert kept.pop("SIAGA_DUTY_medis") == "PJSIP/siaga-medis-1"
    gone = plan.catalogue.services.keys() - minimal.catalogue.services.keys()
    assert kept == {f"SIAGA_DUTY_{service}": "" for service in gone}
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_services_that_nobody_is_on_duty_for_are_told(plan: Plan) -> None:
    """All of them while the post is closed, none when somebody is there again."""
    wire, deserted = Wire(), list[tuple[ServiceId, ...]]()
    wire.refuses = False
    board = DutyBoard(Asterisk(wire, "siaga"), SystemClock(), nobody_at(plan), deserted.append)
    await board.write()
    board.refresh(plan)
    await board.write()
    assert deserted == [tuple(plan.catalogue.services), ()]


def nobody_at(plan: Plan) -> Plan:
    """The same centre, closed for ten years."""
    today = SystemClock().now().wall.date()
    closed = Closed(
        kind="closed", date=today - timedelta(days=2), until=today + timedelta(days=3650)
    )
    roster = replace(plan.roster.plan, overrides=(closed,), holidays=Holidays())
    return replace(plan, roster=roster_of(roster, plan.operators))


async def until(wire: Wire, count: int) -> None:
    """Returns when so many lists were written."""
    async with asyncio.timeout(5.0):
        while len(wire.kept) < count:  # noqa: ASYNC110 - the other side has no event to wait for
            await asyncio.sleep(0.01)
