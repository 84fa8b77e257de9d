"""The search finds what it is for: a wrong exception, a hang, a memory that grows."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from tests.fuzz.__main__ import main
from tests.fuzz.bound import CPU_S, TooSlow, bounded
from tests.fuzz.table import TARGETS
from tests.fuzz.target import Fault, Target, search


def found(parse: Callable[[bytes], object], *, seed: int | None = None) -> Fault | None:
    """What is found of a parser that may raise ValueError."""
    target = Target("planted", st.binary(max_size=30), parse, (ValueError,))
    return search(target, 400, seed)


def _breaks(data: bytes) -> None:
    if b"\xff" in data:
        raise KeyError(data)
    if data:
        raise ValueError(data)


def test_a_wrong_exception_is_found_and_made_small() -> None:
    """Documented ones are passed over; the example is nothing but what breaks."""
    fault = found(_breaks)
    assert fault is not None
    assert fault.example == b"\xff"
    assert isinstance(fault.error, KeyError)
    assert found(lambda data: data.decode()) is None


def test_what_was_found_can_be_tried_again() -> None:
    """By its blob alone, and with another seed as well."""
    fault = found(_breaks, seed=3)
    assert fault is not None
    target = Target("planted", st.binary(max_size=30), _breaks, (ValueError,))
    again = search(target, 1, blob=fault.blob)
    assert again is not None
    assert again.example == fault.example


def test_what_hangs_is_ended_whatever_it_catches(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its processor time, which grows with the size."""
    monkeypatch.setattr("tests.fuzz.bound.CPU_S", 0.2)

    def hangs(data: bytes) -> None:
        while data[:1] == b"x":
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001, S112 - as a parser might
                continue

    with pytest.raises(TooSlow, match=r"more than 0\.2 s"), bounded(10):
        hangs(b"x")
    assert CPU_S > 1


def test_who_takes_all_memory_is_refused_it() -> None:
    """And the process has it again afterwards."""
    with pytest.raises(MemoryError), bounded(10):
        bytearray(2 << 30)
    assert len(bytearray(900 << 20)) == 900 << 20


def test_the_command_shows_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 1 with example and the words to try it again; 0 without a fault; 2 for no target."""
    planted = Target("agi", st.binary(max_size=30), _breaks, (ValueError,))
    monkeypatch.setitem(TARGETS, "agi", planted)
    assert main(["--examples", "300", "--seed", "1", "agi"]) == 1
    told = capsys.readouterr().out
    assert r"example: b'\xff'" in told
    blob = told.partition("--replay '")[2].partition("'")[0]
    assert main(["--replay", blob, "agi"]) == 1
    assert main(["--examples", "5", "--seed", "1", "words"]) == 0
    assert main(["wrods"]) == 2
    assert "known: ari-event" in capsys.readouterr().err
