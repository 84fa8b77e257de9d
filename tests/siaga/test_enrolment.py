"""`siaga112 pin`: what it writes, what it refuses, and that it shows nothing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.query import Verdict
from routing.operator import PersonId
from siaga.cli import app
from siaga.pin import Pins
from tests.siaga.folder import GOOD, KOTA_METRO

SRI = PersonId("sri")


def pin(file: Path, *arguments: str, said: str = "2468\n", config: Path = KOTA_METRO) -> Result:
    """The outcome of the command, with this on standard input."""
    line = ["pin", *arguments, "--config", str(config), "--file", str(file)]
    return CliRunner().invoke(app, line, input=said)


def test_a_pin_is_given_and_taken_away(tmp_path: Path) -> None:
    """Whoever gives it is told with which number it goes; it is not shown."""
    file = tmp_path / "pins"
    given = pin(file, "sri")
    assert (given.exit_code, given.stdout) == (
        0,
        f"{file}: sri signs on with number 101 and this PIN\n",
    )
    assert Pins(file)._judge(SRI, "2468") is Verdict.RIGHT
    taken = pin(file, "sri", "--remove")
    assert (taken.exit_code, taken.stdout) == (0, f"{file}: sri has no PIN any more\n")
    assert Pins(file)._judge(SRI, "2468") is Verdict.NO_PIN


def test_who_has_left_can_be_taken_away(tmp_path: Path) -> None:
    """The settings need not know them any more."""
    assert pin(tmp_path / "pins", "santi", "--remove").exit_code == 0


def test_without_a_number_a_pin_is_of_no_use(tmp_path: Path) -> None:
    """That is said."""
    assert "of no use" in pin(tmp_path / "pins", "sri", config=GOOD).stdout


@pytest.mark.parametrize("said", ["", "123\n", "123456789\n", "12a4\n", "१२३४\n"])
def test_what_is_no_pin_is_refused(said: str, tmp_path: Path) -> None:
    """Four to eight digits, as a telephone has them; nothing is written."""
    refused = pin(tmp_path / "pins", "sri", said=said)
    assert refused.exit_code == 1
    assert refused.stderr == "siaga112: this is no PIN; expected 4 to 8 digits\n"
    assert not (tmp_path / "pins").exists()


def test_an_unknown_person_is_refused(tmp_path: Path) -> None:
    """With the name that was probably meant."""
    refused = pin(tmp_path / "pins", "srii")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "siaga112: there is no person 'srii'; did you mean 'sri'?\n",
    )


def test_a_file_that_cannot_be_used_is_told_in_a_line(tmp_path: Path) -> None:
    """A folder that is missing, and a file of something else."""
    missing = pin(tmp_path / "none" / "pins", "sri")
    assert (missing.exit_code, missing.stderr.count("\n")) == (1, 1)
    (tmp_path / "pins").write_text("sri:2468\n")
    other = pin(tmp_path / "pins", "sri")
    assert other.stderr == f"siaga112: {tmp_path}/pins:1: this is no line of siaga112 pin\n"
