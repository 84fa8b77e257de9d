"""Feature codes, dialled at real phones: each is told, each is journalled, none is lost."""

import asyncio

import pytest

from journal.record import Record
from sandbox.audio import RATE_HZ, prompt_heard, read_samples
from sandbox.behaviour import Answer, Ignore
from sandbox.call import CallClosed
from sandbox.handset import Handset
from sandbox.phone import Softphone
from sandbox.sound import FOLDER
from sandbox.system import PIN, System
from siaga.notebook import FLOOR_FILE
from tests.live.centre import MOBILE, dial_112, recorded, records

pytestmark = pytest.mark.live

SHARED, SRIS = "bersama-1", "101"
"""A shared seat, and Sri's number."""
CODE_S = 15.0
"""For a code to be told: the longest reply takes some ten seconds."""
CUT_S, MOST_S = 0.2, 2.5
"""A phone is hung up on when its prompt has ended, and does not record the last of it; so much of a
prompt tells it from all others."""
TOLD_S = 2.5
"""For a short prompt to be heard."""
FUSE_LIMIT_S = 45.0
"""The fuse of a feature call, and the apology."""
KEPT_S = 5.0
"""For the floor's notebook to be in its file: a second, and the disk."""


def heard(phone: Handset, prompt: str) -> bool:
    """Whether the phone heard that prompt in its last call, of which the very end is cut."""
    sought = FOLDER / "id" / f"{prompt}.wav"
    seconds = len(read_samples(sought)) / RATE_HZ
    return prompt_heard(phone.recording(), sought, head_s=min(seconds - CUT_S, MOST_S))


async def code(system: System, phone: Softphone, dialled: str, count: int = 1) -> Record:
    """What came of a code, when the phone has heard it to its end."""
    await phone.dial(dialled)
    await phone.established(5.0)
    await phone.closed(CODE_S)
    return await recorded(system, "feature", count)


async def sign_on(phone: Softphone, number: str, pin: str) -> None:
    """Dials, and presses both when they are asked for; the call goes on."""
    await phone.dial("*11")
    await phone.established(5.0)
    await phone.send_dtmf(f"{number}#")
    await phone.send_dtmf(f"{pin}#")


async def until_kept(system: System, text: str) -> None:
    """Returns when the floor's notebook has that text in its file."""
    path = system.daemon.state / FLOOR_FILE
    async with asyncio.timeout(KEPT_S):
        while not (path.exists() and text in path.read_text()):  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.05)


def assert_secret(system: System) -> None:
    """No key of a PIN stands in a record, only the caller's, and the PIN in no log."""
    assert [record.detail["digit"] for record in records(system, "digit")] == ["1"]
    assert all(PIN not in str(record.detail) for record in records(system))
    for path in (system.daemon.log, system.pbx.log):
        assert PIN not in path.read_text(errors="replace"), path


async def test_who_has_signed_on_is_rung_there(system: System) -> None:
    """By number and PIN at a shared seat; the phone of their own is silent meanwhile."""
    shared = await system.register(SHARED, Answer(0.1))
    own = await system.register("medis-1", Ignore())
    await sign_on(shared, SRIS, PIN)
    await shared.closed(CODE_S)
    told = (await recorded(system, "feature")).detail
    assert told == {"code": "*11", "seat": SHARED, "person": "sri", "outcome": "signed on"}
    assert heard(shared, "code_signed_on")
    assert heard(shared, "code_on_duty")
    caller = await dial_112(system, "1")
    await recorded(system, "bridged")
    assert ([call.number for call in shared.offers], own.offers) == ([MOBILE], [])
    await caller.hangup()
    await shared.closed(3.0)
    await code(system, shared, "*12", 2)
    assert heard(shared, "code_signed_off")
    await code(system, shared, "*15", 3)
    assert heard(shared, "code_nobody")
    assert_secret(system)


async def test_a_wrong_pin_opens_nothing_and_may_be_hung_up_on(system: System) -> None:
    """It is told, the number is asked for again, and a hang-up in mid-prompt leaves nothing."""
    shared = await system.register(SHARED, Ignore())
    await sign_on(shared, SRIS, "1357")
    refused = await recorded(system, "feature")
    assert (refused.detail["outcome"], refused.detail["person"]) == ("wrong PIN", "sri")
    await asyncio.sleep(TOLD_S)
    await shared.hangup()
    assert heard(shared, "code_pin_wrong")
    assert (await recorded(system, "feature", 2)).detail["outcome"] == "hung up"
    assert records(system, "signed_on") == []


async def test_a_seat_that_is_fixed_stays_its_operators(system: System) -> None:
    """Whoever else dials there is told so after the number; an unknown one is asked for again."""
    own = await system.register("medis-1", Ignore())
    await own.dial("*11")
    await own.established(5.0)
    await own.send_dtmf("999#")
    await asyncio.sleep(TOLD_S)
    await own.send_dtmf("201#")
    await own.closed(CODE_S)
    told = (await recorded(system, "feature")).detail
    assert (told["seat"], told["outcome"]) == ("medis-1", "another's seat")
    assert heard(own, "code_number_unknown")
    assert heard(own, "code_others_seat")


