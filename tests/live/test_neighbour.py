"""What was agreed of a neighbour's callers is done; whatever goes wrong, they are served here."""

import asyncio

import pytest

from sandbox import scenario
from sandbox.audio import prompt_heard
from sandbox.behaviour import Answer, Ignore
from sandbox.caller import Caller
from sandbox.phone import Softphone
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, OUTSIDE_TONE_HZ, System
from siaga.prompt import seconds_of
from tests.live.centre import (
    DISMISSED,
    GEDONG_TATAAN,
    GUNUNG_SUGIH,
    MOBILE,
    NEIGHBOUR,
    SUKADANA,
    assert_talk,
    recorded,
    records,
    sipp_centre,
)

pytestmark = pytest.mark.live

CENTRE = f"outside:{NEIGHBOUR}@telkom"
"""The neighbour's centre as a target of offers."""
SERVED_S = 12.0
"""For the neighbour's ring time, and then the operator's phone."""
CONFIRM_S = 12.0
"""So long nobody presses 1 before it counts as a voicemail."""
TOLD_S = 2.0
"""So much of its announcement a caller hears at least; who answers cuts it short."""
LAST_S = 0.2
"""The last packets of a prompt, before a silence without any, are not in a phone's recording."""
PROMPT_S = 0.6
"""From the answer to a key, as people need."""


async def transferred(system: System) -> Caller:
    """A caller of Lampung Tengah, who is announced and transferred."""
    caller = await system.caller(GUNUNG_SUGIH)
    await caller.dial("112")
    await caller.established(5.0)
    return caller


async def assert_served(
    system: System, caller: Caller, phone: Softphone, outcome: str, limit_s: float = SERVED_S
) -> None:
    """The neighbour's centre came to nothing, in these words; an operator here takes the call."""
    await phone.established(limit_s)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    first, *_ = records(system, "offered")
    assert first.detail["target"] == CENTRE
    failed = await recorded(system, "offer_failed")
    assert (failed.detail["target"], failed.detail["outcome"]) == (CENTRE, outcome)
    prompt = FOLDER / "id" / "zone_transfer.wav"
    assert prompt_heard(caller.recording(), prompt, head_s=TOLD_S)


async def test_a_caller_of_a_served_neighbour_is_served(system: System) -> None:
    """Lampung Timur has no centre: nothing is announced, the menu comes at once."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(SUKADANA)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await phone.established(5.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    zone = await recorded(system, "zone")
    assert (zone.detail["verdict"], zone.detail["neighbour"]) == ("outside", "lampung-timur")
    assert (await recorded(system, "prompt")).detail["prompts"] == "menu"


@pytest.mark.parametrize("code", [404, 486, 500, 503, 603])
async def test_a_centre_that_rejects(system: System, code: int) -> None:
    """Busy, unknown, broken, or not willing: an operator here is rung at once."""
    phone = await system.register("medis-1", Answer(0.2))
    async with sipp_centre(system, scenario.operator(ring_s=0.2, code=code)):
        caller = await transferred(system)
        await phone.established(SERVED_S)
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    failed = await recorded(system, "offer_failed")
    assert failed.detail["target"] == CENTRE
    assert len(records(system, "bridged")) == 1


async def test_a_centre_that_does_not_answer(system: System) -> None:
    """After its ring time an operator here is rung, and there it rings no more."""
    phone = await system.register("medis-1", Answer(0.2))
    centre = await system.outside(NEIGHBOUR, Ignore())
    caller = await transferred(system)
    await assert_served(system, caller, phone, "no answer")
    await centre.closed(2.0)


async def test_a_trunk_that_is_down(system: System) -> None:
    """Nothing answers behind it, not even with an error: the ring time is the limit."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await transferred(system)
    await assert_served(system, caller, phone, "no answer")


async def test_a_voicemail_of_the_centre(system: System) -> None:
    """It answers and presses nothing, so it has not answered."""
    phone = await system.register("medis-1", Answer(0.2))
    centre = await system.outside(NEIGHBOUR, Answer(0.2))
    caller = await transferred(system)
    await recorded(system, "asked_to_confirm", limit_s=8.0)
    await assert_served(system, caller, phone, "not confirmed", CONFIRM_S + SERVED_S)
    await centre.closed(2.0)


