"""The Stasis application, as Asterisk keeps it: who reads its events, and what it wants to hear."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from switch.fake.stream import Stream


class Application:
    """One application; the last connection has it.

    Args:
        name: As in `Stasis(name)`.
        wall: The wall time, for the events' timestamps.

    Attributes:
        device_tells: How often each device state is told: twice if two subscriptions overlap.
        on_device: Hears each device state, told or not.
    """

    def __init__(self, name: str, wall: Callable[[], datetime]) -> None:
        self.name = name
        self._wall = wall
        self._stream: Stream | None = None
        self.devices = False
        self.device_tells = 1
        self.on_device: Callable[[str, str], None] = lambda _, __: None
        self.disallowed: frozenset[str] = frozenset()
        self.lost = 0

    @property
    def active(self) -> bool:
        """Whether calls may enter; also true while the connection is half-open."""
        return self._stream is not None and not self._stream.closed

    def connect(self, stream: Stream) -> None:
        """A new connection has the application; the old one is told so and hears no more."""
        if self._stream is not None and not self._stream.closed:
            self.emit("ApplicationReplaced")
            self._stream.close("replaced")
        self._stream = stream
        self.devices = False

    def cut(self) -> None:
        """The connection breaks; both sides know."""
        if self._stream is not None:
            self._stream.cut()

    def freeze(self) -> None:
        """The connection is half-open: Asterisk does not know that nobody reads it."""
        if self._stream is not None:
            self._stream.freeze()

    def emit(self, kind: str, **fields: Any) -> None:
        """Sends an event to whoever has the application; without a connection it is lost."""
        if kind in self.disallowed:
            return
        if self._stream is None or self._stream.closed or self._stream.half_open:
            self.lost += 1
            return
        stamp = self._wall().isoformat(timespec="milliseconds")
        self._stream.send(
            {"type": kind, "application": self.name, "timestamp": stamp} | fields,
        )

    def device(self, endpoint: str, state: str) -> None:
        """Tells of a device's new state, if that was subscribed to."""
        self.on_device(endpoint, state)
        if self.devices:
            for _ in range(self.device_tells):
                self.emit("DeviceStateChanged", device_state={"name": endpoint, "state": state})
