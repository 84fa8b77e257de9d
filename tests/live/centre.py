"""The whole centre for a test: quick settings, and what a talk has to prove."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML

from journal.record import Record
from journal.spool import read
from sandbox.audio import tone_present
from sandbox.handset import Handset
from sandbox.system import CONFIG, System

RING_S = 3
"""A phone rings this long in tests; the shipped settings say 15 s."""
TALK_S = 1.6
"""Long enough to find a tone in a recording."""
ON_DUTY = ("sri", "agus", "dian", "nurul")
"""The people of seats medis-1, damkar-1, dishub-1 and satpol-1, on duty round the clock."""
NEIGHBOUR = "0725000112"
MOBILE, METRO, GUNUNG_SUGIH, BANDAR_LAMPUNG = (
    "081234567890",
    "0725412345",
    "0725512345",
    "0721481234",
)
"""Numbers of callers from anywhere, from inside, and from two neighbours of other policies."""


def quick_settings(folder: Path, *, ring_s: int = RING_S, on_duty: Sequence[str] = ON_DUTY) -> Path:
    """Kota Metro's settings with short ring times, and the same people on duty at any hour."""
    shutil.copytree(CONFIG, folder)
    yaml = YAML()
    roster = yaml.load(folder / "roster.yaml")
    roster["shifts"] = {"penuh": {"start": "00:00", "end": "00:00"}}
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    roster["weekly"] = [{"days": days, "shift": "penuh", "people": list(on_duty)}]
    roster["overrides"] = []
    yaml.dump(roster, folder / "roster.yaml")
    services = yaml.load(folder / "services.yaml")
    services["menu"]["first_digit_s"] = 1
    for group in services["hunt_groups"].values():
        group["ring_time_s"], group["busy_wait_s"] = ring_s, 1
    for chain in services["overflow"].values():
        for step in chain:
            step["ring_time_s"] = ring_s
    yaml.dump(services, folder / "services.yaml")
    return folder


async def assert_talk(caller: Handset, operator: Handset, tones: tuple[float, float]) -> None:
    """Both hear each other for a while; then the caller hangs up and both are free."""
    await asyncio.sleep(TALK_S)
    await caller.hangup()
    await operator.closed(3.0)
    await caller.closed(3.0)
    caller_hz, operator_hz = tones
    assert tone_present(operator.recording(), caller_hz), "the operator did not hear the caller"
    assert tone_present(caller.recording(), operator_hz), "the caller did not hear the operator"


def records(system: System, what: str) -> list[Record]:
    """The records of that name so far, oldest first."""
    return [record for record in read(system.spool) if record.what == what]


async def recorded(system: System, what: str, count: int = 1, limit_s: float = 5.0) -> Record:
    """The `count`-th record of that name, once it is in the spool."""
    async with asyncio.timeout(limit_s):
        while len(found := records(system, what)) < count:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.02)
    return found[count - 1]


async def outside_rung(system: System) -> None:
    """Returns when the overflow chain has come to its last step, which nobody answers here."""
    async with asyncio.timeout(8.0):
        while not any(  # noqa: ASYNC110 - another process writes
            str(record.detail["target"]).startswith("outside:")
            for record in records(system, "offered")
        ):
            await asyncio.sleep(0.02)
