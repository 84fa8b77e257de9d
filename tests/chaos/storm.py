"""Storms: callers, keys, events, phones and people who do far too much of something.

Those of callers are in `rush`, those of a single one in `pest`; here are events and phones.
"""

import asyncio
import base64
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from routing.operator import SeatId
from sandbox import scenario
from sandbox.behaviour import Answer, Ignore
from sandbox.call import CallState
from sandbox.phone import Softphone
from sandbox.sipp import SippCallers
from tests.chaos import pest, rush
from tests.chaos.gust import SOON_S, Storm, Weather, change_services
from tests.live.centre import records, sipp_operators

EVENTS, CLIENTS = 10_000, 20
"""Clients beside the daemon: Asterisk lets in a hundred connections."""


async def _four_phones(weather: Weather) -> None:
    for seat in ("medis-1", "damkar-1", "dishub-1", "satpol-1"):
        weather.phones[seat] = await weather.system.register(seat, Answer(0.2))


async def _events(weather: Weather) -> None:
    """Ten thousand user events, and as many device states, while people call."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as people:
        for key, after_s in (("1", 0.0), ("2", 0.5), ("3", 1.0), ("4", 2.0)):
            people.create_task(weather.comes("beside it", key, after_s=after_s))
        await _burst(weather)
        seconds = time.monotonic() - began
    weather.counts |= {"events": 2 * EVENTS, "in s": round(seconds, 1)}


async def _burst(weather: Weather) -> None:
    pbx = weather.system.pbx
    user = base64.b64encode(f"{pbx.ari_user}:{pbx.ari_password}".encode()).decode()
    turns = iter(range(EVENTS))
    said = {"variables": {"word": "x" * 200}}

    async def client(session: aiohttp.ClientSession) -> None:
        for turn in turns:
            state = ("BUSY", "NOT_INUSE")[turn % 2]
            about = f"{pbx.ari_url}/ari/deviceStates/Stasis:storm-{turn % 10}"
            event = f"{pbx.ari_url}/ari/events/user/storm?application=siaga"
            async with session.post(event, json=said) as response:
                response.raise_for_status()
            async with session.put(about, params={"deviceState": state}) as response:
                response.raise_for_status()

    header = {"Authorization": f"Basic {user}"}
    async with aiohttp.ClientSession(headers=header) as session, asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(client(session))


FLAPS, FLAP_S = 100, 0.1
PHONE_IS_GONE = (
    "Is endpoint registered and reachable?",
    "Failed to create outgoing session to endpoint",
)
"""Asterisk's complaint when a phone is rung in the moment in which it goes."""


async def _flapping_phones(weather: Weather) -> None:
    """One that will come and go, with nobody there, and one that is picked up."""
    await weather.system.register("medis-1", Ignore())
    weather.phones["damkar-1"] = await weather.system.register("damkar-1", Answer(0.5))


async def _flaps(weather: Weather) -> None:
    """The phone of medicine comes and goes; people call for medicine."""
    phone = weather.system.phones[SeatId("medis-1")]
    rung, accepted = len(phone.offers), _accepted(phone)
    async with asyncio.TaskGroup() as people:
        for after_s in (0.5, 2.0, 4.0):
            people.create_task(weather.comes("wants medicine", "1", after_s=after_s))
        began = time.monotonic()
        for _ in range(FLAPS):
            turn = time.monotonic()
            await phone.unregister()
            await asyncio.sleep(FLAP_S / 2)
            await phone.register()
            await asyncio.sleep(max(0.01, turn + FLAP_S - time.monotonic()))
        seconds = time.monotonic() - began
    await phone.registered(SOON_S)
    weather.counts |= {
        "flaps": FLAPS,
        "in s": round(seconds, 1),
        "registered": _accepted(phone) - accepted,
        "rung": len(phone.offers) - rung,
    }


def _accepted(phone: Softphone) -> int:
    return sum(event.kind == "REGISTER_OK" for event in phone.events)


SLIPS, SLIPS_A_SECOND = 20, 10.0
SLIP_TALK_S = 0.3
LET_GO_LIMIT_S = 60.0
PAUSE_AFTER = 3


async def _slipping_phones(weather: Weather) -> None:
    """One who answers at once and hangs up at once; another one who takes the time."""
    text = scenario.operator(ring_s=0.05, talk_s=0.05)
    entered = sipp_operators(weather.system, ("medis-1",), text)
    weather.odd.append(await weather.stack.enter_async_context(entered))
    weather.phones["medis-2"] = await weather.system.register("medis-2", Answer(0.5))


