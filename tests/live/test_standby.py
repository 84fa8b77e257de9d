"""Two daemons on one Asterisk: one serves, the other waits, and no caller notices which."""

import pytest

from sandbox.behaviour import Answer
from sandbox.system import System
from tests.live.centre import recorded
from tests.live.trio import trio

pytestmark = pytest.mark.live


async def test_calls_go_over_to_the_second_daemon_and_back(system: System) -> None:
    """The first lets go of a talk, a waiting caller and a menu; it adopts them after the second."""
    dishub = await system.register("dishub-1", Answer(0.1))
    three = await trio(system)
    second = await system.second_daemon()
    await recorded(system, "standby")
    await recorded(system, "adopted", count=3)
    status = await system.daemon.status()
    assert (status["tasks"], status["calls"]) == ([], {})
    await three.in_menu.press("3")
    await recorded(system, "bridged", count=2)
    three.damkar.behaviour = Answer(0.1)  # when the chain comes to this phone again
    await second.kill()
    await recorded(system, "adopted", count=6, limit_s=10.0)
    await recorded(system, "bridged", count=3, limit_s=20.0)
    await three.assert_talks(dishub)
    assert [len(phone.offers) for phone in (three.medis, dishub)] == [1, 1]
