"""A slowed caller's call leaves the same trace on the Asterisk in memory and on the real one."""

import asyncio
from pathlib import Path

import pytest

from siaga.settings import load
from tests.live.centre import quick_settings
from tests.scenario import real_stage, virtual_stage
from tests.scenario.prank import PRANKS, patient
from tests.scenario.trace import trace


@pytest.mark.live
@pytest.mark.parametrize("name", PRANKS)
def test_a_slowed_caller_leaves_the_same_trace_on_both(name: str, tmp_path: Path) -> None:
    """Where they differ, the one in memory is wrong."""
    settings = patient(quick_settings(tmp_path / "settings"))
    with asyncio.Runner(debug=True) as runner:
        real = runner.run(real_stage.perform(PRANKS[name], tmp_path / "real", settings))
    own = virtual_stage.perform(PRANKS[name], load(settings), real.media)
    assert trace(own) == trace(real)
