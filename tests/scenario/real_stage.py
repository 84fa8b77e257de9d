"""A stage on a real Asterisk with real phones; only the centre is in this process."""

import asyncio
import random
import wave
from collections.abc import Callable
from pathlib import Path

from journal.journal import Journal
from journal.record import Record
from sandbox.behaviour import Behaviour
from sandbox.caller import OutsidePhone
from sandbox.handset import Handset
from sandbox.sound import FOLDER
from sandbox.system import System
from siaga.centre import Centre
from siaga.clock import SystemClock
from siaga.notebook import MemoryNotebook
from switch.client import Link, Switch
from switch.credential import Credential
from switch.event import ChannelUserevent, Event, PlaybackStarted
from switch.rest import Requests, Rest
from tests.live.centre import quick_settings
from tests.scenario.script import Script
from tests.scenario.tape import Tape

RUN = "run1"
SETTLED_S = 0.3
POLL_S = 0.01
SOUND = "sound:siaga/"


class RealHandset:
    """A baresip with its user."""

    def __init__(self, phone: Handset) -> None:
        self._phone = phone

    def behave(self, behaviour: Behaviour) -> None:
        """What the user does from the next call on."""
        self._phone.behaviour = behaviour

    async def offered(self, deadline_s: float) -> object:
        """The next call that came here."""
        return await self._phone.offered(deadline_s)

    async def established(self, deadline_s: float) -> object:
        """A call is up here."""
        return await self._phone.established(deadline_s)

    async def closed(self, deadline_s: float) -> object:
        """No call is left."""
        return await self._phone.closed(deadline_s)

    async def dial(self, number: str) -> object:
        """Calls a number."""
        return await self._phone.dial(number)

    async def press(self, digits: str) -> None:
        """Presses keys."""
        await self._phone.send_dtmf(digits)

    async def hangup(self) -> None:
        """Ends every call."""
        await self._phone.hangup()

    async def kill(self) -> None:
        """The phone loses its power."""
        await self._phone.kill()


class RealStage:
    """A sandbox whose callers are served by a centre in this process."""

    def __init__(self, system: System, tape: Tape, tap: "Tap", requests: Requests) -> None:
        self._system = system
        self._tape = tape
        self._tap = tap
        self.requests = requests

    def expect_leg(self, id_: str) -> None:
        """The centre leaves this leg alone."""
        self._tap.apart.add(id_)

    async def operator(self, seat: str, behaviour: Behaviour) -> RealHandset:
        """A registered phone at a seat."""
        return RealHandset(await self._system.register(seat, behaviour))

    async def outside(self, number: str, behaviour: Behaviour) -> RealHandset:
        """Who answers for a number behind the trunk telkom."""
        phone: OutsidePhone = await self._system.outside(number, behaviour)
        return RealHandset(phone)

    async def citizen(self, number: str, trunk: str) -> RealHandset:
        """A citizen behind a trunk."""
        return RealHandset(await self._system.caller(number, trunk))

    async def recorded(self, what: str, count: int, limit_s: float) -> None:
        """There are so many records of that name."""
        async with asyncio.timeout(limit_s):
            while self._count(what) < count:  # noqa: ASYNC110 - records come one by one
                await asyncio.sleep(POLL_S)

    def _count(self, what: str) -> int:
        return sum(record.what == what for record in self._tape.records)

    async def pause(self, seconds: float) -> None:
        """People take their time."""
        await asyncio.sleep(seconds)


class Tap:
    """Puts events and records on a tape, on their way to conductor and journal."""

    def __init__(self, system: System, tape: Tape) -> None:
        self._system = system
        self._tape = tape
        self.apart: set[str] = set()
        self._began = asyncio.get_running_loop().time()

    def append(self, record: Record) -> None:
        """A record."""
        self._tape.records.append(record)

    def connect(self, on_event: Callable[[Event], None], on_link: Callable[[Link], None]) -> Switch:
        """The switch, tapped."""

        def take(event: Event) -> None:
            if not isinstance(event, ChannelUserevent):
                at = asyncio.get_running_loop().time() - self._began
                self._tape.events.append((at, event))
                if isinstance(event, PlaybackStarted):
                    uri = event.playback.media_uri
                    self._tape.media[uri] = seconds_of(uri)
            channel = getattr(event, "channel", None)
            if channel is None or channel.id not in self.apart:
                on_event(event)

        pbx = self._system.pbx
        return Switch(
            base_url=pbx.ari_url,
            credential=Credential(pbx.ari_user, pbx.ari_password),
            app="siaga",
            on_event=take,
            on_link=on_link,
            draw=lambda: 0.0,
        )


def seconds_of(uri: str) -> float:
    """The length of a prompt of the sandbox."""
    with wave.open(str(FOLDER / f"{uri.removeprefix(SOUND)}.wav")) as sound:
        return float(round(sound.getnframes() / sound.getframerate(), 3))


async def perform(script: Script, folder: Path) -> Tape:
    """Plays a script in an empty folder; nothing may be left at its end."""
    clock = SystemClock()
    async with System(folder / "system", quick_settings(folder / "own"), serve=False) as system:
        tape = Tape(clock.now().wall)
        tap = Tap(system, tape)
        centre = Centre(
            system.settings,
            clock,
            Journal(tap, RUN, lambda _: ""),
            RUN,
            tap.connect,
            draw=random.Random(112).random,  # noqa: S311 - to be replayed
            notebook=MemoryNotebook(),
        )
        pbx = system.pbx
        rest = Rest(pbx.ari_url, Credential(pbx.ari_user, pbx.ari_password))
        await centre.start()
        try:
            await script(RealStage(system, tape, tap, rest))
            await system.empty()
            await asyncio.sleep(SETTLED_S)
        finally:
            await rest.close()
            await centre.drain(0.0)
            await centre.close()
    return tape
