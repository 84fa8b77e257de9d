"""A round of its own kind: nothing breaks, but more comes than is sensible.

Each storm blows twice in one system, the first time to warm up: caches and free lists are full by
then. What the daemon holds at rest after the second gust is held to what it held after the first.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sandbox import scenario
from sandbox.caller import Caller
from sandbox.crowd import silence
from sandbox.phone import Softphone
from sandbox.sipp import SippCallers, SippOperators
from sandbox.site import RTP_PORTS, Site
from sandbox.system import CALLER_TONE_HZ, System
from tests.chaos.burden import POLL_S, Look, look_at, peak_of
from tests.chaos.citizen import Citizen, Fate
from tests.chaos.fault import Fault, Scene
from tests.chaos.order import passed_over, places, served_late, two_at_once
from tests.chaos.round import FIRST_NUMBER, OVERLAP_S, RECOVERY_LIMIT_S, Outcome, inspect
from tests.live.centre import ON_DUTY, quick_settings, records, sipp_callers

GUSTS = ("warm-up", "storm")
RING_S = 5
REST_LIMIT_S = 40.0
"""A BYE that crosses another one is repeated for 32 s (RFC 3261)."""
SOON_S = 15.0
PRESS_S = 0.2
AT_ONCE_PER_S = 500.0
GROWN_BLOCKS, GROWN_KIB = 5000, 2048
"""From rest to rest: cycles that wait for the collector; two arenas of the heap."""
MOST_KIB = 128 * 1024
"""Above rest while it blows: 500 callers take some 20 MiB."""
UNSERVED = ("pulled_out", "resumed", "handed_back", "call_failed")
"""Records of callers who were not served by the daemon alone: no storm may do that."""


class Weather:
    """What a storm blows on.

    Args:
        system: Asterisk and the daemon.
        draw: The round's own.
        outcome: To be filled in.
        stack: Ends what a storm starts.

    Attributes:
        phones: Softphones that may be rung, by seat; to be filled in by the storm.
        operators: SIPp's operators who serve; the same.
        odd: SIPp's operators who serve nobody; the same.
        gust: Which gust blows, from 0.
        counts: What the storm has counted in this gust, by name, for people.
    """

    def __init__(
        self, system: System, draw: random.Random, outcome: Outcome, stack: AsyncExitStack
    ) -> None:
        self.system = system
        self.draw = draw
        self.outcome = outcome
        self.stack = stack
        self.phones: dict[str, Softphone] = {}
        self.operators: list[SippOperators] = []
        self.odd: list[SippOperators] = []
        self.gust = 0
        self.counts: dict[str, object] = {}
        self._numbers = 0

    def number(self) -> str:
        """The number of a caller who has not called before."""
        self._numbers += 1
        return f"0{FIRST_NUMBER + self._numbers}"

    def folder(self, name: str) -> str:
        """A folder of this gust's own."""
        return f"{name}-{self.gust}"

    def wrong(self, fault: str) -> None:
        """A law is broken."""
        self.outcome.left.append(f"{GUSTS[self.gust]}: {fault}")

    def fate(self, who: str, number: str) -> Fate:
        """Of a caller who stays; it counts from now on."""
        fate = Fate(who, number, time.monotonic())
        self.outcome.fates.append(fate)
        return fate

    async def comes(
        self, who: str, key: str, until: asyncio.Event | None = None, *, after_s: float = 0.0
    ) -> None:
        """Somebody with a phone dials, presses the key, and stays until both have been heard."""
        await asyncio.sleep(after_s)
        await self.stays(await self.system.caller(self.number()), who, key, until)

    async def stays(
        self, caller: Caller, who: str, key: str, until: asyncio.Event | None = None
    ) -> None:
        """The same with a phone that is there."""
        fate = self.fate(who, caller.number)
        try:
            with suppress(TimeoutError):  # a busy machine tells late of the INVITE
                await caller.dial("112")
            await caller.established(RECOVERY_LIMIT_S)
        except (RuntimeError, TimeoutError) as error:
            fate.reason = f"not answered: {error}"
            await caller.hangup()
            return
        await caller.press(key)
        leave = until or asyncio.Event()
        if until is None:
            leave.set()
        await Citizen(caller, self.phones, fate, CALLER_TONE_HZ).stay(leave)

    def reached(self, fates: Iterable[Fate], operators: Sequence[SippOperators]) -> None:
        """Those of SIPp's callers are served whom an operator of SIPp's has answered."""
        to_monotonic = time.monotonic() - time.time()
        answers: dict[str, list[float]] = {}
        for mark in (mark for each in operators for mark in each.marks if mark.kind == "answer"):
            answers.setdefault(mark.number, []).append(mark.at + to_monotonic)
        _fill_in(fates, answers)

    def reached_phones(self, fates: Iterable[Fate]) -> None:
        """The same of those whom a softphone has answered."""
        answers: dict[str, list[float]] = {}
        for call in (call for phone in self.phones.values() for call in phone.offers):
            if call.talking_at is not None:
                answers.setdefault(call.number, []).append(call.talking_at)
        _fill_in(fates, answers)

    def staying(
        self, name: str, numbers: Sequence[str], key: str, rate_per_s: float = AT_ONCE_PER_S
    ) -> SippCallers:
        """SIPp's callers who press a key and stay until they are cued."""
        text = scenario.caller("112", digit=key, press_after_s=PRESS_S, cued=True)
        folder = self.folder(name)
        return sipp_callers(self.system, numbers, text, rate_per_s=rate_per_s, folder=folder)


