"""Somebody who writes SIP by hand: any bytes, from any address, in one datagram each."""

import asyncio
import re
import secrets
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

LARGEST = 65_507
"""Bytes that a datagram carries over IPv4."""
SDP = (
    "v=0\r\no=x 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
_STATUS = re.compile(rb"SIP/2\.0 ([0-9]{3})")


class Stranger:
    """A UDP socket of one's own.

    Args:
        address: Of loopback; a carrier's is one that Asterisk knows.
        server: Asterisk's address and port.
    """

    def __init__(self, address: str, server: tuple[str, int]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((address, 0))
        self._server = server
        self.host, self.port = self._socket.getsockname()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    async def throw(self, datagram: bytes) -> None:
        """Sends these bytes, whatever comes of it."""
        await asyncio.get_running_loop().sock_sendto(self._socket, datagram[:LARGEST], self._server)

    async def heard(self, call: str, limit_s: float = 10.0) -> bytes:
        """The next final response to a request with this Call-ID.

        Raises:
            TimeoutError: There is none in time.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(limit_s):
            while True:
                told = await loop.sock_recv(self._socket, LARGEST)
                status = _STATUS.match(told)
                if status and status[1] >= b"200" and call.encode() in told:
                    return told

    async def ask(self, request: "Request") -> int:
        """The final status of a request."""
        await self.throw(request.data(self))
        told = await self.heard(request.call)
        if request.method == "INVITE":
            await self.throw(request.then("ACK", told).data(self))
        return int(told.split(b" ", 2)[1])


class Request:
    """A request whose lines can be exchanged.

    Args:
        method: Of SIP.
        user: Whom it is for.
        sender: Who it says it is from.
        extra: More header lines.
        body: With an SDP's type.
        to_tag: Of a dialog.
    """

    def __init__(
        self,
        method: str,
        user: str,
        *,
        sender: str = "081234567890",
        extra: Sequence[str] = (),
        body: str = "",
        to_tag: str = "",
    ) -> None:
        self.method = method
        self.user = user
        self.sender = sender
        self.extra = tuple(extra)
        self.body = body
        self.to_tag = to_tag
        self.call = secrets.token_hex(8)
        self.tag = secrets.token_hex(4)
        self.cseq = 1

    def then(self, method: str, told: bytes, extra: Sequence[str] = ()) -> "Request":
        """The next one of the same dialog; an ACK has the number of the INVITE."""
        tag = re.search(rb"\r\nTo:[^\r]*;tag=([^\r;]+)", told, re.IGNORECASE)
        after = Request(method, self.user, sender=self.sender, extra=extra)
        after.call, after.tag = self.call, self.tag
        after.to_tag = f";tag={tag[1].decode()}" if tag else ""
        after.cseq = self.cseq + (method != "ACK")
        return after

    def lines(self, stranger: Stranger) -> list[str]:
        """The head's lines, the body's length among them."""
        here, there = f"{stranger.host}:{stranger.port}", "127.0.0.1"
        branch = secrets.token_hex(8)
        kind = ["Content-Type: application/sdp"] if self.body else []
        return [
            f"{self.method} sip:{self.user}@{there} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{branch};rport",
            f"From: <sip:{self.sender}@{stranger.host}>;tag={self.tag}",
            f"To: <sip:{self.user}@{there}>{self.to_tag}",
            f"Call-ID: {self.call}",
            f"CSeq: {self.cseq} {self.method}",
            f"Contact: <sip:{self.sender}@{here}>",
            "Max-Forwards: 70",
            *self.extra,
            *kind,
            f"Content-Length: {len(self.body.format(host=stranger.host).encode())}",
        ]

    def data(self, stranger: Stranger) -> bytes:
        """As it is sent."""
        head = "\r\n".join(self.lines(stranger))
        return f"{head}\r\n\r\n{self.body.format(host=stranger.host)}".encode()
