"""Times are said as people say them."""

import pytest

from console.duration import spoken, written


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3.0, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min 00 s"),
        (3_599.0, "59 min 59 s"),
        (3_600.0, "1 h 00 min"),
        (86_399.0, "23 h 59 min"),
        (86_400.0, "1 d 0 h"),
        (8_640_000.0, "100 d 0 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, expected: str) -> None:
    """Cut off, not rounded: what has not passed is not said."""
    assert spoken(seconds) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", 900.0),
        ("1h30m", 5_400.0),
        (" 90S ", 90.0),
        ("1h", 3_600.0),
        ("0m", 0.0),
        ("", None),
        ("15", None),
        ("m15", None),
        ("-5m", None),
        ("1.5h", None),
        ("30m1h", None),
        ("99999h", None),
    ],
)
def test_a_duration_is_read_as_it_is_written(text: str, seconds: float | None) -> None:
    """With its unit: nobody has to guess what fifteen is."""
    assert written(text) == seconds
