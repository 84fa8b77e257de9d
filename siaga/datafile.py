"""A file beside the YAML ones that these name: a table or a boundary."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from siaga.problem import Place, Problem, SettingsPath, Severity
from siaga.source import Stamp, Unreadable, contents

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(csv|geojson)")
"""No slash can be in it, so no name leads out of the folder."""
MAX_BYTES: Final = 16 << 20
"""A table of 100,000 rows has about 5 MiB; a boundary of 100,000 corners has 4."""
MAX_PROBLEMS: Final = 50
"""Of one file that are told one by one: a wrong column is wrong in each row."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class DataFile:
    """A file of data.

    Attributes:
        file: As it was opened.
        data: Its bytes; empty when they could not be read.
        problems: What is wrong with it.
        stamp: Tells whether the file is still the one that was read.
        untold: Problems beyond `MAX_PROBLEMS`.
    """

    file: str
    data: bytes = b""
    problems: list[Problem] = field(default_factory=list)
    stamp: Stamp | None = None
    untold: int = 0

    def place(self, path: SettingsPath, *, of_key: bool = False) -> Place:  # noqa: ARG002 - as a Document
        """The place of a path: the file's name, a line, and perhaps a column."""
        line, col = (*path[1:3], 1, 1)[:2] if len(path) == 1 else (*path[1:3], 1)[:2]
        return Place(self.file, int(line), int(col))

    def error(self, line: int, col: int, message: str) -> None:
        """The settings cannot be used because of this."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(self.file, line, col, message))
        else:
            self.untold += 1

    def warning(self, line: int, col: int, message: str) -> None:
        """The settings can be used, but this is probably not what was meant."""
        self.problems.append(Problem(self.file, line, col, message, Severity.WARNING))

    def close(self) -> None:
        """Tells how many problems were not told one by one."""
        if self.untold:
            message = f"{self.untold} more lines of this file are wrong"
            self.problems.append(Problem(self.file, self.problems[-1].line + 1, 1, message))


def text_of(file: DataFile) -> str | None:
    """The file's text, without a byte order mark; None, and a problem, when it has none."""
    if file.data.startswith(_UTF16):
        file.error(1, 1, "this file is UTF-16; save it as UTF-8")
        return None
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = file.data[: error.start]
        col = error.start - before.rfind(b"\n")
        file.error(before.count(b"\n") + 1, col, "this is not UTF-8; save the file as UTF-8")
        return None
    if not text.strip():
        file.error(1, 1, "this file is empty")
        return None
    return text


def read(path: Path) -> tuple[bytes, str]:
    """The file's bytes, or why they cannot be read; one of both is empty."""
    try:
        return contents(path, MAX_BYTES), ""
    except Unreadable as error:
        return b"", f"it {error}"
