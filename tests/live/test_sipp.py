"""SIPp's callers and operators get through a real Asterisk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox import scenario
from sandbox.asterisk import AsteriskServer
from sandbox.audio import write_tone
from sandbox.mark import latencies
from sandbox.sipp import SippError, SippOperators, place_calls
from sandbox.toolbox import open_toolbox

pytestmark = pytest.mark.live

SEATS = ("siaga-medis-1", "siaga-medis-2")
NUMBERS = ("081200000001", "081200000002")
MENU_HZ = 1000
LIMIT_S = 20.0


@pytest.fixture
async def asterisk(tmp_path: Path) -> AsyncIterator[AsteriskServer]:
    """An Asterisk without a daemon: 112 is served by the last resort."""
    sounds = tmp_path / "sounds"
    (sounds / "id").mkdir(parents=True)
    write_tone(sounds / "id" / "cadangan_menu.wav", MENU_HZ, 2.0)
    async with AsteriskServer(open_toolbox(), tmp_path / "pbx", sounds) as server:
        await server.set_global("SIAGA_DUTY_medis", "&".join(f"PJSIP/{seat}" for seat in SEATS))
        yield server


def operators(asterisk: AsteriskServer, folder: Path, text: str) -> SippOperators:
    """Operators at all seats, not started."""
    return SippOperators(
        open_toolbox(),
        folder / "operators",
        server=(asterisk.sip_host, asterisk.sip_port),
        passwords={seat: asterisk.password_of(seat) for seat in SEATS},
        text=text,
    )


async def test_callers_press_a_key_and_are_answered(
    asterisk: AsteriskServer, tmp_path: Path
) -> None:
    """Each caller's key rings the operators, one answers, the other offer is withdrawn."""
    async with operators(asterisk, tmp_path, scenario.operator(ring_s=0.2)) as post:
        outcome = await place_calls(
            open_toolbox(),
            tmp_path / "callers",
            trunk_ip="127.0.0.11",
            server=(asterisk.sip_host, asterisk.sip_port),
            numbers=NUMBERS,
            text=scenario.caller("112", digit="1", press_after_s=0.2, talk_s=0.6),
            rate_per_s=0.8,
            limit_s=LIMIT_S,
        )
        assert (outcome.succeeded, outcome.failed) == (2, 0)
        waits = latencies("press", outcome.marks, "offer", post.marks)
        assert len(waits) == len(NUMBERS)
        assert all(0 < wait < scenario.KEY_S + 0.5 for wait in waits), waits
        kinds = [mark.kind for mark in post.marks]
        assert kinds.count("offer") == 4
        assert kinds.count("answer") >= 2


async def test_a_code_that_no_softphone_sends(asterisk: AsteriskServer, tmp_path: Path) -> None:
    """An operator can decline with 603, and the last resort goes on ringing."""
    async with operators(asterisk, tmp_path, scenario.operator(code=603)) as post:
        outcome = await place_calls(
            open_toolbox(),
            tmp_path / "callers",
            trunk_ip="127.0.0.11",
            server=(asterisk.sip_host, asterisk.sip_port),
            numbers=NUMBERS[:1],
            text=scenario.caller("112", digit="1", talk_s=1.0),
            rate_per_s=1,
            limit_s=LIMIT_S,
        )
        assert outcome.succeeded == 1
        assert "answer" not in [mark.kind for mark in post.marks]
        assert [mark.kind for mark in post.marks].count("offer") >= 2


async def test_a_seat_with_a_wrong_password_is_told(
    asterisk: AsteriskServer, tmp_path: Path
) -> None:
    """A seat that cannot register is an error before anything is measured."""
    post = SippOperators(
        open_toolbox(),
        tmp_path / "operators",
        server=(asterisk.sip_host, asterisk.sip_port),
        passwords={SEATS[0]: "wrong"},
        text=scenario.operator(),
    )
    with pytest.raises(SippError, match="could not register"):
        await post.__aenter__()
