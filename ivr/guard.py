"""Tries to prove who one is: after some in a row that failed person and phone have to wait.

A try counts before it is judged, so that many at once are no way around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from routing.moment import Instant, Moment, after
from routing.operator import PersonId

TRIES: Final = 5
"""In a row; a person who knows the PIN needs no more."""
LOCK_S: Final = 300.0
"""At one try a minute, ten thousand PINs take a week of days and nights at the phone."""


@dataclass(frozen=True, slots=True)
class _Count:
    """So many tries since the last good one, and when the last one was."""

    tries: int
    last: Instant


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried in vain, as a value: it outlives the process.

    Attributes:
        counts: By who and where: how many in a row, and when the last one was, in wall-clock
            seconds since the epoch.
    """

    counts: Mapping[str, tuple[int, float]] = field(default_factory=dict)


class Guard:
    """Counts the tries for each person, and at each phone, by its endpoint."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}

    def admits(self, person: PersonId, phone: str, at: Instant) -> bool:
        """Whether this try is to be judged; it counts as failed until it is found good."""
        keys = _keys(person, phone)
        counts = [self._count(key, at) for key in keys]
        if any(count.tries >= TRIES for count in counts):
            return False
        for key, count in zip(keys, counts, strict=True):
            self._counts[key] = _Count(count.tries + 1, at)
        return True

    def passed(self, person: PersonId, phone: str) -> None:
        """The try was good: neither has a count any more."""
        for key in _keys(person, phone):
            self._counts.pop(key, None)

    def kept(self, at: Moment) -> Tries:
        """What counts now, to be kept for another run."""
        now = at.wall.timestamp()
        return Tries(
            {
                key: (count.tries, now + (count.last - at.instant))
                for key, count in self._counts.items()
                if at.instant < after(count.last, LOCK_S)
            }
        )

    def restore(self, tries: Tries, at: Moment) -> None:
        """Goes on from what another run knew.

        A try that is to come yet, by a clock that was put back, counts as one of now.
        """
        now = at.wall.timestamp()
        self._counts = {
            key: _Count(count, after(at.instant, min(0.0, last - now)))
            for key, (count, last) in tries.counts.items()
        }

    def _count(self, key: str, at: Instant) -> _Count:
        """What counts now: old tries are forgotten."""
        count = self._counts.get(key)
        if count is None or at >= after(count.last, LOCK_S):
            return _Count(0, at)
        return count


def _keys(person: PersonId, phone: str) -> tuple[str, str]:
    return f"person:{person}", f"phone:{phone}"