def _fill_in(fates: Iterable[Fate], answers: Mapping[str, list[float]]) -> None:
    for fate in fates:
        times = answers.get(fate.number, [])
        fate.parts = len(times)
        if times:
            fate.human_at, fate.reason = min(times), ""


async def _nobody(weather: Weather) -> None:
    del weather


def _as_it_is(settings: Path) -> None:
    del settings


@dataclass(frozen=True, slots=True)
class Storm:
    """Too much of something, twice.

    Attributes:
        about: What comes, for people.
        blow: One gust, to its end; everybody who came is gone then.
        prepare: Has the phones there, before the first gust.
        settle: Changes the settings.
        on_duty: The people.
        rtp_ports: How many there are for audio.
        is_silent: There are no prompts, as none could be mixed for so many on a small machine.
        complaints: Parts of Asterisk's complaints that it explains.
        head_start_s: By service, the seconds of waiting that its priority is worth.
        is_ordered: All callers are for the same people, so that one is served after the other.
    """

    about: str
    blow: Callable[[Weather], Awaitable[None]]
    prepare: Callable[[Weather], Awaitable[None]] = _nobody
    settle: Callable[[Path], None] = _as_it_is
    on_duty: tuple[str, ...] = ON_DUTY
    rtp_ports: int = RTP_PORTS
    is_silent: bool = False
    complaints: tuple[str, ...] = ()
    head_start_s: Mapping[str, float] = field(default_factory=dict)
    is_ordered: bool = True

    @property
    def as_fault(self) -> Fault:
        """What has to be known of it where a round is looked at in the end."""
        return Fault(self.about, _strike, complaints=self.complaints)


async def _strike(scene: Scene) -> None:
    """A storm breaks nothing."""
    del scene


