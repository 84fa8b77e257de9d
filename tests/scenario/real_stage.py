"""A stage on a real Asterisk with real phones; only the centre is in this process."""

import asyncio
import random
import wave
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeAlias

from journal.journal import Journal
from journal.record import Record
from sandbox import pidf, scenario
from sandbox.behaviour import Behaviour
from sandbox.caller import OutsidePhone
from sandbox.handset import Handset
from sandbox.pidf import Place
from sandbox.scenario import Origin, Voice
from sandbox.sipp import SippCallers
from sandbox.sound import FOLDER
from sandbox.system import System
from siaga.centre import Centre
from siaga.clock import SystemClock
from siaga.notebook import Notebooks
from siaga.shelf import OURS, FileShelf
from switch.client import Link, Switch
from switch.credential import Credential
from switch.event import ChannelUserevent, Event, PlaybackStarted
from switch.rest import Requests, Rest
from tests.live.centre import quick_settings, sipp_callers
from tests.scenario.prank import slow
from tests.scenario.stage import Script
from tests.scenario.tape import Tape

RUN = "run1"
SETTLED_S = 0.3
POLL_S = 0.01
SOUND = "sound:siaga/"
Came: TypeAlias = tuple[Voice, Origin]
"""What is in the INVITE of a caller."""


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


class SippCitizen:
    """A SIPp with one caller: no softphone sends a place along."""

    def __init__(
        self, system: System, stack: AsyncExitStack, trunk: str, number: str, came: Came
    ) -> None:
        self._system = system
        self._stack = stack
        self._trunk = trunk
        self._number = number
        self._came = came
        self._sipp: SippCallers | None = None

    @property
    def _callers(self) -> SippCallers:
        if self._sipp is None:
            raise RuntimeError("nobody has dialled yet")
        return self._sipp

    def behave(self, behaviour: Behaviour) -> None:
        """Nobody rings a citizen here."""
        raise NotImplementedError

    async def offered(self, deadline_s: float) -> object:
        """Nobody rings a citizen here."""
        raise NotImplementedError

    async def press(self, digits: str) -> None:
        """This caller has no keypad."""
        raise NotImplementedError

    async def kill(self) -> None:
        """This caller has no power switch."""
        raise NotImplementedError

    async def established(self, deadline_s: float) -> object:
        """The call is answered."""
        return await self._marked("answer", deadline_s)

    async def closed(self, deadline_s: float) -> object:
        """The call is over."""
        return await self._marked("end", deadline_s)

    async def dial(self, number: str) -> object:
        """Calls a number."""
        voice, origin = self._came
        text = scenario.caller(number, cued=True, voice=voice, origin=origin)
        callers = sipp_callers(self._system, [self._number], text, trunk=self._trunk)
        self._sipp = await self._stack.enter_async_context(callers)
        return None

    async def hangup(self) -> None:
        """Ends the call."""
        self._callers.cue(1)

    async def _marked(self, kind: str, limit_s: float) -> object:
        async with asyncio.timeout(limit_s):
            while not any(mark.kind == kind for mark in self._callers.marks):  # noqa: ASYNC110 - SIPp writes
                await asyncio.sleep(POLL_S)
        return None


class RealStage:
    """A sandbox whose callers are served by a centre in this process."""

    def __init__(
        self,
        system: System,
        centre: Centre,
        tape: Tape,
        tap: "Tap",
        requests: Requests,
        stack: AsyncExitStack,
    ) -> None:
        self._stack = stack
        self._system = system
        self._centre = centre
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

    async def located(
        self, number: str, trunk: str, place: Place | None, access: Sequence[str]
    ) -> SippCitizen:
        """A citizen whose place and access networks come with the call."""
        voice = scenario.VOICE if place is None else pidf.voice(pidf.document(place.xml))
        came = voice, pidf.origin(located=place is not None, access=access)
        return SippCitizen(self._system, self._stack, trunk, number, came)

    def slow(self, number: str) -> None:
        """Three calls were pranks."""
        slow(self._centre, number)

    def spoil_recordings(self) -> None:
        """A file lies where their folder would be."""
        (self._system.pbx.recordings / OURS).write_text("in the way")

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

    def connect(
        self,
        on_event: Callable[[Event], None],
        on_link: Callable[[Link], None],
        is_free: Callable[[], Awaitable[bool]],
    ) -> Switch:
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
            is_free=is_free,
        )


def seconds_of(uri: str) -> float:
    """The length of a prompt of the sandbox."""
    with wave.open(str(FOLDER / f"{uri.removeprefix(SOUND)}.wav")) as sound:
        return float(round(sound.getnframes() / sound.getframerate(), 3))


async def perform(script: Script, folder: Path, own: Path | None = None) -> Tape:
    """Plays a script in an empty folder; nothing may be left at its end.

    Args:
        script: Which.
        folder: For all that the centre writes.
        own: The centre's settings, if not the usual quick ones.
    """
    clock = SystemClock()
    settings = own or quick_settings(folder / "own")
    async with System(folder / "system", settings, serve=False) as system:
        tape = Tape(clock.now().wall)
        tap = Tap(system, tape)
        centre = Centre(
            system.settings,
            clock,
            Journal(tap, RUN, lambda _: ""),
            RUN,
            tap.connect,
            draw=random.Random(112).random,  # noqa: S311 - to be replayed
            notebooks=Notebooks.in_memory(FileShelf.of(system.settings)),
        )
        pbx = system.pbx
        rest = Rest(pbx.ari_url, Credential(pbx.ari_user, pbx.ari_password))
        await centre.start()
        stack = AsyncExitStack()
        try:
            await script(RealStage(system, centre, tape, tap, rest, stack))
            await system.empty()
            await asyncio.sleep(SETTLED_S)
        finally:
            await stack.aclose()
            await rest.close()
            await centre.drain(0.0)
            await centre.close()
    return tape
