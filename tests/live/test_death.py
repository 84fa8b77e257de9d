"""Daemon or Asterisk die in mid-call: the service is back, and what cannot be kept is recorded."""

import asyncio

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import LAST_RESORT, assert_talk, dial_112, recorded, records

pytestmark = pytest.mark.live

FUSE_S = 10.0
LONG_TALK_S = 3.3
"""Longer than a slip of the hand (DESIGN §4.7)."""


async def test_a_daemon_dead_for_longer_than_the_fuse_gets_its_caller_back(system: System) -> None:
    """The last resort rings, and hands the caller back between two of its steps."""
    phone = await system.register("damkar-1", Ignore())
    caller = await dial_112(system, "2")
    await phone.offered(5.0)
    await system.daemon.kill()
    assert (await phone.offered(FUSE_S + 5.0)).name == LAST_RESORT
    await system.daemon.start()
    phone.behaviour = Answer(0.1)
    await phone.established(25.0)
    assert phone.offers[-1].name == "112 DAMKAR"
    assert (await recorded(system, "resumed")).detail["service"] == "damkar"
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_an_operator_who_hangs_up_between_two_daemons_has_ended_the_call(
    system: System,
) -> None:
    """Nobody else is rung for a caller who has been helped."""
    phone = await system.register("medis-1", Answer(0.1))
    supervisor = await system.register("koordinator", Answer(0.1))
    caller = await dial_112(system, "1")
    await recorded(system, "bridged")
    await asyncio.sleep(LONG_TALK_S)
    await system.daemon.kill()
    await phone.hangup()
    await system.daemon.start()
    await caller.closed(8.0)
    assert supervisor.offers == []


async def test_calls_end_with_asterisk_and_the_next_one_is_served(system: System) -> None:
    """Killed and started again: what was there is recorded as gone, the daemon is back at once."""
    phone = await system.register("medis-1", Answer(0.1))
    talking = await dial_112(system, "1")
    await recorded(system, "bridged")
    in_menu = await dial_112(system)
    await recorded(system, "prompt", count=2)
    await system.pbx.kill()
    await system.pbx.start()
    assert (await recorded(system, "abandoned", limit_s=10.0)).detail["why"] == "gone unseen"
    assert (await recorded(system, "ended")).detail["by"] == "unseen"
    for lost in (talking, in_menu, phone):  # nobody has told them yet
        await lost.hangup()
    caller = await dial_112(system, "1")
    await phone.established(8.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert records(system, "handed_back") == []