async def test_a_centre_that_hangs_up_unconfirmed(system: System) -> None:
    """Whoever was there did not take the call."""
    phone = await system.register("medis-1", Answer(0.2))
    centre = await system.outside(NEIGHBOUR, Answer(0.2))
    caller = await transferred(system)
    await recorded(system, "asked_to_confirm", limit_s=8.0)
    await asyncio.sleep(PROMPT_S)
    await centre.hangup()
    await phone.established(SERVED_S)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert (await recorded(system, "offer_failed")).detail["target"] == CENTRE


async def test_a_centre_that_hangs_up_at_once_after_confirming(system: System) -> None:
    """Less than 3 s of talk are no answer: the caller goes to the head of the queue here."""
    phone = await system.register("medis-1", Answer(0.2))
    centre = await system.outside(NEIGHBOUR, Answer(0.2))
    caller = await transferred(system)
    await recorded(system, "asked_to_confirm", limit_s=8.0)
    await asyncio.sleep(PROMPT_S)
    await centre.send_dtmf("1")
    await recorded(system, "bridged")
    await centre.hangup()
    await phone.established(SERVED_S)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert len(records(system, "operator_lost")) == 1
    offered = [record.detail["target"] for record in records(system, "offered")]
    assert offered.count(CENTRE) == 1


async def test_an_answer_counts_where_no_confirmation_is_asked(trusting: System) -> None:
    """`confirm: false`: they talk at once, and the centre hears no prompt."""
    centre = await trusting.outside(NEIGHBOUR, Answer(0.2))
    caller = await transferred(trusting)
    await recorded(trusting, "bridged")
    await assert_talk(caller, centre, (CALLER_TONE_HZ, OUTSIDE_TONE_HZ))
    assert records(trusting, "asked_to_confirm") == []


async def test_a_trusted_centre_that_rejects(trusting: System) -> None:
    """Without confirmation a busy centre is no answer either."""
    phone = await trusting.register("medis-1", Answer(0.2))
    async with sipp_centre(trusting, scenario.operator(ring_s=0.1, code=486)):
        caller = await transferred(trusting)
        await phone.established(SERVED_S)
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


@pytest.mark.parametrize("behaviour", [Ignore(), Answer(0.2)], ids=["rings", "is asked"])
async def test_a_caller_who_gives_up_meanwhile(system: System, behaviour: Ignore | Answer) -> None:
    """The centre's phone is free at once, and the call is one to be rung back."""
    centre = await system.outside(NEIGHBOUR, behaviour)
    caller = await transferred(system)
    what = "ringing" if isinstance(behaviour, Ignore) else "asked_to_confirm"
    await recorded(system, what, limit_s=8.0)
    await caller.hangup()
    await centre.closed(2.0)
    assert (await recorded(system, "abandoned")).detail["where"] == "waiting"


async def test_who_is_dismissed_hears_all_of_it_first(system: System) -> None:
    """The DID proves that the caller is outside, and the settings say to hang up."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(MOBILE, "telkom")
    await caller.dial(DISMISSED)
    dismissed = await recorded(system, "dismissed", limit_s=20.0)
    assert dismissed.because[0].where.startswith("zones.yaml:")
    await caller.closed(2.0)
    prompt, whole_s = FOLDER / "id" / "zone_hang_up.wav", seconds_of(FOLDER, "id", "zone_hang_up")
    assert whole_s is not None
    assert prompt_heard(caller.recording(), prompt, head_s=whole_s - LAST_S)
    assert phone.offers == []


@pytest.mark.parametrize("key", ["0", "1", "7"])
async def test_who_presses_a_key_is_not_dismissed(system: System, key: str) -> None:
    """In danger, or by a slip of the finger: a human answers."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(MOBILE, "telkom")
    await caller.dial(DISMISSED)
    await caller.established(5.0)
    await asyncio.sleep(PROMPT_S)
    await caller.press(key)
    await phone.established(20.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert records(system, "dismissed") == []


async def test_a_number_alone_dismisses_nobody(system: System) -> None:
    """The same neighbour, but only the caller's number says so: announced, then served."""
    phone = await system.register("medis-1", Answer(0.2))
    caller = await system.caller(GEDONG_TATAAN)
    await caller.dial("112")
    await phone.established(40.0)
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    zone = await recorded(system, "zone")
    assert (zone.detail["verdict"], zone.detail["neighbour"]) == ("outside", "pesawaran")
    assert (await recorded(system, "prompt")).detail["prompts"] == "zone_announce+menu"
