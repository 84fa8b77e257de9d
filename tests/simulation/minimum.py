"""Cuts a failing scenario down to the acts without which nothing fails."""

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.scenario import Scenario

CHANCES = 4
"""Latencies that are tried for a smaller scenario: with fewer acts other numbers are drawn."""

Fails = Callable[[Scenario], bool]


def minimum(scenario: Scenario, fails: Fails) -> tuple[Scenario, tuple[int, ...]]:
    """The smallest scenario found that fails, and the places of its acts in the whole one.

    Acts are left out by halves, quarters and so on, then one by one, until none can be.
    """
    kept = tuple(range(len(scenario.acts)))
    chance, size = scenario.chance, max(1, len(kept) // 2)
    while True:
        left_out = False
        for begin in range(0, len(kept), size):
            rest = kept[:begin] + kept[begin + size :]
            found = _failing(scenario.keep(rest), chance, fails)
            if found is not None:
                kept, chance, left_out = rest, found, True
                break
        if not left_out and size == 1:
            return replace(scenario.keep(kept), chance=chance), kept
        if not left_out:
            size = max(1, size // 2)


def _failing(scenario: Scenario, chance: int, fails: Fails) -> int | None:
    """The first chance with which it fails, that of the whole scenario before others."""
    chances = dict.fromkeys((chance, *range(CHANCES)))
    return next((each for each in chances if fails(replace(scenario, chance=each))), None)
