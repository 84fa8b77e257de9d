"""Phones that do not work are told when they stay away, and at once when they are back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

import pytest

from routing.offer import SeatState
from routing.reach import Unreached
from routing.service import ServiceId
from siaga.reach import SETTLE_S, Reach
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from tests.live.centre import ON_DUTY, quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDIS = ServiceId("medis")
PHONE, POST = "siaga-medis-1", "siaga-pos"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def play(
    settings: Settings, script: Callable[[Simulation, list[Unreached]], Awaitable[None]]
) -> None:
    """A centre whose phones all work, and what is told of them."""

    async def whole() -> None:
        simulation, told = Simulation(settings, seed=1, start=START), list[Unreached]()
        for endpoint in endpoints(settings):
            simulation.asterisk.register(endpoint)
        await simulation.start()
        reach = Reach(simulation.centre.conductor, simulation.clock, told.append)
        running = asyncio.create_task(reach.run())
        reach.refresh()
        await asyncio.sleep(2 * SETTLE_S)
        assert told == [Unreached()]
        await script(simulation, told)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await simulation.stop()

    run(whole())


def endpoints(settings: Settings) -> Iterator[str]:
    """The phones of who is on duty, and the post's."""
    for seat in settings.operators.seats.values():
        if seat.person in ON_DUTY or seat.endpoint == POST:
            yield seat.endpoint


def test_phones_that_are_off_are_told_and_told_again_when_they_work(settings: Settings) -> None:
    """The operator's, and the post's."""

    async def script(simulation: Simulation, told: list[Unreached]) -> None:
        simulation.asterisk.unregister(PHONE)
        simulation.asterisk.unregister(POST)
        await asyncio.sleep(SETTLE_S - 1.0)
        assert told[1:] == []
        await asyncio.sleep(SETTLE_S + 2.0)
        assert (told[-1].services, told[-1].post) == ((MEDIS,), "pos")
        simulation.asterisk.register(PHONE)
        simulation.asterisk.register(POST)
        await asyncio.sleep(1.0)
        assert told[-1] == Unreached()

    play(settings, script)


def test_a_phone_that_registers_again_is_no_fault(settings: Settings) -> None:
    """Nor is one that flaps."""

    async def script(simulation: Simulation, told: list[Unreached]) -> None:
        for _ in range(100):
            simulation.asterisk.unregister(PHONE)
            await asyncio.sleep(0.1)
            simulation.asterisk.register(PHONE)
            await asyncio.sleep(0.1)
        await asyncio.sleep(2 * SETTLE_S)
        assert set(told) == {Unreached()}

    play(settings, script)


def test_nothing_is_told_of_phones_while_asterisk_is_away(settings: Settings) -> None:
    """What is not known is no fault, and what was told stays."""

    async def script(simulation: Simulation, told: list[Unreached]) -> None:
        simulation.asterisk.unregister(PHONE)
        await asyncio.sleep(3 * SETTLE_S)
        assert told[-1].services == (MEDIS,)
        before = len(told)
        simulation.asterisk.crash()
        simulation.centre.conductor.on_seat(POST, SeatState.UNREACHABLE)
        await asyncio.sleep(3 * SETTLE_S)
        assert len(told) == before
        simulation.asterisk.boot()
        await asyncio.sleep(1.0)
        for endpoint in endpoints(settings):
            simulation.asterisk.register(endpoint)
        await asyncio.sleep(3 * SETTLE_S)
        assert told[-1] == Unreached()

    play(settings, script)