def change_services(settings: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Writes other services into settings that nobody has read yet."""
    yaml = YAML()
    services = yaml.load(settings / "services.yaml")
    change(services)
    yaml.dump(services, settings / "services.yaml")


async def play(name: str, storm: Storm, seed: int, folder: Path) -> Outcome:
    """Plays one round in an empty folder.

    Args:
        name: The storm's.
        storm: It.
        seed: What is drawn comes from it.
        folder: For all that the system writes; its path must be short.
    """
    draw = random.Random(f"{name} {seed}")  # noqa: S311 - the same round again
    outcome = Outcome(name, seed)
    settings = quick_settings(folder / "settings", storm.on_duty, ring_s=RING_S)
    storm.settle(settings)
    sounds = silence(folder / "silence") if storm.is_silent else None
    system = System(folder, settings, Site(rtp_ports=storm.rtp_ports), sounds)
    async with system, AsyncExitStack() as stack:
        weather = Weather(system, draw, outcome, stack)
        await storm.prepare(weather)
        before = await look_at(system)
        for weather.gust in range(len(GUSTS)):
            weather.counts, is_whole = {}, True
            async with peak_of(system) as peak:
                try:
                    await storm.blow(weather)
                except* (TimeoutError, RuntimeError, OSError) as errors:
                    weather.wrong(f"not blown to its end: {errors.exceptions}")
                    is_whole = False
            after = await _rest(weather, before)
            _compare(weather, before, after, max(peak))
            before = after
            if not is_whole:
                break
        await inspect(system, weather.phones, storm.as_fault, outcome)
        outcome.left += _order(system, storm, weather)
    return outcome


async def _rest(weather: Weather, before: Look) -> Look:
    """The daemon once nothing is in progress and it serves; how long that took is told."""
    over = time.monotonic()
    system = weather.system
    try:
        async with asyncio.timeout(REST_LIMIT_S):
            await system.daemon.served()
            while (look := await look_at(system)).tasks > before.tasks or await system.left():  # noqa: ASYNC110 - asks
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        weather.wrong(f"not at rest after {REST_LIMIT_S:.0f} s: {await system.left()}")
        return await look_at(system)
    rested_s = time.monotonic() - over
    weather.outcome.recovered_s = max(weather.outcome.recovered_s or 0.0, rested_s)
    return look


def _compare(weather: Weather, before: Look, after: Look, peak_kib: int) -> None:
    """Tells what the gust has cost, and what it must not have."""
    blocks, kib = after.blocks - before.blocks, after.kib - before.kib
    lags, requests = after.lags - before.lags, after.requests - before.requests
    seconds = after.at - before.at
    daemon, asterisk = (
        (now - then) / seconds for now, then in zip(after.cpu_s, before.cpu_s, strict=True)
    )
    counted = "".join(f"{what} {count}, " for what, count in weather.counts.items())
    weather.outcome.told.append(
        f"{GUSTS[weather.gust]}: {counted}{seconds:.0f} s, {_worst(lags)} echoes,"
        f" {_worst(requests)} requests, daemon {daemon:.0%} and Asterisk {asterisk:.0%} of a core,"
        f" memory {peak_kib - before.kib:+d} KiB at most,"
        f" {kib:+d} KiB and {blocks:+d} blocks at rest"
    )
    if peak_kib - before.kib > MOST_KIB:
        weather.wrong(f"the daemon's memory grew by {peak_kib - before.kib} KiB")
    if after.connects != before.connects:
        weather.wrong("the event stream was cut")
    if after.shed != before.shed:
        weather.wrong(f"{after.shed - before.shed} records were shed")
    if weather.gust and (blocks > GROWN_BLOCKS or kib > GROWN_KIB):
        weather.wrong(f"memory is not back: {blocks:+d} blocks, {kib:+d} KiB")


def _worst(times: Counter[float]) -> str:
    return f"at most {max(times, default=0.0):g} s for {times.total()}"


def _order(system: System, storm: Storm, weather: Weather) -> list[str]:
    """What is wrong with who was served when, and by whom."""
    told = records(system)
    found = [f"{record.what}: {record.call}" for record in told if record.what in UNSERVED]
    if not storm.is_ordered:
        return found
    found += passed_over(told, storm.head_start_s)
    for operators in (*weather.operators, *weather.odd):
        found += two_at_once(operators.marks, OVERLAP_S)
    number = {str(r.call): str(r.detail["ani"]) for r in told if r.what == "arrived"}
    place = {number[call]: at for call, at in places(told, storm.head_start_s).items()}
    queued = {number[str(r.call)]: r.at.timestamp() for r in told if r.what == "queued"}
    offered: dict[str, float] = {}
    for record in told:
        if record.what == "offered":
            offered.setdefault(number[str(record.call)], record.at.timestamp())
    for operators in weather.operators:
        found += served_late(operators.marks, place, queued, offered)
    return found
