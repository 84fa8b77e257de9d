"""The dialplan serves callers by itself when the daemon cannot."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from sandbox.audio import tone_present
from sandbox.behaviour import Answer, Decline, Ignore
from sandbox.site import TRUNK_ADDRESS
from siaga.dialplan import render_duty
from tests.live.post import (
    CITIZEN,
    CITIZEN_HZ,
    OPERATOR_HZ,
    PROMPT_HZ,
    PROMPT_S,
    TALK_S,
    Post,
    make_sounds,
    open_hands,
    open_post,
)

pytestmark = pytest.mark.live

RINGBACK_HZ = 425.0
"""siaga-indications.conf; the caller hears it while the callee outside is asked for a 1."""


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A post with all prompts of the last resort."""
    async with open_post(tmp_path, make_sounds(tmp_path / "sounds")) as post:
        yield post
    assert post.pbx.complaints() == []


async def test_the_key_rings_the_operator_on_duty_and_both_hear_each_other(post: Post) -> None:
    """Without a daemon: menu, key 1, the on-duty phone with `112 CADANGAN`, a talk, its end."""
    medis, damkar = await post.seat("medis-1"), await post.seat("damkar-1", hz=700.0)
    await post.on_duty("medis", "medis-1")
    caller = await post.citizen()
    await caller.dial("112")
    await caller.established(3.0)
    await caller.press("1")
    offer = await medis.offered(5.0)
    assert (offer.name, offer.number) == ("112 CADANGAN", CITIZEN)
    await medis.established(3.0)
    await asyncio.sleep(TALK_S)
    await medis.hangup()
    await caller.closed(3.0)
    await post.empty()
    assert damkar.offers == []
    assert tone_present(medis.recording(), CITIZEN_HZ)
    assert tone_present(caller.recording(), OPERATOR_HZ)


async def test_a_silent_caller_hears_the_menu_and_rings_whom_the_rendered_row_names(
    post: Post,
) -> None:
    """No key is the default hunt group; without a global, the row of this second counts."""
    satpol, dishub = await post.seat("satpol-1"), await post.seat("dishub-1", hz=700.0)
    now = int(time.time())
    rows = [(now - 1, ["siaga-dishub-1"]), (now + 600, ["siaga-satpol-1"]), (now + 900, [])]
    text = render_duty({"umum": rows}, datetime.fromtimestamp(now, UTC))
    await asyncio.to_thread(post.pbx.write_duty, text)
    await post.pbx.cli("dialplan reload")
    caller = await post.citizen()
    await caller.dial("112")
    await satpol.established(8.0)
    await caller.hangup()
    await satpol.closed(3.0)
    await post.empty()
    assert dishub.offers == []
    assert tone_present(caller.recording(), PROMPT_HZ["cadangan_menu"], 0.4)


