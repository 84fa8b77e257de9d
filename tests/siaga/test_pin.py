"""PINs: kept as digests in a file of their own, judged at once, and never shown."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ivr.query import Verdict
from routing.operator import PersonId
from siaga.pin import COST, FILE, Digest, PinError, Pins

SRI, BAYU = PersonId("sri"), PersonId("bayu")
CHEAP = 2


def pins(folder: Path) -> Pins:
    """Sri has a PIN."""
    known = Pins(folder / "pins")
    known.keep(SRI, Digest.of("2468", CHEAP))
    return known


async def test_only_ones_own_pin_is_right(tmp_path: Path) -> None:
    """A new one counts at once; who has none, or had one, cannot sign on."""
    known = pins(tmp_path)
    assert await known.judge(SRI, "2468") is Verdict.RIGHT
    assert await known.judge(SRI, "2469") is Verdict.WRONG
    assert await known.judge(SRI, "") is Verdict.WRONG
    assert await known.judge(BAYU, "2468") is Verdict.NO_PIN
    Pins(tmp_path / "pins").keep(SRI, Digest.of("1357", CHEAP))
    assert await known.judge(SRI, "1357") is Verdict.RIGHT
    known.keep(SRI, None)
    assert await known.judge(SRI, "1357") is Verdict.NO_PIN


def test_a_file_that_is_new_is_for_few(tmp_path: Path) -> None:
    """The daemon's group may read it; the others' lines stay."""
    known = pins(tmp_path)
    known.keep(BAYU, Digest.of("1111", CHEAP))
    assert list(known.read()) == [SRI, BAYU]
    assert stat.S_IMODE((tmp_path / "pins").stat().st_mode) == 0o640
    assert "2468" not in (tmp_path / "pins").read_text()


def test_two_digests_of_one_pin_differ() -> None:
    """Who has the file does not see who has the same PIN; each is dear to guess."""
    one, two = Digest.of("2468"), Digest.of("2468")
    assert one.text != two.text
    assert one.cost == COST
    assert one.fits("2468")
    assert not one.fits("2467")


@effort(max_examples=20)
@given(pin=st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_what_is_written_is_read(pin: str) -> None:
    """A digest is the same after its way through the file."""
    digest = Digest.of(pin, CHEAP)
    assert Digest.read(digest.text) == digest


@pytest.mark.parametrize(
    "line",
    [
        "sri:2468",
        "sri",
        "",
        "sri:bcrypt:2:AA==:AA==",
        "sri:scrypt:x:AA==:AA==",
        "sri:scrypt:2:?:AA==",
    ],
)
async def test_a_line_of_anything_else_is_said_once_it_is_needed(line: str, tmp_path: Path) -> None:
    """With its place and without what stands there; nobody signs on meanwhile."""
    (tmp_path / "pins").write_text(f"{line}\n")
    known = Pins(tmp_path / "pins")
    with pytest.raises(PinError, match=r"pins:1: this is no line of siaga112 pin$"):
        known.read()
    with capture_logs() as logs:
        assert await known.judge(SRI, "2468") is Verdict.NO_PIN
    assert [entry["event"] for entry in logs] == ["pins_not_read"]
    assert "2468" not in str(logs)


@pytest.mark.parametrize("cost", ["3", "0", "-2", "1048577", "9223372036854775808", "9" * 30])
async def test_a_cost_that_cannot_be_is_a_fault_of_the_file(cost: str, tmp_path: Path) -> None:
    """A number that scrypt refuses, or cannot even take, costs one sign-on, not the daemon."""
    (tmp_path / "pins").write_text(f"sri:scrypt:{cost}:AA==:AA==\n")
    with capture_logs() as logs:
        assert await Pins(tmp_path / "pins").judge(SRI, "2468") is Verdict.NO_PIN
    assert logs[0]["event"] == "pins_not_read"


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    """A folder in its place; bytes that are no text."""
    with pytest.raises(PinError, match="cannot be read: Is a directory"):
        Pins(tmp_path).read()
    (tmp_path / "pins").write_bytes(b"\xff")
    with pytest.raises(PinError, match="not UTF-8"):
        Pins(tmp_path / "pins").read()


async def test_without_a_file_nobody_has_a_pin(tmp_path: Path) -> None:
    """One that is not there yet, and one that is not named."""
    assert Pins(tmp_path / "none").read() == {}
    assert await Pins.from_environment({}).judge(SRI, "2468") is Verdict.NO_PIN
    with pytest.raises(PinError, match=FILE):
        Pins().keep(SRI, None)
    assert Pins.from_environment({FILE: "/etc/pins"}).file == Path("/etc/pins")
