"""Who is at the other end of a Unix socket, by the kernel's word and not by theirs."""

import pwd
import socket
import struct
from dataclasses import dataclass
from typing import Final, Self

_CREDENTIALS: Final = struct.Struct("3i")
"""`struct ucred`: process, user, group (unix(7), SO_PEERCRED)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A process, as it was when it connected.

    Attributes:
        pid: Its id; 0 if it is in another namespace.
        uid: Its user.
        gid: Its group.
    """

    pid: int
    uid: int
    gid: int

    @classmethod
    def of(cls, link: socket.socket) -> Self:
        """Who has connected.

        Raises:
            OSError: It is no Unix socket.
        """
        packed = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return cls(*_CREDENTIALS.unpack(packed))

    def user(self) -> str:
        """The user's name; it may be looked up in the network, and takes as long as that does."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return f"uid {self.uid}"
