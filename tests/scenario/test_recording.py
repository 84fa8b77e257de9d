"""Talks that are recorded, on the real Asterisk and on the one in memory."""

import asyncio
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sandbox.audio import tone_present
from sandbox.behaviour import Answer
from sandbox.system import CALLER_TONE_HZ, FIRST_OPERATOR_TONE_HZ, TONE_STEP_HZ
from siaga.settings import load
from switch.event import ChannelHangupRequest, PlaybackStarted
from tests.live.centre import quick_settings
from tests.scenario import real_stage, virtual_stage
from tests.scenario.act import SLIP_S, SOON_S, call, talk
from tests.scenario.stage import Script, Stage
from tests.scenario.tape import Tape

MEDIA = {"nada_tunggu": 30.0, "menu": 11.0, "recorded": 1.5}
OTHERS_S = 4.0


async def two_talks(stage: Stage) -> None:
    """The first operator slips, and the caller talks to another one."""
    operator = await stage.operator("medis-1", Answer(0.3))
    supervisor = await stage.operator("koordinator", Answer(0.5))
    caller = await call(stage)
    await stage.recorded("recording_begun", 1, SOON_S)
    await stage.pause(SLIP_S)
    await operator.hangup()
    await stage.recorded("recording_begun", 2, SOON_S)
    await talk(stage, caller, supervisor)
    await stage.recorded("recording_kept", 2, SOON_S)


async def refused(stage: Stage) -> None:
    """Asterisk cannot make the file: they talk as if nothing were the matter."""
    stage.spoil_recordings()
    operator = await stage.operator("medis-1", Answer(0.3))
    caller = await call(stage)
    await stage.recorded("recording_not_made", 1, SOON_S)
    await talk(stage, caller, operator)


async def not_recorded(stage: Stage) -> None:
    """A service whose settings say so."""
    operator = await stage.operator("damkar-1", Answer(0.3))
    await talk(stage, await call(stage, "2"), operator)


def settings_of(folder: Path) -> Path:
    """Quick ones, in which talks about medis are recorded."""
    quick_settings(folder)
    yaml = YAML()
    services = yaml.load(folder / "services.yaml")
    services["services"]["medis"]["record"] = True
    yaml.dump(services, folder / "services.yaml")
    siaga = yaml.load(folder / "siaga.yaml")
    siaga["recording"] = {"folder": "/var/lib/siaga112/talks", "min_free_mib": 1}
    yaml.dump(siaga, folder / "siaga.yaml")
    return folder


def told(tape: Tape) -> list[tuple[str, object]]:
    """What the records say of recordings, in their order; whether they are whole."""
    names = ("bridged", "operator_lost", "ended")
    return [
        (record.what, record.detail.get("whole"))
        for record in tape.records
        if record.what in names or record.what.startswith("recording_")
    ]


def tracks(tape: Tape) -> list[str]:
    """What Asterisk has told of the snoops and their recordings, in its order.

    But not by whom a snoop is ended: the centre and the caller's end are a moment apart.
    """
    found = []
    for _, event in tape.events:
        of_snoop = getattr(getattr(event, "channel", None), "name", "").startswith("Snoop/")
        asked = isinstance(event, ChannelHangupRequest)
        if (of_snoop and not asked) or hasattr(event, "recording"):
            found.append(type(event).__name__)
    return found


def said(tape: Tape) -> list[str]:
    """What was played to the caller, in order."""
    events = (event for _, event in tape.events if isinstance(event, PlaybackStarted))
    return [event.playback.media_uri.rpartition("/")[2] for event in events]


TWO_TALKS = [
    ("bridged", None),
    ("recording_begun", None),
    ("operator_lost", None),
    ("recording_kept", True),
    ("bridged", None),
    ("recording_begun", None),
    ("ended", None),
    ("recording_kept", True),
]
ENTERS = ["StasisStart", "RecordingStarted"]
ENDS = ["RecordingFinished", "StasisEnd"]
REFUSED = [("bridged", None), ("recording_not_made", None), ("ended", None)]


def virtually(script: Script, folder: Path, seed: int = 1) -> Tape:
    """The tape of a script in memory."""
    settings = load(settings_of(folder))
    names = (*settings.prompts.texts, *settings.prompts.tones)
    media = {f"sound:siaga/id/{name}": MEDIA.get(name, OTHERS_S) for name in names}
    return virtual_stage.perform(script, settings, media, seed)


@pytest.mark.parametrize("seed", range(3))
def test_two_talks_in_memory(seed: int, tmp_path: Path) -> None:
    """Each is recorded from its begin to its end; the caller is told first of all, and once."""
    tape = virtually(two_talks, tmp_path / "own", seed)
    assert told(tape) == TWO_TALKS
    assert tracks(tape) == [*ENTERS, *ENDS, *ENTERS, *ENDS]
    assert said(tape) == ["menu", "recorded", "operator_lost"]
    paths = [r.detail["recording"] for r in tape.records if r.what == "recording_kept"]
    assert [str(path).rpartition("-")[2] for path in paths] == ["1.wav", "2.wav"]


def test_a_refusal_in_memory(tmp_path: Path) -> None:
    """It is recorded, and nothing else comes of it."""
    tape = virtually(refused, tmp_path / "own")
    assert told(tape) == REFUSED
    assert "RecordingStarted" not in tracks(tape)


def test_a_service_that_is_not_recorded(tmp_path: Path) -> None:
    """Nobody is told so, and nobody listens."""
    tape = virtually(not_recorded, tmp_path / "own")
    assert told(tape) == [("bridged", None), ("ended", None)]
    assert tracks(tape) == []
    assert "recorded" not in said(tape)


@pytest.mark.live
def test_on_the_real_asterisk(tmp_path: Path) -> None:
    """The same records, events and words; both sides are heard in each file."""
    own = settings_of(tmp_path / "own")
    with asyncio.Runner(debug=True) as runner:
        tape = runner.run(real_stage.perform(two_talks, tmp_path / "real", own))
        other = runner.run(real_stage.perform(refused, tmp_path / "refused", own))
    assert told(tape) == TWO_TALKS
    assert tracks(tape) == [*ENTERS, *ENDS, *ENTERS, *ENDS]
    assert said(tape) == ["menu", "recorded", "operator_lost"]
    kept = [record.detail for record in tape.records if record.what == "recording_kept"]
    talks = tmp_path / "real" / "system" / "talks"
    second = talks / str(kept[1]["recording"])
    assert second.stat().st_size == kept[1]["bytes"]
    for hz in (CALLER_TONE_HZ, FIRST_OPERATOR_TONE_HZ + TONE_STEP_HZ):
        assert tone_present(second, hz), f"no {hz:g} Hz in the recording"
    assert len([path for path in talks.rglob("*") if path.is_file()]) == len(kept)
    spool = tmp_path / "real" / "system" / "pbx" / "spool" / "recording"
    assert [path for path in spool.rglob("*") if path.is_file()] == []
    assert told(other) == REFUSED
    assert "RecordingStarted" not in tracks(other)
