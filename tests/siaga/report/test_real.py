"""A report of what a real Asterisk once told, and of the centre on the Asterisk in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from journal.kind import KINDS
from siaga.report.call import NAMES
from siaga.report.figure import Number, of_calls, of_work
from siaga.report.tally import Tally
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer, Citizen, Ignore
from switch.fake.phone import FakeCaller
from tests.live.centre import quick_settings
from tests.replay.golden import tapes
from tests.scenario.tape import Tape
from tests.siaga.report import scene
from tests.siaga.report.scene import DAY, by_call, period

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDIS = "siaga-medis-1"
WORKED = ("offers", "talks", "no_answer", "refused")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def test_the_records_that_are_read_are_of_the_schema() -> None:
    """A name that changes is missed here, too."""
    assert set(KINDS) >= NAMES


@pytest.mark.parametrize(
    ("name", "figures", "work"),
    [
        ("key-1", {"answered": 1}, {"person:sri": (1, 1, 0, 0)}),
        (
            "second-caller",
            {"answered": 2},
            {"person:sri": (1, 1, 0, 0), "person:agus": (1, 1, 0, 0)},
        ),
        ("hangs-up-in-menu", {"abandoned": 1}, {}),
        ("hangs-up-while-ringing", {"abandoned": 1, "queued": 1}, {"person:sri": (1, 0, 0, 0)}),
        ("dismissed", {"dismissed": 1}, {}),
        ("unanswered", {"answered": 1}, {"person:sri": (1, 0, 1, 0), "person:siti": (1, 1, 0, 0)}),
        ("declined", {"answered": 1}, {"person:sri": (1, 0, 0, 1), "person:siti": (1, 1, 0, 0)}),
        ("two-answer", {"answered": 1}, {"person:sri": (1, 0, 0, 0), "person:agus": (1, 1, 0, 0)}),
        ("phone-dies", {"answered": 1, "operator_lost": 1}, {"person:siti": (1, 1, 0, 0)}),
        ("neighbour", {"answered": 1}, {"outside": (1, 1, 0, 0)}),
        ("neighbour-voicemail", {"answered": 1}, {"outside": (1, 0, 0, 1)}),
        ("code-mark", {"answered": 1, "genuine": 1}, {"person:sri": (1, 1, 0, 0)}),
    ],
)
def test_golden_calls_are_counted(
    name: str,
    figures: dict[str, int],
    work: dict[str, tuple[int, ...]],
    settings: Settings,
) -> None:
    """As who hears them would count them."""
    tape = Tape.read(tapes()[name])
    found = scene.tally(by_call(tape.records), period(tape.start, tape.start + DAY), settings)
    told = of_calls(found.all)
    assert {figure: told[figure] for figure in figures} == figures
    for target, expected in work.items():
        told = of_work(found.work[target])
        assert tuple(told[each] for each in WORKED) == expected


def played(settings: Settings, script: Callable[[Simulation], Awaitable[None]]) -> Tally:
    """What is counted of what a centre has recorded."""

    async def whole() -> Simulation:
        simulation = Simulation(settings, seed=1, start=START)
        await simulation.start()
        await script(simulation)
        await asyncio.sleep(15.0)
        await simulation.stop()
        return simulation

    records = run(whole()).records
    return scene.tally(by_call(records), period(START, START + DAY), settings)


def dials(simulation: Simulation, patience_s: float | None = None) -> FakeCaller:
    """A citizen who dials 112 now, and presses 1; talks until the operator ends it."""
    citizen = Citizen(keys=((0.5, "1"),), talk_s=None, patience_s=patience_s)
    caller = simulation.asterisk.caller("081234567890", citizen=citizen)
    caller.call("112")
    return caller


def told(tally: Tally, *names: str) -> tuple[Number, ...]:
    """These figures of all calls."""
    figures = of_calls(tally.all)
    return tuple(figures[name] for name in names)


def test_times_are_those_of_the_wire(settings: Settings) -> None:
    """One answered as soon as the phone does, one who gave up after four seconds."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.2))
        caller = dials(simulation)
        await caller.until(lambda: caller.talking, 30.0)
        await asyncio.sleep(30.0)
        await phone.hangup()
        await caller.closed(8.0)
        phone.behaviour = Ignore()
        await dials(simulation, patience_s=4.0).closed(60.0)

    tally = played(settings, script)
    assert told(tally, "calls", "answered", "abandoned", "abandoned_short") == (2, 1, 1, 1)
    figures, sri = of_calls(tally.all), of_work(tally.work["person:sri"])
    assert figures["mean_s"] == pytest.approx(1.7, abs=0.5)
    assert figures["queue_mean_s"] == pytest.approx(1.2, abs=0.2)
    assert sri["ring_mean_s"] == pytest.approx(1.2, abs=0.2)
    assert sri["talk_s"] == pytest.approx(30.0, abs=0.5)
    assert (sri["offers"], sri["talks"]) == (2, 1)


def test_a_talk_that_outlives_its_daemon_is_one_call(settings: Settings) -> None:
    """Recorded by two daemons, answered once, adopted once."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = dials(simulation)
        await caller.until(lambda: caller.talking, 30.0)
        await simulation.kill()
        await asyncio.sleep(5.0)
        await simulation.start()
        await asyncio.sleep(5.0)
        await phone.hangup()
        await caller.closed(8.0)

    tally = played(settings, script)
    assert told(tally, "calls", "answered", "adopted", "open") == (1, 1, 1, 0)
    assert of_work(tally.work["person:sri"])["talks"] == 1
    assert of_calls(tally.all)["talk_s"] == pytest.approx(11.0, abs=2.5)


def test_a_restart_of_asterisk_loses_calls_and_the_report_says_so(settings: Settings) -> None:
    """One talked, one waited: both ends were seen by nobody."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        talking = dials(simulation)
        await talking.until(lambda: talking.talking, 30.0)
        phone.behaviour = Ignore()
        dials(simulation)
        await asyncio.sleep(5.0)
        simulation.asterisk.crash()
        await asyncio.sleep(3.0)
        simulation.asterisk.boot()
        await asyncio.sleep(5.0)

    tally = played(settings, script)
    assert told(tally, "calls", "answered", "abandoned", "unseen") == (2, 1, 1, 2)
