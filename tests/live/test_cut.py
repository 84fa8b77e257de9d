"""The connection between daemon and Asterisk is cut: what happened meanwhile is learnt after it."""

import asyncio
from contextlib import suppress

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import LAST_RESORT, MOBILE, assert_talk, dial_112, recorded, records
from tests.live.trio import trio

pytestmark = pytest.mark.live

CUT_S = 5.0
"""Longer than the heartbeat counts as fresh, shorter than the fuse."""
LONG_TALK_S = 3.3
"""Longer than a slip of the hand (DESIGN §4.7)."""
HALF_OPEN_S = 3.0
"""aiohttp notices a dead peer one and a half ping intervals after the last sign of life."""


async def test_callers_in_all_states_keep_their_place(cabled: System) -> None:
    """An answer in the cut counts after it, who is in the menu can choose, who talks talks on."""
    three = await trio(cabled)
    await cabled.cable.cut()
    await three.damkar.accept()
    await three.damkar.established(3.0)
    await asyncio.sleep(CUT_S)
    cabled.cable.mend()
    await recorded(cabled, "bridged", count=2)
    dishub = await cabled.register("dishub-1", Answer(0.1))
    await three.in_menu.press("3")
    await recorded(cabled, "bridged", count=3)
    await three.assert_talks(dishub)
    assert [len(phone.offers) for phone in (three.medis, three.damkar, dishub)] == [1, 1, 1]
    assert records(cabled, "pulled_out") == []


async def test_who_hangs_up_in_the_cut_is_missed_after_it(cabled: System) -> None:
    """A caller in the menu, and a caller whose phone rings: nothing of them is left."""
    phone = await cabled.register("medis-1", Ignore())
    ringing = await dial_112(cabled, "1")
    await phone.offered(5.0)
    in_menu = await dial_112(cabled)
    await recorded(cabled, "prompt", count=2)
    await cabled.cable.cut()
    await asyncio.gather(ringing.hangup(), in_menu.hangup())
    await phone.closed(3.0)
    cabled.cable.mend()
    await recorded(cabled, "abandoned", count=2)


async def test_an_operator_who_hangs_up_in_the_cut_has_ended_the_call(cabled: System) -> None:
    """The cause that the hangup handler leaves with the caller tells it from a lost phone."""
    phone = await cabled.register("medis-1", Answer(0.1))
    caller = await dial_112(cabled, "1")
    await recorded(cabled, "bridged")
    await asyncio.sleep(LONG_TALK_S)
    await cabled.cable.cut()
    await phone.hangup()
    cabled.cable.mend()
    await caller.closed(3.0)
    assert (await recorded(cabled, "ended")).detail["by"] == "operator"


async def test_a_caller_who_comes_in_the_cut_is_served_without_the_daemon(cabled: System) -> None:
    """The application is not there: the dialplan goes on at once, and rings who is on duty."""
    phone = await cabled.register("medis-1", Answer(0.1))
    await cabled.cable.cut()
    caller = await cabled.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await asyncio.sleep(0.5)
    await caller.press("1")
    assert (await phone.offered(10.0)).name == LAST_RESORT
    await phone.established(3.0)
    cabled.cable.mend()
    await recorded(cabled, "asterisk_up", count=2)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_a_caller_of_a_half_open_connection_is_taken_up(cabled: System) -> None:
    """The call enters an application that hears nothing; the next connection finds it there."""
    phone = await cabled.register("medis-1", Answer(0.1))
    cabled.cable.stall()
    caller = await cabled.caller(MOBILE)
    with suppress(TimeoutError):  # a call that nothing is heard of is none to the phone yet
        await caller.dial("112")
    await recorded(cabled, "asterisk_down", limit_s=HALF_OPEN_S + 3.0)
    await cabled.cable.cut()
    cabled.cable.mend()
    await caller.established(5.0)
    await caller.press("1")
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
