"""When each caller is to be looked at again: the earliest is known without asking all."""

from heapq import heapify, heappop, heappush

from routing.moment import Instant
from routing.note import CallId

LEAST_STALE = 64
"""So many times that do not count any more are kept, however few callers wait."""


class Reminders:
    """A caller's own time, by call; a later one takes the place of the one before."""

    def __init__(self) -> None:
        self._times: dict[CallId, Instant] = {}
        self._heap: list[tuple[Instant, CallId]] = []

    def remind(self, call: CallId, when: Instant | None) -> None:
        """The caller is to be looked at then; None for never."""
        if when is None:
            self._times.pop(call, None)
        elif self._times.get(call) != when:
            self._times[call] = when
            heappush(self._heap, (when, call))
            if len(self._heap) > 2 * len(self._times) + LEAST_STALE:
                self._heap = [(time, each) for each, time in self._times.items()]
                heapify(self._heap)

    def earliest(self) -> Instant | None:
        """The first time of all."""
        heap, times = self._heap, self._times
        while heap and times.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def due(self, at: Instant) -> set[CallId]:
        """Whose time has come."""
        found = set()
        while (first := self.earliest()) is not None and first <= at:
            found.add(heappop(self._heap)[1])
        for call in found:
            heappush(self._heap, (self._times[call], call))
        return found
