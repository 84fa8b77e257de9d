"""What an operator's phone can do in a talk costs the caller no call."""

import asyncio

import pytest

from sandbox import scenario
from sandbox.audio import tone_present
from sandbox.behaviour import Answer
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import MOBILE, TALK_S, marked, recorded, sipp_operators

pytestmark = pytest.mark.live

ELSEWHERE = "6500"
"""The coordinator's number at the post."""


async def test_hold_and_resume_by_the_operator(system: System) -> None:
    """Hold by re-INVITE, and back: both reach each other again."""
    phone = await system.register("medis-1", Answer(0.3))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await recorded(system, "bridged")
    await phone.hold()
    await phone.resume()
    # A phone that has held records nothing more: a key tells that the caller's side arrives.
    await caller.press("5")
    await phone.told("5", 3.0)
    await asyncio.sleep(TALK_S)
    await caller.hangup()
    await phone.closed(3.0)
    assert tone_present(caller.recording(), phone.tone_hz)
    assert (await recorded(system, "ended")).detail["by"] == "caller"


async def test_a_transfer_by_the_operators_phone_is_refused(system: System) -> None:
    """REFER is declined (603), the coordinator's phone does not ring, and the talk goes on."""
    coordinator = await system.register("koordinator", Answer())
    text = scenario.operator(refer_to=ELSEWHERE)
    async with sipp_operators(system, ["medis-1"], text, echo=True) as operators:
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await caller.established(5.0)
        await caller.press("1")
        await marked(operators, "refused")
        await asyncio.sleep(TALK_S)
        await caller.hangup()
        await marked(operators, "end")
    await caller.closed(3.0)
    assert tone_present(caller.recording(), CALLER_TONE_HZ, least_s=1.0), "no echo of the operator"
    assert (await recorded(system, "ended")).detail["by"] == "caller"
    assert coordinator.offers == []
