"""The daemon is killed and started again: every call goes on from where it was."""

import asyncio

import pytest

from sandbox.audio import tone_present
from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, OUTSIDE_TONE_HZ, System
from tests.live.centre import (
    GUNUNG_SUGIH,
    MOBILE,
    NEIGHBOUR,
    TALK_S,
    assert_talk,
    dial_112,
    outside_rung,
    recorded,
    records,
)

pytestmark = pytest.mark.live

OTHER_MOBILE = "081234567899"
LONG_TALK_S = 3.3
"""Longer than a slip of the hand (DESIGN §4.7)."""


async def _again(patient: System) -> None:
    """`kill -9`, and a new daemon that has adopted all there is."""
    await patient.daemon.kill()
    await patient.daemon.start()


async def test_in_the_menu(patient: System) -> None:
    """The key that is pressed afterwards rings the right agency; no menu is begun anew."""
    phone = await patient.register("damkar-1", Answer(0.2))
    caller = await dial_112(patient)
    await recorded(patient, "prompt")
    await _again(patient)
    assert (await recorded(patient, "adopted")).detail["stage"] == "menu"
    await caller.press("2")
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert len(records(patient, "prompt")) == 1


async def test_a_silent_caller_in_the_menu(patient: System) -> None:
    """Nobody presses anything: the end of the menu is noticed by the new daemon too."""
    phone = await patient.register("damkar-1", Answer(0.2))
    caller = await dial_112(patient)
    await recorded(patient, "prompt")
    await _again(patient)
    await phone.established(20.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_while_a_phone_rings(patient: System) -> None:
    """The phone rings on, once; the operator who picks it up gets the caller."""
    phone = await patient.register("medis-1", Ignore())
    caller = await dial_112(patient, "1")
    await phone.offered(5.0)
    await recorded(patient, "ringing")
    await _again(patient)
    await phone.accept()
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert len(phone.offers) == 1


async def test_an_operator_who_answers_without_a_daemon(patient: System) -> None:
    """Picked up between the two daemons: connected as soon as the new one is there."""
    phone = await patient.register("medis-1", Ignore())
    caller = await dial_112(patient, "1")
    await phone.offered(5.0)
    await recorded(patient, "ringing")
    await patient.daemon.kill()
    await phone.accept()
    await phone.established(3.0)
    await patient.daemon.start()
    await recorded(patient, "bridged")
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_while_nobody_can_be_rung(patient: System) -> None:
    """The chosen service is kept: the operator of that agency who registers then is rung."""
    caller = await dial_112(patient, "2")
    await outside_rung(patient)
    await _again(patient)
    adopted = (await recorded(patient, "adopted")).detail
    assert (adopted["stage"], adopted["service"]) == ("waiting", "damkar")
    phone = await patient.register("damkar-1", Answer(0.1))
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def test_in_a_talk_that_the_caller_ends(patient: System) -> None:
    """They go on hearing each other; the caller's hang-up frees the operator."""
    phone = await patient.register("medis-1", Answer(0.1))
    caller = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    await _again(patient)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert (await recorded(patient, "ended")).detail["by"] == "caller"


async def test_in_a_talk_that_the_operator_ends(patient: System) -> None:
    """After a real talk that ends the call, as if nothing had happened."""
    phone = await patient.register("medis-1", Answer(0.1))
    caller = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    await _again(patient)
    await asyncio.sleep(LONG_TALK_S)
    await phone.hangup()
    await caller.closed(3.0)
    assert (await recorded(patient, "ended")).detail["by"] == "operator"


async def test_an_operator_who_is_lost_after_it(patient: System) -> None:
    """The adopted talk is guarded: a phone that dies sends the caller to another one."""
    phone = await patient.register("medis-1", Answer(0.1))
    supervisor = await patient.register("koordinator", Answer(0.3))
    caller = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    await _again(patient)
    await asyncio.sleep(1.0)
    await phone.kill()
    await supervisor.established(20.0)
    await assert_talk(caller, supervisor, (CALLER_TONE_HZ, supervisor.tone_hz))


async def test_a_callee_outside_is_asked_again(patient: System) -> None:
    """A key pressed between the daemons is lost, so the announcement is played once more."""
    centre = await patient.outside(NEIGHBOUR, Answer(0.1))
    caller = await patient.caller(GUNUNG_SUGIH)
    await caller.dial("112")
    await recorded(patient, "asked_to_confirm", limit_s=8.0)
    await _again(patient)
    await recorded(patient, "adopted")
    await asyncio.sleep(1.0)
    await centre.send_dtmf("1")
    await recorded(patient, "bridged")
    await assert_talk(caller, centre, (CALLER_TONE_HZ, OUTSIDE_TONE_HZ))


async def test_callers_in_all_states_at_once(patient: System) -> None:
    """One talks, one rings, one waits, one is in the menu: each goes on, in the old order."""
    medis = await patient.register("medis-1", Answer(0.1))
    damkar = await patient.register("damkar-1", Ignore())
    talking = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    ringing = await dial_112(patient, "2")
    await damkar.offered(5.0)
    waiting = await dial_112(patient, "2", OTHER_MOBILE)
    await recorded(patient, "queued", count=3)
    in_menu = await dial_112(patient)
    await recorded(patient, "prompt", count=4)
    damkar.behaviour = Answer(0.1)
    await _again(patient)
    assert len(records(patient, "adopted")) == 4
    await damkar.accept()
    await recorded(patient, "bridged", count=2)
    assert [offer.number for offer in damkar.offers] == [MOBILE]
    await in_menu.press("2")
    await recorded(patient, "queued", count=6)  # two of them were queued again by the new daemon
    await ringing.hangup()
    await recorded(patient, "bridged", count=3)
    assert [offer.number for offer in damkar.offers] == [MOBILE, OTHER_MOBILE]
    await in_menu.hangup()
    await assert_talk(talking, medis, (CALLER_TONE_HZ, medis.tone_hz))
    await assert_talk(waiting, damkar, (CALLER_TONE_HZ, damkar.tone_hz))


async def test_who_hung_up_meanwhile_is_not_there(patient: System) -> None:
    """Nothing of a call that ended without a daemon is left after the next one's start."""
    phone = await patient.register("medis-1", Ignore())
    caller = await dial_112(patient, "1")
    await phone.offered(5.0)
    await recorded(patient, "ringing")
    await patient.daemon.kill()
    await caller.hangup()
    await phone.closed(3.0)
    await patient.daemon.start()
    await patient.empty()
    assert records(patient, "adopted") == []


async def test_twice_in_a_row(patient: System) -> None:
    """The second restart finds what the first has adopted."""
    phone = await patient.register("medis-1", Answer(0.1))
    caller = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    await _again(patient)
    await _again(patient)
    await asyncio.sleep(TALK_S)
    await phone.hangup()
    await caller.closed(8.0)
    assert tone_present(phone.recording(), CALLER_TONE_HZ)
