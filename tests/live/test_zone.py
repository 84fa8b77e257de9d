"""Where the caller is decides what is announced, never whether a human is reached."""

import asyncio

import pytest

from sandbox.audio import prompt_heard
from sandbox.behaviour import Answer, Decline
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, OUTSIDE_TONE_HZ, System
from tests.live.centre import (
    BANDAR_LAMPUNG,
    GUNUNG_SUGIH,
    METRO,
    NEIGHBOUR,
    assert_talk,
    recorded,
)

pytestmark = pytest.mark.live


async def test_a_caller_on_the_citys_trunk_is_inside(system: System) -> None:
    """The carrier brings only fixed lines of the city to this number."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(METRO, "telkom")
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    zone = await recorded(system, "zone")
    assert zone.detail["verdict"] == "inside"
    assert zone.because[0].where.startswith("zones.yaml:")


async def test_a_caller_of_an_announcing_neighbour_is_told_and_served(system: System) -> None:
    """Bandar Lampung: told that this is Kota Metro's 112, then served like everybody."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(BANDAR_LAMPUNG)
    await caller.dial("112")
    await phone.established(40.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    zone = await recorded(system, "zone")
    assert (zone.detail["verdict"], zone.detail["neighbour"]) == ("outside", "bandar-lampung")
    assert prompt_heard(caller.recording(), FOLDER / "id" / "zone_announce.wav")


async def test_a_caller_of_a_transferring_neighbour_reaches_its_centre(system: System) -> None:
    """Lampung Tengah: its centre is rung by trunk, and takes the call by pressing 1."""
    centre = await system.outside(NEIGHBOUR, Answer(0.2))
    caller = await system.caller(GUNUNG_SUGIH)
    await caller.dial("112")
    await recorded(system, "asked_to_confirm", limit_s=8.0)
    await asyncio.sleep(2.0)
    await centre.send_dtmf("1")
    await recorded(system, "bridged")
    await assert_talk(caller, centre, (CALLER_TONE_HZ, OUTSIDE_TONE_HZ))
    assert prompt_heard(centre.recording(), FOLDER / "id" / "outside_confirm.wav", head_s=1.0)


async def test_a_transfer_that_fails_is_served_here(system: System) -> None:
    """The neighbour's centre declines: an operator of Kota Metro takes the caller."""
    await system.outside(NEIGHBOUR, Decline(0.2))
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(GUNUNG_SUGIH)
    await caller.dial("112")
    await phone.established(10.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
