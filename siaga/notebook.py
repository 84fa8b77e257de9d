"""What the floor knows and Asterisk does not, kept for another run: in memory, or in a file.

Shares of the calls, pauses, wrap-ups, seats and credits are worth a file and no more: who is not
in it is ready, and a caller without a credit waits in the order of arrival. So nothing waits for
the disk, and what cannot be read is left.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from routing.snapshot import Snapshot
from siaga.file import FOLDER_MODE, replace

log = structlog.get_logger(__name__)

FILE = "floor.json"
"""In the state folder."""
FILE_MODE = 0o600
"""Numbers of callers are in it."""


class Notebook(Protocol):
    """Keeps one snapshot, the newest."""

    def read(self) -> Snapshot | None:
        """What was written last, by this run or one before; None if nothing can be read."""

    def write(self, snapshot: Snapshot) -> None:
        """Keeps this one from now on; returns at once, and never raises."""


class MemoryNotebook:
    """Outlives the parts of one process, as in a simulation.

    Attributes:
        closed: Takes nothing more, as when the process was killed.
    """

    def __init__(self) -> None:
        self.closed = False
        self._snapshot: Snapshot | None = None

    def read(self) -> Snapshot | None:
        """What was written last."""
        return self._snapshot

    def write(self, snapshot: Snapshot) -> None:
        """Keeps it."""
        if not self.closed:
            self._snapshot = snapshot


class FileNotebook:
    """A file of the state folder, replaced as a whole by a thread of its own.

    Args:
        state: The state folder; made when it does not exist.

    Attributes:
        path: The file.
        fault: Why the file cannot be written; None as long as it can.
    """

    def __init__(self, state: Path) -> None:
        self.path = state / FILE
        self.fault: str | None = None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="notebook")
        self._newest: Snapshot | None = None
        self._in_file: Snapshot | None = None
        self._is_due = False

    def read(self) -> Snapshot | None:
        """What was written last, by whatever process; what the disk has not taken yet is newer.

        A file that is damaged or of another release counts as none.
        """
        if self._newest is not self._in_file:
            return self._newest
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Snapshot)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            log.warning("floor_not_read", file=str(self.path), error=str(error))
            return None

    def write(self, snapshot: Snapshot) -> None:
        """Keeps it; the file follows. One write waits at most, however long the disk takes."""
        self._newest = snapshot
        if not self._is_due:
            self._is_due = True
            self._writer.submit(self._write)

    def again(self) -> None:
        """Tries to write what the disk did not take; for who looks whether it does meanwhile."""
        if self.fault is not None and self._newest is not None:
            self.write(self._newest)

    def close(self) -> None:
        """Returns when the newest snapshot is in the file, or cannot be."""
        self._writer.shutdown()

    def _write(self) -> None:
        """Writes the newest, or keeps why not."""
        self._is_due = False  # before the newest is taken: one that comes after it is due again
        snapshot = self._newest
        try:
            self.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            replace(self.path, msgspec.json.encode(snapshot), FILE_MODE)
        except OSError as error:
            self.fault = error.strerror or str(error)
        else:
            self._in_file = snapshot
            self.fault = None
