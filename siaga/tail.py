"""Reads a file that another program appends to, from a place that outlives the reader.

The file may be renamed and begun anew (logrotate), cut to nothing, end in half a line, or be away
for a while. What was renamed is read to its end first, also by a reader that was not there then.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec

READ_BYTES: Final = 65_536
"""At a time; a line that is longer is passed over."""
HEAD_BYTES: Final = 256
"""A file is known again by its inode and by how it begins: an inode is given to another one."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place between two lines.

    Attributes:
        inode: The file's.
        head: How its first line begins, in hexadecimal digits.
        offset: Bytes before the place.
    """

    inode: int
    head: str
    offset: int


class Tail:
    """Follows one file; to be closed.

    Args:
        path: Which.
        place: Where to go on; None, or a place that is nowhere any more: at the file's begin.
    """

    def __init__(self, path: Path, place: Place | None) -> None:
        self._path = path
        self._file: int | None = None
        self._place = place
        self._offset = 0
        self._rotated: list[Path] = []
        self._is_first = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def more(self) -> list[tuple[Place, bytes]]:
        """The next whole lines, each with its own place; none when all has been read.

        Raises:
            OSError: The file is not there, or cannot be read.
        """
        if self._file is None:
            self._open()
        while True:
            found, is_end = self._read()
            if found or (is_end and not self._turn()):
                return found

    def _open(self) -> None:
        """The file of the place if there is one, and then all that were begun since."""
        files = _family(self._path) if self._is_first else [self._path]
        place = self._place
        if self._is_first and place is not None:
            known = [number for number, path in enumerate(files) if _is_at(path, place)]
            files = files[known[0] :] if known else files[-1:]
            self._offset = place.offset if known else 0
        elif self._is_first:
            files = files[-1:]
        self._file = _open(files[0])
        self._rotated = files[1:]
        self._is_first = False

    def _read(self) -> tuple[list[tuple[Place, bytes]], bool]:
        """The next lines, and whether nothing more can be read for now."""
        if self._file is None:
            raise AssertionError("it was opened")
        state = os.fstat(self._file)
        if state.st_size < self._offset:
            self._offset = 0  # cut to nothing, and begun anew
        data = os.pread(self._file, READ_BYTES, self._offset)
        whole, newline, _half = data.rpartition(b"\n")
        if not newline:
            if len(data) == READ_BYTES:
                self._offset += len(data)
                return [], False
            return [], True
        head = os.pread(self._file, HEAD_BYTES, 0).partition(b"\n")[0].hex()
        found = []
        for line in whole.split(b"\n"):
            found.append((Place(inode=state.st_ino, head=head, offset=self._offset), line))
            self._offset += len(line) + 1
        return found, False

    def _turn(self) -> bool:
        """Whether there is another file after this one, which has been read to its end."""
        if self._rotated:
            following = self._rotated.pop(0)
        else:
            following = self._path
            if not following.exists() or _inode(following) == self._inode():
                return False
        new = _open(following)
        self.close()
        self._file, self._offset = new, 0
        return True

    def _inode(self) -> int | None:
        return None if self._file is None else os.fstat(self._file).st_ino


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def _inode(path: Path) -> int | None:
    with suppress(FileNotFoundError):
        return path.stat().st_ino
    return None


def _family(path: Path) -> list[Path]:
    """The file and those that it was renamed to, oldest first."""
    others = sorted(_dated(path.parent.glob(f"{path.name}?*")))
    return [*(other for _, other in others if other != path), path]


def _dated(paths: Iterator[Path]) -> Iterator[tuple[int, Path]]:
    for path in paths:
        with suppress(FileNotFoundError):
            yield path.stat().st_mtime_ns, path


def _is_at(path: Path, place: Place) -> bool:
    try:
        state = path.stat()
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES).partition(b"\n")[0].hex()
    except OSError:
        return False
    return state.st_ino == place.inode and head == place.head and state.st_size >= place.offset
