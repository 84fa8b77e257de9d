"""For which name of ours a request was meant: what keeps other people's web pages out.

A page that somebody reads on this machine may have its own name point here ("DNS rebinding"): its
browser then takes the console for that page's server and lets it read the answers. It says the
page's name in `Host`, which no page can change, and that name is not ours.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Final

LOCAL: Final = "localhost"
_PARTS: Final = re.compile(r"(\[[0-9a-z:.%_-]+\]|[^:\[\]]*)(?::[0-9]{1,5})?", re.ASCII)
"""`name`, `name:port`, `[IPv6]:port` (RFC 9110, clause 7.2)."""


class Hosts:
    """The names that the console goes by: any address, `localhost`, this machine's, and its own.

    Args:
        own: The address or name that is listened on.
        others: Further names, as the settings have them.
    """

    def __init__(self, own: str, others: Iterable[str] = ()) -> None:
        names = (LOCAL, own, socket.gethostname(), *others)
        self._names = dict.fromkeys(name.casefold() for name in names if name)

    def knows(self, header: str | None) -> bool:
        """Whether a request with this `Host` is for us. Without one no browser has sent it."""
        if header is None:
            return True
        parts = _PARTS.fullmatch(header.strip().casefold())
        if parts is None:
            return False
        name = parts[1].removesuffix(".")
        if name in self._names:
            return True
        try:
            # An address cannot be made to point elsewhere.
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        return f"an address or {', '.join(self._names)}"
