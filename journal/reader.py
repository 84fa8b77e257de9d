"""What the spool's files say, from any place in them on."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from journal.record import Record, decode

log = structlog.get_logger(__name__)

SUFFIX: Final = ".jsonl"
STEP: Final = 1_000
"""Records that are read at a time."""


class Reader:
    """Reads each record of a folder once, in the order of each writer.

    A writer's next file is begun when the one before has got its last line, and files are listed
    before they are read: so what is found in the next one comes after all of the one before.

    Args:
        folder: Need not exist yet.
        places: By a file's name, how much of it has been read before.
        step: Records at a time, at most; else `STEP`.
    """

    def __init__(
        self, folder: Path, places: Mapping[str, int] | None = None, step: int | None = None
    ) -> None:
        self._folder = folder
        self._step = step or STEP
        self.places: dict[str, int] = dict(places or {})

    @property
    def behind(self) -> int:
        """Bytes that are in the files and not read yet."""
        left = 0
        for path in self._folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):
                left += max(0, path.stat().st_size - self.places.get(path.name, 0))
        return left

    def more(self) -> list[Record]:
        """The next records; none when all that is there has been read.

        A line that is no record is passed over, with a warning in the log.
        """
        found: list[Record] = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_size > self.places.get(path.name, 0):
                    self._read(path, found)
            if len(found) >= self._step:
                break
        return found

    def _read(self, path: Path, found: list[Record]) -> None:
        with path.open("rb") as file:
            place = file.seek(self.places.get(path.name, 0))
            for line in file:
                if len(found) >= self._step or not line.endswith(b"\n"):
                    break
                record = decode(line)
                if record is None:
                    log.warning("not_a_record", file=str(path), offset=place)
                else:
                    found.append(record)
                place += len(line)
        self.places[path.name] = place