async def test_who_pauses_is_not_rung_until_ready(crowded: System) -> None:
    """The colleague is; and the last one of an agency hears that there is nobody else."""
    sri = await crowded.register("medis-1", Answer(0.1))
    bayu = await crowded.register("medis-2", Answer(0.1))
    assert (await code(crowded, sri, "*13")).detail.get("last") is None
    assert heard(sri, "code_paused")
    caller = await dial_112(crowded, "1")
    await recorded(crowded, "bridged")
    assert (len(sri.offers), len(bayu.offers)) == (0, 1)
    await caller.hangup()
    await bayu.closed(3.0)
    assert (await code(crowded, bayu, "*13", 2)).detail["last"] is True
    assert heard(bayu, "code_last")
    assert (await code(crowded, sri, "*14", 3)).detail["outcome"] == "ready"
    assert heard(sri, "code_ready")
    caller = await dial_112(crowded, "1")
    await recorded(crowded, "bridged", 2)
    assert (len(sri.offers), len(bayu.offers)) == (1, 1)
    await caller.hangup()
    await sri.closed(3.0)


async def test_the_last_call_is_marked_and_the_mark_may_be_changed(system: System) -> None:
    """Each of the four is told and journalled for that call; without a call there is none."""
    sri = await system.register("medis-1", Answer(0.1))
    assert (await code(system, sri, "*23")).detail["outcome"] == "no call to mark"
    assert heard(sri, "code_no_talk")
    caller = await dial_112(system, "1")
    bridged = await recorded(system, "bridged")
    await caller.hangup()
    await sri.closed(3.0)
    for count, mark in enumerate(("genuine", "information", "prank", "ghost"), 1):
        await code(system, sri, f"*2{count}", count + 1)
        assert heard(sri, f"code_{mark}")
        marked = await recorded(system, "marked", count)
        assert (marked.call, marked.detail["person"]) == (bridged.call, "sri")
        assert marked.detail["mark"] == mark


async def forgotten(system: System, phone: Softphone) -> None:
    """Asterisk has taken the registration back; it would do so to a new one that is faster."""
    async with asyncio.timeout(5.0):
        while f"{phone.user}/" in await system.pbx.cli("pjsip show contacts"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def test_pause_sign_on_and_talk_outlive_daemon_and_asterisk(crowded: System) -> None:
    """Daemon killed, Asterisk restarted: who was paused is, who sat there does, and marks count."""
    shared = await crowded.register(SHARED, Answer(0.1))
    bayu = await crowded.register("medis-2", Ignore())
    await sign_on(shared, SRIS, PIN)
    await shared.closed(CODE_S)
    caller = await dial_112(crowded, "1")
    bridged = await recorded(crowded, "bridged")
    await caller.hangup()
    await shared.closed(3.0)
    await bayu.closed(3.0)
    await code(crowded, bayu, "*13", 2)
    await until_kept(crowded, '"pauses":{"bayu"')
    await crowded.daemon.kill()
    await crowded.pbx.restart()
    await crowded.daemon.start()
    for phone in (shared, bayu):
        await phone.unregister()
        await forgotten(crowded, phone)
        await phone.register()
        await phone.registered(5.0)
    assert (await code(crowded, shared, "*23", 3)).detail["outcome"] == "marked"
    assert (await recorded(crowded, "marked")).call == bridged.call
    offers = len(bayu.offers)
    again = await dial_112(crowded, "1")
    assert (await recorded(crowded, "bridged", 2, limit_s=15.0)).detail["target"] == "person:sri"
    assert len(bayu.offers) == offers
    await again.hangup()
    await shared.closed(3.0)
    await code(crowded, bayu, "*15", 4)
    assert heard(bayu, "code_paused")


async def test_without_the_daemon_the_phone_hears_an_apology(system: System) -> None:
    """At once when the heartbeat is stale, by the fuse when the daemon dies in mid-dialogue."""
    shared = await system.register(SHARED, Ignore())
    await shared.dial("*11")
    await shared.established(5.0)
    await asyncio.sleep(TOLD_S)
    await system.daemon.kill()
    await shared.closed(FUSE_LIMIT_S)
    assert heard(shared, "code_failed")
    await shared.dial("*15")
    await shared.established(5.0)
    await shared.closed(CODE_S)
    assert heard(shared, "code_failed")


async def test_a_daemon_that_is_back_leaves_no_phone_waiting(system: System) -> None:
    """What was asked is not known to it: the phone hears the apology, and may dial again."""
    shared = await system.register(SHARED, Ignore())
    await shared.dial("*11")
    await shared.established(5.0)
    await asyncio.sleep(TOLD_S)
    await system.daemon.kill()
    await system.daemon.start()
    await shared.closed(CODE_S)
    assert heard(shared, "code_failed")
    await code(system, shared, "*15")
    assert heard(shared, "code_nobody")


async def test_a_trunk_knows_no_codes(system: System) -> None:
    """Whoever calls from outside gets "not found", as for any number that is not ours."""
    citizen = await system.caller(MOBILE)
    for dialled in ("*11", "*23"):
        await citizen.dial(dialled)
        with pytest.raises(CallClosed) as refused:
            await citizen.established(5.0)
        assert "404" in refused.value.call.reason
    assert records(system, "feature") == []
