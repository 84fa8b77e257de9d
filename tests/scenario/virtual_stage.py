"""A stage in memory and in virtual time."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

from sandbox import behaviour as user
from sandbox.pidf import Place
from siaga.settings import Settings
from siaga.simulation import Simulation
from siaga.virtual import FIRST_S, run
from switch.event import ChannelUserevent, Event
from switch.fake import behaviour
from switch.fake.phone import FakePhone
from switch.rest import Requests
from tests.scenario.prank import slow
from tests.scenario.stage import Script
from tests.scenario.tape import Tape

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SETTLED_S = 1.0
POLL_S = 0.01
PJSIP = Path(__file__).parent.parent.parent / "asterisk-dialplan" / "siaga-pjsip.conf"
CALLERID = re.compile(r"callerid = (.*) <(\d+)>")


def _as_fake(act: user.Behaviour) -> behaviour.Behaviour:
    match act:
        case user.Answer():
            return behaviour.Answer(act.after_s)
        case user.Decline():
            return behaviour.Decline(act.after_s)
        case user.Ignore():
            return behaviour.Ignore()
        case _:
            assert_never(act)


def callerids() -> dict[str, tuple[str, str]]:
    """The seats' `callerid` in the shipped pjsip.conf, by endpoint."""
    found: dict[str, tuple[str, str]] = {}
    section = ""
    for line in PJSIP.read_text().splitlines():
        if line.startswith("["):
            section = line[1:].partition("]")[0]
        elif (written := CALLERID.fullmatch(line)) is not None:
            found[section] = (written[1], written[2])
    return found


class VirtualHandset:
    """A phone of the Asterisk in memory."""

    def __init__(self, phone: FakePhone) -> None:
        self._phone = phone

    def behave(self, act: user.Behaviour) -> None:
        """What the user does from the next call on."""
        self._phone.behaviour = _as_fake(act)

    async def offered(self, deadline_s: float) -> object:
        """The next call that came here."""
        return await self._phone.offered(deadline_s)

    async def established(self, deadline_s: float) -> object:
        """A call is up here."""
        return await self._phone.established(deadline_s)

    async def closed(self, deadline_s: float) -> object:
        """No call is left."""
        await self._phone.closed(deadline_s)
        return None

    async def dial(self, number: str) -> object:
        """Calls a number."""
        return await self._phone.dial(number)

    async def press(self, digits: str) -> None:
        """Presses keys."""
        await self._phone.press(digits)

    async def hangup(self) -> None:
        """Ends every call."""
        await self._phone.hangup()

    async def kill(self) -> None:
        """The phone loses its power."""
        await self._phone.kill()


class VirtualStage:
    """The Asterisk in memory with the centre on it."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    @property
    def requests(self) -> Requests:
        """Carries requests past the centre."""
        return self._simulation.asterisk

    def expect_leg(self, id_: str) -> None:
        """The centre leaves this leg alone."""
        self._simulation.apart.add(id_)

    async def operator(self, seat: str, act: user.Behaviour) -> VirtualHandset:
        """A registered phone at a seat."""
        return VirtualHandset(self._simulation.asterisk.register(f"siaga-{seat}", _as_fake(act)))

    async def outside(self, number: str, act: user.Behaviour) -> VirtualHandset:
        """Who answers for a number behind the trunk telkom."""
        phone = self._simulation.asterisk.outside(number, "telkom", _as_fake(act))
        return VirtualHandset(phone)

    async def citizen(self, number: str, trunk: str) -> VirtualHandset:
        """A citizen behind a trunk."""
        return VirtualHandset(self._simulation.asterisk.caller(number, trunk))

    async def located(
        self, number: str, trunk: str, place: Place | None, access: Sequence[str]
    ) -> VirtualHandset:
        """A citizen whose place and access networks come with the call."""
        caller = self._simulation.asterisk.caller(number, trunk)
        caller.location = "" if place is None else place.told
        caller.access = tuple(access)
        return VirtualHandset(caller)

    def slow(self, number: str) -> None:
        """Three calls were pranks."""
        slow(self._simulation.centre, number)

    def spoil_recordings(self) -> None:
        """No file can be made."""
        self._simulation.asterisk.exchange.may_record = False

    async def recorded(self, what: str, count: int, limit_s: float) -> None:
        """There are so many records of that name."""
        async with asyncio.timeout(limit_s):
            while self._count(what) < count:  # noqa: ASYNC110 - records come one by one
                await asyncio.sleep(POLL_S)

    def _count(self, what: str) -> int:
        return sum(record.what == what for record in self._simulation.records)

    async def pause(self, seconds: float) -> None:
        """People take their time."""
        await asyncio.sleep(seconds)


def perform(script: Script, settings: Settings, media: Mapping[str, float], seed: int = 1) -> Tape:
    """Plays a script; nothing may be left at its end.

    Args:
        script: Which.
        settings: The centre's.
        media: Seconds of each medium that is played.
        seed: Of the latencies.
    """

    async def whole() -> Tape:
        simulation = Simulation(
            settings, seed=seed, start=START, media_s=media.get, callerids=callerids()
        )
        tape = Tape(START, dict(media), records=simulation.records)
        loop = asyncio.get_running_loop()

        def take(event: Event) -> None:
            if not isinstance(event, ChannelUserevent):
                tape.events.append((loop.time() - FIRST_S, event))

        simulation.on_event = take
        await simulation.start()
        await script(VirtualStage(simulation))
        await asyncio.sleep(SETTLED_S)
        left = simulation.left()
        if left:
            raise RuntimeError(f"left over: {left}")
        await simulation.stop()
        return tape

    return run(whole())
