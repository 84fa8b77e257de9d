"""The connection to one Asterisk: event stream, reconnect, standby, and what can be asked for.

    connecting ──open, filter and subscriptions set──▶ Up ──socket dies──▶ Down ──▶ connecting
                                                       └─another took the app──▶ Standby
                                                                 Standby ──it is free──▶ connecting

The reader hands each event to a plain function and never waits for anything: Asterisk drops a
connection whose writing blocks for more than 100 ms.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

import aiohttp
import structlog

from switch.asterisk import Asterisk
from switch.credential import Credential
from switch.error import Gone, Refused, SwitchError
from switch.event import (
    ApplicationReplaced,
    Event,
    Unknown,
    decode,
)
from switch.rest import Observe, Rest

log = structlog.get_logger(__name__)

PING_S = 2.0
"""aiohttp's WebSocket heartbeat: a dead peer is noticed after one and a half of it."""
RETRY_FIRST_S = 0.1
RETRY_MAX_S = 1.0
"""Reconnects are at most this far apart, so that a returned Asterisk is found within a second."""
RETRY_REFUSED_S = 5.0
"""A user or password that Asterisk refuses is corrected by people, not within a second."""
REFUSED_USER = frozenset({401, 403})
CLOSE_S = 1.0
"""For Asterisk to agree to the end of an event stream; one that does not is closed all the same."""
STANDBY_POLL_S = 2.0
UNREAD = (
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "BridgeCreated",
    "BridgeMerged",
    "ChannelTalkingStarted",
    "ChannelTalkingFinished",
    "PlaybackContinuing",
    "ContactStatusChange",
    "PeerStatusChange",
)
"""Events that nobody here reads; half of a call's events are of these types."""


@dataclass(frozen=True, slots=True)
class Up:
    """Events flow; `version` is Asterisk's."""

    version: str


@dataclass(frozen=True, slots=True)
class Down:
    """No events; reconnecting for ever.

    Attributes:
        reason: For people.
        status: HTTP's, when an answer came and it was no.
    """

    reason: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Standby:
    """Another process has taken the application."""


Link: TypeAlias = Up | Down | Standby


class Switch(Asterisk):
    """One Asterisk, and the connection to it.

    Args:
        base_url: Of its HTTP server, such as `http://127.0.0.1:8088`.
        credential: Of a user in ari.conf.
        app: The Stasis application.
        on_event: Takes each event; plain and quick, called by the reader.
        on_link: Takes each change of the connection.
        draw: Uniform numbers in [0, 1), for the jitter of reconnects.
        is_free: Whether a lost application may be taken again; asked while in standby.
        ping_s: Seconds between WebSocket pings.

    Attributes:
        unknown: Events of no known kind, by their names.
        malformed: How many of a known kind could not be read.
        connects: How often an event stream was opened.
        link: How the connection is.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credential: Credential,
        app: str,
        on_event: Callable[[Event], None],
        on_link: Callable[[Link], None],
        draw: Callable[[], float],
        is_free: Callable[[], Awaitable[bool]],
        ping_s: float = PING_S,
    ) -> None:
        self._rest = Rest(base_url, credential)
        super().__init__(self._rest, app)
        self._on_event = on_event
        self._on_link = on_link
        self._draw = draw
        self._is_free = is_free
        self._ping_s = ping_s
        self.unknown: Counter[str] = Counter()
        self.malformed = 0
        self.connects = 0
        self.link: Link = Down("not connected yet")
        self._dropped = ""
        self._drop = asyncio.Event()

    # The event stream

    async def run(self) -> None:
        """Keeps connected until cancelled."""
        failures = 0
        while True:
            try:
                replaced = await self._connect()
                failures = 0
            except (SwitchError, aiohttp.ClientError, OSError, TimeoutError) as error:
                self._tell(_down(error))
                replaced = False
                failures += 1
            if replaced:
                await self._stand_by()
            is_refused = isinstance(self.link, Down) and self.link.status in REFUSED_USER
            await asyncio.sleep(RETRY_REFUSED_S if is_refused else self._pause_s(failures))

    def drop(self, why: str) -> None:
        """Gives the event stream up, and opens another one; without one, nothing."""
        self._dropped = why
        self._drop.set()

    def watch(self, observe: Observe) -> None:
        """Each request from now on is told to `observe`."""
        self._rest.observe = observe

    async def close(self) -> None:
        """Closes the pool of connections."""
        await self._rest.close()

    def _pause_s(self, failures: int) -> float:
        """Doubles up to the limit, and is spread over its upper half."""
        longest = min(RETRY_MAX_S, RETRY_FIRST_S * 2.0 ** min(failures, 10))
        return longest * (0.5 + self._draw() / 2)

    async def _connect(self) -> bool:
        """One connection from its opening to its end; whether the application was taken away."""
        query = {"app": self._app, "subscribeAll": "false"}
        async with self._rest.session.ws_connect(
            self._rest.events_url,
            params=query,
            heartbeat=self._ping_s,
            max_msg_size=0,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
        ) as socket:
            self.connects += 1
            reader = asyncio.create_task(self._read(socket), name="switch reader")
            try:
                await self._prepare()
                self._tell(Up(await self.version()))
                return await self._until_over(reader)
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)

    async def _until_over(self, reader: asyncio.Task[bool]) -> bool:
        """Returns when the stream has ended or is given up; whether the application was taken."""
        self._drop.clear()
        dropping = asyncio.create_task(self._drop.wait(), name="switch drop")
        try:
            await asyncio.wait([reader, dropping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            dropping.cancel()
        if reader.done():
            return reader.result()
        self._tell(Down(self._dropped))
        return False

    async def _prepare(self) -> None:
        """Filter and subscriptions belong to the connection's application: set them each time."""
        unread = {"disallowed": [{"type": name} for name in UNREAD]}
        path = f"/applications/{quote(self._app)}"
        await self._requests.request("PUT", f"{path}/eventFilter", body=unread)
        query = {"eventSource": "deviceState:"}
        await self._requests.request("POST", f"{path}/subscription", query=query)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                event = decode(message.data)
                if isinstance(event, ApplicationReplaced):
                    return True
                self._give(event)
        error = socket.exception()
        self._tell(Down(f"event stream closed ({socket.close_code}) {error or ''}".strip()))
        return False

    def _give(self, event: Event | Unknown) -> None:
        if isinstance(event, Unknown):
            self.unknown[event.type] += 1
            self.malformed += event.malformed
            return
        try:
            self._on_event(event)
        except Exception:
            log.exception("event_not_handled", type=type(event).__name__)

    def _tell(self, link: Link) -> None:
        if link != self.link:
            self.link = link
            self._on_link(link)

    async def _stand_by(self) -> None:
        """Waits until the application is free: two daemons must not fight for it."""
        self._tell(Standby())
        while True:
            await asyncio.sleep(STANDBY_POLL_S * (0.5 + self._draw()))
            try:
                if await self._is_free():
                    return
            except SwitchError as error:
                log.debug("standby_not_asked", error=str(error))


def _down(error: Exception) -> Down:
    """Why there is no event stream, with what Asterisk answered when it was asked for one."""
    match error:
        case aiohttp.WSServerHandshakeError():
            return Down(f"HTTP {error.status} for the event stream", error.status)
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno or 0
            # Those of name services are negative, and bring words of their own.
            words = os.strerror(number) if number > 0 else str(error.os_error)
            return Down(f"cannot connect: {words}")
        case Gone():
            # The application went away again between the opening and this request.
            return Down(str(error))
        case Refused():
            return Down(str(error), error.status)
        case _:
            return Down(str(error) or type(error).__name__)