@pytest.mark.parametrize("beat", ["", "0", "soon", "-1", "1e99", "stale", "future"])
async def test_a_heartbeat_that_is_not_of_now_keeps_the_caller_out_of_stasis(
    post: Post, beat: str
) -> None:
    """Empty, garbage, old or ahead of time: the phone rings although an application listens."""
    shift = {"stale": -5, "future": 5}.get(beat)
    value = beat if shift is None else str(int(time.time()) + shift)
    await post.pbx.set_global("SIAGA_HB", value)
    medis = await post.seat("medis-1")
    await post.on_duty("umum", "medis-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await caller.dial("112")
        await caller.established(3.0)
        await caller.press("0")
        await medis.established(3.0)
        with pytest.raises(TimeoutError):
            await hands.started(0.1)
    await caller.hangup()


@pytest.mark.parametrize("duty", ["", "&&", "garbage", "PJSIP/", "PJSIP/nobody", "a,b(c)&Foo/bar"])
async def test_a_spoilt_duty_list_costs_nothing(post: Post, duty: str) -> None:
    """Whatever the global holds, every operator of the post is rung next."""
    await post.pbx.set_global("SIAGA_DUTY_lalin", duty)
    dishub = await post.seat("dishub-2")
    caller = await post.citizen("seluler")
    await caller.dial("0725112")
    await caller.established(3.0)
    await caller.press("3")
    await dishub.established(5.0)
    await caller.hangup()


async def test_nobody_free_ends_at_the_posts_phone(post: Post) -> None:
    """Who declines is followed by the post's phone; who talks already is not rung."""
    medis = await post.seat("medis-1", Decline())
    damkar = await post.seat("damkar-1", hz=700.0)
    pos = await post.seat("pos", hz=800.0)
    await post.on_duty("medis", "medis-1", "damkar-1")
    first, second = await post.citizen(), await post.citizen("seluler")
    await first.dial("112")
    await first.established(3.0)
    await first.press("1")
    await damkar.established(5.0)
    await second.dial("112")
    await second.established(3.0)
    await second.press("1")
    await pos.established(8.0)
    assert len(damkar.offers) == 1
    assert len(medis.offers) >= 2
    await first.hangup()
    await second.hangup()


async def test_nobody_registered_ends_at_the_number_outside_when_it_presses_1(post: Post) -> None:
    """The callee outside hears the announcement and talks after pressing 1."""
    doctor = await post.outside(Answer())
    caller = await post.citizen()
    await caller.dial("112")
    await doctor.established(10.0)
    await asyncio.sleep(0.3)  # into the announcement
    await doctor.send_dtmf("1")
    await asyncio.sleep(1.5)  # they talk
    await doctor.hangup()
    await caller.closed(3.0)
    assert tone_present(doctor.recording(), PROMPT_HZ["outside_confirm"], 0.2)
    assert tone_present(doctor.recording(), CITIZEN_HZ)
    assert tone_present(caller.recording(), OPERATOR_HZ)


class OutOfService(asyncio.DatagramProtocol):
    """A carrier that answers every request with 503."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way to answer."""
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Refuses an INVITE; other requests need no answer."""
        if data.startswith(b"INVITE"):
            copied = (b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:")
            lines = [line for line in data.split(b"\r\n") if line.startswith(copied)]
            reply = [b"SIP/2.0 503 Service Unavailable", *lines, b"Content-Length: 0", b"", b""]
            self.transport.sendto(b"\r\n".join(reply), addr)


async def test_a_trunk_out_of_service_leaves_the_number_outside_to_the_other(post: Post) -> None:
    """The same number is dialled by the other trunk at once."""
    doctor = await post.outside(Ignore(), trunk="telkom")
    loop = asyncio.get_running_loop()
    address = (TRUNK_ADDRESS["seluler"], post.pbx.trunk_port)
    carrier, _ = await loop.create_datagram_endpoint(OutOfService, local_addr=address)
    with closing(carrier):
        caller = await post.citizen("seluler")
        await caller.dial("112")
        await doctor.offered(8.0)
        await caller.hangup()


async def test_a_caller_who_gives_up_frees_the_number_outside(post: Post) -> None:
    """The announcement is not repeated to somebody for whom nobody waits any more."""
    doctor = await post.outside(Answer())
    caller = await post.citizen()
    await caller.dial("112")
    await doctor.established(8.0)
    await caller.hangup()
    await doctor.closed(PROMPT_S + 4.0)


async def test_a_voicemail_outside_is_no_human_and_the_round_begins_again(post: Post) -> None:
    """Without a 1 the callee is let go, the caller hears the apology, and phones ring again."""
    voicemail = await post.outside(Answer())
    caller = await post.citizen()
    await caller.dial("112")
    await voicemail.offered(10.0)
    await voicemail.closed(20.0)
    voicemail.behaviour = Ignore()
    medis = await post.seat("medis-1")
    await medis.established(8.0)
    await caller.hangup()
    await medis.closed(3.0)
    assert tone_present(caller.recording(), PROMPT_HZ["maaf"], 0.4)
    assert tone_present(caller.recording(), RINGBACK_HZ, 0.9)
    assert not tone_present(caller.recording(), OPERATOR_HZ, 3.0)


async def test_a_caller_who_gives_up_leaves_no_phone_ringing(post: Post) -> None:
    """The ringing phone is freed and no channel is left."""
    medis = await post.seat("medis-1", Ignore())
    await post.on_duty("umum", "medis-1")
    caller = await post.citizen()
    await caller.dial("112")
    await medis.offered(8.0)
    await caller.hangup()
    await medis.closed(1.0)
    await post.empty()


async def test_an_operators_phone_that_dies_in_the_talk_brings_the_caller_to_another(
    post: Post,
) -> None:
    """No audio for `rtp_timeout` seconds is no normal end: the next phone rings."""
    medis = await post.seat("medis-1")
    await post.on_duty("umum", "medis-1")
    caller = await post.citizen()
    await caller.dial("112")
    await medis.established(8.0)
    damkar = await post.seat("damkar-1", hz=700.0)
    await asyncio.sleep(TALK_S)
    await medis.kill()
    await damkar.established(15.0)
    await caller.hangup()


async def test_a_daemon_that_lives_again_gets_the_caller_back(post: Post) -> None:
    """Between two steps a fresh heartbeat leads into Stasis, with the service that was chosen."""
    decliner = await post.seat("medis-1", Decline(1.0))
    await post.on_duty("medis", "medis-1")
    caller = await post.citizen()
    await caller.dial("112")
    await caller.established(3.0)
    await caller.press("1")
    await decliner.offered(5.0)
    async with open_hands(post) as hands:
        await post.beat()
        channel, args = await hands.started(5.0)
        assert args == ["handback", "medis"]
        await hands.do("DELETE", f"channels/{channel}")
    await caller.closed(3.0)


async def test_who_has_chosen_already_hears_no_menu(post: Post) -> None:
    """The daemon's `continue` with SIAGA_SERVICE set rings at once."""
    damkar = await post.seat("damkar-1")
    await post.on_duty("damkar", "damkar-1")
    caller = await post.citizen()
    async with open_hands(post) as hands:
        await post.beat()
        channel = await hands.answer(caller)
        await hands.set(channel, "SIAGA_SERVICE", "damkar")
        await post.pbx.set_global("SIAGA_HB", "0")
        await hands.do("POST", f"channels/{channel}/continue", context="siaga-last-resort")
        await damkar.established(1.0)
    await caller.hangup()
    await damkar.closed(3.0)
    assert not tone_present(caller.recording(), PROMPT_HZ["cadangan_menu"], 0.2)


RACE = """
[race]
; All begin in the same millisecond, at the second RACE_AT.
exten => s,1,Answer()
 same => n,Set(SIAGA_SERVICE=medis)
 same => n(wait),Wait(0.005)
 same => n,GotoIf($[${EPOCH} < ${RACE_AT}]?wait)
 same => n,Goto(siaga-last-resort,s,1)
exten => hold,1,Wait(60)
"""
RACERS, ROUNDS = 6, 4


async def test_callers_of_the_same_instant_never_ring_one_phone_together(post: Post) -> None:
    """One of them rings it; the others go on along the chain, and find it in use."""
    extensions = post.pbx.workdir / "etc" / "extensions.conf"
    extensions.write_text(extensions.read_text() + RACE)
    await post.pbx.cli("dialplan reload")
    medis = await post.seat("medis-1", Ignore())
    await post.on_duty("medis", "medis-1")
    rung = []
    async with open_hands(post) as hands:
        for _ in range(ROUNDS):
            before = len(medis.offers)
            await post.pbx.set_global("RACE_AT", str(int(time.time()) + 2))
            start = {"endpoint": "Local/s@race/n", "context": "race", "extension": "hold"}
            await asyncio.gather(*(hands.do("POST", "channels", **start) for _ in range(RACERS)))
            await medis.offered(5.0)
            await asyncio.sleep(1.0)  # all others have looked at the phone meanwhile
            rung.append(len(medis.offers) - before)
            for _ in range(rung[-1] - 1):
                await medis.offered(0.1)
            await post.pbx.cli("channel request hangup all")
            await medis.closed(3.0)
            await post.empty()
    assert rung == [1] * ROUNDS


async def test_missing_sounds_cost_nothing_but_the_sound(tmp_path: Path) -> None:
    """With no prompt at all the caller rings the post, and the number outside is connected."""
    async with open_post(tmp_path, None) as post:
        doctor = await post.outside(Answer())
        caller = await post.citizen()
        await caller.dial("112")
        await doctor.established(5.0)
        await asyncio.sleep(1.0)  # they talk
        await doctor.hangup()
        medis = await post.seat("medis-1")
        await medis.established(8.0)
        await caller.hangup()
    assert tone_present(doctor.recording(), CITIZEN_HZ)
    assert all("siaga/id/" in line for line in post.pbx.complaints())
