"""The settings of simulated centres: Kota Metro with quick times, in sets that can be told apart.

All have the same people, seats and shifts. Sets differ in how they hunt, what an operator is
spared, what is urgent, and who has which shift.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from siaga.settings import Settings, load
from tests.siaga.folder import KOTA_METRO

SHIFT_CHANGE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, 14:00 in Metro: pagi ends and siang begins."""
RING_S, BUSY_WAIT_S, FIRST_DIGIT_S = 4, 2, 1
OUTSIDE = "0725000113"
"""The last step of the chains; it is behind this trunk:"""
TRUNK = "telkom"
DISMISSED = "0721112"
"""What callers of a neighbour dial whom the settings hang up on."""
PRIORITY = 2
AGEING_S = 10
"""So that whoever has waited twenty seconds more is before who is urgent."""
GROUPS = ("medis", "damkar", "lalin", "tibum", "semua")
SERVICES = {"1": "medis", "2": "damkar", "3": "lalin", "4": "tibum"}
"""By key."""


@dataclass(frozen=True, slots=True)
class Hunting:
    """What one set says of hunting.

    Attributes:
        strategies: Of the groups, in the order of `GROUPS`.
        wrap_up_s: Of all groups.
        auto_pause_after: Of all groups.
        priority: Of the service medis.
        max_wait_s: Of the service damkar.
        moved: Whether everybody has the shift after their own.
        recorded: The services whose talks are recorded.
    """

    strategies: tuple[str, ...] = ("ringall",) * len(GROUPS)
    wrap_up_s: float = 0.0
    auto_pause_after: int = 0
    priority: int = 0
    max_wait_s: float | None = None
    moved: bool = False
    recorded: tuple[str, ...] = ()


SETS = (
    Hunting(),
    Hunting(("linear", "rrmemory", "leastrecent", "fewestcalls", "random"), wrap_up_s=3.0),
    Hunting(
        ("ringall",) * 5,
        auto_pause_after=2,
        priority=PRIORITY,
        max_wait_s=20.0,
        recorded=("medis", "umum"),
    ),
    Hunting(
        ("rrmemory", "ringall", "wrandom", "linear", "leastrecent"),
        moved=True,
        recorded=("medis", "damkar", "lalin", "tibum", "umum"),
    ),
)


def _written(folder: Path, hunting: Hunting) -> Path:
    """A set in a folder."""
    shutil.copytree(KOTA_METRO, folder)
    yaml = YAML()

    def amend(file: str) -> Any:
        return yaml.load(folder / file)

    services = amend("services.yaml")
    services["menu"]["first_digit_s"] = FIRST_DIGIT_S
    for name, strategy in zip(GROUPS, hunting.strategies, strict=True):
        services["hunt_groups"][name] |= {
            "strategy": strategy,
            "ring_time_s": RING_S,
            "busy_wait_s": BUSY_WAIT_S,
            "wrap_up_s": hunting.wrap_up_s,
            "auto_pause_after": hunting.auto_pause_after,
        }
    for chain in services["overflow"].values():
        for step in chain:
            step["ring_time_s"] = RING_S
    services["ageing_s"] = AGEING_S
    services["services"]["medis"]["priority"] = hunting.priority
    if hunting.max_wait_s is not None:
        services["services"]["damkar"]["max_wait_s"] = hunting.max_wait_s
    for name in hunting.recorded:
        services["services"][name]["record"] = True
    yaml.dump(services, folder / "services.yaml")
    siaga = amend("siaga.yaml")
    siaga["recording"] = {"folder": "/talks"}
    yaml.dump(siaga, folder / "siaga.yaml")
    roster = amend("roster.yaml")
    if hunting.moved:
        rows = roster["weekly"]
        shifts = [row["shift"] for row in rows]
        for row, shift in zip(rows, [*shifts[1:], shifts[0]], strict=True):
            row["shift"] = shift
    roster["overrides"] = []
    yaml.dump(roster, folder / "roster.yaml")
    zones = amend("zones.yaml")
    zones["trunks"][TRUNK]["dids"][DISMISSED] = {"zone": "outside", "neighbour": "pesawaran"}
    zones["neighbours"]["pesawaran"] = {
        "name": "Kabupaten Pesawaran",
        "policy": "announce",
        "hang_up": True,
    }
    zones["neighbours"]["lampung-tengah"]["ring_time_s"] = RING_S
    yaml.dump(zones, folder / "zones.yaml")
    return folder


@cache
def sets() -> tuple[Settings, ...]:
    """All sets, as the daemon reads them."""
    with tempfile.TemporaryDirectory(prefix="siaga-city-") as folder:
        return tuple(
            load(_written(Path(folder) / str(n), hunting)) for n, hunting in enumerate(SETS)
        )


def seats() -> Mapping[str, str | None]:
    """By endpoint, who sits there; None at the post's phone."""
    return {seat.endpoint: seat.person for seat in sets()[0].operators.seats.values()}


def outside_step() -> tuple[str, str]:
    """Number and trunk endpoint of the last resort's last step."""
    return OUTSIDE, f"siaga-{TRUNK}"
