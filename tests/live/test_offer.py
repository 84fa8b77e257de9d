"""Whatever a carrier makes of offer and answer (RFC 3264), the caller is heard or told at once."""

import asyncio

import pytest

from sandbox import scenario
from sandbox.audio import tone_present
from sandbox.behaviour import Answer
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import MOBILE, TALK_S, assert_talk, recorded, records, sipp_callers

pytestmark = pytest.mark.live

CALL_LIMIT_S = 10.0
NOT_ACCEPTABLE_HERE = 488
RTP_TIMEOUT_S = 8.0
"""Of an operator's phone, in siaga-pjsip.conf."""
PICK_UP_S = 0.3
"""After the key is up again, as people do: Asterisk sends on a key that is down in the talk."""


async def test_an_offer_of_foreign_codecs_is_refused_at_once(system: System) -> None:
    """488 to the carrier, which may offer another; no call is begun for it."""
    text = scenario.refused_caller("112", code=NOT_ACCEPTABLE_HERE, sdp=scenario.SDP_FOREIGN)
    async with sipp_callers(system, [MOBILE], text) as callers:
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (1, 0)
    await system.empty()
    assert records(system, "arrived") == []


async def test_an_invite_without_an_offer_is_served_with_audio(system: System) -> None:
    """Late offer: the ACK brings the answer, and audio flows to the caller and back."""
    phone = await system.register("medis-1", Answer(PICK_UP_S))
    text = scenario.caller("112", digit="1", cued=True, voice=scenario.Voice(late=True))
    async with sipp_callers(system, [MOBILE], text, echo=True) as callers:
        await phone.established(5.0)
        await asyncio.sleep(TALK_S)
        callers.cue(1)
        outcome = await callers.finished(CALL_LIMIT_S)
    await phone.closed(3.0)
    assert (outcome.succeeded, outcome.failed) == (1, 0)
    assert tone_present(phone.recording(), phone.tone_hz), "no echo came from the caller"


async def test_a_carrier_may_renegotiate_in_menu_and_talk(system: System) -> None:
    """A re-INVITE of the trunk interrupts neither the menu's keys nor the talk."""
    phone = await system.register("medis-1", Answer(PICK_UP_S))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.refresh()
    await caller.press("1")
    await recorded(system, "bridged")
    await caller.refresh()
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert (await recorded(system, "ended")).detail["by"] == "caller"


async def test_a_mute_caller_reaches_a_human_and_is_not_given_up(system: System) -> None:
    """No packet of audio ever comes: longer than any phone's `rtp_timeout`, and still served."""
    phone = await system.register("medis-1", Answer())
    async with sipp_callers(system, [MOBILE], scenario.caller("112", cued=True)) as callers:
        await phone.established(20.0)
        bridged = await recorded(system, "bridged")
        assert bridged.offset_s is not None
        assert bridged.offset_s > RTP_TIMEOUT_S
        callers.cue(1)
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (1, 0)
    assert (await recorded(system, "ended")).detail["by"] == "caller"
