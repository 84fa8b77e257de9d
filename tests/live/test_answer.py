"""Of all who answer, exactly one talks to the caller, however the answers cross."""

import asyncio

import pytest

from sandbox import scenario
from sandbox.behaviour import Ignore
from sandbox.phone import Softphone
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import (
    MOBILE,
    assert_talk,
    marked,
    recorded,
    records,
    sipp_operators,
)

pytestmark = pytest.mark.live

LATER_S = (0.0, 0.0, 0.001, 0.002, 0.004, 0.008)
"""The second answer comes so much after the first: in the same instant, then across the
withdrawal, which Asterisk sends some 3 to 5 ms after the first answer."""


async def test_one_of_several_ringing_phones_answers(system: System) -> None:
    """The others stop ringing at once and are free."""
    others = [await system.register(seat, Ignore()) for seat in ("damkar-1", "satpol-1")]
    winner = await system.register("medis-1", Ignore())
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("0")
    await recorded(system, "ringing", count=3)
    await winner.accept()
    for phone in others:
        await phone.ended(await phone.offered(1.0), 2.0)
    await assert_talk(caller, winner, (CALLER_TONE_HZ, winner.tone_hz))
    assert len(records(system, "withdrawn")) == 2


async def test_two_answers_at_once_or_crossing_the_withdrawal(system: System) -> None:
    """In each round one of the two phones talks, and the other is free at once."""
    phones = [await system.register(seat, Ignore()) for seat in ("medis-1", "damkar-1")]
    caller = await system.caller(MOBILE)
    for number, later_s in enumerate(LATER_S, 1):
        dialled = await caller.dial("112")
        await caller.established(5.0)
        await caller.press("0")
        offers = [await phone.offered(5.0) for phone in phones]
        await asyncio.gather(_accept(phones[0], 0.0), _accept(phones[1], later_s))
        bridged = await recorded(system, "bridged", count=number)
        winner = 0 if bridged.detail["target"] == "person:sri" else 1
        await phones[1 - winner].ended(offers[1 - winner], 3.0)
        assert await phones[winner].established(3.0) is offers[winner]
        await caller.hangup()
        await caller.ended(dialled, 3.0)
        await phones[winner].ended(offers[winner], 3.0)
    assert len(records(system, "bridged")) == len(LATER_S)


async def _accept(phone: Softphone, later_s: float) -> None:
    """Picks up, unless the offer was withdrawn just before."""
    await asyncio.sleep(later_s)
    await phone.accept_if_ringing()


async def test_an_answer_that_crosses_the_callers_hang_up(system: System) -> None:
    """The operator's 200 meets the CANCEL on the wire: the phone is freed by a BYE."""
    text = scenario.operator(ring_s=None, too_late=True)
    async with sipp_operators(system, ["medis-1"], text) as operators:
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await caller.established(5.0)
        await caller.press("1")
        await marked(operators, "offer")
        await caller.hangup()
        await marked(operators, "end")
        await system.empty()
    assert (await recorded(system, "abandoned")).detail["where"] == "waiting"


async def test_an_answer_that_crosses_another_operators(system: System) -> None:
    """The late one is freed by a BYE, and the talk with the first is not disturbed."""
    phone = await system.register("medis-1", Ignore())
    text = scenario.operator(ring_s=None, too_late=True)
    async with sipp_operators(system, ["damkar-1"], text) as operators:
        caller = await system.caller(MOBILE)
        await caller.dial("112")
        await caller.established(5.0)
        await caller.press("0")
        await marked(operators, "offer")
        await phone.offered(5.0)
        await phone.accept()
        await marked(operators, "end")
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert len(records(system, "bridged")) == 1
