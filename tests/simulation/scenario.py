"""A scenario: all that will happen to a centre, as a value that can be cut down and replayed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tests.simulation.act import Act

CHAOS_S = 100.0
"""So long acts may begin; then everything is mended and everybody willing."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens, and by which chance.

    Attributes:
        seed: It was drawn from this one.
        start: The wall time at its begin.
        number: The set of settings at its begin.
        acts: What happens.
        chance: The seed of all latencies.
    """

    seed: int
    start: datetime
    number: int
    acts: tuple[Act, ...]
    chance: int = 0

    def keep(self, places: Iterable[int]) -> "Scenario":
        """The same with only those acts, by their places."""
        return replace(self, acts=tuple(self.acts[place] for place in sorted(places)))

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, chance {self.chance}, set {self.number}, {self.start:%F %T%z}"]
        return "\n".join([*lines, *(f"  {act}" for act in self.acts)])
