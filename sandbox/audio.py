"""Proof by ear: tones made and found, prompts recognised in what a phone has heard.

Works on telephone audio: WAV, one channel, 16 bit, 8,000 samples a second. What a phone is still
writing, or left unfinished, is read as far as it goes.
"""

import math
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul, sub
from pathlib import Path

RATE_HZ = 8_000
"""ITU-T G.711."""
FULL_SCALE = 32_768
WAV_HEADER_BYTES = 44
"""RIFF with one `fmt ` of 16 bytes and `data`, as baresip, sox and Asterisk write it."""

TONE_FRAME = 400
"""50 ms: tones 55 Hz apart are told from each other."""
TONE_SHARE = 0.25
"""A tone counts when it has this share of a frame's energy, so also one of three mixed ones."""
SILENCE_DB = -50.0
"""Below full scale; G.711's own noise is lower."""

PROMPT_FRAME = 160
"""20 ms, one packet of RTP: a packet lost or doubled moves the match by no more than a frame."""
COMBS = (1, 2, 4)
"""Samples of delay: each difference x[n] - x[n-d] weighs the band differently."""
RANGE_DB = 40.0
"""What is this far below the loudest frame counts as silence, whatever noise it holds."""
ALIKE = 0.78
"""Measured: the same prompt over G.711 with noise 0.85 and more; one that only begins with the same
words 0.71 and less; any other by the same voice 0.47 and less."""


class NotTelephoneAudio(ValueError):
    """The file is not mono, 16 bit, 8,000 Hz; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well and where a prompt was found.

    Attributes:
        score: 1 is equal in loudness and colour over time, 0 is unrelated.
        offset_s: Where the prompt begins in the recording, seconds.
    """

    score: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a recording, in seconds from its beginning."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it is, seconds."""
        return self.end_s - self.start_s


def write_tone(path: Path, hz: float, length_s: float, level_db: float = -6.0) -> None:
    """A WAV file of one sine, `level_db` below full scale at its peaks."""
    peak = (FULL_SCALE - 1) * 10 ** (level_db / 20)
    step = 2 * math.pi * hz / RATE_HZ
    write_samples(path, [round(peak * math.sin(step * n)) for n in range(int(length_s * RATE_HZ))])


def write_samples(path: Path, samples: Sequence[int]) -> None:
    """A WAV file of 16-bit samples, RATE_HZ a second."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(array("h", samples).tobytes())


def read_samples(path: Path) -> "array[int]":
    """The samples of a WAV file, also of one whose header is not finished.

    Raises:
        NotTelephoneAudio: It has another format.
        OSError: It cannot be read.
    """
    raw = path.read_bytes()
    if len(raw) < WAV_HEADER_BYTES:
        raise NotTelephoneAudio(f"{path}: {len(raw)} bytes, not even a WAV header")
    at = raw.find(b"fmt ")
    data = raw.find(b"data")
    if not raw.startswith(b"RIFF") or at < 0 or data < 0:
        raise NotTelephoneAudio(f"{path}: not a WAV file")
    coding, channels = (int.from_bytes(raw[n : n + 2], "little") for n in (at + 8, at + 10))
    rate = int.from_bytes(raw[at + 12 : at + 16], "little")
    bits = int.from_bytes(raw[at + 22 : at + 24], "little")
    if (coding, channels, rate, bits) != (1, 1, RATE_HZ, 16):
        raise NotTelephoneAudio(
            f"{path}: coding {coding}, {channels} channels, {rate} Hz, {bits} bit;"
            f" expected coding 1 (PCM), 1 channel, {RATE_HZ} Hz, 16 bit"
        )
    declared = int.from_bytes(raw[data + 4 : data + 8], "little")
    rest = raw[data + 8 :]
    if 0 < declared < len(rest):
        rest = rest[:declared]
    return array("h", rest[: len(rest) // 2 * 2])


def _energy(samples: "array[int]") -> float:
    return float(sum(map(mul, samples, samples)))


def _share(frame: "array[int]", hz: float) -> float:
    """The part of a frame's energy that is at `hz`, 0 to 1 (Goertzel); 0 in silence."""
    energy = _energy(frame)
    if energy / len(frame) < (FULL_SCALE * 10 ** (SILENCE_DB / 20)) ** 2:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hz / RATE_HZ)
    one = two = 0.0
    for sample in frame:
        one, two = sample + turn * one - two, one
    power = one * one + two * two - turn * one * two
    return min(1.0, 2 * power / (len(frame) * energy))


