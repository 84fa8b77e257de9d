"""A cut or a death at any moment serves the caller as the uninterrupted run does, or sooner.

What cannot be so is left out by its reason: a key that is pressed while nobody listens is lost, in
every Asterisk. The time in which the centre was away is granted, and what it needs to be back.
"""

import asyncio
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from siaga.settings import load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer, Behaviour, Citizen, Decline, Ignore
from switch.fake.phone import FakeCaller
from tests.live.centre import quick_settings
from tests.scenario.test_crowd import seconds
from tests.scenario.virtual_stage import START

MEDIS, CHIEF, POST = "siaga-medis-1", "siaga-koordinator", "siaga-pos"
AT_LAST = Answer(1.0)
"""The post's phone is picked up by somebody, whatever the others do."""
BACK_S = 2.5
"""From the end of an interruption until the calls are known again: a reconnect, a look, a beat."""
LIMIT_S, LOOK_S = 120.0, 0.05
NUMBER = "081234567890"


@dataclass(frozen=True, slots=True)
class Interruption:
    """At `at_s` after the call began the daemon is killed for `for_s`, or the stream is cut."""

    at_s: float
    for_s: float
    kill: bool


@dataclass(frozen=True, slots=True)
class Served:
    """When a human was reached, and whether by the chosen service."""

    after_s: float
    service: str


BEHAVIOURS: st.SearchStrategy[Behaviour] = st.one_of(
    st.builds(Answer, seconds(0, 4)), st.builds(Decline, seconds(0, 3)), st.just(Ignore())
)
RUNG_OUT = Interruption(14.52, 2.49, kill=True)
"""Whoever rings when the daemon dies has rung for long enough when it is back."""
INTERRUPTIONS = st.builds(Interruption, seconds(0, 30), seconds(0, 6), st.booleans())


loaded = cache(load)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kota Metro with quick times; a folder, since it is shown when a property fails."""
    return quick_settings(tmp_path_factory.mktemp("settings") / "own")


def reached(
    quick: Path,
    operators: tuple[Behaviour, Behaviour],
    keys: tuple[tuple[float, str], ...],
    interruption: Interruption | None,
) -> Served:
    """How one caller who stays is served."""

    async def whole() -> Served:
        simulation = Simulation(loaded(quick), seed=1, start=START)
        await simulation.start()
        for seat, behaviour in zip((MEDIS, CHIEF, POST), (*operators, AT_LAST), strict=True):
            simulation.asterisk.register(seat, behaviour)
        loop = asyncio.get_running_loop()
        caller = simulation.asterisk.caller(NUMBER, citizen=Citizen(keys=keys))
        began = loop.time()
        caller.call("112")
        interrupting = asyncio.create_task(interrupt(simulation, interruption))
        talked_at = await talked(caller, loop)
        await interrupting
        chosen = [r.detail["service"] for r in simulation.records if r.what == "queued"]
        await caller.hangup()
        await asyncio.sleep(BACK_S)
        await simulation.stop()
        return Served(talked_at - began, str(chosen[-1]) if chosen else "")

    return run(whole(), debug=False)


async def interrupt(simulation: Simulation, interruption: Interruption | None) -> None:
    """Does it, if there is one."""
    if interruption is None:
        return
    await asyncio.sleep(interruption.at_s)
    if interruption.kill:
        await simulation.kill()
        await asyncio.sleep(interruption.for_s)
        await simulation.start()
    else:
        simulation.asterisk.cut()


async def talked(caller: FakeCaller, loop: asyncio.AbstractEventLoop) -> float:
    """When the caller talked to a human first."""
    async with asyncio.timeout(LIMIT_S):
        while not any(call.talked for call in caller.calls):  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(LOOK_S)
    return loop.time()


@effort(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    operators=st.tuples(BEHAVIOURS, BEHAVIOURS),
    key_s=st.none() | seconds(0.2, 12),
    interruption=INTERRUPTIONS,
)
@example(operators=(Ignore(), Ignore()), key_s=None, interruption=RUNG_OUT)
def test_the_caller_is_served_as_without_it_or_sooner(
    quick: Path,
    operators: tuple[Behaviour, Behaviour],
    key_s: float | None,
    interruption: Interruption,
) -> None:
    """Kept in place, at the step of the chain where it rang, for the service that was chosen."""
    away_s = interruption.for_s if interruption.kill else 1.0
    keys = () if key_s is None else ((key_s, "1"),)
    if key_s is not None:
        assume(not interruption.at_s - 0.5 <= key_s <= interruption.at_s + away_s + BACK_S)
    uncut = reached(quick, operators, keys, None)
    cut = reached(quick, operators, keys, interruption)
    assert cut.after_s <= uncut.after_s + away_s + BACK_S
    assert cut.service == uncut.service
