"""A socket in a folder, held by one living process; what a dead one has left is no hindrance.

NotClaimed         it cannot be had now; says why

The folder itself is locked (flock(2)) for as long as the socket is held: the kernel lets go when
the holder dies, however it dies. So whoever has the lock may remove the socket that is there, and
whoever does not knows that its owner lives, even if that is frozen and answers nobody.
"""

import fcntl
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

PATH_BYTES: Final = 107
"""Of a Unix socket's path: `sun_path` has 108, the last of which is NUL (unix(7))."""
FOLDER_MODE: Final = 0o750
SOCKET_MODE: Final = 0o660
"""To connect one has to be able to write: the owner, the group, and root."""
BACKLOG: Final = 16
"""Connections that wait to be accepted; a loop that turns accepts them at once."""


class NotClaimed(Exception):
    """The socket cannot be had now; the text says why."""


class Claim:
    """A socket that is listened on.

    Attributes:
        path: Its place.
        listener: To accept from.
    """

    def __init__(self, path: Path, listener: socket.socket, lock: int) -> None:
        self.path = path
        self.listener = listener
        self._lock = lock
        self._inode = path.lstat().st_ino

    @classmethod
    def make(cls, path: Path) -> Self:
        """Takes a place that no living process holds.

        Raises:
            NotClaimed: Another one holds it, or there can be no socket.
        """
        length = len(os.fsencode(path))
        if length > PATH_BYTES:
            raise NotClaimed(
                f"its path is {length} bytes long, and a socket's has at most {PATH_BYTES}"
            )
        try:
            path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            lock = _locked(path.parent)
        except OSError as error:
            raise NotClaimed(error.strerror or str(error)) from error
        try:
            return cls(path, _listening(path), lock)
        except OSError as error:
            os.close(lock)
            raise NotClaimed(error.strerror or str(error)) from error
        except NotClaimed:
            os.close(lock)
            raise

    @property
    def is_in_place(self) -> bool:
        """Whether who connects to the path comes here: nobody has moved or removed it."""
        try:
            return self.path.lstat().st_ino == self._inode
        except OSError:
            return False

    def release(self) -> None:
        """The place is free again, and nothing is left there."""
        self.listener.close()
        if self.is_in_place:
            with suppress(OSError):
                self.path.unlink()
        os.close(self._lock)


def _locked(folder: Path) -> int:
    """Raises NotClaimed when another process has the lock."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise NotClaimed("a daemon that runs has it") from error
    except OSError:
        os.close(lock)
        raise
    return lock


def _listening(path: Path) -> socket.socket:
    """A socket in place of what was left there; nobody can connect before its mode is set."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise NotClaimed("something that is no socket is in the way")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(SOCKET_MODE)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
