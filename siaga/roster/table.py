"""The roster as CSV (RFC 4180): a line for each turn."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from routing.number import shown
from routing.walltime import first_instant
from siaga.formula import BEGINS
from siaga.problem import Place, Problem, suggestion
from siaga.roster.directory import quoted
from siaga.roster.schedule import (
    FIRST,
    LAST,
    MAX_ENTRIES,
    Entry,
    Schedule,
    ScheduleError,
    fault,
    text,
)
from siaga.roster.turn import Turn

COLUMNS: Final = ("person", "shift", "start", "end", "name", "agency", "rule")
REQUIRED: Final = ("person", "start", "end")
"""The others are for people; a shift, where it is given, has to be the one of these times."""
DELIMITERS: Final = (",", ";")
"""Spreadsheets of countries with a decimal comma write semicolons."""
GUARD: Final = "'"


def write(turns: Iterable[Turn]) -> str:
    """The turns as lines that end in CRLF, under a header; times are ISO 8601 with their offset."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for turn in turns:
        duty = turn.duty
        cells = (
            duty.person,
            duty.shift,
            duty.start.isoformat(),
            duty.end.isoformat(),
            turn.name,
            turn.agency,
            duty.because.text,
        )
        writer.writerow([_guarded(cell) for cell in cells])
    return target.getvalue()


def read(data: bytes, path: Path, zone: tzinfo) -> Schedule:
    """The turns that the lines of a file tell.

    A byte order mark, either kind of line end, semicolons and columns in any order are taken. Times
    without an offset are the site's.

    Args:
        data: The file.
        path: How it is named in messages.
        zone: The site's.

    Raises:
        ScheduleError: No CSV, no header, or lines that are no turns; each with its line.
    """
    rows = _rows(text(data, path), path)
    first, header = next(rows, (1, []))
    columns = _columns(header, path, first)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(entries) + len(problems) >= MAX_ENTRIES:
            raise fault(path, line, f"more than {MAX_ENTRIES} turns")
        place = Place(str(path), line, 1)
        try:
            entries.append(_entry(row, columns, place, zone))
        except ValueError as error:
            problems.append(Problem(*place, str(error)))
    if problems:
        raise ScheduleError(problems)
    return Schedule(tuple(entries))


def _rows(content: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    head = content.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise fault(path, line, f"this is no CSV: {error}") from error


def _columns(header: Sequence[str], path: Path, line: int) -> dict[str, int]:
    """Where each known column is."""
    names = [name.strip().casefold() for name in header]
    for name in REQUIRED:
        if name not in names:
            message = f"the column {name!r} is missing; expected the header {','.join(COLUMNS[:4])}"
            others = [shown(other) for other in names if other and other not in COLUMNS]
            near = suggestion(name, others, "others") if others else ""
            raise fault(path, line, message + near)
    for name in COLUMNS:
        if names.count(name) > 1:
            raise fault(path, line, f"the column {name!r} is here twice")
    return {name: names.index(name) for name in COLUMNS if name in names}


def _entry(row: Sequence[str], columns: dict[str, int], place: Place, zone: tzinfo) -> Entry:
    """Raises ValueError for a row that is no turn."""
    if len(row) <= max(columns[name] for name in REQUIRED):
        raise ValueError(f"this line has only {len(row)} cells")
    cells = {
        name: _unguarded(row[index].strip()) for name, index in columns.items() if index < len(row)
    }
    if not cells["person"]:
        raise ValueError("the person is missing")
    start = _time(cells["start"], "start", zone)
    end = _time(cells["end"], "end", zone)
    if end <= start:
        raise ValueError(f"the end {cells['end']} is not after the start {cells['start']}")
    title = f"the turn of {quoted(cells['person'])}"
    return Entry((cells["person"],), start, end, cells.get("shift") or None, place, title)


def _time(written: str, column: str, zone: tzinfo) -> datetime:
    message = f"expected the {column} such as 2026-12-31T07:00:00+07:00, found {quoted(written)}"
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(message) from None
    if not FIRST <= time.date() <= LAST:
        raise ValueError(message)
    return first_instant(time, zone) if time.tzinfo is None else time


def _guarded(cell: str) -> str:
    return f"{GUARD}{cell}" if cell.startswith(BEGINS) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(BEGINS) else cell
