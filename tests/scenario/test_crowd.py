"""Whatever people do: one call an operator, a human for whoever stays, nothing left."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from siaga.settings import load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.event import Event
from switch.fake.behaviour import Answer, Behaviour, Citizen, Decline, Ignore
from switch.fake.phone import CallState, FakeCaller, FakePhone
from tests.live.centre import quick_settings
from tests.scenario.virtual_stage import START

SEATS = ("siaga-medis-1", "siaga-damkar-1", "siaga-dishub-1", "siaga-koordinator", "siaga-pos")
LEG = "siaga-leg-"
CROWD_S = 120.0
"""So long everybody does as they please."""
WILLING = Answer(1.0, talk_s=5.0)
WILLING_S = 600.0
"""So long, at most, until everybody who stayed has talked to somebody willing."""
SETTLED_S = 15.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A citizen, and when they dial."""

    at_s: float
    citizen: Citizen


def seconds(low: float, high: float) -> st.SearchStrategy[float]:
    """Times to the hundredth: readable when something is found."""
    return st.integers(round(low * 100), round(high * 100)).map(lambda n: n / 100)


BEHAVIOURS: st.SearchStrategy[Behaviour] = st.one_of(
    st.builds(Answer, seconds(0, 5), st.none() | seconds(0, 20), st.booleans()),
    st.builds(Decline, seconds(0, 5)),
    st.builds(Ignore),
)
KEYS = st.lists(st.tuples(seconds(0, 20), st.sampled_from("0123456789*#")), max_size=4)
CITIZENS = st.builds(
    Citizen,
    keys=KEYS.map(tuple),
    patience_s=st.none() | seconds(0, 60),
    talk_s=st.none() | seconds(0, 20),
)
ARRIVALS = st.lists(st.builds(Arrival, seconds(0, 60), CITIZENS), min_size=1, max_size=8)
OPERATORS = st.dictionaries(st.sampled_from(SEATS), st.lists(BEHAVIOURS, max_size=6), max_size=5)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kota Metro with quick times; a folder, since it is shown when a property fails."""
    return quick_settings(tmp_path_factory.mktemp("settings") / "own")


class Crowd:
    """Callers and operators on one simulation, and the law that is held at every event.

    The law is the floor's. The last resort has none: two callers who reach it in one instant may
    ring one phone.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.phones: list[FakePhone] = []
        self.callers: list[FakeCaller] = []
        self.broken: list[str] = []
        simulation.on_event = self._look

    def _look(self, _: Event) -> None:
        for phone in self.phones:
            open_ = [c.channel for c in phone.calls if c.state is not CallState.CLOSED]
            ours = [channel for channel in open_ if channel.startswith(LEG)]
            if len(ours) > 1:
                self.broken.append(f"two calls at one phone: {ours}")

    def staff(self, operators: dict[str, list[Behaviour]]) -> None:
        """Phones register; at each ring their users do the next of these, then nothing."""
        for seat, behaviours in operators.items():
            phone = self._simulation.asterisk.register(seat, Ignore())
            phone.following.extend(behaviours)
            self.phones.append(phone)

    async def arrive(self, arrival: Arrival, number: int) -> None:
        """A citizen dials when it is time."""
        await asyncio.sleep(arrival.at_s)
        caller = self._simulation.asterisk.caller(f"08120000{number:04}", citizen=arrival.citizen)
        caller.call("112")
        self.callers.append(caller)

    def relent(self) -> None:
        """From now on somebody willing sits at every phone."""
        for phone in self.phones:
            phone.following.clear()
            phone.behaviour = WILLING
        for seat in SEATS:
            self.phones.append(self._simulation.asterisk.register(seat, WILLING))

    def waiting(self) -> list[FakeCaller]:
        """Who has stayed and not talked yet."""
        return [
            caller
            for caller in self.callers
            if any(c.state is not CallState.CLOSED and not c.talked for c in caller.calls)
        ]


def play(
    quick: Path,
    operators: dict[str, list[Behaviour]],
    arrivals: list[Arrival],
    seed: int,
    *,
    cuts: Sequence[float] = (),
    deaths: Sequence[tuple[float, float]] = (),
) -> None:
    """The crowd does as it pleases, then everybody is willing, then all is over.

    Args:
        quick: The centre's settings.
        operators: What they do, ring by ring.
        arrivals: Who calls.
        seed: Of all that is left to chance.
        cuts: When the event stream breaks.
        deaths: When the daemon is killed, in turn: so long after the last one was started, and
            for so long.
    """

    async def whole() -> None:
        simulation = Simulation(load(quick), seed=seed, start=START)
        crowd = Crowd(simulation)
        await simulation.start()
        crowd.staff(operators)
        async with asyncio.TaskGroup() as group:
            for number, arrival in enumerate(arrivals):
                group.create_task(crowd.arrive(arrival, number))
            for at_s in cuts:
                asyncio.get_running_loop().call_later(at_s, simulation.asterisk.cut)
            for after_s, for_s in deaths:
                await asyncio.sleep(after_s)
                await simulation.kill()
                await asyncio.sleep(for_s)
                await simulation.start()
            await asyncio.sleep(CROWD_S)
        crowd.relent()
        for _ in range(round(WILLING_S)):
            if not crowd.waiting():
                break
            await asyncio.sleep(1.0)
        assert crowd.waiting() == []
        for caller in crowd.callers:
            await caller.hangup()
        for phone in crowd.phones:
            await phone.hangup()
        await asyncio.sleep(SETTLED_S)
        assert crowd.broken == []
        assert simulation.left() == []
        await simulation.stop()

    run(whole(), debug=False)


@effort(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(operators=OPERATORS, arrivals=ARRIVALS, seed=st.integers(0, 1000))
@example(operators={}, arrivals=[Arrival(0.0, Citizen())], seed=0)
def test_whoever_stays_reaches_a_human(
    quick: Path,
    operators: dict[str, list[Behaviour]],
    arrivals: list[Arrival],
    seed: int,
) -> None:
    """Random people, random latencies; no phone ever has two calls."""
    play(quick, operators, arrivals, seed)


@effort(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    operators=OPERATORS,
    arrivals=ARRIVALS,
    cuts=st.lists(seconds(0, 100), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
)
def test_whoever_stays_reaches_a_human_though_the_stream_breaks(
    quick: Path,
    operators: dict[str, list[Behaviour]],
    arrivals: list[Arrival],
    cuts: list[float],
    seed: int,
) -> None:
    """Events are lost at any moment; nobody is lost with them."""
    play(quick, operators, arrivals, seed, cuts=cuts)


@effort(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    operators=OPERATORS,
    arrivals=ARRIVALS,
    deaths=st.lists(st.tuples(seconds(0, 30), seconds(0, 20)), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
)
def test_whoever_stays_reaches_a_human_though_the_daemon_dies(
    quick: Path,
    operators: dict[str, list[Behaviour]],
    arrivals: list[Arrival],
    deaths: list[tuple[float, float]],
    seed: int,
) -> None:
    """For less than the fuse or for more, and again: adopted, rung by the dialplan, or both."""
    play(quick, operators, arrivals, seed, deaths=deaths)
