"""From turns to answers: a day cut into stretches of time in which nobody's turn begins or ends."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from routing.operator import PersonId
from routing.shift import Duty
from routing.walltime import EPOCH

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of one shift of one date; `places` are theirs in the order of the settings."""

    start: datetime
    end: datetime
    places: tuple[int, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time.

    Attributes:
        on_duty: Who is on duty, each once.
        ended: The turns that ended last before it, of people who are off duty now.
        change: When the next turn begins or ends.
    """

    on_duty: tuple[Duty, ...]
    ended: tuple[Duty, ...]
    change: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC: its stretches, and when each begins."""

    starts: tuple[datetime, ...]
    stretches: tuple[Stretch, ...]

    def at(self, instant: datetime) -> Stretch:
        """The stretch that an instant of this day lies in."""
        return self.stretches[bisect_right(self.starts, instant) - 1]

    @property
    def weight(self) -> int:
        """How many duties it refers to."""
        return sum(len(each.on_duty) + len(each.ended) + 1 for each in self.stretches)


def day_of(date_: date, near: Collection[Turns], later: Callable[[], datetime]) -> Day:
    """The stretches of a day of UTC.

    Args:
        date_: Which day.
        near: The turns that reach into it, that ended last before it, and that come next.
        later: When the next turn begins, if none comes that is near.
    """
    begin = EPOCH + timedelta(days=date_.toordinal() - EPOCH.toordinal())
    edges = sorted(set(chain.from_iterable((each.start, each.end) for each in near)))
    inside = [edge for edge in edges if begin < edge < begin + ONE_DAY]
    ahead = next((edge for edge in edges if edge >= begin + ONE_DAY), None)
    starts = (begin, *inside)
    changes = (*inside, later() if ahead is None else ahead)
    stretches = (_stretch(near, *each) for each in zip(starts, changes, strict=True))
    return Day(starts, tuple(stretches))


def _stretch(near: Collection[Turns], start: datetime, change: datetime) -> Stretch:
    on_duty = _together([each for each in near if each.start <= start < each.end])
    working = {duty.person for duty in on_duty}
    last = max((each.end for each in near if each.end <= start), default=None)
    ended = _together([each for each in near if each.end == last])
    return Stretch(on_duty, tuple(duty for duty in ended if duty.person not in working), change)


def in_order(turns: Iterable[Turns]) -> tuple[Duty, ...]:
    """The duties of several turns in the order of the settings."""
    placed = chain.from_iterable(zip(each.places, each.duties, strict=True) for each in turns)
    return tuple(duty for _, duty in sorted(placed, key=_place))


def _place(item: tuple[int, Duty]) -> int:
    return item[0]


def _together(turns: Collection[Turns]) -> tuple[Duty, ...]:
    """Each person's first duty: shifts may overlap, but a phone rings once."""
    if len(turns) == 1:
        return next(iter(turns)).duties
    first: dict[PersonId, Duty] = {}
    for duty in in_order(turns):
        first.setdefault(duty.person, duty)
    return tuple(first.values())
