"""The keypad's tones in the audio, for gateways that offer no telephone-event."""

import math
from pathlib import Path

from sandbox.audio import RATE_HZ

ROWS_HZ, COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
"""ITU-T Q.23."""
KEY_S = 0.12
"""How long a key sounds; Asterisk wants 40 ms and more."""
REST_S = 0.1
"""Silence after it: a key has ended only when it is not heard any more."""
PEAK = 8_000
"""Of each of the two tones, of 32,767: about -12 dB below full scale."""


def write_key(path: Path, key: str) -> None:
    """A file of raw A-law (G.711, 8,000 Hz) in which the key is heard once.

    Raises:
        ValueError: There is no such key.
    """
    row = next((n for n, keys in enumerate(KEYS) if key in keys), None)
    if len(key) != 1 or row is None:
        raise ValueError(f"{key!r}: expected one of {''.join(KEYS)}")
    pair = ROWS_HZ[row], COLUMNS_HZ[KEYS[row].index(key)]
    turns = [2 * math.pi * hz / RATE_HZ for hz in pair]
    sound = [
        round(PEAK * sum(math.sin(turn * n) for turn in turns)) for n in range(int(KEY_S * RATE_HZ))
    ]
    silence = [0] * int(REST_S * RATE_HZ)
    path.write_bytes(bytes(a_law(sample) for sample in (*sound, *silence)))


def a_law(sample: int) -> int:
    """A 16-bit sample as G.711 says it: sign, segment, step; every other bit inverted."""
    sign = 0x80 if sample >= 0 else 0
    size = (sample if sample >= 0 else ~sample) >> 4
    shift = max(0, size.bit_length() - 5)
    code = size if shift == 0 else (shift + 1) << 4 | size >> shift & 0x0F
    return (sign | code) ^ 0x55
