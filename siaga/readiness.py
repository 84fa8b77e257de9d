"""What the service manager is told: ready, stopping, a status line, and the watchdog's ping.

Source: sd_notify(3), sd_watchdog_enabled(3): a datagram of `NAME=value` lines to the Unix socket
that is named in NOTIFY_SOCKET.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Self

MICROSECONDS: Final = 1_000_000
SEND_LIMIT_S: Final = 0.1
"""A service manager whose queue is full is waited for so long; the calls wait with us."""


class Notifier:
    """Sends to the service manager; without one, or when it does not listen, nothing happens.

    Attributes:
        watchdog_interval_s: Seconds between two pings: half of what the service manager allows, as
            sd_watchdog_enabled(3) recommends. None when it does not watch.
        is_given: Whether there is a service manager that wants to be told.
        is_forgotten: Systemd runs this process, and does not want to be told: `Type=notify` is
            missing in its unit.

    Args:
        address: The socket's path; a leading `@` means an abstract one. Empty: nobody listens.
        watchdog_s: Seconds within which a ping is expected; None when there is no watchdog.
        is_service: Whether systemd has started this very process.
    """

    def __init__(
        self, address: str = "", watchdog_s: float | None = None, *, is_service: bool = False
    ) -> None:
        self.is_given = bool(address)
        self.is_forgotten = is_service and not address
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_interval_s = None if watchdog_s is None else watchdog_s / 2

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As systemd has set it for this process; a watchdog that is meant for another is none."""
        limit = environment.get("WATCHDOG_USEC", "")
        is_mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        is_set = is_mine and limit.isascii() and limit.isdecimal() and int(limit) > 0
        watchdog_s = int(limit) / MICROSECONDS if is_set else None
        # Source: systemd.exec(5), SYSTEMD_EXEC_PID.
        is_service = environment.get("SYSTEMD_EXEC_PID") == str(os.getpid())
        return cls(environment.get("NOTIFY_SOCKET", ""), watchdog_s, is_service=is_service)

    def ready(self) -> None:
        """The service can be used."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The service ends."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={' '.join(text.split())}")

    def ping(self) -> None:
        """The service is alive."""
        self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(SEND_LIMIT_S)
            out.sendto(message.encode(errors="replace"), self._address)
