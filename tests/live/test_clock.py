"""The machine's clock is put forward or back by an hour, for Asterisk and daemon at once."""

import asyncio

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import LAST_RESORT, assert_talk, dial_112, recorded, records

pytestmark = pytest.mark.live

HOUR_S = 3600
FUSE_S = 10.0
RENEWED_S = 4.0
"""Every caller's fuse has been renewed on the new clock, and the heartbeat is of now again."""


async def test_a_step_forward_costs_nobody_a_human(stepped: System) -> None:
    """Fuses burn and registrations expire at once: who waits rings the first phone that is back."""
    medis = await stepped.register("medis-1", Answer(0.1))
    damkar = await stepped.register("damkar-1", Ignore())
    talking = await dial_112(stepped, "1")
    await recorded(stepped, "bridged")
    waiting = await dial_112(stepped, "2")
    await damkar.offered(5.0)
    damkar.behaviour = Answer(0.1)
    stepped.step_clock(HOUR_S)
    await recorded(stepped, "pulled_out")
    await damkar.closed(5.0)
    await damkar.unregister()
    await damkar.register()  # as every phone does, in its own time
    await damkar.established(20.0)
    await asyncio.sleep(RENEWED_S)
    dishub = await stepped.register("dishub-1", Answer(0.1))
    later = await dial_112(stepped, "3")
    assert (await dishub.offered(5.0)).name == "112 LALIN"
    await dishub.established(3.0)
    await assert_talk(later, dishub, (CALLER_TONE_HZ, dishub.tone_hz))
    await assert_talk(waiting, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    await assert_talk(talking, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert len(medis.offers) == 1


async def test_a_step_back_makes_no_fuse_an_hour_longer(stepped: System) -> None:
    """All stay where they are; a daemon that dies afterwards is noticed as always."""
    medis = await stepped.register("medis-1", Answer(0.1))
    damkar = await stepped.register("damkar-1", Ignore())
    talking = await dial_112(stepped, "1")
    await recorded(stepped, "bridged")
    waiting = await dial_112(stepped, "2")
    await damkar.offered(5.0)
    stepped.step_clock(-HOUR_S)
    await asyncio.sleep(RENEWED_S)
    assert records(stepped, "pulled_out") == []
    damkar.behaviour = Answer(0.1)
    await stepped.daemon.kill()
    await damkar.established(FUSE_S + 5.0)
    assert damkar.offers[-1].name == LAST_RESORT
    await assert_talk(waiting, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    await assert_talk(talking, medis, (CALLER_TONE_HZ, medis.tone_hz))
    await stepped.daemon.start()  # the bridges of the two are still there: it removes them
