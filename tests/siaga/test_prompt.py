"""Prompts: real espeak-ng and sox make files that Asterisk plays."""

import json
import math
import os
import wave
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from routing.operator import Language
from sandbox.toolbox import open_toolbox
from siaga.prompt import MANIFEST, Origin, Rendered, missing, render, seconds_of
from siaga.settings import load
from siaga.sound import PEAK_DBFS, RMS_DBFS, TONE_DBFS, Programs, SoundError, level_dbfs, peak_dbfs
from siaga.speech import Prompts, Tone, Voice
from tests.siaga.folder import KOTA_METRO

Sounds: TypeAlias = tuple[Path, list[Rendered]]
ID = Language("id")
SMALL = Prompts(
    voices={ID: Voice(voice="id")},
    texts={"menu": {ID: "Tekan satu."}, "maaf": {ID: "Mohon maaf."}},
    tones={"nada": Tone(frequency_hz=425, on_s=0.5, off_s=1, length_s=4)},
)


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The toolbox's espeak-ng and sox."""
    toolbox = open_toolbox()
    data = {**toolbox.env("espeak-ng"), **toolbox.env("sox")}
    return Programs(toolbox.argv("espeak-ng"), toolbox.argv("sox"), {**os.environ, **data})


@pytest.fixture(scope="session")
def metro(
    programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Rendered]]:
    """The shipped prompts, rendered once."""
    out = tmp_path_factory.mktemp("sounds")
    return out, list(render(load(KOTA_METRO).prompts, out, programs=programs))


