"""From when to when a city is rehearsed, and how its calls are spread over that time."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from routing.rotation import Weekday
from siaga.rehearsal.city import City

HOUR: Final = timedelta(hours=1)
DAYS: Final = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time `[start, end)`; both are aware."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


class Curve:
    """How likely a call is in each hour of a span, by the site's clock.

    Args:
        city: Whose hours and days of the week.
        span: Of which time.
        zone: The site's.
    """

    def __init__(self, city: City, span: Span, zone: ZoneInfo) -> None:
        self._edges: list[float] = [0.0]
        weights: list[float] = []
        start, at = span.start.astimezone(UTC), span.start.astimezone(UTC)
        average = sum(city.hours) / len(city.hours)
        while at < span.end:
            local = at.astimezone(zone)
            left = HOUR - timedelta(minutes=local.minute, seconds=local.second)
            until = min(at + left - timedelta(microseconds=local.microsecond), span.end)
            of_day = city.weekdays.get(DAYS[local.weekday()], 1.0)
            seconds = (until - at).total_seconds()
            weights.append(city.hours[local.hour] / average * of_day * seconds)
            at = until.astimezone(UTC)
            self._edges.append((at - start).total_seconds())
        self._sums = [0.0, *accumulate(weights)]

    @property
    def days(self) -> float:
        """So many average days' calls fall into the span."""
        return self._sums[-1] / timedelta(days=1).total_seconds()

    def times(self, calls: int, draw: Random) -> Iterator[float]:
        """Exactly so many times in the span, in order, in seconds after its start.

        They are order statistics, drawn one after the other: a million take no memory.
        """
        share, total = 0.0, self._sums[-1]
        for left in range(calls, 0, -1):
            share = 1.0 - (1.0 - share) * (1.0 - draw.random()) ** (1.0 / left)
            position = share * total
            hour = min(bisect_right(self._sums, position), len(self._sums) - 1) - 1
            weight = self._sums[hour + 1] - self._sums[hour]
            length = self._edges[hour + 1] - self._edges[hour]
            within = (position - self._sums[hour]) / weight if weight else 0.0
            yield self._edges[hour] + min(within, 1.0) * length
