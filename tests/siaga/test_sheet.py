"""What carriers say of callers is shown by the commands as text, and nothing of it is run."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from journal.record import Record
from journal.redial import Abandoned, Sequel
from journal.story import Story, tell
from siaga.sheet import Look, show_abandoned, show_call, show_calls

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NUMBERS = (
    "08[/b]12345",
    "[bold]0812345[/bold]",
    "[link=http://a]08123",
    "08\x1b[2J\x1b]0;x\x07\x9b1m",
    "08\r\n08\t08\u202e\u2066\U0001f692",
    "\\[08]12345",
    "=HYPERLINK(1)",
    "\n=1+1",
    "\uff1dcmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3+cmd",
    "\t=1+1",
    "\ud800",
)
TRUNK = "[/telkom]\x1b[31m"


def records(number: str) -> Sequence[Record]:
    """A call of that number."""

    def record(place: int, what: str, **detail: object) -> Record:
        at = AT + timedelta(seconds=place)
        return Record(id=f"w-{place}", at=at, what=what, call="[c]", offset_s=0.0, detail=detail)

    return [
        record(1, "arrived", ani=number, trunk=TRUNK, did=number, how="new"),
        record(2, "zone", verdict="inside", neighbour=number),
        record(3, "abandoned", where="menu", waited_s=2.0, why="normal"),
    ]


def story(number: str) -> Story:
    """The same as a row."""
    told = tell("[c]", records(number))
    assert told is not None
    return told


def look(*, as_json: bool = False, as_csv: bool = False, numbers: bool = True) -> Look:
    """How it is asked for."""
    return Look(UTC, numbers, as_json, as_csv)


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("number", NUMBERS[:-1])
def test_a_number_is_text_in_every_table(
    number: str, capsys: pytest.CaptureFixture[str], *, numbers: bool
) -> None:
    """No style, no fault, no line of its own, and no control of the terminal."""
    show_calls([story(number)], look(numbers=numbers))
    assert len(capsys.readouterr().out.splitlines()) == 2
    found = [Abandoned(story(number), each, by=number) for each in Sequel]
    show_abandoned(found, look(numbers=numbers))
    show_call("[c]", records(number), look(numbers=numbers))
    shown = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in shown)
    begin = number[:4]
    assert begin.isprintable() is (begin in shown)


def test_a_cell_is_no_formula_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Wide forms and those behind a line break too; a number of the international form stays."""
    written = (*NUMBERS[:-1], "+628123456789")
    show_calls([story(number) for number in written], look(as_csv=True))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(written)
    for number, row in zip(written, rows, strict=True):
        for cell in (row["number"], row["did"], row["neighbour"], row["trunk"]):
            assert cell.isprintable()
            assert cell[:1] not in set("=@-\uff1d")
            assert cell[:1] != "+" or cell == number
    assert rows[-1]["number"] == "+628123456789"


def test_json_has_it_as_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    """For machines nothing is changed."""
    show_calls([story(number) for number in NUMBERS[:-1]], look(as_json=True))
    rows = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in rows] == list(NUMBERS[:-1])
