"""One round: callers in all states, a fault, and what became of each of them."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from journal.kind import faults
from journal.record import ENDINGS, Record
from sandbox.behaviour import Answer, Ignore
from sandbox.broker import HOST, Mosquitto
from sandbox.call import Call, CallClosed
from sandbox.caller import Caller
from sandbox.daemon import BREAKABLE, OWN
from sandbox.database import Database
from sandbox.phone import PhoneError, Softphone
from sandbox.system import CALLER_TONE_HZ, System
from sandbox.toolbox import open_toolbox
from tests.chaos.citizen import Citizen, Fate
from tests.chaos.fault import Fault, Ground, Scene
from tests.live.centre import LAST_RESORT, lay_over, quick_settings, recorded, records

FIRST_NUMBER = 81_290_000_000
RING_S = 20
"""Phones ring for longer than most gaps, so that a gap can find them ringing."""
SHORTLY_S, SOON_S = 3.0, 10.0
SPREAD_S = 4.0
"""What people do around the fault is drawn from so many seconds after it struck."""
RECOVERY_LIMIT_S = 60.0
PATIENCE_S, REDIAL_S = 8.0, 1.0
"""How long a line may be silent for who knows that something is wrong, and until the next try."""
AGAIN = {"talking": "1", "ringing": "2", "waiting": "2"}
"""Who dials again after the line went dead, and what they press; the others wait for a call."""
OVERLAP_S = 0.05
"""A phone tells of an end and of the next call in the order in which Asterisk has sent them."""
REST_S, AFTERWARDS_S = 2.5, 20.0
"""For the records of the last call to be in the spool; for what Asterisk alone has seen of calls to
be told afterwards, some seconds after they are over."""


@dataclass(slots=True)
class Outcome:
    """What a round has shown.

    Attributes:
        fault: The fault's name.
        seed: What the round was drawn from.
        fates: The callers'; those of calls that could not outlive the fault are apart.
        ended: Of calls that were there when a fault struck that ends calls.
        recovered_s: From the fault's end until new calls are served by the daemon; None: never.
        rung_again: How often a phone was rung anew for a caller it had been rung for.
        by_last_resort: How many talks were the dialplan's own.
        left: What is left over, and every law that was broken.
        told: What was measured besides, for people.
    """

    fault: str
    seed: int
    fates: list[Fate] = field(default_factory=list)
    ended: list[Fate] = field(default_factory=list)
    recovered_s: float | None = None
    rung_again: int = 0
    by_last_resort: int = 0
    left: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[Fate]:
        """Those whom the fault has cost a human."""
        return [fate for fate in self.fates if fate.reason]

    @property
    def is_good(self) -> bool:
        """Nobody is lost, nothing is left, and the daemon serves."""
        return not self.lost and not self.left and self.recovered_s is not None


class Round:
    """The people of one round.

    Args:
        scene: Where they are.
        fault: What strikes.
        outcome: To be filled in.
    """

    def __init__(self, scene: Scene, fault: Fault, outcome: Outcome) -> None:
        self._scene = scene
        self._fault = fault
        self._outcome = outcome
        self._over = asyncio.Event()
        self._struck_at = 0.0
        self._count = 0

    async def play(self) -> None:
        """All of it, from the first caller to the last."""
        there = await self._gather()
        self._struck_at = time.monotonic()
        for citizen in there:
            citizen.fate.since = self._struck_at
            citizen.fate.was_there = True
        fates = self._outcome.ended if self._fault.ends_calls else self._outcome.fates
        fates += [citizen.fate for citizen in there]
        async with asyncio.TaskGroup() as people:
            for citizen in there:
                people.create_task(self._holds_on(citizen))
            people.create_task(self._operator_picks_up())
            people.create_task(self._presses(there[-2]))
            people.create_task(self._comes("called during it", "4", self._some()))
            await self._fault.strike(self._scene)
            await self._recover()
            self._over.set()
            people.create_task(self._comes("called after it", "3", 0.0))

    async def _holds_on(self, citizen: Citizen) -> None:
        """Stays; who has lost the line with Asterisk dials again, or waits to be called back."""
        is_dead = await citizen.stay(self._over)
        key = AGAIN.get(citizen.fate.who)
        if is_dead and key is not None and self._fault.ends_calls:
            await self._calls(f"{citizen.fate.who}, again", key, citizen.caller)

    def _some(self) -> float:
        return self._scene.draw.uniform(0.0, SPREAD_S)

    async def _gather(self) -> list[Citizen]:
        """One who talks, one whose phone rings, one who waits, one in the menu, one silent."""
        system, phones = self._scene.system, self._scene.phones
        there = [await self._dial("talking", "1")]
        await recorded(system, "bridged", limit_s=SOON_S)
        there.append(await self._dial("ringing", "2"))
        await phones["damkar-1"].offered(SOON_S)
        there.append(await self._dial("waiting", "2"))
        await recorded(system, "queued", 3, limit_s=SOON_S)
        there += [await self._dial("in the menu", ""), await self._dial("silent", "")]
        await recorded(system, "prompt", 5, limit_s=SOON_S)
        return there

    async def _dial(self, who: str, key: str) -> Citizen:
        """A caller who has been answered and has pressed the key."""
        self._count += 1
        number = f"0{FIRST_NUMBER + self._count}"
        caller = await self._scene.system.caller(number)
        fate = Fate(who, number, time.monotonic())
        self._scene.callers.append(caller)
        await caller.dial("112")
        await caller.established(SOON_S)
        if key:
            await caller.press(key)
        return Citizen(caller, self._scene.phones, fate, CALLER_TONE_HZ)

    async def _operator_picks_up(self) -> None:
        """The operator whose phone rings picks up at some moment around the fault."""
        await asyncio.sleep(self._some())
        phone = self._scene.phones["damkar-1"]
        phone.behaviour = Answer(0.2)
        await phone.accept_if_ringing()

    async def _presses(self, citizen: Citizen) -> None:
        """The caller in the menu chooses at some moment around the fault."""
        await asyncio.sleep(self._some())
        with suppress(PhoneError):  # the fault may have ended the call
            await citizen.caller.press("3")

    async def _comes(self, who: str, key: str, after_s: float) -> None:
        """Somebody dials, and presses the key as soon as there is an answer."""
        await asyncio.sleep(after_s)
        self._count += 1
        caller = await self._scene.system.caller(f"0{FIRST_NUMBER + self._count}")
        self._scene.callers.append(caller)
        await self._calls(who, key, caller)

    async def _calls(self, who: str, key: str, caller: Caller) -> None:
        """Dials, and dials again where the fault makes that needed, until there was a human."""
        fate = Fate(who, caller.number, time.monotonic())
        self._outcome.fates.append(fate)
        citizen = Citizen(caller, self._scene.phones, fate, CALLER_TONE_HZ)
        is_dead = True
        while is_dead:
            try:
                async with asyncio.timeout(RECOVERY_LIMIT_S):
                    await self._until_answered(caller)
                await asyncio.sleep(0.5)
                await caller.press(key)
            except (RuntimeError, TimeoutError) as error:
                fate.reason = f"not answered: {error}"
                await caller.hangup()
                return
            is_dead = await citizen.stay(self._over) and self._fault.ends_calls

    async def _until_answered(self, caller: Caller) -> None:
        dials_again = self._fault.ends_calls or self._fault.refuses
        while True:
            try:
                with suppress(TimeoutError):  # a busy machine tells late of the INVITE
                    await caller.dial("112")
                await caller.established(PATIENCE_S if dials_again else RECOVERY_LIMIT_S)
            except (CallClosed, TimeoutError):
                if not dials_again:
                    raise
                await caller.hangup()
                await asyncio.sleep(REDIAL_S)
            else:
                return

    async def _recover(self) -> None:
        over = time.monotonic()
        try:
            async with asyncio.timeout(RECOVERY_LIMIT_S):
                await self._scene.system.daemon.served()
        except (TimeoutError, RuntimeError) as error:
            self._outcome.left.append(f"the daemon does not serve: {error}")
            return
        self._outcome.recovered_s = time.monotonic() - over


async def play(name: str, fault: Fault, seed: int, folder: Path) -> Outcome:
    """Plays one round in an empty folder.

    Args:
        name: The fault's.
        fault: It.
        seed: What is drawn comes from it: the same once more, as far as processes allow.
        folder: For all that the system writes; its path must be short.
    """
    draw = random.Random(f"{name} {seed}")  # noqa: S311 - the same round again
    outcome = Outcome(name, seed)
    async with _ground(fault.ground, folder) as (system, broker, database):
        phones = {
            "medis-1": await system.register("medis-1", Answer(0.2)),
            "damkar-1": await system.register("damkar-1", Ignore()),
            "dishub-1": await system.register("dishub-1", Answer(0.2)),
            "satpol-1": await system.register("satpol-1", Answer(0.2)),
            "pos": await system.register("pos", Answer(1.0)),
        }
        scene = Scene(system, draw, phones, broker, database)
        await Round(scene, fault, outcome).play()
        if fault.afterwards is not None:
            outcome.left += await fault.afterwards(scene)
        await inspect(system, phones, fault, outcome)
    return outcome


@asynccontextmanager
async def _ground(
    ground: Ground, folder: Path
) -> AsyncIterator[tuple[System, Mosquitto | None, Database | None]]:
    """The whole system, with what the fault needs."""
    settings = quick_settings(folder / "settings", ring_s=RING_S)
    with ExitStack() as around:
        broker = database = None
        if ground.has_broker:
            broker = around.enter_context(Mosquitto(open_toolbox()))
            lay_over(settings, {"mqtt": {"host": HOST, "port": broker.port}})
        if ground.has_database:
            database = around.enter_context(Database(open_toolbox()))
            lay_over(settings, {"journal": {"store": database.url}})
        async with System(
            folder,
            settings,
            by_cable=ground.by_cable,
            by_middleman=ground.by_middleman,
            stepped=ground.stepped,
            program=BREAKABLE if ground.breakable else OWN,
        ) as system:
            yield system, broker, database


async def inspect(
    system: System, phones: dict[str, Softphone], fault: Fault, outcome: Outcome
) -> None:
    """Everything that has to be as if nothing had happened."""
    try:
        await system.empty()
    except RuntimeError as error:
        outcome.left.append(str(error))
    await asyncio.sleep(REST_S)
    outcome.left += system.pbx.complaints()
    outcome.left += [str(path) for path in system.pbx.recordings.iterdir()]
    for seat, phone in phones.items():
        outcome.left += [f"{seat}: {fault}" for fault in _overlaps(phone.offers)]
    offers = [call for phone in phones.values() for call in phone.offers]
    again = [call for phone in phones.values() for call in _rung_again(phone.offers)]
    resort = [c for c in offers if c.name == LAST_RESORT and c.talking_at is not None]
    outcome.rung_again, outcome.by_last_resort = len(again), len(resort)
    outcome.left = [
        line for line in outcome.left if not any(known in line for known in fault.complaints)
    ]
    if fault.in_place:
        there = {fate.number for fate in outcome.fates if fate.was_there}
        if any(call.number in there for call in resort):
            outcome.left.append("the last resort was used in a gap shorter than the fuse")
        if any(call.number in there for call in again):
            outcome.left.append("a phone was rung twice for one caller")
    over = time.monotonic() + AFTERWARDS_S
    while (endless := _endless(records(system))) and time.monotonic() < over:  # noqa: ASYNC110 - another process writes
        await asyncio.sleep(1.0)
    outcome.left += [f"call {call} has no ending" for call in endless]
    outcome.left += [fault for record in records(system) for fault in faults(record)]


def _endless(told: list[Record]) -> list[str | None]:
    """Calls that have begun, and of whose end nothing is told."""
    ended = {record.call for record in told if record.what in ENDINGS}
    begun = (record.call for record in told if record.what in ("arrived", "adopted"))
    return [call for call in dict.fromkeys(begun) if call not in ended]


def _rung_again(offers: list[Call]) -> list[Call]:
    """Calls of callers for whom the phone had been rung before."""
    return [call for n, call in enumerate(offers) if call.number in {c.number for c in offers[:n]}]


def _overlaps(offers: list[Call]) -> list[str]:
    """Calls that came to a phone while another one was there."""
    found = []
    for before, call in pairwise(offers):
        if before.closed_at is None or call.began_at < before.closed_at - OVERLAP_S:
            there = f"{before.number} ({before.name})"
            found.append(f"rung for {call.number} ({call.name}) while {there} was there")
    return found
