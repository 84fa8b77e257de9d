"""A key counts from the first moment, however the carrier tells it; once chosen, no key matters."""

import pytest

from sandbox import scenario
from sandbox.behaviour import Answer, Ignore
from sandbox.keypad import write_key
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import (
    METRO,
    MOBILE,
    assert_talk,
    recorded,
    records,
    sipp_callers,
)

pytestmark = pytest.mark.live

AT_ONCE_S = 0.1
"""After the answer; the menu has hardly begun."""
CALL_LIMIT_S = 10.0


async def test_a_key_by_info_right_after_the_answer_counts(system: System) -> None:
    """Barge-in in the first 200 ms: SIP INFO chooses before the first word of the menu is said."""
    phone = await system.register("damkar-1", Answer())
    text = scenario.caller("112", digit="2", press_after_s=AT_ONCE_S, cued=True)
    async with sipp_callers(system, [METRO], text, trunk="telkom") as callers:
        offer = await phone.offered(5.0)
        assert (offer.name, offer.number) == ("112 DAMKAR", METRO)
        await recorded(system, "bridged")
        callers.cue(1)
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (1, 0)
    assert len(records(system, "prompt")) == 1
    assert (await recorded(system, "ended")).detail["by"] == "caller"


async def test_a_key_in_the_audio_counts_where_no_events_are_offered(system: System) -> None:
    """In-band: a gateway without telephone-event sends the tones themselves."""
    phone = await system.register("dishub-1", Answer())
    sound = system.workdir / "three.al"
    write_key(sound, "3")
    voice = scenario.Voice(sdp=scenario.SDP_AUDIO_ONLY, key_sound=str(sound))
    text = scenario.caller("112", digit="3", press_after_s=AT_ONCE_S, cued=True, voice=voice)
    async with sipp_callers(system, [MOBILE], text) as callers:
        offer = await phone.offered(5.0)
        assert (offer.name, offer.number) == ("112 LALIN", MOBILE)
        await recorded(system, "bridged")
        callers.cue(1)
        outcome = await callers.finished(CALL_LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (1, 0)
    assert [record.detail["digit"] for record in records(system, "digit")] == ["3"]


async def test_only_the_first_of_all_keys_chooses(system: System) -> None:
    """Two keys fast (RFC 4733), one while a phone rings, one in the talk: only the first counts."""
    phone = await system.register("medis-1", Ignore())
    other = await system.register("damkar-1", Answer())
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("12")
    assert (await phone.offered(5.0)).name == "112 MEDIS"
    await recorded(system, "digit", count=2)
    await caller.press("3")
    await recorded(system, "digit", count=3)
    await phone.accept()
    await recorded(system, "bridged")
    await caller.press("4")
    await phone.told("4", 5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    digits = [(r.detail["digit"], r.detail.get("ignored")) for r in records(system, "digit")]
    assert digits[:3] == [("1", None), ("2", True), ("3", True)]
    assert len(records(system, "chosen")) == len(records(system, "offered")) == 1
    assert other.offers == []
