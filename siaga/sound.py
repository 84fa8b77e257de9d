"""Speech, recordings and tones, made into files that Asterisk plays, by espeak-ng and sox.

text ─espeak-ng─▶ ┐
recording ──────▶ ├ trimmed, mono, 16 kHz ─▶ level measured ─▶ levelled, 16 and 8 kHz files
tone ─sox synth─▶ ┘

SoundError         a program is missing, or refused what it was given
"""

import math
import re
import subprocess
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from siaga.speech import Tone, Voice

RATE_HZ: Final = 16_000
"""Of wideband telephony (G.722); narrowband files are made from it."""
NARROW_HZ: Final = 8_000
RMS_DBFS: Final = -20.0
"""Level of speech on telephone lines: about the -19 dBm0 of ITU-T P.56's active speech."""
TONE_DBFS: Final = -26.0
"""A steady tone is louder to the ear than speech of the same level."""
PEAK_DBFS: Final = -1.0
"""Resampling after the limiter may overshoot a little."""
MOST_GAIN_DB: Final = 30.0
"""More would be needed only for a recording of noise."""
GATE_DBFS: Final = -45.0
"""Windows below it are pauses, and say nothing of how loud the speech is."""
WINDOW: Final = RATE_HZ // 50
LIMIT_S: Final = 60.0
"""A program that takes longer for one prompt hangs."""
TRIM: Final = ("silence", "1", "0.02", "0.3%", "reverse") * 2 + ("pad", "0.04", "0.08")
"""Cuts silence at both ends (-50 dBFS), and leaves a breath of it."""
_RAW: Final = ("-t", "raw", "-e", "signed", "-b", "16", "-L", "-c", "1", "-r", str(RATE_HZ))
_FULL_SCALE: Final = 32768.0


class SoundError(Exception):
    """No sound could be made; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """How espeak-ng and sox are started.

    Attributes:
        espeak: The beginning of espeak-ng's command line.
        sox: The beginning of sox's.
        env: All of their environment; None is this process's own.
    """

    espeak: Sequence[str] = ("espeak-ng",)
    sox: Sequence[str] = ("sox",)
    env: Mapping[str, str] | None = field(default=None, repr=False)

    def versions(self) -> str:
        """The versions of both programs, as one word for each.

        Raises:
            SoundError: One of them is missing.
        """
        lines = (("espeak-ng", self.espeak), ("sox", self.sox))
        found = (_run(self, name, [*argv, "--version"]) for name, argv in lines)
        numbers = (re.search(r"v?\d+(\.\d+)+", out.decode(errors="replace")) for out in found)
        return " ".join("?" if number is None else number[0] for number in numbers)


def speak(programs: Programs, text: str, voice: Voice) -> bytes:
    """Samples of a text, spoken.

    Raises:
        SoundError: espeak-ng is missing, or has no such voice.
    """
    options = ["-v", voice.voice, "-s", str(voice.speed_wpm), "-p", str(voice.pitch), "-b", "1"]
    spoken = _run(
        programs, "espeak-ng", [*programs.espeak, *options, "--stdin", "--stdout"], text.encode()
    )
    return _trimmed(programs, ["-t", "wav", "-"], spoken)


def convert(programs: Programs, recording: Path) -> bytes:
    """Samples of a recording, of whatever rate and number of channels.

    Raises:
        SoundError: sox is missing, or cannot read the file.
    """
    return _trimmed(programs, [str(recording)], b"", "highpass", "80")


def ring(programs: Programs, tone: Tone) -> bytes:
    """Samples of a tone with its pauses.

    Raises:
        SoundError: sox is missing.
    """
    sine = ["synth", str(tone.on_s), "sine", str(tone.frequency_hz), "fade", "0.01", "0", "0.01"]
    times = math.ceil(tone.length_s / (tone.on_s + tone.off_s)) - 1
    shape = ["pad", "0", str(tone.off_s), "repeat", str(times), "trim", "0", str(tone.length_s)]
    return _run(programs, "sox", [*programs.sox, "-V1", "-D", "-n", *_RAW, "-", *sine, *shape])


def write(programs: Programs, samples: bytes, file: Path, rate_hz: int, rms_dbfs: float) -> None:
    """Writes samples as a WAV file of that rate and level.

    Raises:
        SoundError: sox is missing, or cannot write there.
    """
    gain_db = min(rms_dbfs - level_dbfs(samples), MOST_GAIN_DB)
    rate = ["rate", str(rate_hz)] if rate_hz != RATE_HZ else []
    level = ["gain", f"{gain_db:.2f}"]
    if peak_dbfs(samples) + gain_db > PEAK_DBFS:
        level = ["gain", "-l", f"{gain_db - PEAK_DBFS:.2f}", "gain", f"{PEAK_DBFS:.2f}"]
    line = [*programs.sox, "-V1", "-D", *_RAW, "-", "-t", "wav", str(file), *rate, *level]
    _run(programs, "sox", line, samples)


def level_dbfs(samples: bytes) -> float:
    """The level of what is not a pause, against full scale; of silence, the gate's own."""
    values = array("h", samples)
    gate = (_FULL_SCALE * 10 ** (GATE_DBFS / 20)) ** 2
    windows = (values[start : start + WINDOW] for start in range(0, len(values), WINDOW))
    powers = [sum(value * value for value in window) / len(window) for window in windows]
    active = [power for power in powers if power > gate] or [gate]
    return 10 * math.log10(sum(active) / len(active) / _FULL_SCALE**2)


def peak_dbfs(samples: bytes) -> float:
    """The loudest sample, against full scale."""
    loudest = max(map(abs, array("h", samples)), default=0)
    return 20 * math.log10(max(loudest, 1) / _FULL_SCALE)


def _trimmed(programs: Programs, source: list[str], data: bytes, *effects: str) -> bytes:
    # 3 dB down first: resampling a recording that touches full scale would clip it.
    line = [*programs.sox, "-V1", "-D", *source, *_RAW, "-", "gain", "-3", *effects, *TRIM]
    samples = _run(programs, "sox", line, data)
    if peak_dbfs(samples) < GATE_DBFS:
        raise SoundError("nothing can be heard in it")
    return samples


def _run(programs: Programs, name: str, line: Sequence[str], data: bytes = b"") -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - the programs of the settings' owner, without a shell
            line, input=data, capture_output=True, check=False, timeout=LIMIT_S, env=programs.env
        )
    except FileNotFoundError as error:
        message = f"{line[0]} is missing; install the package {name}"
        raise SoundError(message) from error
    except OSError as error:
        raise SoundError(f"{name} cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise SoundError(f"{name} did not end in {LIMIT_S:g} s") from error
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        why = words[-1] if words else f"exit status {done.returncode}"
        raise SoundError(f"{name}: {why}")
    return done.stdout
