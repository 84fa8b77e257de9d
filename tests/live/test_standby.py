"""Two daemons on one Asterisk: one serves, the other waits, and no caller notices which."""

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import assert_talk, dial_112, recorded

pytestmark = pytest.mark.live


async def test_calls_go_over_to_the_second_daemon_and_back(system: System) -> None:
    """The first lets go of a talk, a waiting caller and a menu; it adopts them after the second."""
    medis = await system.register("medis-1", Answer(0.1))
    damkar = await system.register("damkar-1", Ignore())
    dishub = await system.register("dishub-1", Answer(0.1))
    talking = await dial_112(system, "1")
    await recorded(system, "bridged")
    ringing = await dial_112(system, "2")
    await damkar.offered(5.0)
    in_menu = await dial_112(system)
    await recorded(system, "prompt", count=3)
    second = await system.second_daemon()
    await recorded(system, "standby")
    await recorded(system, "adopted", count=3)
    status = await system.daemon.status()
    assert (status["tasks"], status["calls"]) == ([], {})
    await in_menu.press("3")
    await recorded(system, "bridged", count=2)
    damkar.behaviour = Answer(0.1)  # when the chain comes to this phone again
    await second.kill()
    await recorded(system, "adopted", count=6, limit_s=10.0)
    await recorded(system, "bridged", count=3, limit_s=20.0)
    await assert_talk(in_menu, dishub, (CALLER_TONE_HZ, dishub.tone_hz))
    await assert_talk(ringing, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    await assert_talk(talking, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert [len(phone.offers) for phone in (medis, dishub)] == [1, 1]
