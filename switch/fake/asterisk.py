"""An Asterisk in memory, with phones: what is asked of it, what people do, and what breaks.

    asterisk = FakeAsterisk(draw=random.Random(7).random, wall=lambda: clock.now().wall)
    phone = asterisk.register("siaga-medis-1", Answer(2.0, talk_s=30.0))
    caller = asterisk.caller("081234567890", citizen=Citizen(keys=((1.5, "1"),), patience_s=60.0))
    caller.call("112")

All of it happens in the running loop's time. Whoever draws the same numbers sees the same run.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from switch.error import Gone, Refused, Unreachable
from switch.fake.application import Application
from switch.fake.behaviour import Behaviour, Citizen
from switch.fake.desk import Desk
from switch.fake.dialplan import Dialplan
from switch.fake.endpoint import Endpoint
from switch.fake.exchange import Exchange
from switch.fake.machine import Machine
from switch.fake.phone import FakeCaller, FakePhone
from switch.fake.refusal import Refusal
from switch.fake.request import Asked, encode, read
from switch.fake.stream import Stream

TRUNKS = ("siaga-telkom", "siaga-seluler")
QUALIFY_S = 4.5
"""`qualify_frequency` and `qualify_timeout`: so long a dead phone still counts as reachable."""
PROMPT_S, MENU_S, RINGBACK_S = 4.0, 11.0, 30.0
"""About what the shipped prompts take."""
NOT_FOUND = 404


def shipped_length(uri: str) -> float:
    """About the seconds of a prompt of the shipped settings."""
    name = uri.rpartition("/")[2]
    return {"menu": MENU_S, "nada_tunggu": RINGBACK_S}.get(name, PROMPT_S)


class FakeAsterisk:
    """One Asterisk with one Stasis application.

    Args:
        draw: Uniform numbers in [0, 1): latencies, and which of two things comes first.
        wall: The wall time: the dialplan's EPOCH, and stamps.
        seats: Endpoints of phones that may register, with the name and number of each phone.
        app: The application's name.
        media_s: Seconds of a medium by its URI; None if there is no such file.
        outside: Number and trunk endpoint of the last resort's last step.

    Attributes:
        on_request: Hears each request when it is made, before it is on its way.
    """

    def __init__(
        self,
        *,
        draw: Callable[[], float],
        wall: Callable[[], datetime],
        seats: Mapping[str, tuple[str, str]] | None = None,
        app: str = "siaga",
        media_s: Callable[[str], float | None] = shipped_length,
        outside: tuple[str, str] | None = None,
    ) -> None:
        self.app = Application(app, wall)
        self.exchange = Exchange(self.app, Machine(draw, wall), media_s)
        dialplan = Dialplan(self.exchange, outside)
        self.exchange.run_dialplan, self.exchange.run_handler = dialplan.run, dialplan.handle
        self.exchange.endpoints = {
            **{name: Endpoint(name, trunk=True, told="NOT_INUSE") for name in TRUNKS},
            **{
                name: Endpoint(name, callerid=callerid, told="UNAVAILABLE")
                for name, callerid in (seats or {}).items()
            },
        }
        self.away = False
        self.on_request: Callable[[Asked], None] = lambda _: None
        self._desk = Desk(self.exchange, self.app)

    # What is asked of it

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """One request to ARI, there and back.

        Raises:
            Unreachable: Asterisk is away.
            Gone: 404.
            Refused: Any other refusal.
        """
        name, wire = f"{method} {path}", self.exchange.machine.wire
        asked = read(method, path, query or {}, body or {})
        self.on_request(asked)
        await self.exchange.machine.trip()
        if self.away:
            raise Unreachable(name, "cannot connect")
        if wire.loses():
            raise Unreachable(name, "connection reset")
        try:
            answer = encode(await self._desk.answer(asked))
        except Refusal as refusal:
            await self.exchange.machine.trip()
            kind = Gone if refusal.status == NOT_FOUND else Refused
            raise kind(name, refusal.status, refusal.reason) from None
        await self.exchange.machine.trip()
        if wire.loses():
            raise Unreachable(name, "connection reset")
        if self.away:
            raise Unreachable(name, "server disconnected")
        return answer

    async def connect(self) -> Stream:
        """A new connection for the application's events.

        Raises:
            Unreachable: Asterisk is away.
        """
        await self.exchange.machine.trip()
        if self.away:
            raise Unreachable("GET /events", "cannot connect")
        stream = Stream(self.exchange.machine.wire)
        self.app.connect(stream)
        return stream

    # People

    def register(self, seat: str, behaviour: Behaviour | None = None) -> FakePhone:
        """A phone registers at a seat; another one that was there is replaced."""
        endpoint = self.exchange.endpoints.setdefault(seat, Endpoint(seat, told="UNAVAILABLE"))
        phone = FakePhone(self.exchange, behaviour=behaviour)
        phone.seat = seat
        phone.on_death = lambda: self._dead(phone, endpoint)
        endpoint.phone = phone
        self.exchange.tell_device(seat)
        return phone

    def unregister(self, seat: str) -> None:
        """The phone at a seat takes back its registration."""
        self.exchange.endpoints[seat].phone = None
        self.exchange.tell_device(seat)

    def _dead(self, phone: FakePhone, endpoint: Endpoint) -> None:
        asyncio.get_running_loop().call_later(QUALIFY_S, self._unreachable, phone, endpoint)

    def _unreachable(self, phone: FakePhone, endpoint: Endpoint) -> None:
        if endpoint.phone is phone:
            endpoint.phone = None
            self.exchange.tell_device(endpoint.name)

    def outside(self, number: str, trunk: str, behaviour: Behaviour | None = None) -> FakePhone:
        """A phone that answers for a number behind a trunk, such as `telkom`."""
        phone = FakePhone(self.exchange, number, behaviour)
        self.exchange.endpoints[f"siaga-{trunk}"].outside[number] = phone
        return phone

    def caller(
        self, number: str, trunk: str = "seluler", citizen: Citizen | None = None
    ) -> FakeCaller:
        """A citizen, who has not dialled yet."""
        return FakeCaller(self.exchange, number, trunk, citizen)

    # What breaks

    def cut(self) -> None:
        """The event stream breaks; requests still work, and the client may connect again."""
        self.app.cut()

    def freeze_stream(self) -> None:
        """The event stream is half-open: events vanish until the client's pings notice it."""
        self.app.freeze()

    def crash(self) -> None:
        """Asterisk dies, and every call in it; nothing is told to anybody."""
        self.away = True
        exchange = self.exchange
        self.app.cut()
        for task in tuple(exchange.machine.tasks):
            task.cancel()
        for channel in exchange.channels.values():
            channel.in_stasis = channel.heard = False
            if channel.player is not None:
                channel.player.fail()
            channel.end()
            channel.call.closed()
        for bridge in exchange.bridges.values():
            bridge.player.fail()
        exchange.channels.clear()
        for snoop in exchange.snoops.values():
            if snoop.recording is not None:
                exchange.recorded[snoop.recording] = snoop.seconds
        exchange.snoops.clear()
        exchange.bridges.clear()
        exchange.playbacks.clear()
        exchange.globals.clear()
        for endpoint in exchange.endpoints.values():
            endpoint.told = exchange.device_state(endpoint)

    def boot(self) -> None:
        """Asterisk is there again, empty; phones are still registered."""
        self.away = False

    def left(self) -> list[str]:
        """What is in progress, and what went wrong in here; empty when nothing is."""
        exchange = self.exchange
        return [
            *(f"channel {channel.name} {channel.state}" for channel in exchange.channels.values()),
            *(f"bridge {id_}" for id_ in exchange.bridges),
            *(f"playback {id_}" for id_ in exchange.playbacks),
            *(f"recording {name}" for name in exchange.recorded),
            *(f"fault {fault}" for fault in exchange.machine.faults),
        ]
