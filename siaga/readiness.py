"""What the service manager is told: ready, stopping, a status line, and the watchdog's ping.

Source: sd_notify(3), sd_watchdog_enabled(3): datagrams to the socket named in NOTIFY_SOCKET.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

MICROSECONDS = 1_000_000


class Notifier:
    """Sends to the service manager; without one it does nothing.

    Args:
        address: The socket's path; a leading `@` means an abstract one. Empty: nobody listens.
        watchdog_s: Seconds within which a ping is expected; None when there is no watchdog.
    """

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_interval_s = None if watchdog_s is None else watchdog_s / 2

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As systemd has set it for this process."""
        limit = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_s = int(limit) / MICROSECONDS if limit.isdigit() and mine else None
        return cls(environment.get("NOTIFY_SOCKET", ""), watchdog_s)

    def ready(self) -> None:
        """The service can be used."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The service ends."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={text}")

    def ping(self) -> None:
        """The service is alive."""
        self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(message.encode(), self._address)
