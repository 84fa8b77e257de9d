"""What waiting callers are told, on the real Asterisk and on the one in memory."""

import asyncio
from pathlib import Path

import pytest

from siaga.settings import load
from switch.event import PlaybackStarted
from tests.live.centre import MOBILE, quick_settings, telling
from tests.scenario import real_stage, virtual_stage
from tests.scenario.act import SOON_S, dial
from tests.scenario.script import SECOND_MOBILE
from tests.scenario.stage import Stage
from tests.scenario.tape import Tape

WORDS_S = 9.0
"""The longest words take less."""
TOLD_S = 30.0
MEDIA = {"nada_tunggu": 30.0, "menu": 11.0, "connecting_medis": 4.5, "turned": 4.5, "waiting": 7.0}
OTHERS_S = 2.0


async def two_wait(stage: Stage) -> None:
    """Nobody is there: both are told, one gives up in time, and the other is told again."""
    first = await stage.citizen(MOBILE, "seluler")
    second = await stage.citizen(SECOND_MOBILE, "seluler")
    await dial(stage, first)
    await dial(stage, second)
    await stage.recorded("announced", 2, TOLD_S)
    await stage.pause(WORDS_S)
    await first.hangup()
    await stage.recorded("announced", 3, TOLD_S)
    await stage.pause(WORDS_S)
    await second.hangup()
    await stage.recorded("abandoned", 2, SOON_S)


def words(tape: Tape) -> list[str]:
    """What was said, caller by caller in the order of their coming."""
    order = {r.call: n for n, r in enumerate(r for r in tape.records if r.what == "arrived")}
    said = [r for r in tape.records if r.what == "announced"]
    return [f"{order[r.call]}: {r.detail['prompts']}" for r in said]


def played(tape: Tape) -> list[str]:
    """Caller by caller, what began to be played after the menu, in order."""
    tracks: dict[str, list[str]] = {}
    for _, event in tape.events:
        if isinstance(event, PlaybackStarted):
            name = event.playback.media_uri.rpartition("/")[2]
            tracks.setdefault(event.playback.target_uri, []).append(name)
    return [" ".join(track[1:]) for track in tracks.values()]


SAID = ["0: turned+position_1", "1: turned+position_2", "1: position_1"]
PLAYED = [
    "connecting_medis nada_tunggu turned position_1 nada_tunggu",
    "connecting_medis nada_tunggu turned position_2 nada_tunggu position_1 nada_tunggu",
]


def settings_of(folder: Path) -> Path:
    """Quick ones, which tell as often as they may."""
    return telling(quick_settings(folder))


@pytest.mark.parametrize("seed", range(3))
def test_in_memory(seed: int, tmp_path: Path) -> None:
    """Turn and place at once, then the better place; ringing behind each."""
    settings = load(settings_of(tmp_path / "own"))
    names = (*settings.prompts.texts, *settings.prompts.tones)
    media = {f"sound:siaga/id/{name}": MEDIA.get(name, OTHERS_S) for name in names}
    tape = virtual_stage.perform(two_wait, settings, media, seed)
    assert words(tape) == SAID
    assert played(tape) == PLAYED


def test_a_prompt_that_is_missing_costs_its_own_sound_only(tmp_path: Path) -> None:
    """The ringing behind it is heard."""
    settings = load(settings_of(tmp_path / "own"))
    media = {f"sound:siaga/id/{name}": length for name, length in MEDIA.items()}
    tape = virtual_stage.perform(two_wait, settings, media)
    assert words(tape) == SAID
    assert all(track.endswith("nada_tunggu") for track in played(tape))


@pytest.mark.live
def test_on_the_real_asterisk(tmp_path: Path) -> None:
    """The same words, and the same that is played."""
    own = settings_of(tmp_path / "own")
    with asyncio.Runner(debug=True) as runner:
        tape = runner.run(real_stage.perform(two_wait, tmp_path / "real", own))
    assert words(tape) == SAID
    assert played(tape) == PLAYED
