"""The place that a caller had earned before giving up, kept for the next call from that number."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

CREDITS = 1000
"""Kept at most, the newest: more callers than that do not give up within minutes in one city."""
WAITED_MOST_S = 86_400.0
"""Nobody waits for a day: a credit of more is a damaged file's."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What a caller who hung up before an answer had earned.

    Attributes:
        place: The caller's place (`routing.entry.Entry.place`), in seconds since the epoch.
        waited_s: How long the caller had waited for it.
        until: When it is forgotten, in wall-clock seconds since the epoch.
    """

    place: float
    waited_s: float
    until: float

    def place_of(self, arrived: float) -> float:
        """The place of a caller who dials again: the waiting before counts, the time between not.

        Args:
            arrived: The place without a credit.
        """
        return min(arrived, max(self.place, arrived - self.waited_s))


class Credits:
    """Credits by the caller's number as the trunk presents it; each is used once."""

    def __init__(self) -> None:
        self._credits: dict[str, Credit] = {}

    def keep(self, number: str, credit: Credit) -> None:
        """The caller has given up."""
        self._credits.pop(number, None)
        self._credits[number] = credit
        if len(self._credits) > CREDITS:
            del self._credits[next(iter(self._credits))]

    def take(self, number: str, now: float) -> Credit | None:
        """The credit of a number, if there is one still.

        Args:
            number: The caller's.
            now: Wall-clock seconds since the epoch.
        """
        credit = self._credits.pop(number, None)
        return None if credit is None or credit.until <= now else credit

    def kept(self, now: float) -> Mapping[str, Credit]:
        """A copy of those that count still; the others are forgotten."""
        live = {number: one for number, one in self._credits.items() if one.until > now}
        self._credits = live
        return live.copy()

    def restore(self, credits_: Mapping[str, Credit], latest: float) -> None:
        """Goes on from what was kept, none longer than `latest`: a clock may have been put back."""
        for number, credit in credits_.items():
            if 0.0 <= credit.waited_s <= WAITED_MOST_S:
                self.keep(number, replace(credit, until=min(credit.until, latest)))
