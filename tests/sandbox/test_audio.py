"""What was heard is told from what was not."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from sandbox import audio
from sandbox.toolbox import Toolbox, open_toolbox

CALLER_HZ = 440
OPERATOR_HZ = 600
CD_AUDIO = b"".join(
    (
        b"RIFF\x00\x00\x00\x00WAVE",
        b"fmt \x10\x00\x00\x00\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00",
        b"data\x00\x00\x00\x00",
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    return tmp_path


def mixed(folder: Path, *tones: tuple[float, float], length_s: float = 2.0) -> Path:
    """A file of several tones at once, each with its level in dB below full scale."""
    total = [0] * int(length_s * audio.RATE_HZ)
    for hz, level_db in tones:
        audio.write_tone(folder / "part.wav", hz, length_s, level_db)
        for n, sample in enumerate(audio.read_samples(folder / "part.wav")):
            total[n] += sample
    path = folder / "mixed.wav"
    audio.write_samples(path, total)
    return path


def test_a_tone_is_heard_where_it_is_and_not_beside_it(folder: Path) -> None:
    """A tone is found at its frequency; the next phone's tone, 55 Hz away, is not."""
    path = folder / "tone.wav"
    audio.write_tone(path, OPERATOR_HZ, 1.0)
    assert audio.tone_present(path, OPERATOR_HZ)
    assert not audio.tone_present(path, OPERATOR_HZ + 55)
    assert not audio.tone_present(path, CALLER_HZ)


def test_each_of_three_mixed_tones_is_heard(folder: Path) -> None:
    """In a conference of three everybody's tone is found."""
    path = mixed(folder, (440, -12), (600, -12), (1000, -12))
    assert all(audio.tone_present(path, hz) for hz in (440, 600, 1000))
    assert not audio.tone_present(path, 800)


def test_silence_and_noise_are_no_tone(folder: Path) -> None:
    """Neither digital silence nor line noise counts as a tone."""
    silence, noise = folder / "silence.wav", folder / "noise.wav"
    audio.write_samples(silence, [0] * 16_000)
    draw = random.Random(112)  # noqa: S311 (noise, not a secret)
    audio.write_samples(noise, [draw.randrange(-3000, 3000) for _ in range(16_000)])
    assert not audio.tone_present(silence, CALLER_HZ)
    assert not audio.tone_present(noise, CALLER_HZ)


def test_a_tone_is_located_in_time(folder: Path) -> None:
    """The span of a tone is told to 50 ms, and a tone too short does not count."""
    tone = folder / "tone.wav"
    audio.write_tone(tone, CALLER_HZ, 0.4)
    path = folder / "late.wav"
    audio.write_samples(path, [0] * 8_000 + list(audio.read_samples(tone)) + [0] * 8_000)
    (span,) = audio.tone_spans(path, CALLER_HZ)
    assert span.start_s == pytest.approx(1.0, abs=0.05)
    assert span.length_s == pytest.approx(0.4, abs=0.05)
    assert not audio.tone_present(path, CALLER_HZ)
    assert audio.tone_present(path, CALLER_HZ, least_s=0.3)


def test_a_quiet_tone_is_heard(folder: Path) -> None:
    """A tone 40 dB below full scale is still found."""
    path = folder / "quiet.wav"
    audio.write_tone(path, CALLER_HZ, 1.0, level_db=-40)
    assert audio.tone_present(path, CALLER_HZ)


def test_an_unfinished_file_is_read_as_far_as_it_goes(folder: Path) -> None:
    """A file whose header still says "no data", as a phone writes it, gives its samples."""
    path = folder / "tone.wav"
    audio.write_tone(path, CALLER_HZ, 1.0)
    raw = bytearray(path.read_bytes())
    at = raw.find(b"data") + 4
    raw[at : at + 4] = bytes(4)
    path.write_bytes(raw[:-1])
    assert len(audio.read_samples(path)) == 7_999


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes"),
        (b"RIFF" + bytes(60), "not a WAV file"),
        (CD_AUDIO, "2 channels, 44100 Hz"),
    ],
)
def test_other_files_are_refused(folder: Path, content: bytes, message: str) -> None:
    """What is not telephone audio is refused with what it is."""
    path = folder / "other.wav"
    path.write_bytes(content)
    with pytest.raises(audio.NotTelephoneAudio, match=message):
        audio.read_samples(path)


