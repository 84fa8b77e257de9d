"""A few faults, struck once: nobody is lost, nothing is left over. `make chaos` has them all."""

from pathlib import Path

import pytest

from tests.chaos.catalogue import SLICE, play
from tests.chaos.table import stories

SEED = 112


@pytest.mark.live
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", SLICE)
async def test_nobody_is_lost(name: str, tmp_path: Path) -> None:
    """Every caller who stays hears a human, and the daemon serves again."""
    outcome = await play(name, SEED, tmp_path)
    assert list(stories(outcome)) == []
    assert len(outcome.fates) >= 2
