"""What becomes of a caller inside Stasis when nobody is there to take care of them.

The application here takes callers, rings and bridges as the daemon does, and then does nothing
more: a daemon that is frozen or dead. To the dialplan there is no difference.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.audio import tone_present
from sandbox.behaviour import Answer, Ignore
from tests.live.post import (
    CITIZEN_HZ,
    OPERATOR_HZ,
    TALK_S,
    Post,
    make_sounds,
    open_hands,
    open_post,
)

pytestmark = pytest.mark.live

FUSE = "TIMEOUT(absolute)"
SHORT_FUSE = "0.5"
"""Seconds; the dialplan's own is 10."""


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A post whose menu is not heard: callers here have chosen."""
    async with open_post(tmp_path, make_sounds(tmp_path / "sounds")) as post:
        yield post
    assert post.pbx.complaints() == []


async def test_an_unanswered_caller_of_a_frozen_daemon_rings_an_operator(post: Post) -> None:
    """The dialplan's own fuse of 10 s ends the wait of a caller whom nobody has even answered."""
    medis = await post.seat("medis-1")
    await post.on_duty("umum", "medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        with suppress(TimeoutError):  # a call that nothing is heard of is none to the phone yet
            await caller.dial("112")
        await hands.started()
        await medis.established(15.0)
    await caller.hangup()


async def test_a_burnt_fuse_rings_who_is_on_duty_for_the_chosen_service(post: Post) -> None:
    """With a stale heartbeat the caller leaves Stasis for the last resort, without its menu."""
    damkar = await post.seat("damkar-1")
    await post.on_duty("damkar", "damkar-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.set(channel, "SIAGA_SERVICE", "damkar")
        await post.pbx.set_global("SIAGA_HB", "")
        await hands.set(channel, FUSE, SHORT_FUSE)
        await damkar.established(1.5)
    await caller.hangup()


async def test_a_daemon_that_is_back_gets_the_caller_once(post: Post) -> None:
    """A fresh heartbeat leads to `resume`; the second burnt fuse leads to the last resort."""
    medis = await post.seat("medis-1")
    await post.on_duty("medis", "medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.set(channel, "SIAGA_SERVICE", "medis")
        await hands.set(channel, FUSE, SHORT_FUSE)
        assert await hands.started() == (channel, ["resume"])
        await hands.set(channel, FUSE, SHORT_FUSE)
        await medis.established(1.5)
    await caller.hangup()


async def test_legs_that_ring_are_ended_and_rung_again_by_the_last_resort(post: Post) -> None:
    """The operator's phone, ringing for a dead daemon, is freed and rings for the dialplan."""
    medis = await post.seat("medis-1", Ignore())
    await post.on_duty("medis", "medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.set(channel, "SIAGA_SERVICE", "medis")
        await hands.ring("medis-1", "leg-a", channel)
        await medis.offered(2.0)
        await post.pbx.set_global("SIAGA_HB", "0")
        medis.behaviour = Answer()
        await hands.set(channel, FUSE, SHORT_FUSE)
        await medis.established(8.0)
        assert medis.offers[-1].name == "112 CADANGAN"
    await caller.hangup()


async def test_an_operator_who_has_just_answered_gets_the_caller(post: Post) -> None:
    """The fuse finds an answered leg and joins it; the operator's hang-up ends the call."""
    medis = await post.seat("medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.ring("medis-1", "leg-a", channel)
        await medis.established(2.0)
        await post.pbx.set_global("SIAGA_HB", "0")
        await hands.set(channel, FUSE, SHORT_FUSE)
        await hands.event("StasisEnd")
        await asyncio.sleep(TALK_S)
        await medis.hangup()
        await caller.closed(3.0)
        await post.empty()
    assert tone_present(medis.recording(), CITIZEN_HZ)
    assert tone_present(caller.recording(), OPERATOR_HZ)


async def test_an_operator_who_slips_when_joined_does_not_end_the_call(post: Post) -> None:
    """Within 3 s of being joined by the fuse a hang-up is no answer: another phone rings."""
    medis, damkar = await post.seat("medis-1"), await post.seat("damkar-1", hz=700.0)
    await post.on_duty("damkar", "damkar-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.set(channel, "SIAGA_SERVICE", "damkar")
        await hands.ring("medis-1", "leg-a", channel)
        await medis.established(2.0)
        await post.pbx.set_global("SIAGA_HB", "0")
        await hands.set(channel, FUSE, SHORT_FUSE)
        await hands.event("StasisEnd")
        await medis.hangup()
        await damkar.established(5.0)
        await caller.hangup()
        await damkar.closed(3.0)
        await post.empty()


@pytest.mark.parametrize("dead", [True, False], ids=["stale", "not yet stale"])
async def test_an_operator_who_hangs_up_on_a_dead_daemon_ends_the_call(
    post: Post, *, dead: bool
) -> None:
    """The caller is not left in a silent bridge, even if the heartbeat still looks fresh."""
    medis = await post.seat("medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.ring("medis-1", "leg-a", channel)
        await medis.established(2.0)
        await hands.join(channel, "leg-a")
        await post.pbx.set_global("SIAGA_HB", "0") if dead else await post.beat()
        await medis.hangup()
        await caller.closed(1.0 if dead else 7.0)
        await post.empty()


async def test_a_leg_that_ends_otherwise_brings_the_caller_to_another_phone(post: Post) -> None:
    """Any cause but 16 is no end of the call: the last resort rings who is on duty."""
    medis, damkar = await post.seat("medis-1"), await post.seat("damkar-1", hz=700.0)
    await post.on_duty("damkar", "damkar-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.set(channel, "SIAGA_SERVICE", "damkar")
        await hands.ring("medis-1", "leg-a", channel)
        await medis.established(2.0)
        await hands.join(channel, "leg-a")
        await post.pbx.set_global("SIAGA_HB", "0")
        await hands.do("DELETE", "channels/leg-a", reason_code="27")
        await damkar.established(2.0)
    await caller.hangup()


async def test_a_caller_who_leaves_frees_the_phone_that_rings(post: Post) -> None:
    """Nobody but the dialplan withdraws the ringing leg."""
    medis = await post.seat("medis-1", Ignore())
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.ring("medis-1", "leg-a", channel)
        await medis.offered(2.0)
        await caller.hangup()
        await medis.closed(1.0)
        await post.empty()


async def test_a_caller_who_leaves_the_talk_frees_the_operator(post: Post) -> None:
    """The operator is not left alone in the bridge of a dead daemon."""
    medis = await post.seat("medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.ring("medis-1", "leg-a", channel)
        await medis.established(2.0)
        await hands.join(channel, "leg-a")
        await asyncio.sleep(TALK_S)
        await caller.hangup()
        await medis.closed(1.0)
        await post.empty()
