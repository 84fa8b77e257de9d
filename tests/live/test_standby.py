"""Two daemons on one Asterisk: one serves, the other waits, and no caller notices which."""

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import assert_talk, dial_112, recorded

pytestmark = pytest.mark.live


async def test_calls_go_over_to_the_second_daemon_and_back(patient: System) -> None:
    """The first lets go of a talk, a waiting caller and a menu; it adopts them after the second."""
    medis = await patient.register("medis-1", Answer(0.1))
    damkar = await patient.register("damkar-1", Ignore())
    dishub = await patient.register("dishub-1", Answer(0.1))
    talking = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    ringing = await dial_112(patient, "2")
    await damkar.offered(5.0)
    in_menu = await dial_112(patient)
    await recorded(patient, "prompt", count=3)
    second = await patient.second_daemon()
    await recorded(patient, "standby")
    await recorded(patient, "adopted", count=3)
    status = await patient.daemon.status()
    assert (status["tasks"], status["calls"]) == ([], {})
    await in_menu.press("3")
    await recorded(patient, "bridged", count=2)
    damkar.behaviour = Answer(0.1)  # when the chain comes to this phone again
    await second.kill()
    await recorded(patient, "adopted", count=6, limit_s=10.0)
    await recorded(patient, "bridged", count=3, limit_s=20.0)
    await assert_talk(in_menu, dishub, (CALLER_TONE_HZ, dishub.tone_hz))
    await assert_talk(ringing, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    await assert_talk(talking, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert [len(phone.offers) for phone in (medis, dishub)] == [1, 1]
