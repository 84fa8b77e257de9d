"""A key's tones are those of ITU-T Q.23, in G.711."""

from pathlib import Path

import pytest

from sandbox.keypad import KEY_S, REST_S, a_law, write_key


@pytest.mark.parametrize(
    ("sample", "code"), [(0, 0xD5), (-1, 0x55), (32_767, 0xAA), (-32_768, 0x2A), (1_000, 0xFA)]
)
def test_a_sample_is_coded_as_g711_says(sample: int, code: int) -> None:
    """Both ends, both sides of zero, and one between."""
    assert a_law(sample) == code


def test_a_key_is_followed_by_silence(tmp_path: Path) -> None:
    """One byte a sample: the tones, then the rest."""
    write_key(tmp_path / "key", "#")
    samples = (tmp_path / "key").read_bytes()
    assert len(samples) == round((KEY_S + REST_S) * 8_000)
    assert set(samples[round(KEY_S * 8_000) :]) == {0xD5}


def test_what_is_on_no_keypad_is_refused(tmp_path: Path) -> None:
    """Neither two keys at once nor a letter beyond D."""
    for key in ("12", "E", ""):
        with pytest.raises(ValueError, match="expected one of"):
            write_key(tmp_path / "key", key)
