"""The real Asterisk tells what the one in memory tells, script by script."""

import asyncio
from pathlib import Path

import pytest

from siaga.settings import load
from tests.live.centre import quick_settings
from tests.scenario import real_stage, virtual_stage
from tests.scenario.question import questions
from tests.scenario.script import SCRIPTS
from tests.scenario.test_virtual import RACES
from tests.scenario.trace import trace

pytestmark = pytest.mark.live


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_leaves_the_same_trace_on_both(name: str, tmp_path: Path) -> None:
    """Where they differ, the one in memory is wrong."""
    with asyncio.Runner(debug=True) as runner:
        real = runner.run(real_stage.perform(SCRIPTS[name], tmp_path / "real"))
    settings = load(quick_settings(tmp_path / "settings"))
    own = virtual_stage.perform(SCRIPTS[name], settings, real.media)
    assert trace(own, by_outcome=name in RACES) == trace(real, by_outcome=name in RACES)


def test_every_question_is_answered_alike(tmp_path: Path) -> None:
    """The same status and the same words, and the same keys in what is told."""
    real: list[str] = []
    own: list[str] = []
    with asyncio.Runner(debug=True) as runner:
        tape = runner.run(real_stage.perform(questions(real), tmp_path / "real"))
    settings = load(quick_settings(tmp_path / "settings"))
    virtual_stage.perform(questions(own), settings, tape.media)
    assert own == real
