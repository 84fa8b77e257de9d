"""Two daemons on one Asterisk: one serves, the other waits, and no caller notices which."""

import pytest

from sandbox.behaviour import Answer
from sandbox.system import System
from tests.live.centre import recorded
from tests.live.trio import trio

pytestmark = pytest.mark.live


async def test_calls_go_over_to_the_second_daemon_and_back(patient: System) -> None:
    """The first lets go of a talk, a waiting caller and a menu; it adopts them after the second."""
    dishub = await patient.register("dishub-1", Answer(0.1))
    three = await trio(patient)
    second = await patient.second_daemon()
    await recorded(patient, "standby")
    await recorded(patient, "adopted", count=3)
    status = await patient.daemon.status()
    assert (status["tasks"], status["calls"]) == ([], {})
    await three.in_menu.press("3")
    await recorded(patient, "bridged", count=2)
    await second.kill()
    await recorded(patient, "adopted", count=6, limit_s=10.0)
    await three.damkar.accept()
    await recorded(patient, "bridged", count=3)
    await three.assert_talks(dishub)
    assert [len(phone.offers) for phone in (three.medis, three.damkar, dishub)] == [1, 1, 1]
