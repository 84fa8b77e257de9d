"""A place that comes in an INVITE decides, on a trunk that is trusted for it."""

import pytest

from journal.record import Record
from sandbox import pidf
from sandbox.pidf import Circle, Civic, Place, Point
from sandbox.scenario import VOICE, Origin, Voice
from sandbox.system import System
from tests.live.test_evidence import located, ring

pytestmark = pytest.mark.live

METRO = Point(-5.1131, 105.3067)
BANDAR_LAMPUNG = Point(-5.4292, 105.2610)
CELLS = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={};network-provided"


async def judged(system: System, origin: Origin, offer: Voice = VOICE) -> Record:
    """The verdict on a call."""
    (zone,) = [record for record in await ring(system, origin, offer) if record.what == "zone"]
    return zone


@pytest.mark.parametrize(
    ("place", "verdict", "text", "file"),
    [
        (METRO, "inside", "a point, is inside of the city's boundary", "zones.yaml"),
        (Circle(METRO, 500.0), "inside", "a circle, is inside of the city's", "zones.yaml"),
        (Circle(METRO, 50_000.0), "unknown", "above 5000 m it proves nothing", "zones.yaml"),
        (Circle(BANDAR_LAMPUNG, 900.0), "outside", "in no neighbour's boundary", "zones.yaml"),
        (Civic({"country": "ID", "A2": "METRO"}), "inside", "inside: Metro", "zones.yaml"),
        (Civic({"A2": "Bandar Lampung"}), "outside", "outside: Bandar Lampung", "zones.yaml"),
    ],
    ids=lambda value: type(value).__name__.lower() if isinstance(value, Place) else str(value),
)
async def test_a_place_decides(
    system: System, place: Place, verdict: str, text: str, file: str
) -> None:
    """From the caller's INVITE to the verdict, with the place of the rule."""
    zone = await judged(system, *located(place))
    assert zone.detail["verdict"] == verdict
    assert text in zone.because[0].text
    assert zone.because[0].where.startswith(f"{file}:")


@pytest.mark.parametrize(
    ("cell", "verdict", "where"),
    [
        ("510991a2b0c0ff01", "inside", "cells.csv:4"),
        ('"51099-2F01-1234567"', "outside", "cells.csv:7"),
    ],
)
async def test_a_cell_decides(system: System, cell: str, verdict: str, where: str) -> None:
    """By its row, whose line is told."""
    zone = await judged(system, pidf.origin(located=False, access=[CELLS.format(cell)]))
    assert (zone.detail["verdict"], zone.because[0].where) == (verdict, where)
