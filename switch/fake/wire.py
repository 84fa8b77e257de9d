"""What lies between Asterisk and its client: what takes time on it, and what gets lost."""

from collections.abc import Callable

LEAST_S, SPREAD_S = 0.0002, 0.002
"""What an event or a request takes on its way: most of a millisecond, sometimes two."""


class Wire:
    """Draws how long things take; nothing is lost or refused unless that is set.

    Args:
        draw: Uniform numbers in [0, 1).

    Attributes:
        events_late_s: So much longer an event may take; those behind it take as long.
        requests_late_s: So much longer a request may take, and its answer.
        lost: The share of requests of which no answer comes; of half of them Asterisk hears.
        refused: The share of requests to make something that Asterisk refuses with 500.
    """

    def __init__(self, draw: Callable[[], float]) -> None:
        self._draw = draw
        self.clear()

    def clear(self) -> None:
        """Everything goes as it should from now on."""
        self.events_late_s = self.requests_late_s = 0.0
        self.lost = self.refused = 0.0

    def event_s(self) -> float:
        """Seconds that an event takes."""
        return self._moment() + self._late(self.events_late_s)

    def request_s(self) -> float:
        """Seconds that a request takes, or an answer."""
        return self._moment() + self._late(self.requests_late_s)

    def loses(self) -> bool:
        """Whether a request, or its answer, gets lost now."""
        # Half of the losses are on the way there, half on the way back.
        return self.lost > 0 and self._draw() < self.lost / 2

    def refuses(self) -> bool:
        """Whether Asterisk cannot do now what it is asked for."""
        return self.refused > 0 and self._draw() < self.refused

    def _moment(self) -> float:
        return LEAST_S + SPREAD_S * self._draw() ** 3

    def _late(self, most_s: float) -> float:
        return most_s * self._draw() if most_s > 0 else 0.0
