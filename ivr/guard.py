"""Tries to prove who one is: after some in a row that failed person and phone have to wait.

A try counts before it is judged, so that many at once are no way around it.
"""

from dataclasses import dataclass
from typing import Final

from routing.moment import Instant, after
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


class Guard:
    """Counts the tries for each person, and at each phone, by its endpoint."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}

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

    def _count(self, key: tuple[str, str], at: Instant) -> _Count:
        """What counts now: old tries are forgotten."""
        count = self._counts.get(key)
        if count is None or at >= after(count.last, LOCK_S):
            return _Count(0, at)
        return count


def _keys(person: PersonId, phone: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("person", person), ("phone", phone)
