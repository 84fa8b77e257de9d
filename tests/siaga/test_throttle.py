"""Operators' words on calls slow numbers down, in a whole centre on the Asterisk in memory."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from journal.record import Record
from routing.mark import Mark
from routing.moment import Moment
from routing.note import CallId, Note
from routing.throttle import Charges
from siaga.notebook import MemoryNotebook
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.throttle import ThrottleDesk
from switch.fake.behaviour import Answer, Citizen, Ignore
from switch.fake.phone import FakeCaller
from tests.live.centre import MOBILE, quick_settings
from tests.routing.test_throttle import RULE, at, throttled
from tests.siaga.test_simulation import MEDIS, over, play, whats

OTHER = "081234567891"
ASKING_S = 2.0
"""In the middle of the question."""
LASTS_S = 7_200.0
"""In the shipped settings, which slow a number down after three calls."""


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        """So many seconds after the start."""
        return at(self.seconds)


class Desk:
    """A throttle's desk, its notebook and all that it notes."""

    def __init__(self, notebook: MemoryNotebook[Charges] | None = None) -> None:
        self.clock = Watch()
        self.notebook = notebook or MemoryNotebook[Charges]()
        self.notes: list[Note] = []
        self.desk = ThrottleDesk(self.clock, throttled(), self.notebook, self.notes.append)

    def prank(self, *times: float) -> None:
        """A call at each of these times was a prank."""
        for time in times:
            self.clock.seconds = time
            self.desk.mark(MOBILE, Mark.PRANK, CallId(f"c{time}"))


def test_the_begin_and_the_end_of_it_are_noted() -> None:
    """With the call that it comes from, and never with the number."""
    desk = Desk()
    desk.prank(0, 10)
    assert desk.notes == []
    desk.prank(20)
    (begun,) = desk.notes
    assert (begun.call, begun.what) == ("c20", "number_slowed")
    assert begun.because
    desk.clock.seconds = 30
    desk.desk.mark(MOBILE, Mark.GENUINE, CallId("fire"))
    assert desk.notes[1:] == [Note(CallId("fire"), "number_freed", {"mark": "genuine"})]
    assert MOBILE.removeprefix("0") not in str(desk.notes)


def test_what_is_said_is_kept_by_who_serves_alone() -> None:
    """A standby writes nothing; who takes over knows what the other wrote meanwhile."""
    notebook = MemoryNotebook[Charges]()
    standby, serving = Desk(notebook), Desk(notebook)
    standby.prank(0)
    assert notebook.read() is None
    serving.desk.open()
    serving.prank(0, 10, 20)
    assert notebook.read() is not None
    standby.clock.seconds = 30
    standby.desk.open()
    assert standby.desk.verdict(MOBILE) is not None
    assert list(standby.desk.slowed()) == ["+6281234567890"]
    serving.desk.close()
    serving.desk.mark(MOBILE, Mark.GENUINE, CallId("late"))
    again = Desk(notebook)
    again.clock.seconds = 30
    again.desk.open()
    assert again.desk.verdict(MOBILE) is not None


def test_settings_without_a_throttle_forget_all_at_once() -> None:
    """Also in the file."""
    desk = Desk()
    desk.desk.open()
    desk.prank(0, 10, 20)
    desk.desk.use(throttled(None))
    assert desk.desk.verdict(MOBILE) is None
    assert desk.notebook.read() == Charges()
    desk.desk.use(throttled(replace(RULE, after=2)))
    assert desk.desk.verdict(MOBILE) is None


# A whole centre


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times, and the shipped throttle."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def slow(simulation: Simulation, number: str = MOBILE) -> None:
    """Operators have said of three calls that they were ghosts."""
    for call in "abc":
        simulation.centre.conductor.throttle.mark(number, Mark.GHOST, CallId(call))


def call(
    simulation: Simulation, keys: tuple[tuple[float, str], ...] = (), number: str = MOBILE
) -> FakeCaller:
    """A citizen who dials 112 now, and talks for a while."""
    caller = simulation.asterisk.caller(number, citizen=Citizen(keys=keys, talk_s=5.0))
    caller.call("112")
    return caller


def of(simulation: Simulation, what: str) -> Iterator[Record]:
    """The records of that name."""
    return (record for record in simulation.records if record.what == what)


def heard(simulation: Simulation) -> list[str]:
    """The prompts before anybody is rung."""
    return [record.detail["prompts"] for record in of(simulation, "prompt")]


