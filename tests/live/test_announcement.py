"""What a waiting caller is told, by ear and by the records: place, apology, that others ring."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.audio import prompt_heard, tone_present
from sandbox.behaviour import Answer, Ignore
from sandbox.caller import Caller
from sandbox.sound import FOLDER
from sandbox.system import CALLER_TONE_HZ, System
from siaga.prompt import seconds_of
from tests.live import centre
from tests.live.centre import (
    MOBILE,
    TOLD_EVERY_S,
    assert_talk,
    dial_112,
    quick_settings,
    recorded,
    records,
)
from tests.live.post import PROMPT_HZ, make_sounds, open_hands, open_post

pytestmark = pytest.mark.live

RING_S = 60
"""Longer than a test, so that the chain goes nowhere while somebody rings."""
SOON_S = 5.0
RINGING_S = 1.0
"""Enough of the ringing behind the words, which are on their way for a moment."""
OTHER = "081234567891"


@pytest.fixture
async def telling(tmp_path: Path) -> AsyncIterator[System]:
    """A centre that tells as often as the settings may say."""
    settings = centre.telling(quick_settings(tmp_path / "settings", ring_s=RING_S))
    async with System(tmp_path, settings) as running:
        yield running
        await running.empty()


def said(system: System, call: str | None) -> list[str]:
    """What a call's caller was told so far."""
    return [str(r.detail["prompts"]) for r in records(system, "announced") if r.call == call]


async def told(system: System, call: str | None, count: int) -> list[str]:
    """What a caller was told, once it was so many times."""
    async with asyncio.timeout(count * TOLD_EVERY_S + SOON_S):
        while len(said(system, call)) < count:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.02)
    return said(system, call)


async def words_end(prompts: str) -> None:
    """Words that have just begun are said to their end, after which it rings again."""
    lengths = [seconds_of(FOLDER, "id", prompt) or 0.0 for prompt in prompts.split("+")]
    await asyncio.sleep(sum(lengths) + RINGING_S)


async def heard(caller: Caller, *prompts: str) -> None:
    """The caller hangs up and has heard all of these prompts."""
    await caller.hangup()
    await caller.closed(3.0)
    for prompt in prompts:
        assert prompt_heard(caller.recording(), FOLDER / "id" / f"{prompt}.wav"), prompt


async def test_waiting_callers_are_told_their_places_and_then_better_ones(telling: System) -> None:
    """Two wait for one operator: who is second becomes next, is told so, and is answered then."""
    phone = await telling.register("medis-1", Ignore())
    first = await dial_112(telling, "1")
    await phone.offered(SOON_S)
    second = await dial_112(telling, "1", OTHER)
    calls = [(await recorded(telling, "queued", count)).call for count in (1, 2)]
    assert await told(telling, calls[0], 1) == ["waiting+position_1"]
    assert await told(telling, calls[1], 1) == ["turned+position_2"]
    await words_end("waiting+position_1")
    await heard(first, "connecting_medis", "waiting", "position_1")
    await phone.offered(SOON_S)
    assert await told(telling, calls[1], 2) == ["turned+position_2", "position_1"]
    await phone.accept()
    await phone.established(SOON_S)
    await assert_talk(second, phone, (CALLER_TONE_HZ, phone.tone_hz))
    for prompt in ("turned", "position_2"):
        assert prompt_heard(second.recording(), FOLDER / "id" / f"{prompt}.wav")
    assert tone_present(second.recording(), 425.0), "no ringing was heard between the words"


async def test_who_answers_cuts_off_the_words(telling: System) -> None:
    """Both talk within a moment, though the apology would take several seconds."""
    phone = await telling.register("medis-1", Ignore())
    caller = await dial_112(telling, "1")
    await phone.offered(SOON_S)
    call = (await recorded(telling, "queued")).call
    await told(telling, call, 1)
    await phone.accept()
    answered, bridged = (
        await recorded(telling, "operator_answered"),
        await recorded(telling, "bridged"),
    )
    assert (bridged.at - answered.at).total_seconds() < 0.5
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    assert not prompt_heard(caller.recording(), FOLDER / "id" / "waiting.wav")


async def test_that_another_agency_is_rung_is_said(telling: System) -> None:
    """Nobody of the agency is there: not into the first words, and once."""
    phone = await telling.register("damkar-1", Ignore())
    caller = await dial_112(telling, "1")
    await phone.offered(SOON_S)
    call = (await recorded(telling, "queued")).call
    assert await told(telling, call, 2) == ["turned+position_1", "position_1"]
    await words_end("position_1")
    await heard(caller, "connecting_medis", "turned", "position_1")


async def test_an_adopted_caller_is_told_on(telling: System) -> None:
    """The daemon is killed: the next one goes on, with no place worse than the one before."""
    phone = await telling.register("medis-1", Ignore())
    caller = await dial_112(telling, "1")
    await phone.offered(SOON_S)
    call = (await recorded(telling, "queued")).call
    await told(telling, call, 1)
    await telling.daemon.kill()
    await telling.daemon.start()
    await recorded(telling, "adopted")
    assert await told(telling, call, 2) == ["waiting+position_1", "waiting+position_1"]
    await words_end("waiting+position_1")
    await heard(caller, "waiting", "position_1")


async def test_a_call_keeps_the_announcements_that_it_began_with(telling: System) -> None:
    """New settings are for the next caller."""
    phone = await telling.register("medis-1", Answer(0.1))
    services = telling.config / "services.yaml"
    talking = await dial_112(telling, "1")
    await recorded(telling, "bridged")
    before = await dial_112(telling, "1", OTHER)
    await recorded(telling, "queued", 2)
    text = services.read_text()
    services.write_text(text.replace("position_every_s", "# position_every_s"))
    telling.daemon.reload()
    await recorded(telling, "settings_reloaded")
    after = await dial_112(telling, "1", MOBILE)
    calls = [(await recorded(telling, "queued", count)).call for count in (2, 3)]
    assert "position_1" in (await told(telling, calls[0], 1))[0]
    assert "position" not in (await told(telling, calls[1], 1))[0]
    for caller in (before, after, talking):
        await caller.hangup()
    await phone.closed(SOON_S)


async def test_a_prompt_that_is_missing_costs_its_own_sound_only(tmp_path: Path) -> None:
    """Asterisk goes on with what is behind it, and says that all was played."""
    prompt = "outside_confirm"
    async with open_post(tmp_path, make_sounds(tmp_path / "sounds")) as post:
        caller = await post.citizen()
        async with open_hands(post) as hands:
            await post.beat()
            channel = await hands.answer(caller)
            await hands.do("POST", "bridges/own", type="mixing")
            await hands.do("POST", "bridges/own/addChannel", channel=channel)
            media = f"sound:siaga/id/position_3,sound:siaga/id/{prompt}"
            await hands.do("POST", "bridges/own/play", media=media)
            finished = await hands.event("PlaybackFinished")
            assert finished["playback"]["state"] == "done"
            await hands.do("DELETE", "bridges/own")
            await hands.do("DELETE", f"channels/{channel}")
        await caller.closed(3.0)
    assert tone_present(caller.recording(), PROMPT_HZ[prompt])
