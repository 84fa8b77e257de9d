"""A floor that has failed at something does not know it: all is learnt anew."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from routing.floor import Floor
from routing.moment import Moment
from routing.offer import FloorEvent, SeatChanged, SeatState
from siaga.conductor import DOUBT_EVERY_S, DOUBT_S
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer, Citizen
from switch.fake.phone import FakePhone
from tests.live.centre import quick_settings
from tests.simulation.act import Dials, Play

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDIS, NUMBER, OTHER = "siaga-medis-1", "081234567890", "081234567899"
OWN_CALL_S = 12.0
Fails = Callable[[FloorEvent], bool]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def break_floor(monkeypatch: pytest.MonkeyPatch, fails: Fails) -> None:
    """Steps of any floor raise before anything is changed, where that says so."""
    whole = Floor.step

    def step(floor: Floor, event: FloorEvent, *, at: Moment) -> Any:
        if fails(event):
            raise RuntimeError("this step was made to fail")
        return whole(floor, event, at=at)

    monkeypatch.setattr(Floor, "step", step)


def play(settings: Settings, script: Callable[[Simulation], Awaitable[None]]) -> None:
    """Runs a script; nothing may be left at its end."""

    async def whole() -> None:
        simulation = Simulation(settings, seed=1, start=START)
        await simulation.start()
        await script(simulation)
        await asyncio.sleep(15.0)
        assert simulation.left() == []
        await simulation.stop()

    with capture_logs():
        run(whole())


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits at the phone, and has a call of their own."""

    simulation: Simulation
    phone: FakePhone

    def phone_at(self, _seat: str) -> FakePhone:
        """The only one."""
        return self.phone


def times_begun(simulation: Simulation) -> int:
    """How often all was let go of."""
    return simulation.centre.conductor._times_let_go


def test_a_phone_whose_state_was_lost_is_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in use, and the floor failed when it was told so: no second call comes to it."""
    failed: list[FloorEvent] = []

    def fails(event: FloorEvent) -> bool:
        is_it = event == SeatChanged(MEDIS, SeatState.BUSY) and not failed
        if is_it:
            failed.append(event)
        return is_it

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(0.5))
        break_floor(monkeypatch, fails)
        own = asyncio.create_task(
            Dials(0.0, MEDIS, OWN_CALL_S).perform(cast("Play", Sitter(simulation, phone)))
        )
        await asyncio.sleep(DOUBT_S + 1.0)
        assert failed
        assert times_begun(simulation) == 1
        caller = simulation.asterisk.caller(NUMBER, citizen=Citizen(keys=((0.5, "1"),), talk_s=5.0))
        caller.call("112")
        await asyncio.sleep(5.0)
        assert not own.done()
        assert phone.offers == []
        await own
        await caller.closed(600.0)
        assert caller.calls[0].talked

    play(settings, script)


def test_calls_go_on_where_they_are(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A talk is not cut, and who waits keeps the place."""
    armed: list[bool] = []

    def fails(event: FloorEvent) -> bool:
        return isinstance(event, SeatChanged) and bool(armed) and armed.pop()

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(0.5))
        break_floor(monkeypatch, fails)
        citizens = [Citizen(keys=((0.5, "1"),), talk_s=talk_s) for talk_s in (20.0, 5.0)]
        callers = [
            simulation.asterisk.caller(number, citizen=citizen)
            for number, citizen in zip((NUMBER, OTHER), citizens, strict=True)
        ]
        for caller in callers:
            caller.call("112")
            await asyncio.sleep(3.0)
        assert phone.talking
        armed.append(True)
        simulation.asterisk.register("siaga-damkar-1", Answer(0.5))
        await asyncio.sleep(DOUBT_S + 1.0)
        assert times_begun(simulation) == 1
        assert phone.talking
        for caller in callers:
            await caller.closed(600.0)
        assert [len(caller.calls[0].talks) for caller in callers] == [1, 1]
        adopted = [r.detail["stage"] for r in simulation.records if r.what == "adopted"]
        assert sorted(adopted) == ["talking", "waiting"]

    play(settings, script)


def test_a_floor_that_always_fails_is_not_begun_anew_all_the_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once in ten seconds at most."""

    async def script(simulation: Simulation) -> None:
        phones = ("siaga-medis-1", "siaga-damkar-1")
        with monkeypatch.context() as broken:
            break_floor(broken, lambda event: isinstance(event, SeatChanged))
            for number in range(60):
                simulation.asterisk.register(phones[number % 2], Answer(0.5))
                simulation.asterisk.unregister(phones[number % 2])
                await asyncio.sleep(0.5)
        assert 2 <= times_begun(simulation) <= 30.0 / DOUBT_EVERY_S + 1
        await asyncio.sleep(2 * DOUBT_EVERY_S)
        assert not simulation.centre.conductor.is_blind

    play(settings, script)
