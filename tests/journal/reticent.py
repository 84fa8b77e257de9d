"""A broker of a test: it takes what is published, and lets nobody listen until it is told to.

Mosquitto takes every subscription, and its access list keeps messages back; other brokers refuse
in the SUBACK (MQTT 5, 3.9.3). This one speaks as much of MQTT 5 as that takes.
"""

import contextlib
import socket
import threading
from types import TracebackType
from typing import BinaryIO, Final, Self

from sandbox.broker import HOST

CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 1, 3, 8, 14
"""Kinds of packets (MQTT 5, 2.1.2)."""
CONNACK: Final = bytes((0x20, 3, 0, 0, 0))
NOT_AUTHORIZED: Final = 0x87
GRANTED_QOS_1: Final = 0x01
MORE: Final = 0x80
"""In a length: another byte follows (MQTT 5, 1.5.5)."""


class Reticent:
    """To be entered with `with`.

    Attributes:
        port: Of TCP, on this machine.
        topics: Where something was published, in its order.
        asked: How often somebody wanted to listen.
        answer: The reason code of a SUBACK.
    """

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.asked = 0
        self.answer = NOT_AUTHORIZED
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="reticent")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        """One client after the other, until it is shut down."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                with client, client.makefile("rb") as said:
                    while head := said.read(1):
                        body = said.read(_length(said))
                        client.sendall(self._answered(head[0], body))

    def _answered(self, head: int, body: bytes) -> bytes:
        match head >> 4:
            case kind if kind == CONNECT:
                return CONNACK
            case kind if kind == PUBLISH:
                end = 2 + int.from_bytes(body[:2])
                self.topics.append(body[2:end].decode())
                return bytes((0x40, 2)) + body[end : end + 2]
            case kind if kind == SUBSCRIBE:
                self.asked += 1
                return bytes((0x90, 4)) + body[:2] + bytes((0, self.answer))
            case kind if kind == DISCONNECT:
                return b""
            case other:
                raise ValueError(f"no packet of kind {other} is expected here")


def _length(said: BinaryIO) -> int:
    """The length of what follows."""
    total = shift = 0
    while True:
        (byte,) = said.read(1)
        total += (byte & ~MORE) << shift
        shift += 7
        if not byte & MORE:
            return total
