"""What is known and Asterisk does not know, kept for another run: in memory, or in a file.

Shares of the calls, pauses, wrap-ups, seats, credits, and what operators said of numbers, are worth
a file and no more: who is not in it is ready, a caller without a credit waits in the order of
arrival, and a number that is not charged with anything is served as any other. So nothing waits for
the disk, and what cannot be read is left.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

import msgspec
import structlog

from ivr.guard import Tries
from routing.snapshot import Snapshot
from routing.throttle import Charges
from siaga.file import FOLDER_MODE, replace
from siaga.shelf import Shelf

log = structlog.get_logger(__name__)

T = TypeVar("T")
FLOOR_FILE, THROTTLE_FILE, TRIES_FILE = "floor.json", "throttle.json", "tries.json"
"""In the state folder."""
FILE_MODE = 0o600
"""Numbers of callers are in them."""


class Notebook(Protocol[T]):
    """Keeps one value, the newest."""

    def read(self) -> T | None:
        """What was written last, by this run or one before; None if nothing can be read."""

    def write(self, value: T) -> None:
        """Keeps this one from now on; returns at once, and never raises."""


@dataclass(frozen=True, slots=True)
class Notebooks:
    """All that a centre keeps.

    Attributes:
        floor: What the floor knows.
        throttle: What operators said of numbers.
        tries: Wrong PINs, so that no restart lets somebody guess on.
        shelf: Recordings of talks; without it none is made.
    """

    floor: Notebook[Snapshot]
    throttle: Notebook[Charges]
    tries: Notebook[Tries]
    shelf: Shelf | None = None

    @classmethod
    def in_memory(cls, shelf: Shelf | None = None) -> Self:
        """Empty ones, which nobody reads after this process."""
        return cls(MemoryNotebook(), MemoryNotebook(), MemoryNotebook(), shelf)


class MemoryNotebook(Generic[T]):
    """Outlives the parts of one process, as in a simulation.

    Attributes:
        closed: Takes nothing more, as when the process was killed.
    """

    def __init__(self) -> None:
        self.closed = False
        self._value: T | None = None

    def read(self) -> T | None:
        """What was written last."""
        return self._value

    def write(self, value: T) -> None:
        """Keeps it."""
        if not self.closed:
            self._value = value


class FileNotebook(Generic[T]):
    """A file, replaced as a whole by a thread of its own.

    Args:
        path: The file; its folder is made when it does not exist.
        kind: What is kept.

    Attributes:
        path: The file.
        fault: Why the file cannot be written; None as long as it can.
    """

    def __init__(self, path: Path, kind: type[T]) -> None:
        self.path = path
        self.fault: str | None = None
        self._kind = kind
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix=path.stem)
        self._newest: T | None = None
        self._in_file: T | None = None
        self._is_due = False

    def read(self) -> T | None:
        """What was written last, by whatever process; what the disk has not taken yet is newer.

        A file that is damaged or of another release counts as none.
        """
        if self._newest is not self._in_file:
            return self._newest
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            log.warning("notebook_not_read", file=str(self.path), error=str(error))
            return None

    def write(self, value: T) -> None:
        """Keeps it; the file follows. One write waits at most, however long the disk takes."""
        self._newest = value
        if not self._is_due:
            self._is_due = True
            self._writer.submit(self._write)

    def again(self) -> None:
        """Tries to write what the disk did not take; for who looks whether it does meanwhile."""
        if self.fault is not None and self._newest is not None:
            self.write(self._newest)

    def close(self) -> None:
        """Returns when the newest value is in the file, or cannot be."""
        self._writer.shutdown()

    def _write(self) -> None:
        """Writes the newest, or keeps why not."""
        self._is_due = False  # before the newest is taken: one that comes after it is due again
        value = self._newest
        try:
            self.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            replace(self.path, msgspec.json.encode(value), FILE_MODE)
        except OSError as error:
            self.fault = error.strerror or str(error)
        else:
            self._in_file = value
            self.fault = None
