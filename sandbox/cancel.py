"""A caller who gives up before, in or after the moment of the answer (RFC 3261, 9.1).

Plain SIP, since SIPp takes a 200 for an error while it is about to send, and baresip tells nothing
before the answer.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable

SDP = (
    "v=0\r\no=siaga 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)
"""Audio for the discard port: nobody stays to hear it."""
LIMIT_S = 5.0
_STATUS = re.compile(rb"SIP/2\.0 (\d{3})")
_CSEQ = re.compile(rb"(?im)^CSeq: *\d+ *(\w+)")
_TO = re.compile(rb"(?im)^To:[^\r]*")


class _Socket(asyncio.DatagramProtocol):
    """Responses as they come: status, method, To."""

    def __init__(self) -> None:
        self.responses: asyncio.Queue[tuple[int, str, str]] = asyncio.Queue()

    def datagram_received(self, data: bytes, _address: object) -> None:
        status, cseq, to = _STATUS.match(data), _CSEQ.search(data), _TO.search(data)
        if status and cseq and to:
            self.responses.put_nowait((int(status[1]), cseq[1].decode(), to[0].decode()))


class _Call:
    """The requests of one call."""

    def __init__(self, number: str, here: tuple[str, int], server: tuple[str, int]) -> None:
        self._uri = f"sip:112@{server[0]}:{server[1]}"
        self._number = number
        self._here = f"{here[0]}:{here[1]}"
        self._id = secrets.token_hex(8)
        self.to = f"To: <{self._uri}>"

    def request(self, method: str, *, cseq: int = 1, branch: str = "call", body: str = "") -> bytes:
        """A request to Asterisk; those of one transaction have one branch."""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {self._uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK-{self._id}-{branch}\r\n"
            f"From: <sip:{self._number}@{self._here}>;tag={self._id}\r\n{self.to}\r\n"
            f"Call-ID: {self._id}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{self._number}@{self._here}>\r\n{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


async def give_up(
    address: str, server: tuple[str, int], number: str, when: Awaitable[None]
) -> bool:
    """Dials 112 and gives up after `when`; whether the answer had been faster.

    Args:
        address: The trunk's address.
        server: Asterisk's SIP host and port.
        number: The caller's number.
        when: Is waited for once Asterisk has shown that it is there.

    Raises:
        TimeoutError: Asterisk left a request without its final response.
    """
    loop = asyncio.get_running_loop()
    transport, wire = await loop.create_datagram_endpoint(
        _Socket, local_addr=(address, 0), remote_addr=server
    )
    call = _Call(number, transport.get_extra_info("sockname"), server)
    try:
        async with asyncio.timeout(LIMIT_S):
            transport.sendto(call.request("INVITE", body=SDP.format(host=address)))
            first = await wire.responses.get()
            await when
            transport.sendto(call.request("CANCEL"))
            status, call.to = await _final(wire, "INVITE", first)
            answered = status < 300  # noqa: PLR2004 (RFC 3261, 7.2)
            transport.sendto(call.request("ACK", branch="answered" if answered else "call"))
            if answered:
                transport.sendto(call.request("BYE", cseq=2, branch="bye"))
                await _final(wire, "BYE", await wire.responses.get())
            return answered
    finally:
        transport.close()


async def _final(wire: _Socket, method: str, response: tuple[int, str, str]) -> tuple[int, str]:
    """The status and To of the final response to that method, beginning with `response`."""
    while response[0] < 200 or response[1] != method:  # noqa: PLR2004 (RFC 3261, 7.2)
        response = await wire.responses.get()
    return response[0], response[2]
