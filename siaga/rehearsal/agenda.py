"""What comes next, in virtual time: an event heap."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from routing.moment import Instant, Moment


class Agenda:
    """Keeps what is to happen, and the time.

    Args:
        start: The wall time at second 0.

    Attributes:
        now: The virtual time.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._entries: list[tuple[float, int, Callable[..., None], Any]] = []
        self._count = 0
        self.now = Moment(Instant(0.0), start)

    @property
    def next_s(self) -> float | None:
        """The second of what comes next; None when nothing does."""
        return self._entries[0][0] if self._entries else None

    def later(self, seconds: float, act: Callable[[Any], None], given: object) -> None:
        """Calls `act(given)` in so many seconds, behind what is due in the same instant."""
        self._count += 1
        due = self.now.instant + seconds
        heapq.heappush(self._entries, (due, self._count, act, given))

    def advance(self) -> None:
        """Goes on to what comes next, and lets it happen."""
        seconds, _, act, given = heapq.heappop(self._entries)
        self.now = Moment(Instant(seconds), self._start + timedelta(seconds=seconds))
        act(given)
