"""The bytes of a file of the settings, whatever may be in its place.

A pipe would keep the reader waiting for ever and a device has no end, so neither is read.

Unreadable         there is nothing to read, or too much of it; says why
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Unreadable(Exception):
    """The file cannot be read; the message goes on after "this file"."""


class Stamp(NamedTuple):
    """Tells whether a file is still the one that was read."""

    device: int
    inode: int
    size: int
    written_ns: int


def contents(path: Path, most: int) -> bytes:
    """All bytes of a regular file.

    Args:
        path: The file, or a link to it.
        most: Bytes; a larger file is not read.

    Raises:
        Unreadable: It is missing, no regular file, larger, or the system refuses to read it.
    """
    try:
        # Without O_NONBLOCK the opening of a pipe waits for somebody who writes (open(2)).
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError:
        reason = "is a link to a file that is missing" if path.is_symlink() else "is missing"
        raise Unreadable(reason) from None
    except OSError as error:
        raise _refused(path, error) from error
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise Unreadable(
                f"is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a regular file"
            )
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(most + 1)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise Unreadable(f"is larger than {most >> 20} MiB")
    return data


def stamp(path: Path) -> Stamp | None:
    """What tells this file from another one in its place; None when there is none."""
    with suppress(OSError):
        found = path.stat()
        return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return None


def _refused(path: Path, error: OSError) -> Unreadable:
    """The system's own reason; a socket cannot even be opened (ENXIO)."""
    with suppress(OSError):
        if stat.S_ISSOCK(path.stat().st_mode):
            return Unreadable("is a socket, not a regular file")
    return Unreadable(f"cannot be read: {error.strerror}")
