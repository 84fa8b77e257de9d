"""Who is told of another centre is hung up on by a living daemon only, and evidence decides it."""

import asyncio

import pytest

from siaga.settings import Settings, load
from siaga.simulation import Simulation
from switch.fake.behaviour import Answer, Citizen
from switch.fake.phone import FakeCaller
from tests.live.centre import DISMISSED, GEDONG_TATAAN, MOBILE, quick_settings
from tests.siaga.test_simulation import MEDIS, over, play, whats

ELSEWHERE = 'GML:shape="Circle",crs="2d",pos="-5.42 105.09",radius="500"'
"""In the boundary of the neighbour whose callers are hung up on."""
TELLING_S = 2.0
"""In the middle of the announcement."""
HEARD_S = 0.1
"""From a channel's end until the daemon has heard of it."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times, and a neighbour whose callers are hung up on."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def dismissed(simulation: Simulation) -> FakeCaller:
    """A citizen who is told so from now on."""
    caller = simulation.asterisk.caller(MOBILE, "telkom", Citizen(talk_s=5.0))
    caller.call(DISMISSED)
    return caller


def heard(simulation: Simulation) -> list[str]:
    """The prompts before anybody is rung."""
    return [r.detail["prompts"] for r in simulation.records if r.what == "prompt"]


def test_a_living_daemon_hangs_up_after_the_announcement(settings: Settings) -> None:
    """Nobody is rung, and the record has the verdict's reasons."""

    async def script(simulation: Simulation) -> None:
        operator = simulation.asterisk.register(MEDIS, Answer(1.0))
        await dismissed(simulation).closed(30.0)
        await asyncio.sleep(HEARD_S)
        assert operator.offers == []
        (record,) = [r for r in simulation.records if r.what == "dismissed"]
        assert DISMISSED in record.because[0].text

    play(settings, script)


@pytest.mark.parametrize("seed", range(5))
def test_a_daemon_that_dies_meanwhile_leaves_the_caller_to_the_last_resort(
    settings: Settings, seed: int
) -> None:
    """The fuse burns, and the dialplan serves everybody."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = dismissed(simulation)
        await asyncio.sleep(TELLING_S)
        await simulation.kill()
        await over(caller)
        await simulation.start()
        assert "dismissed" not in whats(simulation)

    play(settings, script, seed)


@pytest.mark.parametrize("seed", range(5))
def test_a_daemon_that_is_back_in_time_serves_the_caller(settings: Settings, seed: int) -> None:
    """What was announced before is not known any more: the caller is served."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = dismissed(simulation)
        await asyncio.sleep(TELLING_S)
        await simulation.kill()
        await simulation.start()
        await over(caller)
        assert "dismissed" not in whats(simulation)

    play(settings, script, seed)


def test_a_location_is_enough_to_hang_up(settings: Settings) -> None:
    """It was handed over with the call, and lies in that neighbour's boundary."""

    async def script(simulation: Simulation) -> None:
        caller = simulation.asterisk.caller(MOBILE)
        caller.location = ELSEWHERE
        caller.call("112")
        await caller.closed(30.0)
        assert heard(simulation) == ["zone_hang_up"]

    play(settings, script)


def test_a_number_alone_is_not(settings: Settings) -> None:
    """The caller is told where the call has come to, and served."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = simulation.asterisk.caller(GEDONG_TATAAN, citizen=Citizen(talk_s=5.0))
        caller.call("112")
        await over(caller)
        assert heard(simulation) == ["zone_announce+menu"]

    play(settings, script)


def test_evidence_is_handed_over_within_the_dialplans_limits(settings: Settings) -> None:
    """The fake does what siaga-evidence does: whole texts, and of headers the first four."""

    async def told(location: str, *access: str) -> tuple[str, str]:
        caller = simulation_of.asterisk.caller(MOBILE, citizen=Citizen(patience_s=1.0))
        caller.location, caller.access = location, access
        caller.call("112")
        await caller.closed(10.0)
        await asyncio.sleep(1.0)
        detail = [r for r in simulation_of.records if r.what == "arrived"][-1].detail
        return detail.get("location", ""), detail.get("access", "")

    simulation_of: Simulation

    async def script(simulation: Simulation) -> None:
        nonlocal simulation_of
        simulation_of = simulation
        assert await told("", *"abcde") == ("", "a, b, c, d")
        assert await told("GML:x", "a") == ("GML:x", "a")
        longest = "GML:" + "x" * 1_496
        assert await told(longest) == (longest, "")
        assert await told(longest + "x") == ("", "")
        assert await told("GML:" + "x" * 60_000, "a") == ("", "a")
        assert await told("", "a" * 1_496) == ("", "a" * 1_496)
        assert await told("", "a" * 1_497) == ("", "")
        assert await told("GML:x", "a" * 1_501) == ("GML:x", "")
        assert await told("", "a" * 1_000, "b" * 1_000) == ("", "")

    play(settings, script)
