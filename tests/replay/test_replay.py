"""What a real Asterisk once told leads to the same decisions as then."""

from pathlib import Path

import pytest

from siaga.settings import Settings, load
from switch.event import StasisStart
from tests.live.centre import GUNUNG_SUGIH, MOBILE, quick_settings
from tests.replay.golden import tapes
from tests.replay.player import replay
from tests.scenario.script import SCRIPTS, SECOND_MOBILE
from tests.scenario.tape import Tape
from tests.scenario.trace import Tracks, trace

INVENTED = {MOBILE, SECOND_MOBILE, GUNUNG_SUGIH}
"""Callers' numbers that nobody has."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those that the tapes were recorded with."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def decisions(tape: Tape) -> Tracks:
    """The records of calls; those of the house are about the connection."""
    tracks = trace(tape)
    return {
        name: track
        for name, track in tracks.items()
        if name.startswith("records of ") and name != "records of the house"
    }


def test_every_script_has_a_golden_call() -> None:
    """A new script is recorded with `make golden`; one that went takes its file along."""
    assert set(tapes()) == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_events_lead_to_the_same_decisions(name: str, settings: Settings) -> None:
    """The records of the recorded run come out again, leg by leg and call by call."""
    tape = Tape.read(tapes()[name])
    assert decisions(tape)
    assert decisions(replay(tape, settings)) == decisions(tape)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_golden_call_has_a_number_of_a_person(name: str) -> None:
    """All callers on the tapes are invented ones."""
    tape = Tape.read(tapes()[name])
    callers = {
        event.channel.caller.number
        for _, event in tape.events
        if isinstance(event, StasisStart) and event.args[0] == "new"
    }
    assert callers
    assert callers <= INVENTED


def test_a_tape_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Every event and record, to a tenth of a millisecond."""
    tape = Tape.read(tapes()["outside-confirms"])
    tape.write(tmp_path / "again.jsonl")
    again = Tape.read(tmp_path / "again.jsonl")
    assert again.events == tape.events
    assert trace(again) == trace(tape)
    assert (tmp_path / "again.jsonl").read_bytes() == tapes()["outside-confirms"].read_bytes()
