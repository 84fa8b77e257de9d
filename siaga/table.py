"""Tables as CSV (RFC 4180), with the line and column of what is wrong in them.

The first line names the columns. Empty lines, and those that begin with `#`, are passed over.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from routing.number import shown
from siaga.datafile import DataFile, text_of
from siaga.problem import suggestion

MAX_ROWS: Final = 250_000
"""A city has some thousand cells, a country some ten thousand blocks of numbers."""
_OTHERS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row.

    Attributes:
        number: Of its line in the file, from 1.
        values: By column, without blanks around them; empty for a column that the table has not.
        text: As it is written.
    """

    number: int
    values: dict[str, str]
    text: str


class Table:
    """A file's rows; what is wrong with it goes to the file's problems.

    Args:
        file: The file.
        required: Columns that must be there.
        optional: Columns that may be there.
    """

    def __init__(self, file: DataFile, required: Sequence[str], optional: Sequence[str]) -> None:
        self._file = file
        self._required = required
        self._known = (*required, *optional)
        self._columns: list[str] = []

    def rows(self) -> Iterator[Line]:
        """The rows that can be read."""
        text = text_of(self._file)
        if text is None:
            return
        count = 0
        for number, written in enumerate(text.split("\n"), 1):
            line = written.removesuffix("\r")
            if not line.strip() or line.startswith("#"):
                continue
            count += 1
            if count > MAX_ROWS:
                self._file.error(number, 1, f"more than {MAX_ROWS} rows")
                return
            fields = self._split(number, line)
            if fields is None:
                continue
            if not self._columns:
                if not self._read_header(number, line, fields):
                    return
            elif len(fields) != len(self._columns):
                message = f"{len(fields)} fields; the first line names {len(self._columns)}"
                self._file.error(number, 1, message)
            else:
                values = dict.fromkeys(self._known, "")
                values.update(zip(self._columns, fields, strict=True))
                yield Line(number, values, line)
        if count <= 1:
            self._file.error(1, 1, "there is no row in this table")

    def error(self, line: Line, column: str, message: str) -> None:
        """What is wrong with one value of a row."""
        self._file.error(line.number, self.col(line, column), message)

    def col(self, line: Line, column: str) -> int:
        """Where the value of a column that the table has begins, from 1."""
        wanted, quoted = self._columns.index(column), False
        for at, letter in enumerate(line.text):
            if wanted == 0:
                return at + 1
            quoted ^= letter == '"'
            wanted -= letter == "," and not quoted
        return len(line.text) + 1

    def _split(self, number: int, line: str) -> list[str] | None:
        if '"' not in line:
            return [field.strip() for field in line.split(",")]
        try:
            return [field.strip() for field in next(csv.reader([line], strict=True))]
        except csv.Error:
            col = line.rindex('"') + 1
            self._file.error(
                number, col, "a quote that is not closed in this line, or is inside of a text"
            )
            return None

    def _read_header(self, number: int, line: str, fields: list[str]) -> bool:
        """Whether the columns are those of this table."""
        names = ", ".join(self._known)
        other = next((each for each in _OTHERS if each in line), None)
        if other is not None and len(fields) == 1:
            message = f"the columns are separated by {_OTHERS[other]}; expected commas"
            self._file.error(number, line.index(other) + 1, message)
            return False
        before = len(self._file.problems)
        self._columns = [field.lower() for field in fields]
        header = Line(number, {}, line)
        for name in self._columns:
            if name not in self._known:
                meant = suggestion(name, self._known, "columns")
                self.error(header, name, f"unknown column {shown(name)!r}{meant}")
            elif self._columns.count(name) > 1:
                self.error(header, name, f"column {name!r} is here twice")
                break
        missing = [name for name in self._required if name not in self._columns]
        if missing:
            message = f"column {missing[0]!r} is missing; expected a first line with {names}"
            self._file.error(number, 1, message)
        return len(self._file.problems) == before
