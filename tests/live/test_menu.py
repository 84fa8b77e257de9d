"""A citizen dials 112, hears the menu, presses a key or nothing, and talks to an operator."""

import asyncio

import pytest

from sandbox.audio import prompt_heard, tone_present
from sandbox.behaviour import Answer, Ignore
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import MOBILE, assert_talk, recorded

pytestmark = pytest.mark.live

CONNECTING_S = 4.6
"""The longest of the prompts `connecting_medis`."""
MENU_S = 30.0
"""The menu, the silence after it, and the ringing."""


@pytest.mark.parametrize(
    ("key", "seat", "label"),
    [
        ("1", "medis-1", "112 MEDIS"),
        ("2", "damkar-1", "112 DAMKAR"),
        ("3", "dishub-1", "112 LALIN"),
        ("4", "satpol-1", "112 TIBUM"),
        ("0", "medis-1", "112 UMUM"),
    ],
)
async def test_each_key_reaches_the_operator_on_duty_of_its_agency(
    system: System, key: str, seat: str, label: str
) -> None:
    """The phone shows service and number, both hear each other, and nobody off duty rings."""
    phone = await system.register(seat, Answer(0.5))
    other = await system.register("medis-2", Answer(0.1))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press(key)
    offer = await phone.offered(5.0)
    assert (offer.name, offer.number) == (label, MOBILE)
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert other.offers == []


async def test_a_silent_caller_hears_the_whole_menu_and_reaches_a_human(system: System) -> None:
    """Silence leads to the default hunt group; the prompt that was heard is the menu's file."""
    phone = await system.register("dishub-1", Answer(0.5))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await phone.established(MENU_S)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert prompt_heard(caller.recording(), FOLDER / "id" / "menu.wav")
    assert not prompt_heard(caller.recording(), FOLDER / "en" / "menu.wav")
    chosen = await recorded(system, "chosen")
    assert chosen.detail["service"] == "umum"
    assert chosen.because[0].text == "pressed nothing"


async def test_wrong_keys_reach_a_human(system: System) -> None:
    """One wrong key is forgiven with a word and the menu, the second leads to a human."""
    phone = await system.register("medis-1", Answer(0.5))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("7")
    await recorded(system, "prompt", count=2)
    await asyncio.sleep(1.0)
    await caller.press("8")
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert (await recorded(system, "chosen")).detail["service"] == "umum"


async def test_a_key_interrupts_the_prompt_at_once(system: System) -> None:
    """Barge-in: the operator rings while the menu would still be heard, and the menu is cut."""
    phone = await system.register("medis-1", Ignore())
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await asyncio.sleep(1.0)
    await caller.press("1")
    await phone.offered(5.0)
    offered = await recorded(system, "offered")
    assert offered.offset_s is not None
    assert offered.offset_s < 3.0
    await asyncio.sleep(CONNECTING_S + 0.5)
    await caller.hangup()
    await caller.closed(3.0)
    heard = caller.recording()
    assert not prompt_heard(heard, FOLDER / "id" / "menu.wav")
    assert prompt_heard(heard, FOLDER / "id" / "connecting_medis.wav")


async def test_the_language_key_switches_to_english(system: System) -> None:
    """After 9 the menu is English, and so is what the caller hears while the operator rings."""
    await system.register("medis-1", Ignore())
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("9")
    await recorded(system, "prompt", count=2)
    await asyncio.sleep(3.0)
    await caller.press("1")
    await recorded(system, "ringing")
    await asyncio.sleep(CONNECTING_S)
    await caller.hangup()
    await caller.closed(3.0)
    heard = caller.recording()
    assert prompt_heard(heard, FOLDER / "en" / "menu.wav", head_s=2.0)
    assert prompt_heard(heard, FOLDER / "en" / "connecting_medis.wav")


async def test_a_waiting_caller_hears_ringing(system: System) -> None:
    """Behind the prompt comes the national ring tone, 425 Hz."""
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await asyncio.sleep(CONNECTING_S + 2.0)
    await caller.hangup()
    await caller.closed(3.0)
    assert tone_present(caller.recording(), 425.0)
