"""The Asterisk in memory tells what the real one told, script by script."""

import pytest

from siaga.settings import Settings, load
from tests.live.centre import quick_settings
from tests.replay.golden import tapes
from tests.scenario.script import SCRIPTS
from tests.scenario.tape import Tape
from tests.scenario.trace import trace
from tests.scenario.virtual_stage import perform

RACES = frozenset({"two-answer"})
"""Scripts whose actors are named by the outcome."""
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those that the golden calls were recorded with."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_leaves_the_same_trace_as_on_the_real_asterisk(
    name: str, seed: int, settings: Settings
) -> None:
    """The golden call's trace, whatever the latencies."""
    golden = Tape.read(tapes()[name])
    own = perform(SCRIPTS[name], settings, golden.media, seed)
    assert trace(own, by_outcome=name in RACES) == trace(golden, by_outcome=name in RACES)