def samples_of(file: Path) -> tuple[int, bytes]:
    """Rate and samples of a mono file of 16 bits."""
    with wave.open(str(file), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return sound.getframerate(), sound.readframes(sound.getnframes())


def record(file: Path, *, rate_hz: int = 44_100, channels: int = 2, level: float = 0.02) -> None:
    """Writes two seconds of silence with one second of a quiet tone in the middle."""
    file.parent.mkdir(parents=True, exist_ok=True)
    values = array("h")
    for index in range(2 * rate_hz):
        is_heard = rate_hz // 2 <= index < 3 * rate_hz // 2
        tone = math.sin(2 * math.pi * 300 * index / rate_hz) if is_heard else 0.0
        values.extend([int(32767 * level * tone)] * channels)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(values.tobytes())


def test_every_prompt_has_a_narrow_and_a_wide_file(metro: Sounds) -> None:
    """Asterisk finds `name.wav` at 8 kHz and `name.wav16` at 16 kHz, of the same length."""
    out, rendered = metro
    for prompt in rendered:
        stem = out / prompt.language / prompt.name
        narrow_hz, narrow = samples_of(stem.with_suffix(".wav"))
        wide_hz, wide = samples_of(stem.with_suffix(".wav16"))
        assert (narrow_hz, wide_hz) == (8000, 16000)
        assert abs(len(wide) - 2 * len(narrow)) <= 8
    assert len(rendered) == 118


def test_every_prompt_is_as_loud_as_the_others(metro: Sounds) -> None:
    """Speech and tones have their level within 1.5 dB, and no sample is clipped."""
    out, rendered = metro
    for prompt in rendered:
        wanted = TONE_DBFS if prompt.origin is Origin.TONE else RMS_DBFS
        _, samples = samples_of(out / prompt.language / f"{prompt.name}.wav16")
        assert level_dbfs(samples) == pytest.approx(wanted, abs=1.5), prompt
        assert peak_dbfs(samples) <= PEAK_DBFS + 0.2, prompt


def test_no_prompt_begins_or_ends_with_silence(metro: Sounds) -> None:
    """Callers do not wait for nothing: 0.2 s at most before the first sound and after the last."""
    out, rendered = metro
    for prompt in rendered:
        if prompt.origin is Origin.TEXT:
            _, samples = samples_of(out / prompt.language / f"{prompt.name}.wav16")
            heard = [index for index, value in enumerate(array("h", samples)) if abs(value) > 300]
            assert heard[0] / 16000 < 0.2, prompt
            assert len(samples) / 32000 - heard[-1] / 16000 < 0.2, prompt


def test_the_shipped_menu_leaves_time_to_ring(metro: Sounds) -> None:
    """Announcement, menu and first-digit time-out take less than 20 s, in the first language."""
    out, _ = metro
    menu, announce = seconds_of(out, "id", "menu"), seconds_of(out, "id", "zone_announce")
    assert menu is not None
    assert announce is not None
    assert menu <= 12.0
    assert menu + announce + load(KOTA_METRO).menu.first_digit_s <= 20.0


def test_only_what_has_changed_is_made_again(programs: Programs, tmp_path: Path) -> None:
    """A second run makes nothing; a changed text makes its prompt, a changed voice all of them."""
    render(SMALL, tmp_path, programs=programs)
    assert not any(prompt.is_new for prompt in render(SMALL, tmp_path, programs=programs))
    changed = replace(SMALL, texts={**SMALL.texts, "maaf": {ID: "Maaf sekali."}})
    again = render(changed, tmp_path, programs=programs)
    assert [prompt.name for prompt in again if prompt.is_new] == ["maaf"]
    slower = replace(changed, voices={ID: Voice(voice="id", speed_wpm=120)})
    again = render(slower, tmp_path, programs=programs)
    assert [prompt.name for prompt in again if prompt.is_new] == ["menu", "maaf"]


def test_a_lost_file_is_made_again(programs: Programs, tmp_path: Path) -> None:
    """The record of what was made is not believed without the files."""
    render(SMALL, tmp_path, programs=programs)
    (tmp_path / "id" / "menu.wav16").unlink()
    again = render(SMALL, tmp_path, programs=programs)
    assert [prompt.name for prompt in again if prompt.is_new] == ["menu"]


def test_a_recording_wins_and_is_made_fit(programs: Programs, tmp_path: Path) -> None:
    """A quiet stereo recording becomes a trimmed, levelled prompt; without it the text returns."""
    recordings, out = tmp_path / "recordings", tmp_path / "out"
    record(recordings / "id" / "menu.wav")
    rendered = render(SMALL, out, recordings=recordings, programs=programs)
    origins = {prompt.name: prompt.origin for prompt in rendered}
    assert origins == {"menu": Origin.RECORDING, "maaf": Origin.TEXT, "nada": Origin.TONE}
    rate_hz, samples = samples_of(out / "id" / "menu.wav")
    assert rate_hz == 8000
    assert level_dbfs(samples) == pytest.approx(RMS_DBFS, abs=1.5)
    assert len(samples) / 16000 == pytest.approx(1.12, abs=0.1)
    back = render(SMALL, out, recordings=tmp_path / "none", programs=programs)
    assert [prompt.name for prompt in back if prompt.is_new] == ["menu"]


def test_what_is_no_longer_wanted_is_removed(programs: Programs, tmp_path: Path) -> None:
    """Prompts of dropped texts go; files of other people stay."""
    render(SMALL, tmp_path, programs=programs)
    (tmp_path / "id" / "other.wav").write_bytes(b"not ours")
    fewer = replace(SMALL, texts={"menu": SMALL.texts["menu"]})
    render(fewer, tmp_path, programs=programs)
    files = sorted(path.name for path in (tmp_path / "id").iterdir())
    assert files == ["menu.wav", "menu.wav16", "nada.wav", "nada.wav16", "other.wav"]


def test_a_tone_sounds_and_pauses(programs: Programs, tmp_path: Path) -> None:
    """A ring-back of 0.5 s in every 1.5 s, cut at its length."""
    (nada,) = (each for each in render(SMALL, tmp_path, programs=programs) if each.name == "nada")
    _, samples = samples_of(tmp_path / "id" / "nada.wav")
    values = array("h", samples)
    heard = [
        max(map(abs, values[start : start + 800])) > 300 for start in range(0, len(values), 800)
    ]
    assert nada.seconds == pytest.approx(4.0, abs=0.01)
    assert heard == [index % 15 < 5 for index in range(40)]


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Path]:
    """A folder of prompts whose record is spoilt."""
    (tmp_path / MANIFEST).write_text('{"../../etc/passwd": "x", "/etc/hosts": "x"')
    yield tmp_path
    assert MANIFEST in {path.name for path in tmp_path.iterdir()}