def tone_shares(path: Path, hz: float) -> list[float]:
    """The part of the energy that is at `hz`, 0 to 1, for each 50 ms of the recording.

    Raises:
        NotTelephoneAudio: It has another format.
        OSError: It cannot be read.
    """
    samples = read_samples(path)
    whole = len(samples) // TONE_FRAME * TONE_FRAME
    return [_share(samples[n : n + TONE_FRAME], hz) for n in range(0, whole, TONE_FRAME)]


def tone_spans(path: Path, hz: float) -> list[Span]:
    """Where the tone is heard, to 50 ms.

    Raises:
        NotTelephoneAudio: It has another format.
        OSError: It cannot be read.
    """
    heard = [share >= TONE_SHARE for share in tone_shares(path, hz)]
    edges = [n for n, (before, now) in enumerate(pairwise([False, *heard, False])) if before != now]
    frame_s = TONE_FRAME / RATE_HZ
    return [
        Span(start * frame_s, end * frame_s)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def tone_present(path: Path, hz: float, least_s: float = 0.5) -> bool:
    """Whether the tone is heard for `least_s` seconds without a break.

    Raises:
        NotTelephoneAudio: It has another format.
        OSError: It cannot be read.
    """
    return any(span.length_s >= least_s for span in tone_spans(path, hz))


def _traits(samples: "array[int]") -> list[list[float]]:
    """Loudness, and loudness through each comb against it, in dB for each 20 ms."""
    bands = [samples, *(array("i", map(sub, samples[d:], samples)) for d in COMBS)]
    count = (len(samples) - max(COMBS)) // PROMPT_FRAME
    energies = [
        [_energy(band[n * PROMPT_FRAME : (n + 1) * PROMPT_FRAME]) for n in range(count)]
        for band in bands
    ]
    floor = max(energies[0], default=0.0) / 10 ** (RANGE_DB / 10) + 1.0
    loud = [10 * math.log10(energy + floor) for energy in energies[0]]
    colours = [
        [10 * math.log10(energy + floor) - whole for energy, whole in zip(band, loud, strict=True)]
        for band in energies[1:]
    ]
    return [loud, *colours]


def _likeness(sought: list[float], heard: list[float], lags: int) -> list[float]:
    """Pearson's correlation of `sought` with `heard` at each lag."""
    size = len(sought)
    mean = sum(sought) / size
    centred = [value - mean for value in sought]
    spread = math.sqrt(sum(map(mul, centred, centred)))
    out = []
    for lag in range(lags):
        window = heard[lag : lag + size]
        total = sum(window)
        around = sum(map(mul, window, window)) - total * total / size
        both = spread * math.sqrt(max(around, 0.0))
        out.append(sum(map(mul, centred, window)) / both if both > size else 0.0)
    return out


def correlate(recorded: Path, reference: Path, head_s: float | None = None) -> Match:
    """How well, and where, a prompt is found in what a phone has heard.

    Compares how loudness and colour change over time: level, G.711 and a lost packet do not matter.

    Args:
        recorded: What was heard.
        reference: The prompt.
        head_s: Seek only the first seconds of the prompt, for one that a key may have cut short.

    Raises:
        ValueError: The prompt is shorter than half a second.
        NotTelephoneAudio: One of them has another format.
        OSError: One of them cannot be read.
    """
    prompt = read_samples(reference)
    if head_s is not None:
        prompt = prompt[: int(head_s * RATE_HZ)]
    sought = _traits(prompt)
    if len(sought[0]) * PROMPT_FRAME < RATE_HZ // 2:
        raise ValueError(f"{reference}: too short to be recognised; half a second is the least")
    heard = _traits(read_samples(recorded))
    lags = len(heard[0]) - len(sought[0]) + 1
    if lags < 1:
        return Match(0.0, 0.0)
    by_trait = [_likeness(s, h, lags) for s, h in zip(sought, heard, strict=True)]
    scores = [sum(values) / len(values) for values in zip(*by_trait, strict=True)]
    best = max(range(lags), key=scores.__getitem__)
    return Match(scores[best], best * PROMPT_FRAME / RATE_HZ)


def prompt_heard(recorded: Path, reference: Path, head_s: float | None = None) -> bool:
    """Whether the prompt is in what was heard; arguments and errors as for `correlate`."""
    return correlate(recorded, reference, head_s).score >= ALIKE