def babble(seed: int, length_s: float) -> list[int]:
    """Something like speech: syllables of changing length, pitch and loudness."""
    draw = random.Random(seed)  # noqa: S311 (a test signal, not a secret)
    samples: list[int] = []
    while len(samples) < length_s * audio.RATE_HZ:
        size, period = draw.randrange(400, 2400), draw.randrange(4, 40)
        peak = draw.choice((0, 2_000, 6_000, 12_000))
        samples += [peak * (n % period) // period - peak // 2 for n in range(size)]
    return samples


def test_a_prompt_is_found_at_its_place(folder: Path) -> None:
    """A prompt is recognised in noise at another level, where it begins; another one is not."""
    prompt, other, heard = folder / "prompt.wav", folder / "other.wav", folder / "heard.wav"
    said = babble(1, 3.0)
    audio.write_samples(prompt, said)
    audio.write_samples(other, babble(2, 3.0))
    draw = random.Random(3)  # noqa: S311 (noise, not a secret)
    line = [0] * 12_000 + [sample // 3 for sample in said] + [0] * 8_000
    audio.write_samples(heard, [sample + draw.randrange(-40, 40) for sample in line])
    match = audio.correlate(heard, prompt)
    assert match.score > audio.ALIKE
    assert match.offset_s == pytest.approx(1.5, abs=0.03)
    assert audio.correlate(heard, other).score < 0.6


def test_a_prompt_cut_short_is_found_by_its_head(folder: Path) -> None:
    """When a key cuts the prompt, its first seconds still tell which one it was."""
    prompt, heard = folder / "prompt.wav", folder / "heard.wav"
    said = babble(1, 6.0)
    audio.write_samples(prompt, said)
    audio.write_samples(heard, [0] * 4_000 + said[:20_000])
    assert not audio.prompt_heard(heard, prompt)
    assert audio.prompt_heard(heard, prompt, head_s=2.0)


def test_a_prompt_too_short_to_tell_is_refused(folder: Path) -> None:
    """Less than half a second proves nothing and is refused."""
    path = folder / "short.wav"
    audio.write_tone(path, CALLER_HZ, 0.3)
    with pytest.raises(ValueError, match="half a second"):
        audio.correlate(path, path)


SAYINGS = (
    "Anda terhubung dengan layanan darurat seratus dua belas. Untuk medis tekan satu.",
    "Anda terhubung dengan layanan darurat seratus dua belas. Untuk lalu lintas tekan tiga.",
    "Mohon tunggu, Anda sedang disambungkan ke petugas medis.",
    "Mohon tunggu, Anda sedang disambungkan ke petugas pemadam kebakaran.",
    "Maaf, semua petugas sedang sibuk. Mohon tetap di saluran.",
)


async def tool(toolbox: Toolbox, program: str, *args: str | Path) -> None:
    """Runs a program of the sandbox."""
    process = await asyncio.create_subprocess_exec(
        *toolbox.argv(program),
        *map(str, args),
        env={**os.environ, **toolbox.env(program)},
    )
    assert await process.wait() == 0, f"{program} {args}"


async def spoken(toolbox: Toolbox, folder: Path, number: int) -> tuple[Path, Path]:
    """A saying as a prompt, and as it is heard: quieter, mu-law, noise, a second late."""
    raw, prompt = folder / "raw.wav", folder / f"prompt-{number}.wav"
    coded, heard = folder / "coded.wav", folder / f"heard-{number}.wav"
    await tool(toolbox, "espeak-ng", "-v", "id", "-w", raw, SAYINGS[number])
    await tool(toolbox, "sox", raw, "-r", "8000", "-c", "1", "-b", "16", prompt)
    await tool(
        toolbox,
        *("sox", prompt, "-e", "mu-law", "-b", "8", coded, "vol", "0.4", "pad", "1.0", "0.5"),
    )
    await tool(toolbox, "sox", "-R", coded, "-e", "signed", "-b", "16", heard)
    draw = random.Random(number)  # noqa: S311 (noise, not a secret)
    noisy = [sample + draw.randrange(-60, 60) for sample in audio.read_samples(heard)]
    audio.write_samples(heard, noisy)
    return prompt, heard


@pytest.mark.live
async def test_spoken_prompts_are_told_from_each_other(folder: Path) -> None:
    """Speech through mu-law and noise matches its own prompt only, also if others begin alike."""
    toolbox = open_toolbox()
    pairs = [await spoken(toolbox, folder, number) for number in range(len(SAYINGS))]
    for said, (_, heard) in enumerate(pairs):
        for sought, (prompt, _) in enumerate(pairs):
            match = audio.correlate(heard, prompt)
            assert (match.score >= audio.ALIKE) == (said == sought), (said, sought, match)
    assert audio.correlate(pairs[0][1], pairs[0][0]).offset_s == pytest.approx(1.0, abs=0.03)
