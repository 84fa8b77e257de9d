"""The daemon is frozen and wakes up: before the fuse burns nothing is lost, later no talk."""

import asyncio

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import LAST_RESORT, assert_talk, dial_112, recorded, records
from tests.live.trio import trio

pytestmark = pytest.mark.live

NAP_S = 5.0
"""Shorter than the fuse."""
FUSE_S = 10.0
RENEWED_S = 12.0
"""A fuse that a daemon had renewed by mistake would have burnt by then."""


async def test_a_nap_costs_nobody_the_place(patient: System) -> None:
    """Key and answer of the sleep are taken after it, in every state, and nobody falls out."""
    dishub = await patient.register("dishub-1", Answer(0.1))
    three = await trio(patient)
    patient.daemon.freeze()
    await three.damkar.accept()
    await three.in_menu.press("3")
    await asyncio.sleep(NAP_S)
    patient.daemon.thaw()
    await recorded(patient, "bridged", count=3)
    await three.assert_talks(dishub)
    assert [len(phone.offers) for phone in (three.medis, three.damkar, dishub)] == [1, 1, 1]
    assert records(patient, "pulled_out") == []


async def test_who_wakes_up_late_cuts_no_talk(patient: System) -> None:
    """Joined by the fuse, or rung by the last resort: both talks outlive the daemon's return."""
    medis = await patient.register("medis-1", Ignore())
    damkar = await patient.register("damkar-1", Ignore())
    first = await dial_112(patient, "1")
    await medis.offered(5.0)
    second = await dial_112(patient, "2")
    await damkar.offered(5.0)
    damkar.behaviour = Answer(0.2)
    patient.daemon.freeze()
    await medis.accept()
    await asyncio.sleep(FUSE_S)
    await damkar.established(FUSE_S)
    patient.daemon.thaw()
    await recorded(patient, "pulled_out", count=2)
    await asyncio.sleep(RENEWED_S)
    await assert_talk(first, medis, (CALLER_TONE_HZ, medis.tone_hz))
    await assert_talk(second, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    assert damkar.offers[-1].name == LAST_RESORT
