"""Records in files, one JSON object a line, written by one thread.

`append` never waits and never raises: calls do not depend on a disk. What the disk does not take
waits in memory, in order, and is written when it does; beyond `WAITING` records the newest are shed
and counted. A line is with the kernel within `FLUSH_S`, so `kill -9` costs at most that; each batch
is followed by fdatasync, so a power cut costs at most a batch.
"""

import asyncio
import os
import queue
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from journal.record import DECODER, ENCODER, Record

FLUSH_S = 0.02
"""How long the writer gathers a batch."""
RETRY_S = 0.5
"""Between two tries to write to a disk that refuses."""
WAITING = 100_000
"""Records that wait in memory for a disk; about 50 MB."""
FILE_BYTES = 64 * 1024 * 1024
"""A file this long is followed by the next."""
FOLLOW_S = 0.05
CLOSE_LIMIT_S = 5.0


class Spool:
    """Appends records to files in a folder.

    Args:
        folder: Made when it does not exist, readable by owner and group.
        started: Names the first file, so that two runs never share one.
    """

    def __init__(self, folder: Path, started: datetime) -> None:
        self.shed = 0
        self.fault: str | None = None
        self._folder = folder
        self._stem = f"{started:%Y%m%dT%H%M%S}-{os.getpid()}"
        self._number = 0
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting: deque[bytes] = deque()
        self._file: int | None = None
        self._size = 0
        self._thread = threading.Thread(target=self._write_all, name="spool", daemon=True)
        self._thread.start()

    def append(self, record: Record) -> None:
        """Hands a record to the writer."""
        if self._queue.qsize() >= WAITING:
            self.shed += 1
        else:
            self._queue.put(ENCODER.encode(record) + b"\n")

    def close(self, limit_s: float = CLOSE_LIMIT_S) -> bool:
        """Writes what is left; whether all of it was written in time."""
        self._queue.put(None)
        self._thread.join(limit_s)
        return not self._thread.is_alive() and not self._waiting

    def _write_all(self) -> None:
        open_ = True
        while open_:
            open_ = self._gather()
            while self._waiting and not self._flush() and open_:
                time.sleep(RETRY_S)
        if self._file is not None:
            os.close(self._file)

    def _gather(self) -> bool:
        """Takes what has come into the batch; False when the spool is being closed."""
        line = self._queue.get()
        if line is None:
            return False
        self._waiting.append(line)
        time.sleep(FLUSH_S)
        while True:
            try:
                line = self._queue.get_nowait()
            except queue.Empty:
                return True
            if line is None:
                return False
            self._waiting.append(line)

    def _flush(self) -> bool:
        """Writes the batch; whether the disk took it."""
        try:
            file = self._open()
            while self._waiting:
                self._write(file, self._waiting[0])
                self._waiting.popleft()
            os.fdatasync(file)
        except OSError as error:
            self.fault = str(error)
            return False
        self.fault = None
        return True

    def _write(self, file: int, line: bytes) -> None:
        """One whole line or none of it: a reader never sees half a record of a living writer."""
        written = os.write(file, line)
        if written < len(line):
            os.ftruncate(file, self._size)
            raise OSError("the disk is full")
        self._size += written

    def _open(self) -> int:
        if self._file is not None and self._size >= FILE_BYTES:
            os.close(self._file)
            self._file = None
        if self._file is None:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._number += 1
            path = self._folder / f"{self._stem}-{self._number:04d}.jsonl"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            self._size = 0
        return self._file


def read(folder: Path) -> Iterator[Record]:
    """All records of a folder, oldest file first; torn and foreign lines are passed over."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                record = _decode(line)
                if record is not None:
                    yield record


async def follow(folder: Path) -> AsyncIterator[Record]:
    """The records of a folder as they are written, from the first, for ever."""
    places: dict[Path, int] = {}
    while True:
        for record in _more(folder, places):
            yield record
        await asyncio.sleep(FOLLOW_S)


def _more(folder: Path, places: dict[Path, int]) -> Iterator[Record]:
    """The records behind the places that were read so far; a line still being written waits."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            file.seek(places.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break
                places[path] = places.get(path, 0) + len(line)
                record = _decode(line)
                if record is not None:
                    yield record


def _decode(line: bytes) -> Record | None:
    try:
        return DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
