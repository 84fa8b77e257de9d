"""Files that are replaced in one step: who reads finds the old bytes or the new, never a part."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

NEW_MODE: Final = 0o640
"""A new file is readable by its owner and group only: some hold passwords or numbers."""
FOLDER_MODE: Final = 0o750
"""So is a new folder."""


def replace(path: Path, data: bytes, mode: int = NEW_MODE) -> None:
    """Puts the bytes in place by renaming a synced file over the old one.

    Mode and owner of the old file are kept, as far as this process may. A symbolic link stays one:
    the file that it leads to is replaced. A process that is killed at any moment leaves the old
    file or the new, and at worst a hidden file beside it. `sync` makes the new name last.

    Args:
        path: Which file.
        data: What it holds from now on.
        mode: Of a file that was not there.

    Raises:
        OSError: The folder is missing, full or not writable; the old file is untouched.
    """
    target = path.resolve()
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        error.filename = str(target)  # not that of the hidden file, which nobody has asked for
        raise
    try:
        with os.fdopen(descriptor, "wb") as file:
            _dress_like(target, file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def sync(folder: Path) -> None:
    """The names in a folder are on the disk.

    Raises:
        OSError: The folder is missing, or the disk fails.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _dress_like(path: Path, descriptor: int, mode: int) -> None:
    try:
        old = path.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    with suppress(PermissionError):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, old.st_mode & 0o7777)
