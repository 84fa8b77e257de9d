"""Storms of callers: hundreds who come at once, and some who leave in the wrong instant."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from journal.spool import follow
from sandbox import scenario
from sandbox.sipp import SippCallers
from sandbox.site import RTP_PORTS
from tests.chaos.gust import SOON_S, Storm, Weather, change_services
from tests.live.centre import ON_DUTY, recorded, records, sipp_callers, sipp_operators

SEATS = ("medis-1", "medis-2", "damkar-1", "dishub-1", "satpol-1")
FIVE = (*ON_DUTY, "bayu")
"""The people of these seats."""
ANYBODY = "0"
"""The key for a human of any agency."""


async def _five(weather: Weather, ring_s: float) -> None:
    """SIPp's operators at five seats."""
    entered = sipp_operators(weather.system, SEATS, scenario.operator(ring_s=ring_s))
    weather.operators.append(await weather.stack.enter_async_context(entered))


CROWDS = (100, 500)
"""The larger one takes a whole core for its first ten seconds, which is how long fuses burn."""
CROWD_RING_S, CROWD_TALK_S = 0.1, 0.3
CROWD_LIMIT_S = 180.0
EMERGENCY_AFTER = 20
"""So many have been served when somebody calls whose service has priority."""
PRIORITY, AGEING_S = 1, 60.0


def _with_priority(settings: Path) -> None:
    """Medical emergencies go before the others, and are everybody's here."""

    def change(services: dict[str, Any]) -> None:
        medis = services["services"]["medis"]
        medis |= {"priority": PRIORITY, "group": "semua", "overflow": "umum"}

    change_services(settings, change)


async def _crowd(weather: Weather, callers: int) -> None:
    """All call in the same second, and each stays until there was a human."""
    numbers = [weather.number() for _ in range(callers)]
    fates = [weather.fate("in the crowd", number) for number in numbers]
    emergency = weather.number()
    crowd = weather.staying("crowd", numbers, ANYBODY)
    try:
        async with crowd:
            async with asyncio.TaskGroup() as people:
                people.create_task(_dismiss(weather, crowd, numbers))
                await _talks(weather, numbers, EMERGENCY_AFTER)
                fates.append(weather.fate("an emergency", emergency))
                late = weather.staying("emergency", [emergency], "1")
                async with late:
                    await _dismiss(weather, late, [emergency])
                    done = await _talked(weather, numbers)
                    outcomes = [await late.finished(SOON_S)]
            outcomes.append(await crowd.finished(SOON_S))
    finally:
        weather.reached(fates, weather.operators)
    failed = sum(outcome.failed for outcome in outcomes)
    if failed:
        weather.wrong(f"{failed} calls failed")
    weather.counts |= {"callers": callers, "served before the emergency": done}


async def _dismiss(weather: Weather, callers: SippCallers, numbers: Sequence[str]) -> None:
    """Has each of these callers hang up shortly after the talk has begun, the last one too."""
    places = {number: place for place, number in enumerate(numbers, start=1)}
    calls: dict[str | None, int] = {}
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CROWD_LIMIT_S):
        async for record in follow(weather.system.spool):
            if record.what == "arrived" and record.detail["ani"] in places:
                calls[record.call] = places.pop(str(record.detail["ani"]))
            elif record.what == "bridged" and record.call in calls:
                loop.call_later(CROWD_TALK_S, callers.cue, calls.pop(record.call))
                if not calls and not places:
                    break
    await asyncio.sleep(2 * CROWD_TALK_S)


async def _talks(weather: Weather, numbers: Sequence[str], count: int) -> None:
    """Returns when so many of these have had a human."""
    wanted, calls = set(numbers), set()
    async with asyncio.timeout(CROWD_LIMIT_S):
        async for record in follow(weather.system.spool):
            if record.what == "arrived" and record.detail["ani"] in wanted:
                calls.add(record.call)
            elif record.what == "bridged" and record.call in calls:
                count -= 1
                if not count:
                    return


async def _talked(weather: Weather, numbers: Sequence[str]) -> int:
    """How many of these have had a human."""
    told = await asyncio.to_thread(records, weather.system)
    wanted = set(numbers)
    calls = {r.call for r in told if r.what == "arrived" and r.detail["ani"] in wanted}
    return sum(record.what == "bridged" and record.call in calls for record in told)


LEAVING_S = tuple(round(0.20 + 0.02 * step, 2) for step in range(10))
"""From the key to the caller's BYE; the operators' 200 falls among these."""
LEAVERS = 5


async def _leaves(weather: Weather) -> None:
    """Fifty hang up around the instant of the answer; then five call who stay, one for each."""
    before = len(records(weather.system, "abandoned"))
    answered = len(records(weather.system, "operator_answered"))
    for step, talk_s in enumerate(LEAVING_S):
        text = scenario.caller("112", digit=ANYBODY, press_after_s=0.1, talk_s=talk_s)
        numbers = [weather.number() for _ in range(LEAVERS)]
        folder = weather.folder(f"leaves-{step}")
        leavers = sipp_callers(weather.system, numbers, text, rate_per_s=20.0, folder=folder)
        async with leavers:
            if (await leavers.finished(SOON_S)).failed:
                weather.wrong("a call failed of those who hung up")
    abandoned = len(records(weather.system, "abandoned")) - before
    numbers = [weather.number() for _ in SEATS]
    fates = [weather.fate("calls after", number) for number in numbers]
    stayers = weather.staying("stayers", numbers, ANYBODY)
    async with stayers:
        await recorded(weather.system, "bridged", _bridged(weather) + len(SEATS), limit_s=SOON_S)
        for place in range(1, len(SEATS) + 1):
            stayers.cue(place)
        await stayers.finished(SOON_S)
    weather.reached(fates, weather.operators)
    answers = len(records(weather.system, "operator_answered")) - answered - len(SEATS)
    leavers_ = len(LEAVING_S) * LEAVERS
    weather.counts |= {"hung up": leavers_, "before the answer": abandoned, "answered": answers}


def _bridged(weather: Weather) -> int:
    return len(records(weather.system, "bridged"))


FAULTS = {
    **{
        f"crowd-{callers}": Storm(
            f"{callers} calls at once on 5 operators, and an emergency after them",
            partial(_crowd, callers=callers),
            prepare=partial(_five, ring_s=CROWD_RING_S),
            settle=_with_priority,
            on_duty=FIVE,
            rtp_ports=RTP_PORTS + 2 * callers,
            is_silent=True,
            complaints=("file.c: ", "taskprocessor"),
            head_start_s={"medis": PRIORITY * AGEING_S},
        )
        for callers in CROWDS
    },
    "leavers": Storm(
        "50 callers hang up in the instant of the answer",
        _leaves,
        prepare=partial(_five, ring_s=0.2),
        on_duty=FIVE,
    ),
}
