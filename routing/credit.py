"""The place that a caller had earned before giving up, kept for the next call from that number."""

from collections.abc import Mapping
from dataclasses import dataclass

CREDITS = 1000
"""Kept at most, the newest: more callers than that do not give up within minutes in one city."""


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

    def take(self, number: str, place: float, now: float) -> float:
        """The place of a caller who dials again: the waiting before counts, the time between not.

        Args:
            number: The caller's.
            place: Without a credit.
            now: Wall-clock seconds since the epoch.
        """
        credit = self._credits.pop(number, None)
        if credit is None or credit.until <= now:
            return place
        return min(place, max(credit.place, place - credit.waited_s))

    def kept(self, now: float) -> Mapping[str, Credit]:
        """A copy of those that count still; the others are forgotten."""
        live = {number: one for number, one in self._credits.items() if one.until > now}
        self._credits = live
        return live.copy()

    def restore(self, credits_: Mapping[str, Credit]) -> None:
        """Goes on from what was kept."""
        for number, credit in credits_.items():
            self.keep(number, credit)
