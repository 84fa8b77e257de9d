"""Hunting on a real Asterisk: callers in turn, and a moment of peace after each talk."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sandbox.behaviour import Answer
from sandbox.system import System
from tests.live.centre import ON_DUTY, dial_112, quick_settings, recorded, records

pytestmark = pytest.mark.live

WRAP_UP_S = 4
LATE_S = 1.0
"""What a busy machine may add to a wrap-up."""


def hunting(folder: Path, **group: object) -> Path:
    """Quick settings in which sri and bayu are hunted for medical calls in this way."""
    quick_settings(folder, (*ON_DUTY, "bayu"))
    yaml = YAML()
    services = yaml.load(folder / "services.yaml")
    services["hunt_groups"]["medis"].update(group)
    yaml.dump(services, folder / "services.yaml")
    return folder


async def served(system: System, count: int) -> str:
    """The next medical caller is answered, and hangs up; who answered."""
    caller = await dial_112(system, "1")
    bridged = await recorded(system, "bridged", count, WRAP_UP_S + 5.0)
    await caller.hangup()
    await recorded(system, "ended", count)
    return str(bridged.detail["target"])


async def test_rrmemory_rings_operators_in_turn(tmp_path: Path) -> None:
    """Three callers one after the other: sri, bayu, sri; one phone rings for each."""
    settings = hunting(tmp_path / "settings", strategy="rrmemory")
    async with System(tmp_path, settings) as system:
        for seat in ("medis-1", "medis-2"):
            await system.register(seat, Answer(0.2))
        answered = [await served(system, count) for count in (1, 2, 3)]
        assert answered == ["person:sri", "person:bayu", "person:sri"]
        assert len(records(system, "offered")) == 3
        await system.empty()


async def test_the_wrap_up_ends_by_itself_and_rings_who_waits(tmp_path: Path) -> None:
    """The only operator is left in peace after a talk, and rung at the second in which it ends."""
    settings = hunting(tmp_path / "settings", wrap_up_s=WRAP_UP_S, busy_wait_s=WRAP_UP_S + 5)
    async with System(tmp_path, settings) as system:
        await system.register("medis-1", Answer(0.2))
        await served(system, 1)
        ended = await recorded(system, "ended")
        await served(system, 2)
        second = records(system, "offered")[-1]
        assert second.detail["target"] == "person:sri"
        waited_s = (second.at - ended.at).total_seconds()
        assert WRAP_UP_S - LATE_S < waited_s < WRAP_UP_S + LATE_S
        await system.empty()


async def test_who_speaks_the_callers_language_is_rung(tmp_path: Path) -> None:
    """Sri speaks English, and stands behind Bayu who does not; the one who presses 9 gets her."""
    settings = hunting(tmp_path / "settings", strategy="linear")
    yaml = YAML()
    operators = yaml.load(settings / "operators.yaml")
    operators["people"]["sri"]["penalty"] = 5
    yaml.dump(operators, settings / "operators.yaml")
    async with System(tmp_path, settings) as system:
        for seat in ("medis-1", "medis-2"):
            await system.register(seat, Answer(0.2))
        caller = await dial_112(system, "9")
        await caller.press("1")
        english = await recorded(system, "bridged")
        assert english.detail["target"] == "person:sri"
        assert records(system, "offered")[-1].because[-1].text == "speaks en"
        await caller.hangup()
        await recorded(system, "ended")
        assert await served(system, 2) == "person:bayu"
        await system.empty()
