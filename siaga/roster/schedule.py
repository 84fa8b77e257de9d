"""What an imported file says: whose turns, from when, until when.

ScheduleError    the file cannot be taken; carries everything that is wrong with it
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from siaga.problem import Place, Problem

MAX_BYTES: Final = 8 << 20
"""A year of a hundred people takes about seven; a file above this was given by mistake."""
MAX_ENTRIES: Final = 50_000
"""The same year has 25,000 turns."""
MAX_DAYS: Final = 2 * 366
"""Nobody plans further ahead; also bounds what a rule of repetition can make."""
MAX_PROBLEMS: Final = 20
"""So many are told: a wrong column makes one in each line."""
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Dates outside are slips; the same bounds as for the dates in `roster.yaml`."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates from `first` to `last`, both included; a turn belongs to the one it starts on."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date, days: int) -> Self:
        """So many dates, of which this is the first."""
        return cls(first, first + timedelta(days=days - 1))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=offset) for offset in range(len(self)))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's turn as the file has it.

    Attributes:
        names: What the person is called, the surest name first.
        start: Aware.
        end: Aware.
        shift: What the shift is called; None where the file does not say.
        place: Where it stands.
        title: How a message names it.
    """

    names: tuple[str, ...]
    start: datetime
    end: datetime
    shift: str | None
    place: Place
    title: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The turns of a file, and how much it claims to know.

    Attributes:
        entries: In the order of the file.
        dates: The dates that it is about; None where it does not say.
        people: The ids of those that it is about; None where it does not say.
    """

    entries: tuple[Entry, ...]
    dates: Dates | None = None
    people: frozenset[str] | None = None


class ScheduleError(Exception):
    """The file cannot be taken, so nothing of it is.

    Attributes:
        problems: What is wrong, by line; at most `MAX_PROBLEMS` and how many more there are.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(problems)
        if len(found) > MAX_PROBLEMS:
            last, more = found[MAX_PROBLEMS - 1], len(found) - MAX_PROBLEMS
            note = Problem(last.file, last.line, last.col, f"and {more} problems more below")
            found = [*found[:MAX_PROBLEMS], note]
        self.problems = tuple(found)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def contents(path: Path) -> bytes:
    """The bytes of a file that is not too large.

    Raises:
        ScheduleError: It is missing, unreadable, no file, or above `MAX_BYTES`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise fault(path, 1, f"cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise fault(path, 1, f"this file is larger than {MAX_BYTES >> 20} MiB")
    return data


def text(data: bytes, path: Path) -> str:
    """The text of a file, without the mark that some programs begin it with (U+FEFF).

    Raises:
        ScheduleError: It is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise fault(path, line, "this is not UTF-8; save the file as UTF-8") from error


def fault(path: Path, line: int, message: str) -> ScheduleError:
    """The error for one thing that is wrong."""
    return ScheduleError([Problem(str(path), line, 1, message)])
