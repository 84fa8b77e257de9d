"""A channel: what is set on it, and what pulls it away from where it is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from switch.fake.bridge import FakeBridge, Player
    from switch.fake.phone import Call

SHOWN = (
    "SIAGA_TRUNK",
    "SIAGA_DID",
    "SIAGA_SERVICE",
    "SIAGA_STATE",
    "SIAGA_LEGS",
    "SIAGA_OFFER",
    "SIAGA_LEG_CAUSE",
)
"""`channelvars` of siaga-ari.conf."""


class Pull(Enum):
    """What takes a channel away from the application or the dialplan's step that it is in."""

    HUNG_UP = "hung up"
    BURNT = "its fuse burnt"
    CONTINUED = "sent to the dialplan"


@dataclass(slots=True)
class Place:
    """Where it is in the dialplan."""

    context: str
    exten: str = "s"
    priority: int = 1
    app_name: str = ""
    app_data: str = ""


@dataclass(slots=True, eq=False)
class FakeChannel:
    """One phone's connection, seen from inside Asterisk.

    Attributes:
        endpoint: The PJSIP endpoint.
        inbound: Came from the phone, and runs the dialplan; not so a leg.
        heard: The application hears of it to its end, in it or not: it was created there, or a leg
            was, with this channel as its originator.
        state: Asterisk's word: Down, Ring, Ringing, Up.
        call: The far end.
        pulled: What pulls it away; kept until somebody acts on it.
        cause: Q.850, of its end.
        handlers: Hangup handlers, last pushed first.
        ended: Set when it does not exist any more.
        player: What plays on it alone; requests for the channel wait meanwhile.
        location: What Asterisk's geolocation made of the INVITE: format, colon, effective location.
        access: The values of P-Access-Network-Info in the INVITE.
    """

    id: str
    name: str
    endpoint: str
    place: Place
    created: str
    call: "Call"
    caller: tuple[str, str] = ("", "")
    connected: tuple[str, str] = ("", "")
    inbound: bool = False
    heard: bool = False
    state: str = "Down"
    variables: dict[str, str] = field(default_factory=dict)
    in_stasis: bool = False
    bridge: "FakeBridge | None" = None
    dialled: bool = False
    gone: bool = False
    cause: int = 16
    tech_cause: int | None = None
    handlers: list[str] = field(default_factory=list)
    fuse: asyncio.TimerHandle | None = None
    pulled: Pull | None = None
    digits: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    player: "Player | None" = None
    location: str = ""
    access: tuple[str, ...] = ()
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def view(self) -> dict[str, Any]:
        """As ARI shows it."""
        place = self.place
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": f"dialog-{self.id}",
            "caller": {"name": self.caller[0], "number": self.caller[1]},
            "connected": {"name": self.connected[0], "number": self.connected[1]},
            "accountcode": "",
            "dialplan": {
                "context": place.context,
                "exten": place.exten,
                "priority": place.priority,
                "app_name": place.app_name,
                "app_data": place.app_data,
            },
            "creationtime": self.created,
            "language": "en",
            "channelvars": {name: self.variables.get(name, "") for name in SHOWN},
        }

    def set(self, name: str, value: str, burn: Callable[["FakeChannel"], None]) -> None:
        """Sets a variable or one of the functions that Siaga uses.

        Args:
            name: The variable.
            value: Its text.
            burn: What happens when a fuse set by this burns.
        """
        match name:
            case "TIMEOUT(absolute)":
                self._light(float(value or 0), burn)
            case "CHANNEL(hangup_handler_push)":
                self.handlers.insert(0, value)
            case "CONNECTEDLINE(name,i)":
                self.connected = (value, self.connected[1])
            case "CONNECTEDLINE(num,i)":
                self.connected = (self.connected[0], value)
            case _:
                self.variables[name] = value

    def get(self, name: str) -> str | None:
        """A variable, or one of the functions that tell something; None if it was never set."""
        match name:
            case "TIMEOUT(absolute)":
                now = asyncio.get_running_loop().time()
                return "0.000" if self.fuse is None else f"{self.fuse.when() - now:.3f}"
            case "CHANNEL(state)":
                return self.state
            case _:
                return self.variables.get(name)

    def _light(self, seconds: float, burn: Callable[["FakeChannel"], None]) -> None:
        if self.fuse is not None:
            self.fuse.cancel()
            self.fuse = None
        if seconds > 0:
            self.fuse = asyncio.get_running_loop().call_later(seconds, self._burn, burn)

    def _burn(self, burn: Callable[["FakeChannel"], None]) -> None:
        self.fuse = None
        burn(self)

    def pull(self, pull: Pull) -> None:
        """Pulls it away from where it is; a hang-up is never overruled."""
        if self.pulled is not Pull.HUNG_UP:
            self.pulled = pull
        self._wake.set()

    async def pulled_away(self) -> Pull:
        """Returns what pulls it away, at once if that has happened before."""
        while self.pulled is None:
            self._wake.clear()
            await self._wake.wait()
        pull = self.pulled
        if pull is not Pull.HUNG_UP:
            self.pulled = None
        return pull

    def end(self) -> None:
        """Nothing burns or waits any more."""
        self.gone = True
        if self.fuse is not None:
            self.fuse.cancel()
            self.fuse = None
        self.ended.set()
