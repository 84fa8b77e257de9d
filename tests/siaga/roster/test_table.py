"""CSV: what spreadsheets write is taken, and what is no turn is told with its line."""

import csv
import io
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.operator import AgencyId, PersonId
from routing.reason import Reason
from routing.shift import Duty, ShiftId
from siaga.formula import BEGINS
from siaga.problem import Place
from siaga.roster import table
from siaga.roster.schedule import MAX_PROBLEMS, ScheduleError
from siaga.roster.turn import Turn

FILE = Path("duty.csv")
WIB = ZoneInfo("Asia/Jakarta")
HEADER = "person,shift,start,end\n"
ROW = "sri,pagi,2026-12-24T07:00:00+07:00,2026-12-24T14:00:00+07:00\n"
SEVEN = datetime(2026, 12, 24, 0, 0, tzinfo=UTC)
"""In the morning at Kota Metro."""


def faults(data: bytes | str) -> list[str]:
    """What is wrong with a file, line by line."""
    written = data.encode() if isinstance(data, str) else data
    with pytest.raises(ScheduleError) as caught:
        table.read(written, FILE, WIB)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ROW,
        "\ufeff" + HEADER + ROW,
        (HEADER + ROW).replace("\n", "\r\n"),
        (HEADER + ROW).replace(",", ";"),
        "\ufeff" + (HEADER + ROW).replace(",", ";").replace("\n", "\r\n"),
        HEADER + "\n" + ROW + ",,,\n",
        'End, START ,note,Person\n2026-12-24 14:00,2026-12-24 07:00,"a, b",sri\n',
        HEADER + '"sri",pagi,"2026-12-24T00:00:00Z","2026-12-24T07:00:00Z"',
    ],
)
def test_what_spreadsheets_write_is_taken(text: str) -> None:
    """Mark, line ends, semicolons, quotes, order and capitals of the header do not matter."""
    (entry,) = table.read(text.encode(), FILE, WIB).entries
    assert entry.names == ("sri",)
    assert entry.start == SEVEN
    assert (entry.end - entry.start).total_seconds() == 7 * 3600


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "duty.csv:1:1: the column 'person' is missing; expected the header person,shift,"),
        (ROW, "duty.csv:1:1: the column 'person' is missing"),
        ("persons,start,end\n", "did you mean 'persons'?"),
        ("person,start,end,end\n", "duty.csv:1:1: the column 'end' is here twice"),
        (b"person,start,end\n\xff\xfe", "duty.csv:2:1: this is not UTF-8"),
        (HEADER + 'sri,"pagi,x\n', "duty.csv:2:1: this is no CSV"),
        (HEADER + 'sri,"pa"gi,x,y\n', "duty.csv:2:1: this is no CSV"),
        (HEADER + "sri\n", "duty.csv:2:1: this line has only 1 cells"),
        (HEADER + ROW + "\n,pagi,x,y\n", "duty.csv:4:1: the person is missing"),
        (HEADER + "sri,pagi,seven,y\n", "expected the start such as 2026-12-31T07:00:00+07:00"),
        (HEADER + "sri,pagi,0001-01-01,y\n", "found '0001-01-01'"),
        (HEADER + ROW.replace("T14", "T07"), "is not after the start"),
        (HEADER + '"s\nri",pagi,x,y\n' + "sri,pagi,x,y\n", "duty.csv:4:1: expected the start"),
    ],
)
def test_what_is_no_turn_is_told_with_its_line(data: bytes | str, message: str) -> None:
    """Line, what is wrong, and what was expected."""
    assert any(message in fault for fault in faults(data))


def test_all_lines_are_told_up_to_a_bound() -> None:
    """A wrong column is not told a thousand times."""
    found = faults(HEADER + "sri,pagi,x,y\n" * 1000)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].endswith("and 980 problems more below")


def test_too_many_turns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was made by mistake or malice costs no more than its bound."""
    monkeypatch.setattr(table, "MAX_ENTRIES", 3)
    assert faults(HEADER + ROW * 4) == ["duty.csv:5:1: more than 3 turns"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_spreadsheet_runs_a_cell(name: str) -> None:
    """A name that begins like a formula is text for whoever opens the file."""
    duty = Duty(PersonId("sri"), ShiftId("pagi"), SEVEN, SEVEN.replace(hour=7), Reason("because"))
    turn = Turn(date(2026, 12, 24), duty, name, AgencyId("dinkes"), Place("roster.yaml", 1, 1))
    text = table.write([turn])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[1][4] == f"'{name}"
    assert not any(cell.startswith(BEGINS) for row in rows for cell in row)
    assert text.startswith("person,shift,start,end,name,agency,rule\r\n")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_turns_or_an_error(data: bytes) -> None:
    """Nothing but the documented error comes out, whatever goes in."""
    for start in (b"", HEADER.encode()):
        with suppress(ScheduleError):
            table.read(start + data, FILE, WIB)


@given(at=st.integers(0, len(HEADER + ROW) - 1), text=st.text(max_size=3), cut=st.integers(0, 5))
def test_a_damaged_file_is_turns_or_an_error(at: int, text: str, cut: int) -> None:
    """A good file with a few letters lost or put in between raises nothing else either."""
    whole = HEADER + ROW
    damaged = whole[:at] + text + whole[at + cut :]
    try:
        found = table.read(damaged.encode("utf-8", "surrogatepass"), FILE, WIB)
    except ScheduleError:
        return
    assert all(entry.start < entry.end for entry in found.entries)
