"""The daemon is not there, frozen or stopped: the caller still rings who is on duty."""

import asyncio

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.phone import Softphone
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import LAST_RESORT, assert_talk, dial_112, recorded, records

pytestmark = pytest.mark.live

FUSE_S = 10.0
"""How long a caller stays with a frozen daemon; then Asterisk takes over."""


async def _rings_by_last_resort(phone: Softphone, limit_s: float) -> None:
    """The next call at the phone comes from the dialplan alone."""
    async with asyncio.timeout(limit_s):
        while (await phone.offered(limit_s)).name != LAST_RESORT:
            pass


async def test_a_stopped_daemon_has_left_the_list_of_who_is_on_duty(system: System) -> None:
    """The backup menu answers, key 1 rings the operator on duty, both hear each other."""
    phone = await system.register("medis-1", Answer(0.2))
    await system.daemon.stop()
    caller = await dial_112(system)
    await asyncio.sleep(0.5)
    await caller.press("1")
    await _rings_by_last_resort(phone, 10.0)
    await phone.established(3.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_a_daemon_that_never_ran(system: System) -> None:
    """After a restart of Asterisk nothing of the daemon is left but the rendered roster."""
    await system.daemon.kill()
    await system.pbx.restart()
    phone = await system.register("medis-1", Answer(0.2))
    caller = await dial_112(system)
    await asyncio.sleep(0.5)
    await caller.press("1")
    await _rings_by_last_resort(phone, 15.0)
    await phone.established(3.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_a_daemon_frozen_before_the_call(system: System) -> None:
    """The heartbeat is stale after three seconds: the caller never enters Stasis."""
    phone = await system.register("medis-1", Answer(0.2))
    system.daemon.freeze()
    await asyncio.sleep(5.0)
    caller = await dial_112(system)
    await asyncio.sleep(0.5)
    await caller.press("1")
    await _rings_by_last_resort(phone, 10.0)
    await phone.established(3.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_a_daemon_frozen_in_the_menu(system: System) -> None:
    """The fuse burns down, and the dialplan's own menu takes over."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await dial_112(system)
    await asyncio.sleep(1.0)
    system.daemon.freeze()
    await _rings_by_last_resort(phone, FUSE_S + 25.0)
    await phone.established(3.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_a_daemon_frozen_while_a_phone_rings(system: System) -> None:
    """The service that was chosen is kept: no second menu, the same agency rings again."""
    phone = await system.register("medis-1", Ignore())
    caller = await dial_112(system)
    await caller.press("1")
    await phone.offered(5.0)
    await asyncio.sleep(0.2)
    system.daemon.freeze()
    phone.behaviour = Answer(0.2)
    await _rings_by_last_resort(phone, FUSE_S + 10.0)
    await phone.established(3.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_an_operator_who_answers_a_frozen_daemon_gets_the_caller(system: System) -> None:
    """The answer is in Asterisk although nobody acts on it: the fuse joins the two."""
    phone = await system.register("medis-1", Ignore())
    caller = await dial_112(system)
    await caller.press("1")
    await phone.offered(5.0)
    await asyncio.sleep(0.2)
    system.daemon.freeze()
    await phone.accept()
    await asyncio.sleep(FUSE_S + 1.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_a_talk_goes_on_and_ends_well_without_the_daemon(system: System) -> None:
    """Frozen in a talk: both still hear each other, and the operator's hang-up ends the call."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await dial_112(system)
    await caller.press("1")
    await recorded(system, "bridged")
    system.daemon.freeze()
    await asyncio.sleep(FUSE_S + 1.5)
    await phone.hangup()
    await caller.closed(8.0)


async def test_a_caller_who_leaves_a_talk_without_the_daemon_frees_the_operator(
    system: System,
) -> None:
    """Frozen in a talk: the caller hangs up, and the operator's phone is free."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await dial_112(system)
    await caller.press("1")
    await recorded(system, "bridged")
    system.daemon.freeze()
    await asyncio.sleep(1.0)
    await caller.hangup()
    await phone.closed(5.0)


async def test_sigterm_lets_a_talk_go_on_and_gives_back_who_waits(system: System) -> None:
    """Drain: the waiting caller is rung by the dialplan, the talking ones keep talking."""
    talking, ringing = (
        await system.register("medis-1", Answer(0.2)),
        await system.register("damkar-1", Ignore()),
    )
    first = await dial_112(system)
    await first.press("1")
    await recorded(system, "bridged")
    second = await dial_112(system)
    await second.press("2")
    await ringing.offered(5.0)
    ringing.behaviour = Answer(0.2)  # the next call; the one that rings now is not answered
    await system.daemon.stop()
    assert len(records(system, "handed_back")) == 1
    await _rings_by_last_resort(ringing, 10.0)
    await ringing.established(3.0)
    await assert_talk(second, ringing, (CALLER_TONE_HZ, ringing.tone_hz))
    await assert_talk(first, talking, (CALLER_TONE_HZ, talking.tone_hz))
    # The bridge of the talk is still there: the next daemon removes it.
    await system.daemon.start()
