"""What Asterisk alone has seen is recorded once, with its own time, and beside no living call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from journal.kind import faults
from journal.post import Belated, Untold
from routing.note import CallId, Note
from siaga.afterword import Afterword
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from tests.live.centre import quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BEFORE = START.timestamp() - 600.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro's."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "config"))


def untold(endpoint: str = "siaga-medis-1", number: str = "", call: str = "c.0") -> Untold:
    """A call that was served while no daemon was there."""
    arrived = {"trunk": "seluler", "did": "112", "ani": "081299", "how": "new"}
    bridged = {"offer": "", "endpoint": endpoint, "number": number}
    return Untold(
        call=call,
        arrived=BEFORE,
        told=(
            Belated(at=BEFORE, what="arrived", detail=arrived),
            Belated(at=BEFORE, what="last_resort", detail={"service": "medis"}),
            Belated(at=BEFORE + 8.25, what="bridged", detail=bridged),
            Belated(at=BEFORE + 68.25, what="ended", detail={"by": "caller", "talked_s": 60.0}),
        ),
    )


def played(
    settings: Settings, scene: Callable[[Simulation, Afterword], Awaitable[None]]
) -> Simulation:
    """A centre that serves, and what happens there."""
    made: list[Simulation] = []

    async def play() -> None:
        simulation = Simulation(settings, seed=1, start=START)
        made.append(simulation)
        await simulation.start()
        afterword = Afterword(simulation.centre)
        simulation.centre.journal.listen(afterword.know)
        await asyncio.sleep(2.0)
        await scene(simulation, afterword)
        await simulation.stop()

    run(play())
    return made[0]


def told(simulation: Simulation, call: str = "c.0") -> list[str]:
    """The names of the records of that call."""
    return [record.what for record in simulation.records if record.call == call]


def test_it_is_recorded_once_with_its_own_time(settings: Settings) -> None:
    """Told again and again, as the store lags."""

    async def scene(_: Simulation, afterword: Afterword) -> None:
        for _time in range(3):
            afterword.take(untold())

    simulation = played(settings, scene)
    assert told(simulation) == ["arrived", "last_resort", "bridged", "ended"]
    records = [record for record in simulation.records if record.call == "c.0"]
    assert [fault for record in records for fault in faults(record)] == []
    assert all(record.detail["reconstructed"] for record in records)
    assert [record.at.timestamp() - BEFORE for record in records] == [0.0, 0.0, 8.25, 68.25]
    assert [record.offset_s for record in records] == [0.0, 0.0, 8.25, 68.25]


@pytest.mark.parametrize(
    ("endpoint", "number", "target"),
    [
        ("siaga-medis-1", "", "person:sri"),
        ("siaga-pos", "", "seat:pos"),
        ("siaga-telkom", "0812", "outside:0812@telkom"),
        ("siaga-old", "", "seat:siaga-old"),
        ("siaga-old", "0812", "outside:0812@siaga-old"),
    ],
)
def test_who_answered_is_named(settings: Settings, endpoint: str, number: str, target: str) -> None:
    """As an offer would have named them."""

    async def scene(_: Simulation, afterword: Afterword) -> None:
        afterword.take(untold(endpoint, number))

    simulation = played(settings, scene)
    (bridged,) = (record for record in simulation.records if record.what == "bridged")
    assert bridged.detail["target"] == target


def test_a_call_that_this_run_has_ended_gets_no_other_end(settings: Settings) -> None:
    """The store had not got it yet when it was looked at."""

    async def scene(simulation: Simulation, afterword: Afterword) -> None:
        first = untold()
        afterword.know(
            simulation.centre.journal.note(
                Note(CallId("c.0"), "ended", {"by": "caller"}),
                at=simulation.clock.now(),
                arrived=None,
            )
        )
        afterword.take(first)

    assert told(played(settings, scene)) == ["ended"]


def test_a_daemon_that_does_not_serve_records_nothing(settings: Settings) -> None:
    """It is told again, to whichever does."""

    async def scene(simulation: Simulation, afterword: Afterword) -> None:
        simulation.centre.conductor.let_go()
        afterword.take(untold())

    assert told(played(settings, scene)) == []
