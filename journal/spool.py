"""Records in files, one JSON object a line, written by one thread.

`append` never waits and never raises: calls do not depend on a disk. The writer gathers for
`GATHER_S`, writes the batch with one request and calls fdatasync; meanwhile the next batch comes
together. So a killed process, or a power cut, costs the records of `GATHER_S` and one fdatasync:
some 25 ms on a solid-state disk.

What the disk does not take waits in memory, in order, and is tried again. A batch that was written
in part or not synced is taken back and written anew in another file; whoever read it meanwhile
reads it twice, and can tell by the ids. When memory is full as well, the newest records are shed
and counted, those that end a call last.
"""

import asyncio
import atexit
import contextlib
import fcntl
import os
import queue
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from journal.reader import SUFFIX, Reader
from journal.record import ENDINGS, Record, encode

log = structlog.get_logger(__name__)

GATHER_S: Final = 0.02
"""How long the writer gathers a batch; DESIGN §9 allows 50 ms to the file."""
BATCH: Final = 2_000
"""Records in one write, about 1 MB: a long fault is made up for in steps."""
RETRY_S: Final = 0.5
"""Between two tries to write to a disk that refuses."""
WAITING: Final = 100_000
"""Records that wait in memory for a disk: about 50 MB, or some 5,000 calls."""
WAITING_ENDINGS: Final = 20_000
"""So many more of those that end a call."""
FILE_BYTES: Final = 64 * 1024 * 1024
"""A file that has reached this length is followed by the next."""
FILE_S: Final = 86_400.0
"""So is one of this age: what is purged must not stay here, and only whole files are removed."""
CLOSE_LIMIT_S: Final = 5.0
FOLLOW_S: Final = 0.05
"""Between two looks for new lines."""
FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640
"""Numbers of callers are in it: for the owner and the group only."""


class Spool:
    """Appends records to files of its own in a folder.

    Args:
        folder: Made when it does not exist, also when it vanishes later.
        started: Begins the files' names, so that they sort by time; UTC.
    """

    def __init__(self, folder: Path, started: datetime) -> None:
        self.shed: Counter[str] = Counter()
        self.fault: str | None = None
        self._files = _Files(folder, f"{started:%Y%m%dT%H%M%S}-{os.getpid()}")
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._batch: list[bytes] = []
        self._closing = False
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._work, name="spool", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @property
    def waiting(self) -> int:
        """Records that are not on the disk yet."""
        return self._queue.qsize() + len(self._batch)

    def append(self, record: Record) -> None:
        """Hands a record to the writer; shed records are counted in `shed` by class."""
        is_ending = record.what in ENDINGS
        room = WAITING + (WAITING_ENDINGS if is_ending else 0)
        if self._closing or self.waiting >= room:
            self.shed["ending" if is_ending else "other"] += 1
        else:
            self._queue.put(encode(record))

    def close(self, limit_s: float = CLOSE_LIMIT_S) -> bool:
        """Writes what is left; whether all of it was written in time."""
        atexit.unregister(self.close)
        self._closing = True
        self._queue.put(None)
        self._thread.join(limit_s)
        self._given_up.set()
        return not self._thread.is_alive() and not self._batch

    def _work(self) -> None:
        is_open = True
        while is_open:
            is_open = self._gather()
            while self._batch and not self._write():
                if self._given_up.wait(RETRY_S):
                    is_open = False
                    break
        self._files.close()

    def _gather(self) -> bool:
        """Takes what has come into the batch; False when the spool is being closed."""
        line = self._queue.get()
        while line is not None:
            self._batch.append(line)
            if len(self._batch) == 1 and not self._closing:
                self._given_up.wait(GATHER_S)
            if len(self._batch) == BATCH:
                return True
            try:
                line = self._queue.get_nowait()
            except queue.Empty:
                return True
        return False

    def _write(self) -> bool:
        """Writes the batch; whether the disk took it."""
        before = self.fault
        try:
            self._files.write(b"".join(self._batch))
        except (OSError, ValueError, MemoryError) as error:
            self.fault = str(error) or type(error).__name__
        else:
            self.fault = None
            self._batch.clear()
        if (before is None) is not (self.fault is None):
            self._tell()
        return self.fault is None

    def _tell(self) -> None:
        """Says once that the disk refuses, and once that it takes again."""
        # A log on the disk that is full may fail as well, and this thread has to go on.
        with contextlib.suppress(OSError, ValueError):
            if self.fault is None:
                log.info("spool_takes_again", waiting=self.waiting, shed=dict(self.shed))
            else:
                # What to do about it is said by who looks at `fault`.
                log.info("spool_refused", error=self.fault, waiting=self.waiting)


class _Files:
    """The files of one writer; none is ever shared with another."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self._number = 1
        self._path = Path()
        self._file: int | None = None
        self._size = 0
        self._opened = 0.0

    def write(self, lines: bytes) -> None:
        """Whole lines, all of them and on the disk, or none.

        Raises:
            OSError: The disk does not take them now.
        """
        is_old = time.monotonic() - self._opened >= FILE_S
        if self._size >= FILE_BYTES or is_old or not self._is_in_place():
            self.close()
        file = self._open() if self._file is None else self._file
        try:
            written = 0
            while written < len(lines):
                written += os.write(file, lines[written:])
            os.fdatasync(file)
        except OSError:
            self._take_back()
            raise
        self._size += len(lines)

    def close(self) -> None:
        """The next record goes to the next file."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                os.close(file)

    def _take_back(self) -> None:
        """Leaves whole lines; the next try goes to another file, since this one may be the fault.

        An empty file goes, so that a disk that stays full is not filled with names.
        """
        with contextlib.suppress(OSError):
            if self._file is not None:
                os.ftruncate(self._file, self._size)
            if self._size == 0:
                self._path.unlink()
        self.close()

    def _is_in_place(self) -> bool:
        """Whether what is written is found under its name: nobody has moved or removed it."""
        if self._file is None:
            return True
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        except OSError:
            return False

    def _open(self) -> int:
        """A new file whose name is on the disk too."""
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        while True:
            self._path = self._folder / f"{self._stem}-{self._number:04d}{SUFFIX}"
            try:
                self._file = os.open(self._path, flags, FILE_MODE)
            except FileExistsError:
                self._number += 1
            else:
                break
        self._size = 0
        self._opened = time.monotonic()
        # Held as long as the process lives: whoever tidies up leaves this file (journal.keeper).
        with contextlib.suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self._file


def read(folder: Path) -> Iterator[Record]:
    """All records of a folder, the writer that started first at the front.

    A line without an end (its writer was killed) is passed over, and so is one that is no record,
    with a warning in the log. A record may come twice, with the same id.
    """
    reader = Reader(folder)
    while records := reader.more():
        yield from records


async def follow(folder: Path) -> AsyncIterator[Record]:
    """The records of a folder from the first, then as they are written, for ever; else as `read`.

    The folder need not exist yet. Files are read off the event loop.
    """
    reader = Reader(folder)
    while True:
        records = await asyncio.to_thread(reader.more)
        for record in records:
            yield record
        if not records:
            await asyncio.sleep(FOLLOW_S)
