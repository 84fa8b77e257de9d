"""What is told of operators, queue, alarms and daemon is true, as described, and told once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from routing.offer import Paused
from routing.operator import PersonId
from siaga.alarm import Alarm, Alarms
from siaga.bulletin import APART_S, LOOK_S, Bulletin
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer, Citizen, Ignore
from tests.journal import asyncapi
from tests.live.centre import ON_DUTY, quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDIS = "siaga-medis-1"
SOON_S = 2 * APART_S


class Scene:
    """A centre in memory, and what is told of it.

    Attributes:
        states: What is retained now.
        told: How often something was.
        history: What one operator has done, in order.
    """

    def __init__(self, settings: Settings, start: datetime) -> None:
        self.states: dict[str, Any] = {}
        self.told = 0
        self.history: list[str] = []
        self.simulation = Simulation(settings, seed=1, start=start)

    async def start(self) -> None:
        """The centre begins, and is told of."""
        await self.simulation.start()
        centre, clock = self.simulation.centre, self.simulation.clock
        self.alarms = Alarms(centre.conductor.note, clock, {}, lambda: None)
        self.bulletin = Bulletin(
            centre,
            alarms=self.alarms,
            clock=clock,
            fault=lambda: centre.fault,
            show=self._show,
        )

    def _show(self, states: Mapping[str, bytes | None]) -> None:
        self.told += bool(states)
        for tail, payload in states.items():
            assert asyncapi.faults(f"siaga112/{tail}", payload or b"") == []
            self.states[tail] = None if payload is None else msgspec.json.decode(payload)
        if self.history[-1:] != [self.doing()]:
            self.history.append(self.doing())

    def doing(self, person: str = "sri") -> str:
        """What is told of an operator."""
        return str(self.states[f"state/operator/{person}"]["doing"])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times; `sri` alone answers medical calls."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own", ON_DUTY))


def play(
    settings: Settings, script: Callable[[Scene], Awaitable[None]], start: datetime = START
) -> Scene:
    """Runs a script while what is now is told."""

    async def whole() -> Scene:
        scene = Scene(settings, start)
        await scene.start()
        telling = asyncio.create_task(scene.bulletin.run())
        await script(scene)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await scene.simulation.stop()
        return scene

    return run(whole())


def test_an_operator_goes_from_ready_over_a_call_to_ready(settings: Settings) -> None:
    """With the call's id meanwhile; and a pause is told."""

    async def script(scene: Scene) -> None:
        await asyncio.sleep(SOON_S)
        assert scene.doing() == "unreachable"
        scene.simulation.asterisk.register(MEDIS, Answer(2.0))
        await asyncio.sleep(LOOK_S + SOON_S)
        assert scene.doing() == "ready"
        caller = scene.simulation.asterisk.caller("0812345678", citizen=Citizen(((0.2, "1"),)))
        call = caller.call("112")
        await asyncio.sleep(2)
        state = scene.states["state/operator/sri"]
        assert state["doing"] == "in_call"
        assert state["call"] == call.channel
        assert state["shift"]
        await asyncio.sleep(5)
        caller.end(call)
        await asyncio.sleep(3 * LOOK_S)
        assert scene.history[-2:] == ["in_call", "ready"]
        scene.simulation.centre.conductor.tell_floor(Paused(PersonId("sri")))
        await asyncio.sleep(SOON_S)
        assert scene.doing() == "paused"

    scene = play(settings, script)
    off_duty = {each["person"] for each in scene.states.values() if each.get("doing") == "off_duty"}
    assert off_duty
    assert "sri" not in off_duty


def test_who_waits_is_told_and_no_number(settings: Settings) -> None:
    """By service, the next to be served first, and gone when they are gone."""

    async def script(scene: Scene) -> None:
        scene.simulation.asterisk.register(MEDIS, Ignore())
        await asyncio.sleep(SOON_S)
        assert scene.states["state/queue"]["waiting"] == 0
        caller = scene.simulation.asterisk.caller("081234567890", citizen=Citizen(((0.2, "1"),)))
        call = caller.call("112")
        await asyncio.sleep(3)
        queue = scene.states["state/queue"]
        assert (queue["waiting"], queue["services"]) == (1, {"medis": 1})
        assert queue["callers"][0]["call"] == call.channel
        assert queue["oldest"] == queue["callers"][0]["since"]
        assert "081234567890" not in str(scene.states)
        caller.end(call)
        await asyncio.sleep(SOON_S)
        assert scene.states["state/queue"]["waiting"] == 0

    play(settings, script)


def test_alarms_and_the_daemon_itself_are_told(settings: Settings) -> None:
    """What stands, and whether callers are served."""

    async def script(scene: Scene) -> None:
        await asyncio.sleep(SOON_S)
        assert scene.states["state/daemon"]["online"] is True
        assert scene.states["state/daemon"]["ready"] is True
        scene.alarms.sound(Alarm("prompts_missing", "why", "do"))
        await asyncio.sleep(SOON_S)
        (alarm,) = scene.states["state/alarms"]["alarms"]
        assert (alarm["alarm"], alarm["why"], alarm["do"]) == ("prompts_missing", "why", "do")
        scene.alarms.end("prompts_missing")
        scene.simulation.asterisk.cut()
        await asyncio.sleep(LOOK_S + SOON_S)
        assert scene.states["state/alarms"]["alarms"] == []

    play(settings, script)


def test_what_is_as_before_is_not_told_again(settings: Settings) -> None:
    """A night without calls says nothing."""

    async def script(_scene: Scene) -> None:
        await asyncio.sleep(10 * LOOK_S)

    assert play(settings, script).told <= 2


def test_a_turn_of_duty_that_ends_is_told_by_the_clock_alone(settings: Settings) -> None:
    """Nothing has to happen."""

    async def script(scene: Scene) -> None:
        await asyncio.sleep(SOON_S)
        until = datetime.fromisoformat(scene.states["state/operator/sri"]["until"])
        left = until - scene.simulation.clock.now().wall
        assert timedelta() < left < timedelta(seconds=30)
        await asyncio.sleep(left.total_seconds() + LOOK_S + SOON_S)
        assert datetime.fromisoformat(scene.states["state/operator/sri"]["until"]) > until

    roster = settings.plan().roster
    (end,) = (duty.end for duty in roster.on_duty(START) if duty.person == "sri")
    play(settings, script, end - timedelta(seconds=20))
