"""All faults and storms, by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.chaos import around, asterisk, daemon, gust, storm
from tests.chaos import round as struck
from tests.chaos.fault import Fault
from tests.chaos.gust import Storm
from tests.chaos.round import Outcome

FAULTS: Final[Mapping[str, Fault | Storm]] = {
    **daemon.FAULTS,
    **around.FAULTS,
    **asterisk.FAULTS,
    **storm.FAULTS,
}
SLICE: Final = ("killed-2", "terminated", "failing", "cut-5", "leavers")
"""What is struck on every run of the tests."""


async def play(name: str, seed: int, folder: Path) -> Outcome:
    """Plays one round of it in an empty folder, whose path must be short."""
    match FAULTS[name]:
        case Storm() as found:
            return await gust.play(name, found, seed, folder)
        case Fault() as found:
            return await struck.play(name, found, seed, folder)
