"""Storms that one caller makes: a stuck key, and dialling again and again."""

import asyncio
import time

from sandbox import scenario
from sandbox.behaviour import Answer
from sandbox.caller import Caller
from tests.chaos.gust import SOON_S, Storm, Weather
from tests.live.centre import recorded, records, sipp_callers

KEYS, KEY_EVERY_S = 900, 0.005
"""SIPp and Asterisk need some 2 ms for each: a hundred a second come of it."""
STUCK = "9"
"""The language key in the menu, and nothing anywhere else."""


async def _keys(weather: Weather) -> None:
    """A key is stuck: in the menu, while the phone rings, and in the talk. Others call as well."""
    number = weather.number()
    fate = weather.fate("with the stuck key", number)
    text = scenario.caller("112", digit=STUCK * KEYS, again_s=KEY_EVERY_S, talk_s=1.0)
    before = len(records(weather.system, "digit"))
    began = time.monotonic()
    callers = sipp_callers(weather.system, [number], text, folder=weather.folder("keys"))
    async with asyncio.TaskGroup() as people, callers:
        for key in "34":
            people.create_task(weather.comes("beside it", key, after_s=1.0))
        outcome = await callers.finished(60.0)
        seconds = time.monotonic() - began
    weather.reached_phones([fate])
    heard = len(records(weather.system, "digit")) - before
    if outcome.failed:
        weather.wrong("the call with the stuck key failed")
    weather.counts |= {"keys": KEYS, "a second": round(KEYS / seconds), "told of": heard}


async def _three_phones(weather: Weather) -> None:
    """Anybody's phone rings for three seconds, those of traffic and public order are quick."""
    for seat, after_s in (("medis-1", 3.0), ("dishub-1", 0.2), ("satpol-1", 0.2)):
        weather.phones[seat] = await weather.system.register(seat, Answer(after_s))


REDIALS, REDIAL_S = 30, 1.0


async def _one_phone(weather: Weather) -> None:
    weather.phones["medis-1"] = await weather.system.register("medis-1", Answer(0.2))


async def _redials(weather: Weather) -> None:
    """The only operator talks; one waits, one dials again and again, one comes at the very end."""
    free = asyncio.Event()
    async with asyncio.TaskGroup() as people:
        people.create_task(weather.comes("talks", "1", free))
        await recorded(weather.system, "bridged", 1 + 4 * weather.gust, limit_s=SOON_S)
        people.create_task(weather.comes("called before", "1"))
        await recorded(weather.system, "queued", _queued(weather) + 1, limit_s=SOON_S)
        again = await weather.system.caller(weather.number())
        for redial in range(REDIALS):
            turn = time.monotonic()
            await _dials(again)
            await asyncio.sleep(max(0.1, turn + REDIAL_S - time.monotonic()))
            await again.hangup()
            if redial == REDIALS - 3:
                people.create_task(weather.comes("called shortly before the last", "1"))
        people.create_task(weather.stays(again, "redials", "1"))
        await recorded(weather.system, "queued", _queued(weather) + 1, limit_s=SOON_S)
        free.set()
    last = [r for r in records(weather.system, "queued") if "credit_s" in r.detail][-1]
    weather.counts |= {"redials": REDIALS, "credit s": last.detail["credit_s"]}
    _assert_credit(weather)


def _assert_credit(weather: Weather) -> None:
    """Who has dialled again comes before who called shortly before, and after who was first."""
    by = {fate.who: fate.human_at or 0.0 for fate in weather.outcome.fates[-4:]}
    wanted = ["talks", "called before", "redials", "called shortly before the last"]
    found = sorted(by, key=lambda who: by[who])
    if found != wanted:
        weather.wrong(f"served in the order {', '.join(found)}")


def _queued(weather: Weather) -> int:
    return len(records(weather.system, "queued"))


async def _dials(caller: Caller) -> None:
    await caller.dial("112")
    await caller.established(SOON_S)
    await caller.press("1")


FAULTS = {
    "stuck-key": Storm(
        "a hundred keys a second in one call",
        _keys,
        prepare=_three_phones,
        complaints=("Exceptionally long queue length",),
        is_ordered=False,
    ),
    "redials": Storm("a caller dials again each second, 30 times", _redials, prepare=_one_phone),
}
