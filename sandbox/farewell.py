"""Takes a phone's registration back without the phone: its calls go on, and it knows nothing of it.

So does a registrar that has lost its table, or a phone that another program has signed off.
Source: RFC 3261 §10.2.2 (`Contact: *`), RFC 2617 (digest).
"""

import asyncio
import hashlib
import re
import secrets

HOST = "127.0.0.1"
LIMIT_S = 5.0
"""For both answers; Asterisk needs some milliseconds."""
_FIELD = re.compile(r'(\w+)="([^"]*)"')


class _Mailbox(asyncio.DatagramProtocol):
    """Keeps what comes until it is read."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[str] = asyncio.Queue()

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.answers.put_nowait(data.decode(errors="replace"))


async def unregister(port: int, user: str, password: str) -> None:
    """Asterisk has no contact of that user any more.

    Args:
        port: Asterisk's SIP port, on loopback.
        user: The phone's.
        password: Its.

    Raises:
        RuntimeError: Asterisk refused it.
        TimeoutError: It did not answer.
    """
    loop = asyncio.get_running_loop()
    transport, mailbox = await loop.create_datagram_endpoint(_Mailbox, remote_addr=(HOST, port))
    try:
        own = transport.get_extra_info("sockname")[1]
        request = _Request(port, own, user, password)
        async with asyncio.timeout(LIMIT_S):
            transport.sendto(request.text(1))
            challenge = dict(_FIELD.findall(await mailbox.answers.get()))
            transport.sendto(request.text(2, challenge))
            answer = await mailbox.answers.get()
    finally:
        transport.close()
    if not answer.startswith("SIP/2.0 200"):
        raise RuntimeError(f"{user} was not unregistered: {answer.splitlines()[0]}")


class _Request:
    """A REGISTER that takes all contacts away, sent twice: the second time with the proof."""

    def __init__(self, port: int, own: int, user: str, password: str) -> None:
        self._uri = f"sip:{HOST}:{port}"
        self._port, self._own, self._user, self._password = port, own, user, password
        self._id = secrets.token_hex(8)

    def text(self, number: int, challenge: dict[str, str] | None = None) -> bytes:
        aor = f"<sip:{self._user}@{HOST}:{self._port}>"
        lines = [
            f"REGISTER {self._uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{self._own};branch=z9hG4bK{self._id}{number};rport",
            f"From: {aor};tag={self._id}",
            f"To: {aor}",
            f"Call-ID: {self._id}",
            f"CSeq: {number} REGISTER",
            "Max-Forwards: 70",
            "Contact: *",
            "Expires: 0",
            *([] if challenge is None else [self._proof(challenge)]),
            "Content-Length: 0",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _proof(self, challenge: dict[str, str]) -> str:
        realm, nonce = challenge["realm"], challenge["nonce"]
        cnonce, count = secrets.token_hex(8), "00000001"
        who = _md5(f"{self._user}:{realm}:{self._password}")
        what = _md5(f"REGISTER:{self._uri}")
        answer = _md5(f"{who}:{nonce}:{count}:{cnonce}:auth:{what}")
        fields = {
            "username": self._user,
            "realm": realm,
            "nonce": nonce,
            "uri": self._uri,
            "response": answer,
            "cnonce": cnonce,
            "opaque": challenge.get("opaque", ""),
        }
        quoted = ", ".join(f'{name}="{value}"' for name, value in fields.items())
        return f"Authorization: Digest {quoted}, algorithm=MD5, qop=auth, nc={count}"


def _md5(text: str) -> str:
    """SIP's digest; what it proves here is worth nothing outside of loopback."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
