"""Who is on duty, as the last resort gets it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routing.plan import Plan
from routing.service import ServiceId
from siaga.duty import endpoints_on_duty, rows_ahead
from siaga.settings import load

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
    rows = rows_ahead(plan, MEDIS, MORNING, days=1)
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
