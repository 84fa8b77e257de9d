"""How long callers waited for a human, in memory that does not grow with their number.

Waits are counted to the tenth of a second, rounded up, so that a wait above a limit is never taken
for one within it; the sum is exact to the millisecond, whatever the order in which waits come.
"""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import Final

TENTHS: Final = 10
"""Waits are counted to the tenth of a second."""
MILLIS: Final = 1_000
"""Waits are added up to the millisecond."""


class Waits:
    """How long callers waited, as counts by the tenth of a second, rounded up."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._total_ms = 0
        self.number = 0

    def add(self, seconds: float) -> None:
        """One more."""
        self._counts[ceil(round(seconds * TENTHS, 6))] += 1
        self._total_ms += round(seconds * MILLIS)
        self.number += 1

    def join(self, other: "Waits") -> None:
        """Those of the other ones, too."""
        self._counts.update(other._counts)  # noqa: SLF001 - of its own kind
        self._total_ms += other._total_ms  # noqa: SLF001
        self.number += other.number

    def within(self, seconds: float) -> int:
        """How many waited no longer."""
        limit = seconds * TENTHS
        return sum(count for tenth, count in self._counts.items() if tenth <= limit)

    def percentile(self, percent: float) -> float | None:
        """Seconds within which so many percent were over; None of nobody (nearest rank)."""
        rank = ceil(self.number * percent / 100)
        for tenth, count in sorted(self._counts.items()):
            rank -= count
            if rank <= 0:
                return tenth / TENTHS
        return None

    @property
    def mean(self) -> float | None:
        """The average, in seconds; None of nobody."""
        return self._total_ms / self.number / MILLIS if self.number else None

    @property
    def longest(self) -> float | None:
        """Seconds of who waited longest; None of nobody."""
        return max(self._counts) / TENTHS if self._counts else None


@dataclass(slots=True)
class Served:
    """What has come of some of the calls.

    Attributes:
        calls: How many there are.
        answered: Waits of those who reached a human.
        given_up: Waits of those who hung up before.
    """

    calls: int = 0
    answered: Waits = field(default_factory=Waits)
    given_up: Waits = field(default_factory=Waits)

    def add(self, other: "Served") -> None:
        """The other calls, too."""
        self.calls += other.calls
        self.answered.join(other.answered)
        self.given_up.join(other.given_up)

    def share_within(self, seconds: float) -> float | None:
        """Of those who were answered or waited longer than that, the share answered in time.

        Who gives up sooner could not be answered in time (NENA-STA-020 leaves such calls out too).
        """
        late = self.given_up.number - self.given_up.within(seconds)
        total = self.answered.number + late
        return self.answered.within(seconds) / total if total else None

    @property
    def longest(self) -> float | None:
        """Of all waits, answered or not."""
        waits = (self.answered.longest, self.given_up.longest)
        return max((wait for wait in waits if wait is not None), default=None)
