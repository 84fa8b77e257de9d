"""Real documents to begin with: what Asterisk told, the shipped settings, what tests have."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.pidf import DOCUMENT, Circle, Point
from tests.siaga.folder import KOTA_METRO
from tests.siaga.roster.test_calendar import PAGI, ics
from tests.siaga.roster.test_table import HEADER, ROW

REPLAY = Path(__file__).parent.parent / "replay"
OF_A_KIND = 3
"""Golden events of one type; the others say the same."""


@cache
def events() -> tuple[Any, ...]:
    """What a real Asterisk has told: some of each type."""
    found: dict[str, list[Any]] = {}
    for event in _all():
        kept = found.setdefault(event.get("type", ""), [])
        if len(kept) < OF_A_KIND and event not in kept:
            kept.append(event)
    return tuple(event for kept in found.values() for event in kept)


def views() -> tuple[list[Any], ...]:
    """Lists of channels, and of bridges, as Asterisk tells of them."""
    kinds = ("channel", "bridge")
    return tuple([event[kind] for event in events() if kind in event] for kind in kinds)


def variables(name: str) -> tuple[Any, ...]:
    """The values of a channel's variable in golden events, which hold JSON."""
    found: list[Any] = []
    for event in _all():
        text = event.get("channel", {}).get("channelvars", {}).get(name, "")
        if text and json.loads(text) not in found:
            found.append(json.loads(text))
    return tuple(found)


@cache
def _all() -> list[Any]:
    """All golden events."""
    texts = [path.read_text() for path in sorted(REPLAY.glob("*.jsonl"))]
    return [json.loads(line).get("event") or {} for text in texts for line in text.splitlines()]


def shipped(name: str) -> bytes:
    """A file of Kota Metro's settings."""
    return (KOTA_METRO / name).read_bytes()


def _gml(shape: str, *pairs: str, crs: str = "2d") -> str:
    """A shape as Asterisk tells it, of `name=value`."""
    split = (pair.partition("=") for pair in (f"shape={shape}", f"crs={crs}", *pairs))
    return "GML:" + ",".join(f'{name}="{value}"' for name, _, value in split)


LOCATIONS = (
    Point(-5.1133, 105.3067).told,
    Circle(Point(-5.1133, 105.3067), 50.0).told,
    'civicAddress:country="ID",A1="Lampung",A2="Kota Metro",A3="Metro Pusat"',
    _gml("Polygon", "pos=-5.1 105.3", "pos=-5.2 105.3", "pos=-5.2 105.4", "pos=-5.1 105.3"),
    _gml("Ellipse", "pos=-5.1 105.3", "semiMajorAxis=70", "semiMinorAxis=20", "orientation=3"),
    _gml(
        *("ArcBand", "pos=-5.1 105.3", "innerRadius=9", "outerRadius=50", "startAngle=20"),
        "openingAngle=9 degrees",
    ),
    _gml("Sphere", "pos=-5.1 105.3 9", "radius=9", crs="3d"),
    "URI:https://example.invalid/place",
)
ACCESS = (
    "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=5101012345678901;network-provided",
    '3GPP-NR-FDD;cgi-3gpp="51010\\"1"; local-time-zone="UTC+7", IEEE-802.11; i-wlan-node-id=a0',
)
NUMBERS = ("081234567890", "+6281234567890", "62725412345", "0725 41-2345", "anonymous", "112", "")
PIDF = tuple(DOCUMENT.format(place=each.xml).encode() for each in (Point(-5.1, 105.3),))
CSV = ((HEADER + ROW).encode(), (HEADER + ROW).replace(",", ";").encode())
ICS = (
    ics((*PAGI, "SUMMARY:pagi: sri")),
    ics((*PAGI, "SUMMARY:sri", "RRULE:FREQ=WEEKLY;COUNT=9;BYDAY=MO,TU", "EXDATE:20261231T070000")),
    ics(
        ("DTSTART;TZID=Asia/Jakarta:20261224T070000", "DURATION:PT7H", "ATTENDEE;CN=Sri:mailto:a@b")
    ),
)
