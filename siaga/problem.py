"""What is wrong with the settings, and where.

SettingsError      the settings cannot be used; carries every Problem found
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple, TypeAlias

SettingsPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the settings' root; the first key is a file's name without `.yaml`."""

LIKENESS = 0.6
"""From here up two words are alike enough to be suggested (difflib's own default)."""
LISTED = 12
"""So many known words are listed when none of them is alike."""


class Severity(StrEnum):
    """Whether the settings can be used in spite of it."""

    ERROR = "error"
    WARNING = "warning"


class Place(NamedTuple):
    """Where something is written; line and column count from 1, as editors do."""

    file: str
    line: int
    col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and its place.

    Attributes:
        file: As it was opened.
        line: From 1.
        col: From 1.
        message: What is wrong, what was expected, and what may have been meant.
        severity: A warning leaves the settings usable.
    """

    file: str
    line: int
    col: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        mark = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}:{self.col}: {mark}{self.message}"


class SettingsError(Exception):
    """The settings cannot be used.

    Attributes:
        problems: All that is wrong, by file and line; at least one is an error.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def alike(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=LIKENESS)), None)


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """The end of a message about an unknown word: the one that is alike, or those there are."""
    words = list(known)
    meant = alike(word, words)
    if meant is not None:
        return f"; did you mean {meant!r}?"
    if not words:
        return f"; there are no {what}"
    more = ", …" if len(words) > LISTED else ""
    return f"; {what}: {', '.join(words[:LISTED])}{more}"
