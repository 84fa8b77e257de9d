"""What decides in a rehearsal is what decides in the daemon (ADR 25).

The whole daemon, with its tasks, requests and events, plays the same scenes on the Asterisk in
memory: the same people are rung in the same order, the same ones answer, and waits are as long.
"""

from typing import Final

import pytest

from siaga.settings import Settings, load
from tests.siaga.folder import KOTA_METRO
from tests.siaga.rehearsal.scene import Told, on_simulation, on_stage, scene

SCENES, BLOCKS = 110, 5
EVEN: Final = 2
"""Scenes of a block, at most, in which milliseconds decide: those are left out."""
TOLERANCE_S: Final = 0.05
"""What messages take on their way, one after the other."""
LATENCIES: Final = 3
"""What happens in one instant happens in some order; so many are tried for a scene."""


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Those that are shipped."""
    return load(KOTA_METRO)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_same_people_are_rung_and_answer_after_the_same_time(
    block: int, settings: Settings
) -> None:
    """Four hundred callers in a hundred scenes, over shift changes, with everybody's whims."""
    # At a shared seat nothing rings as long as nobody has signed on.
    operators = settings.operators
    seats = (
        s for id_, s in operators.seats.items() if s.person is not None or id_ == operators.post
    )
    endpoints = [seat.endpoint for seat in seats]
    even = 0
    for seed in range(block, SCENES, BLOCKS):
        own = on_stage(settings, scene(seed, endpoints))
        if own is None:
            even += 1
            continue
        latencies = range(seed, seed + LATENCIES)
        others = (on_simulation(settings, scene(seed, endpoints), each) for each in latencies)
        assert any(_is_same(own, other) for other in others), f"scene {seed}"
    assert even <= EVEN


def _is_same(own: dict[str, list[Told]], other: dict[str, list[Told]]) -> bool:
    """Whether every call was told the same of, at about the same times."""
    if {call: len(told) for call, told in own.items()} != {
        call: len(told) for call, told in other.items()
    }:
        return False
    return all(
        (one.what, one.facts) == (two.what, two.facts)
        and abs(one.seconds - two.seconds) <= TOLERANCE_S
        for call, told in own.items()
        for one, two in zip(told, other[call], strict=True)
    )
