"""Nobody is on duty: the chain goes on to the post's phone and to a human outside."""

import asyncio

import pytest

from sandbox.audio import tone_present
from sandbox.behaviour import Answer, Decline
from sandbox.system import CALLER_TONE_HZ, OUTSIDE_TONE_HZ, System
from siaga.reach import SETTLE_S
from tests.live.centre import MOBILE, OUTSIDE, alarmed, assert_talk, recorded, records

pytestmark = pytest.mark.live

NOT_CONFIRMED_S = 15.0
"""For a callee outside who presses nothing: 12 s by the floor."""
SETTLED_S = SETTLE_S + 5.0
ASKED_S = 1.0
"""Some of the announcement; a person presses before its end."""


async def test_the_posts_phone_rings_when_nobody_is_on_duty(deserted: System) -> None:
    """An empty roster costs no time: whoever is in the room picks up the post's phone."""
    phone = await deserted.register("pos", Answer(0.3))
    await alarmed(deserted, "nobody_on_duty")
    caller = await deserted.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await phone.established(3.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert [record.detail["target"] for record in records(deserted, "offered")] == ["seat:pos"]


async def test_outside_only_who_presses_1_is_a_human(deserted: System) -> None:
    """A voicemail hears no caller, the chain goes on and over; a person presses 1 and talks."""
    post = await deserted.register("pos", Decline(0.1))
    outside = await deserted.outside(OUTSIDE, Answer(0.2))
    caller = await deserted.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    voicemail = await outside.offered(5.0)
    await outside.ended(voicemail, NOT_CONFIRMED_S)
    failed = await recorded(deserted, "offer_failed", count=2)
    assert failed.detail["outcome"] == "not confirmed"
    assert records(deserted, "bridged") == []
    assert not tone_present(voicemail.heard, CALLER_TONE_HZ)
    person = await outside.offered(5.0)
    await recorded(deserted, "asked_to_confirm", count=2)
    await asyncio.sleep(ASKED_S)
    await outside.send_dtmf("1")
    await recorded(deserted, "bridged")
    assert len(post.offers) == 2
    await assert_talk(caller, outside, (CALLER_TONE_HZ, OUTSIDE_TONE_HZ))
    assert person is outside.calls[-1]


async def test_phones_that_are_off_are_an_alarm_until_they_work(system: System) -> None:
    """Of an agency whose only operator's phone is off, and of the post's."""
    await alarmed(system, "nobody_reachable", limit_s=SETTLED_S)
    await alarmed(system, "post_unreachable", limit_s=SETTLED_S)
    for seat in ("medis-1", "damkar-1", "dishub-1", "satpol-1", "pos"):
        await system.register(seat)
    await alarmed(system, "post_unreachable", over=True)
    await alarmed(system, "nobody_reachable", over=True)
