"""The shift changes while a caller waits, and while a phone rings for one: at that second."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from journal.record import Record
from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import assert_talk, dial_112, recorded, records

pytestmark = pytest.mark.live

JAKARTA = ZoneInfo("Asia/Jakarta")
AHEAD_S = 8
"""For the daemon to read the roster, and for a caller to be in the queue before the change."""
SHIFT = timedelta(hours=6)
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
BEFORE, OLD, NEW = "ratna", "sri", "bayu"
"""At seats medis-3, which nobody registers here, medis-1 and medis-2."""


async def change_ahead(system: System) -> datetime:
    """The daemon knows of a change from the old shift to the new one in a few seconds; when."""
    now = datetime.now(JAKARTA)  # noqa: TID251 - of the machine that it runs on
    change = now.replace(microsecond=0) + timedelta(seconds=AHEAD_S)
    yaml, path = YAML(), system.config / "roster.yaml"
    roster = yaml.load(path)
    starts = {"kemarin": change - 2 * SHIFT, "lama": change - SHIFT, "baru": change}
    roster["shifts"] = {
        name: {"start": f"{start:%H:%M:%S}", "end": f"{start + SHIFT:%H:%M:%S}"}
        for name, start in starts.items()
    }
    roster["weekly"] = [
        {"days": EVERY_DAY, "shift": name, "people": [person]}
        for name, person in zip(starts, (BEFORE, OLD, NEW), strict=True)
    ]
    yaml.dump(roster, path)
    system.daemon.reload()
    await recorded(system, "settings_reloaded")
    return change


def offers_to(system: System, person: str) -> list[Record]:
    """All offers to a person so far, oldest first."""
    return [
        each for each in records(system, "offered") if each.detail["target"] == f"person:{person}"
    ]


async def offered(system: System, person: str) -> Record:
    """The first offer to a person."""
    async with asyncio.timeout(AHEAD_S + 5.0):
        while not (found := offers_to(system, person)):  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.02)
    return found[0]


async def test_who_waits_is_offered_to_the_new_shift_when_it_begins(system: System) -> None:
    """Nobody of the old one is there. The new operator is at the phone, and is not rung early."""
    bayu = await system.register("medis-2", Answer(0.1))
    change = await change_ahead(system)
    caller = await dial_112(system, "1")
    await recorded(system, "queued")
    offer = await offered(system, NEW)
    assert change <= offer.at < change + timedelta(seconds=1)
    assert any("works baru" in reason.text for reason in offer.because)
    await bayu.established(5.0)
    await assert_talk(caller, bayu, (CALLER_TONE_HZ, bayu.tone_hz))


async def test_a_phone_that_rings_goes_on_and_the_new_shift_rings_too(patient: System) -> None:
    """Who is going home may still pick up; who has come is offered the caller at that second."""
    sri = await patient.register("medis-1", Ignore())
    bayu = await patient.register("medis-2", Answer(0.5))
    change = await change_ahead(patient)
    caller = await dial_112(patient, "1")
    assert (await sri.offered(5.0)).name == "112 MEDIS"
    offer = await offered(patient, NEW)
    assert change <= offer.at < change + timedelta(seconds=1)
    assert records(patient, "offer_failed") == records(patient, "withdrawn") == []
    await bayu.established(5.0)
    await sri.closed(3.0)
    assert (await recorded(patient, "withdrawn")).detail["target"] == f"person:{OLD}"
    await assert_talk(caller, bayu, (CALLER_TONE_HZ, bayu.tone_hz))


async def test_the_old_shift_may_answer_after_its_end(patient: System) -> None:
    """The offer was theirs when it was made, and a human is a human."""
    sri = await patient.register("medis-1", Ignore())
    change = await change_ahead(patient)
    caller = await dial_112(patient, "1")
    await sri.offered(5.0)
    left = change - datetime.now(JAKARTA)  # noqa: TID251 - of the machine that it runs on
    await asyncio.sleep(left.total_seconds() + 1.0)
    await sri.accept()
    await sri.established(3.0)
    await assert_talk(caller, sri, (CALLER_TONE_HZ, sri.tone_hz))
