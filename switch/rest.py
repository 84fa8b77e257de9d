"""Requests to ARI over keep-alive HTTP, with typed errors.

Source: https://docs.asterisk.org/ (Asterisk REST Interface); `session_keep_alive` is 15 s and
`sessionlimit` 100 there by default: the pool stays below both.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

import aiohttp
import msgspec

from switch.credential import Credential
from switch.error import Gone, Refused, Unreachable

CONNECTIONS = 40
"""Parallel requests; Asterisk's HTTP server takes 100 sessions, other clients included."""
KEEP_ALIVE_S = 10.0
"""Shorter than Asterisk's 15 s, so that a connection is never used while Asterisk closes it."""
REQUEST_LIMIT_S = 5.0
"""A request takes about a millisecond; one that takes this long will not be answered."""
NOT_FOUND = 404
BAD_REQUEST = 400

UNREACHABLE = "unreachable"
"""The result of a request that got no answer."""

Json = Mapping[str, Any]
Observe: TypeAlias = Callable[[str, str, float], None]


def _unobserved(_method: str, _result: str, _seconds: float) -> None:
    """For who does not ask."""


class Requests(Protocol):
    """Whoever carries requests to Asterisk and brings back the answers."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> bytes:
        """Asks once, and returns the answer's body.

        Raises:
            SwitchError: Unreachable, gone or refused.
        """


class Rest:
    """One pool of connections to one Asterisk.

    Args:
        base_url: Of its HTTP server.
        credential: Of a user in ari.conf.

    Attributes:
        observe: Takes each request's method, its result (HTTP's status, or `UNREACHABLE`) and the
            seconds that it took; to be replaced by who wants to know.
    """

    def __init__(self, base_url: str, credential: Credential) -> None:
        self.observe: Observe = _unobserved
        self._base = f"{base_url.rstrip('/')}/ari"
        self._headers = {"Authorization": credential.header}
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool; made when it is first used, inside the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S, force_close=False
                ),
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=REQUEST_LIMIT_S),
            )
        return self._session

    @property
    def events_url(self) -> str:
        """Where the event stream is; the credential is not part of it."""
        return f"{self._base}/events"

    async def close(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> bytes:
        """Asks once; a request is never repeated here, since Asterisk may have acted on it.

        Raises:
            Unreachable: No answer, or not in time.
            Gone: 404.
            Refused: Any other error, with Asterisk's reason.
        """
        name = f"{method} {path}"
        asked = time.monotonic()
        data = None if body is None else msgspec.json.encode(body)
        headers = {} if data is None else {"Content-Type": "application/json"}
        try:
            async with self.session.request(
                method, f"{self._base}{path}", params=query, data=data, headers=headers
            ) as response:
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.observe(method, UNREACHABLE, time.monotonic() - asked)
            raise Unreachable(name, str(error) or type(error).__name__) from error
        self.observe(method, str(response.status), time.monotonic() - asked)
        if response.status < BAD_REQUEST:
            return answer
        reason = _reason(answer) or response.reason or ""
        if response.status == NOT_FOUND:
            raise Gone(name, response.status, reason)
        raise Refused(name, response.status, reason)


def _reason(answer: bytes) -> str:
    """Asterisk's own words in an error's body."""
    try:
        body = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeError):
        return ""
    if not isinstance(body, dict):
        return ""
    return str(body.get("message") or body.get("error") or "")