def test_a_spoilt_record_is_made_anew(programs: Programs, broken: Path) -> None:
    """Garbage in the folder costs a rendering, nothing else."""
    assert all(prompt.is_new for prompt in render(SMALL, broken, programs=programs))


def test_nothing_outside_the_folder_is_removed(programs: Programs, tmp_path: Path) -> None:
    """A record that names files elsewhere is not obeyed."""
    victim, out = tmp_path / "victim.wav", tmp_path / "out"
    victim.write_bytes(b"keep")
    out.mkdir()
    (out / MANIFEST).write_text(json.dumps({"../victim": "x", f"{tmp_path}/victim": "x"}))
    render(SMALL, out, programs=programs)
    assert victim.read_bytes() == b"keep"


def test_an_unknown_voice_is_said(programs: Programs, tmp_path: Path) -> None:
    """espeak-ng's own words name the voice, and the prompt is named with them."""
    wrong = replace(SMALL, voices={ID: Voice(voice="klingonese")})
    with pytest.raises(SoundError, match=r"prompt id/menu: espeak-ng: .*voice"):
        render(wrong, tmp_path, programs=programs)


def test_a_recording_that_is_no_sound_is_said(programs: Programs, tmp_path: Path) -> None:
    """The prompt of a broken recording is named; what was made before stays, no part is left."""
    out, recordings = tmp_path / "out", tmp_path / "recordings"
    render(SMALL, out, programs=programs)
    (recordings / "id").mkdir(parents=True)
    (recordings / "id" / "menu.wav").write_bytes(b"this is no sound")
    with pytest.raises(SoundError, match="prompt id/menu"):
        render(SMALL, out, recordings=recordings, programs=programs)
    assert seconds_of(out, "id", "menu") is not None
    assert not list(out.rglob("*.part"))


def test_a_silent_recording_is_said(programs: Programs, tmp_path: Path) -> None:
    """A recording in which nothing is heard is refused: callers would wait in silence."""
    record(tmp_path / "recordings" / "id" / "menu.wav", level=0.0)
    with pytest.raises(SoundError, match="prompt id/menu: nothing can be heard in it"):
        render(SMALL, tmp_path / "out", recordings=tmp_path / "recordings", programs=programs)


def test_a_folder_that_cannot_be_made_is_said(programs: Programs, tmp_path: Path) -> None:
    """The system's reason comes with the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SoundError, match=r"Not a directory|File exists"):
        render(SMALL, tmp_path / "file", programs=programs)


def test_what_is_not_rendered_has_no_length(tmp_path: Path) -> None:
    """A missing or broken file is told apart from a short one."""
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "menu.wav").write_bytes(b"RIFF")
    assert seconds_of(tmp_path, "id", "menu") is None
    assert seconds_of(tmp_path, "id", "maaf") is None


def test_what_was_rendered_is_not_missing(metro: tuple[Path, list[Rendered]]) -> None:
    """After `siaga112 prompts` nothing is."""
    assert missing(load(KOTA_METRO).prompts, metro[0]) == ()


def test_each_missing_prompt_is_named(tmp_path: Path) -> None:
    """Any kind of sound file counts; a language without any is one entry, and so is no folder."""
    two = replace(SMALL, voices={**SMALL.voices, Language("en"): Voice(voice="en")})
    assert missing(two, tmp_path / "no") == ("id/ (all 3 prompts)", "en/ (all 1 prompts)")
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "menu.ulaw").touch()
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "nada.wav16").touch()
    assert missing(two, tmp_path) == ("id/maaf", "id/nada")
