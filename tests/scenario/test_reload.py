"""A hundred new sets of settings, good and bad, under fifty calls, in virtual time.

At every event and every record all parts of the centre work by one and the same set.
"""

import asyncio
import random
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from journal.record import Record
from siaga import basis
from siaga.alarm import Alarms
from siaga.reload import Reload
from siaga.settings import load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.event import Event
from switch.fake.behaviour import Answer, Citizen
from switch.fake.phone import FakeCaller
from tests.scenario.change import (
    BREAKS,
    PEOPLE,
    SETS,
    break_it,
    default,
    endpoint,
    keys,
    set_of,
    targets,
    write,
)
from tests.scenario.virtual_stage import START

RELOADS, CALLS = 100, 50
PAUSE_S = 1.0
"""Between two reloads, at most."""
ARRIVE_S = 40.0
OVER_S = 600.0


class Inline(ThreadPoolExecutor):
    """Does at once what a thread would do: in virtual time nothing waits for a thread."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The outcome is there when this returns."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is awaited
            future.set_exception(error)
        return future


class Administrator:
    """Writes set after set into a folder, and has each read; knows which set is in use."""

    def __init__(self, folder: Path, simulation: Simulation, draw: random.Random) -> None:
        self.in_use = [(0, 0)]
        self.refused: list[str] = []
        self._folder = folder
        self._simulation = simulation
        self._draw = draw
        self.alarms = Alarms(lambda _: None, simulation.clock, {}, lambda: None)
        self._told = asyncio.Event()
        self._reload = Reload(
            basis.find(folder, folder.parent / "state"),
            clock=simulation.clock,
            alarms=self.alarms,
            note=lambda note: self._note(note.what, str(note.detail.get("problems"))),
            use=self._use,
        )

    def _note(self, what: str, problems: str) -> None:
        assert what in {"settings_reloaded", "settings_refused"}
        if what == "settings_refused":
            self.refused.append(problems)
        self._told.set()

    def _use(self, settings: Any, plan: Any) -> None:
        number = set_of(settings)
        self.in_use.append((len(self._simulation.records), number))
        self._simulation.centre.use(settings, plan)

    @property
    def number(self) -> int:
        """The set that was accepted last."""
        return self.in_use[-1][1]

    async def work(self) -> None:
        """All the reloads, each told before the next one is written."""
        serving = asyncio.create_task(self._reload.run())
        for turn in range(RELOADS):
            await asyncio.sleep(self._draw.uniform(0.0, PAUSE_S))
            before = self.number, len(self.refused)
            shutil.rmtree(self._folder)
            following = self._draw.randrange(SETS)
            write(self._folder, following)
            file = ""
            if turn % 2:
                file = break_it(self._folder, self._draw.choice(BREAKS), self._draw)
            self._told.clear()
            self._reload.ask()
            await self._told.wait()
            await asyncio.sleep(0.001)  # what comes of it
            if file:
                assert (self.number, len(self.refused)) == (before[0], before[1] + 1)
                assert f"/{file}:" in self.refused[-1]
                assert self.alarms.names == ("settings_refused",)
            else:
                assert (self.number, len(self.refused)) == (following, before[1])
                assert self.alarms.names == ()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    def at(self, position: int) -> int:
        """The set that was in use when the record of that position was written."""
        return [number for since, number in self.in_use if since <= position][-1]


def assert_one_set(simulation: Simulation, number: int) -> None:
    """Menu, plan, floor and duty board are all of that set."""
    centre = simulation.centre
    conductor, duty = centre.conductor, centre._duty
    floor = conductor._ringer._floor
    assert conductor._plan is floor._plan is duty._plan
    assert dict(conductor.menu.keys) == keys(number)
    (label,) = {service.label for service in floor._plan.catalogue.services.values()}
    assert label == f"SET {number}"


def assert_nothing_mixed(records: list[Record], administrator: Administrator) -> None:
    """Each call chose by the menu that it began with; each offer is by the newest set."""
    began: dict[str | None, int] = {}
    for position, record in enumerate(records):
        number = administrator.at(position)
        match record.what:
            case "arrived":
                began[record.call] = number
            case "chosen":
                menu = began[record.call]
                pressed = record.because[0].text.removeprefix("pressed ")
                assert record.detail["service"] == keys(menu).get(pressed, default(menu))
            case "offered":
                assert record.detail["target"] in targets(number)
            case "call_failed" | "handed_back" | "pulled_out":
                pytest.fail(f"{record}")
            case _:
                pass


@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_reloads_under_fifty_calls_lose_and_mix_nothing(
    tmp_path: Path, seed: int
) -> None:
    """Every caller talks to a human; no event finds half of one set and half of another."""
    run(_play(tmp_path, random.Random(seed)), debug=False)  # noqa: S311 - replayable


async def _play(folder: Path, draw: random.Random) -> None:
    asyncio.get_running_loop().set_default_executor(Inline())
    settings = load(write(folder / "settings", 0))
    simulation = Simulation(settings, seed=draw.randrange(1000), start=START)
    await simulation.start()
    administrator = Administrator(folder / "settings", simulation, draw)
    labels: set[tuple[str, int]] = set()

    def look(_: Event) -> None:
        assert_one_set(simulation, administrator.number)

    simulation.on_event = look
    phones = [
        simulation.asterisk.register(endpoint(n), Answer(draw.uniform(0.2, 4.0)))
        for n in range(SETS * PEOPLE)
    ]
    async with asyncio.TaskGroup() as group:
        group.create_task(administrator.work())
        callers = [group.create_task(_caller(simulation, draw, n)) for n in range(CALLS)]
    for n, phone in enumerate(phones):
        labels |= {(call.name, n // PEOPLE) for call in phone.offers}
    for caller in (task.result() for task in callers):
        assert [call.talked for call in caller.calls] == [True]
    await asyncio.sleep(15.0)
    assert simulation.left() == []
    await simulation.stop()
    assert_nothing_mixed(simulation.records, administrator)
    assert labels
    assert all(label == f"SET {number}" for label, number in labels)
    good = len(administrator.in_use) - 1
    assert (good, len(administrator.refused)) == (RELOADS // 2, RELOADS // 2)
    whats = [record.what for record in simulation.records]
    assert whats.count("arrived") == whats.count("ended") == CALLS


async def _caller(simulation: Simulation, draw: random.Random, number: int) -> FakeCaller:
    """Comes at any time, presses a key at any time or none, and talks."""
    await asyncio.sleep(draw.uniform(0.0, ARRIVE_S))
    pressed = ((draw.uniform(0.1, 15.0), draw.choice("1234")),) if draw.random() < 0.8 else ()
    citizen = Citizen(keys=pressed, talk_s=draw.uniform(1.0, 6.0))
    caller = simulation.asterisk.caller(f"0812000000{number:02}", citizen=citizen)
    caller.call("112")
    await caller.closed(OVER_S)
    await asyncio.sleep(0.1)  # the last events are on their way
    return caller