def test_who_presses_1_is_served_as_everybody(settings: Settings) -> None:
    """The question, the menu, and the operator of what was chosen."""

    async def script(simulation: Simulation) -> None:
        operator = simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        await over(call(simulation, ((1.0, "1"), (1.0, "1"))))
        assert heard(simulation) == ["emergency", "menu"]
        assert len(operator.offers) == 1
        (record,) = of(simulation, "slowed")
        assert [ground.path for ground in record.because] == [
            "services.throttle.after",
            "services.throttle.lasts_s",
        ]

    play(settings, script)


def test_who_is_silent_reaches_a_human_too(settings: Settings) -> None:
    """Without the menu, by the default service."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        await over(call(simulation))
        assert heard(simulation) == ["emergency"]
        (chosen,) = of(simulation, "chosen")
        assert chosen.detail["service"] == "umum"

    play(settings, script)


def test_who_is_silent_waits_behind_who_comes_soon_after(settings: Settings) -> None:
    """The one operator is busy: the later caller goes first, and then the slowed one."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        first = call(simulation, ((0.5, "0"),), OTHER)
        await asyncio.sleep(3.0)
        slowed = call(simulation)
        await asyncio.sleep(1.0)
        later = call(simulation, ((0.5, "0"),), "081234567892")
        for caller in (first, slowed, later):
            await over(caller)
        served = [record.call for record in of(simulation, "bridged")]
        came = [record.call for record in of(simulation, "arrived")]
        assert served == [came[0], came[2], came[1]]

    play(settings, script)


def test_it_ends_by_itself(settings: Settings) -> None:
    """And other numbers never noticed."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        await over(call(simulation, number=OTHER))
        await asyncio.sleep(LASTS_S)
        await over(call(simulation))
        assert heard(simulation) == ["menu", "menu"]

    play(settings, script)


def test_a_reload_counts_at_once(settings: Settings) -> None:
    """Who is on the list from now on has the menu; the menu that a call began with stays."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        asked = call(simulation)
        await asyncio.sleep(ASKING_S)
        rule = settings.catalogue.throttle
        assert rule is not None
        throttle = replace(rule, allow=(MOBILE,))
        allowed = replace(settings, catalogue=replace(settings.catalogue, throttle=throttle))
        simulation.centre.use(allowed, allowed.plan())
        await over(asked)
        await over(call(simulation))
        assert heard(simulation) == ["emergency", "menu"]

    play(settings, script)


@pytest.mark.parametrize("seed", range(5))
def test_a_centre_that_is_back_in_time_goes_on_asking(settings: Settings, seed: int) -> None:
    """And slows the number down still."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        caller = call(simulation)
        await asyncio.sleep(ASKING_S)
        await simulation.kill()
        await simulation.start()
        await over(caller)
        (chosen,) = of(simulation, "chosen")
        assert chosen.because[0].path == "services.throttle.priority"
        await over(call(simulation))
        assert heard(simulation)[-1] == "emergency"

    play(settings, script, seed)


@pytest.mark.parametrize("seed", range(5))
def test_the_handicap_outlives_the_centre(settings: Settings, seed: int) -> None:
    """Who waits behind others still does after a restart."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Ignore())
        slow(simulation)
        slowed = call(simulation)
        await asyncio.sleep(20.0)
        await simulation.kill()
        await simulation.start()
        await asyncio.sleep(1.0)
        later = call(simulation, ((0.5, "0"),), OTHER)
        await asyncio.sleep(3.0)
        queue = [place.call for place in simulation.centre.conductor.floor.waiting()]
        numbers = [simulation.centre.conductor.callers[id_].line.number for id_ in queue]
        assert numbers == [OTHER, MOBILE]
        phone.behaviour = Answer(1.0)
        await over(later)
        await over(slowed)

    play(settings, script, seed)


@pytest.mark.parametrize("seed", range(5))
def test_a_centre_that_dies_while_it_asks_leaves_the_caller_to_the_last_resort(
    settings: Settings, seed: int
) -> None:
    """The fuse burns, and the dialplan knows no throttle."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        slow(simulation)
        caller = call(simulation)
        await asyncio.sleep(ASKING_S)
        await simulation.kill()
        await over(caller)
        await simulation.start()
        assert "abandoned" not in whats(simulation)

    play(settings, script, seed)