def _pausing(settings: Path) -> None:
    """Who has not answered three times in a row is paused."""

    def change(services: dict[str, Any]) -> None:
        services["hunt_groups"]["medis"]["auto_pause_after"] = PAUSE_AFTER

    change_services(settings, change)


async def _slips(weather: Weather) -> None:
    """Twenty call; an operator lets go of each at once, and each reaches another human."""
    before = _slipped(weather)
    numbers = [weather.number() for _ in range(SLIPS)]
    fates = [weather.fate("is let go of", number) for number in numbers]
    callers = weather.staying("slips", numbers, "1", SLIPS_A_SECOND)
    async with callers:
        await _let_go(weather, callers, numbers)
        outcome = await callers.finished(SOON_S)
    weather.reached_phones(fates)
    if outcome.failed:
        weather.wrong(f"{outcome.failed} calls failed")
    slips = _slipped(weather) - before
    paused = len(records(weather.system, "paused"))
    weather.counts |= {"callers": SLIPS, "slips": slips, "paused so far": paused}
    if paused and slips > PAUSE_AFTER:
        weather.wrong(f"{slips} slips of who is paused after {PAUSE_AFTER}")
    if not paused and slips < SLIPS:
        weather.wrong(f"only {slips} slips")


def _slipped(weather: Weather) -> int:
    marks = (mark for operators in weather.odd for mark in operators.marks)
    return sum(mark.kind == "answer" for mark in marks)


async def _let_go(weather: Weather, callers: SippCallers, numbers: Sequence[str]) -> None:
    """Has each of these hang up when one of the softphones has talked with him for a moment."""
    left = {number: place for place, number in enumerate(numbers, start=1)}
    async with asyncio.timeout(LET_GO_LIMIT_S):
        while left:
            for call in (call for phone in weather.phones.values() for call in phone.offers):
                since = call.talking_at
                if call.state is not CallState.TALKING or since is None:
                    continue
                if call.number in left and time.monotonic() - since >= SLIP_TALK_S:
                    callers.cue(left.pop(call.number))
            await asyncio.sleep(0.05)


ALONE_S = 8.0


async def _rejecting_phone(weather: Weather) -> None:
    """One that is busy, whenever it is rung; the other one is switched off."""
    text = scenario.operator(ring_s=0.001, code=486)
    entered = sipp_operators(weather.system, ("medis-1",), text)
    weather.odd.append(await weather.stack.enter_async_context(entered))
    phone = await weather.system.register("damkar-1", Answer(0.2))
    weather.phones["damkar-1"] = phone
    await phone.unregister()


async def _rejects(weather: Weather) -> None:
    """For a while there is only the phone that rejects; then a human is there as well."""
    phone, before = weather.phones["damkar-1"], _rejected(weather)
    async with asyncio.TaskGroup() as people:
        for _ in range(2):
            people.create_task(weather.comes("is rejected", "1"))
        await asyncio.sleep(ALONE_S)
        rejected = _rejected(weather) - before
        await phone.register()
        people.create_task(weather.comes("calls after", "1", after_s=1.0))
    await phone.unregister()
    a_second = rejected / ALONE_S
    weather.counts |= {"rejected": rejected, "a second": round(a_second, 1)}
    if a_second > MOST_RUNG:
        weather.wrong(f"the phone was rung {a_second:.1f} times a second")


MOST_RUNG = 5.0
"""A phone that rejects is rung again when its chain begins anew, for each caller."""


def _rejected(weather: Weather) -> int:
    marks = (mark for operators in weather.odd for mark in operators.marks)
    return sum(mark.kind == "offer" for mark in marks)


FAULTS = {
    **rush.FAULTS,
    **pest.FAULTS,
    "events": Storm("20,000 events at once", _events, prepare=_four_phones, is_ordered=False),
    "flapping": Storm(
        "a phone comes and goes each 100 ms",
        _flaps,
        prepare=_flapping_phones,
        complaints=PHONE_IS_GONE,
    ),
    "slips": Storm(
        "an operator answers and hangs up at once, 20 times",
        _slips,
        prepare=_slipping_phones,
        on_duty=("sri", "bayu"),
    ),
    "slips-paused": Storm(
        "the same where who does so is paused",
        _slips,
        prepare=_slipping_phones,
        settle=_pausing,
        on_duty=("sri", "bayu"),
    ),
    "rejecting": Storm("a phone rejects at once, for ever", _rejects, prepare=_rejecting_phone),
}
