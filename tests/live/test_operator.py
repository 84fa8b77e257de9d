"""Whatever an operator's phone does, the caller reaches a human."""

import asyncio

import pytest

from sandbox.audio import prompt_heard
from sandbox.behaviour import Answer, Decline, Ignore
from sandbox.call import CallState
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import assert_talk, dial_112, outside_rung, recorded, records

pytestmark = pytest.mark.live

SLIP_S = 0.5
"""An operator who hangs up this soon has not answered."""
TOLD_S = 2.0
"""Enough of a prompt to know it by."""
LONG_TALK_S = 3.3
"""A talk by DESIGN §4.7: longer than 3 s."""


async def test_an_operator_who_declines_is_followed_by_the_supervisor(system: System) -> None:
    """A declined offer is no answer: the chain goes on at once."""
    operator = await system.register("medis-1", Decline(0.2))
    supervisor = await system.register("koordinator", Answer(0.3))
    caller = await dial_112(system, "1")
    await supervisor.established(5.0)
    await assert_talk(caller, supervisor, (CALLER_TONE_HZ, supervisor.tone_hz))
    assert len(operator.offers) == 1
    assert (await recorded(system, "offer_failed")).detail["outcome"] == "busy"


async def test_an_operator_who_does_not_answer_is_followed_by_the_supervisor(
    system: System,
) -> None:
    """After the ring time the phone stops ringing and the supervisor's rings."""
    operator = await system.register("medis-1", Ignore())
    supervisor = await system.register("koordinator", Answer(0.3))
    caller = await dial_112(system, "1")
    await supervisor.established(10.0)
    await operator.closed(1.0)
    await assert_talk(caller, supervisor, (CALLER_TONE_HZ, supervisor.tone_hz))
    assert (await recorded(system, "offer_failed")).detail["outcome"] == "no answer"


async def test_an_unregistered_operator_costs_no_time(system: System) -> None:
    """A phone that is not there is not waited for; other agencies' operators ring."""
    other = await system.register("damkar-1", Answer(0.3))
    caller = await dial_112(system, "1")
    await other.established(5.0)
    await assert_talk(caller, other, (CALLER_TONE_HZ, other.tone_hz))
    assert [record.detail["target"] for record in records(system, "offered")] == ["person:agus"]


async def test_a_busy_operator_gets_no_second_call(system: System) -> None:
    """While medis talks, the next caller is offered to others; medis' phone shows one call only."""
    operator = await system.register("medis-1", Answer(0.1))
    other = await system.register("damkar-1", Answer(0.1))
    first = await dial_112(system, "1")
    await operator.established(5.0)
    second = await dial_112(system, "1")
    await other.established(10.0)
    assert len(operator.offers) == 1
    await second.hangup()
    await assert_talk(first, operator, (CALLER_TONE_HZ, operator.tone_hz))


async def test_a_freed_operator_is_offered_the_waiting_caller(system: System) -> None:
    """Nobody else is there: the second caller waits, and rings the moment the first has gone."""
    operator = await system.register("medis-1", Answer(0.1))
    first = await dial_112(system, "1")
    await operator.established(5.0)
    second = await dial_112(system, "1")
    await outside_rung(system)
    await first.hangup()
    await recorded(system, "bridged", count=2)
    await operator.established(3.0)
    assert [offer.state for offer in operator.offers] == [CallState.CLOSED, CallState.TALKING]
    await assert_talk(second, operator, (CALLER_TONE_HZ, operator.tone_hz))


async def test_a_phone_that_registers_while_a_caller_waits_rings(system: System) -> None:
    """Nobody could be rung; the first phone that appears is."""
    caller = await dial_112(system, "1")
    await outside_rung(system)
    operator = await system.register("medis-1", Answer(0.1))
    await operator.established(3.0)
    await assert_talk(caller, operator, (CALLER_TONE_HZ, operator.tone_hz))


async def test_the_operator_who_hangs_up_after_a_talk_ends_the_call(system: System) -> None:
    """Both have finished: the caller's channel ends too."""
    operator = await system.register("medis-1", Answer(0.1))
    caller = await dial_112(system, "1")
    await operator.established(5.0)
    await asyncio.sleep(LONG_TALK_S)
    await operator.hangup()
    await caller.closed(3.0)
    assert (await recorded(system, "ended")).detail["by"] == "operator"


async def test_a_hang_up_within_three_seconds_is_no_answer(system: System) -> None:
    """The caller is told, goes to the head of the queue, and reaches another human."""
    operator = await system.register("medis-1", Answer(0.1))
    supervisor = await system.register("koordinator", Answer(0.3))
    caller = await dial_112(system, "1")
    await operator.established(5.0)
    await asyncio.sleep(SLIP_S)
    await operator.hangup()
    await supervisor.established(5.0)
    await assert_talk(caller, supervisor, (CALLER_TONE_HZ, supervisor.tone_hz))
    assert len(operator.offers) == 1


async def test_whose_operators_phone_dies_is_told_and_served_first(system: System) -> None:
    """No BYE, no media: Asterisk notices, and the caller goes before one who came earlier."""
    operator = await system.register("medis-1", Answer(0.1))
    longer = await dial_112(system)
    caller = await dial_112(system, "1")
    await operator.established(5.0)
    await longer.press("1")
    await outside_rung(system)
    await operator.kill()
    lost = await recorded(system, "operator_lost", limit_s=15.0)
    await asyncio.sleep(TOLD_S)
    supervisor = await system.register("koordinator", Answer(0.3))
    assert lost.detail["why"] == "phone lost (no media)"
    bridged = await recorded(system, "bridged", count=2)
    assert (bridged.call, bridged.detail["target"]) == (lost.call, "person:siti")
    await longer.hangup()  # before the supervisor is free for the next
    await assert_talk(caller, supervisor, (CALLER_TONE_HZ, supervisor.tone_hz))
    told = FOLDER / "id" / "operator_lost.wav"
    assert prompt_heard(caller.recording(), told, head_s=TOLD_S - 0.5)


async def test_of_two_who_answer_one_talks_and_the_other_is_free(system: System) -> None:
    """Key 0 rings everybody; the second answer is too late and costs nothing."""
    phones = [await system.register(seat, Answer(0.5)) for seat in ("medis-1", "damkar-1")]
    caller = await dial_112(system, "0")
    connected = (await recorded(system, "bridged", limit_s=8.0)).detail["target"]
    winner, loser = phones if connected == "person:sri" else reversed(phones)
    await loser.closed(3.0)
    await assert_talk(caller, winner, (CALLER_TONE_HZ, winner.tone_hz))
