"""The figures of a report: their names, units and meanings, and how each is made of the counts.

CSV, JSON, HTML and docs/report.md all are made of these two tables. A figure may come along at any
time; one that changes its meaning, or goes, is a new `VERSION`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from journal.standard import TIMES_S
from journal.story import Outcome
from journal.wait import Served
from routing.mark import Mark
from siaga.report.call import Work
from siaga.report.tally import MILLIS, SHORT_S, Group

VERSION: Final = 1
"""Of the meaning of figures, in every form that they are written in."""
PERCENTILES: Final = (50, 90, 95, 99)
SHARE_DIGITS: Final = 4
"""Of a share: a hundredth of a percent."""
SECOND_DIGITS: Final = 3

Number: TypeAlias = int | float | None
Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class Figure(Generic[Of]):
    """One figure.

    Attributes:
        name: Stable; its end tells the unit: `_s` seconds, `_share` of 1, else a count.
        meaning: For people.
        value: Made of the counts; None where there is nothing that it could be of.
    """

    name: str
    meaning: str
    value: Callable[[Of], Number]

    @property
    def unit(self) -> str:
        """`s`, `share` or `count`."""
        suffix = self.name.rpartition("_")[2]
        return suffix if suffix in {"s", "share"} else "count"


def seconds(value: float | None) -> float | None:
    """Seconds as they are written: to the millisecond."""
    return None if value is None else round(value, SECOND_DIGITS)


def share(part: float, whole: float) -> float | None:
    """A share as it is written; None of nothing."""
    return round(part / whole, SHARE_DIGITS) if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, SHARE_DIGITS)


def _counted(name: str, meaning: str) -> Figure[Group]:
    return Figure(name, meaning, lambda group: group.counts[name])


def _outcome(name: str, outcome: Outcome, meaning: str) -> Figure[Group]:
    return Figure(name, meaning, lambda group: group.outcomes[outcome])


def _waits(prefix: str, since: str, of: Callable[[Group], Served]) -> tuple[Figure[Group], ...]:
    """The same figures from the arrival, and from the queue on."""

    def within(limit: int) -> Callable[[Group], Number]:
        return lambda group: of(group).answered.within(limit)

    def share_within(limit: int) -> Callable[[Group], Number]:
        return lambda group: _rounded(of(group).share_within(limit))

    def percentile(percent: int) -> Callable[[Group], Number]:
        return lambda group: of(group).answered.percentile(percent)

    return (
        *(
            Figure(f"{prefix}within_{limit}", f"answered within {limit} s {since}", within(limit))
            for limit in TIMES_S
        ),
        *(
            Figure(
                f"{prefix}within_{limit}_share",
                f"the same as a share of those that were answered or waited longer than {limit} s",
                share_within(limit),
            )
            for limit in TIMES_S
        ),
        Figure(
            f"{prefix}mean_s",
            f"average of the answer times {since}",
            lambda group: seconds(of(group).answered.mean),
        ),
        *(
            Figure(
                f"{prefix}p{percent}_s",
                f"within so many seconds {since} {percent} % of the answered were (nearest rank)",
                percentile(percent),
            )
            for percent in PERCENTILES
        ),
        Figure(
            f"{prefix}longest_s",
            f"the longest wait {since}, answered or not",
            lambda group: of(group).longest,
        ),
    )


def _marks() -> tuple[Figure[Group], ...]:
    def number(mark: Mark) -> Callable[[Group], Number]:
        return lambda group: group.marks[mark]

    def of_marked(mark: Mark) -> Callable[[Group], Number]:
        return lambda group: share(group.marks[mark], group.marked)

    return (
        *(
            Figure(mark.value, f"answered calls that an operator marked {mark.value}", number(mark))
            for mark in Mark
        ),
        Figure(
            "unmarked",
            "answered calls of which nobody has said anything",
            lambda group: group.answered - group.marked,
        ),
        *(
            Figure(f"{mark.value}_share", "the same as a share of the marked", of_marked(mark))
            for mark in Mark
        ),
        Figure(
            "marked_share",
            "share of the answered that are marked",
            lambda group: share(group.marked, group.answered),
        ),
    )


CALLS: Final[tuple[Figure[Group], ...]] = (
    Figure("calls", "calls that arrived", lambda group: group.arrival.calls),
    Figure("answered", "reached a human", lambda group: group.answered),
    Figure("answered_share", "of all", lambda g: share(g.answered, g.arrival.calls)),
    Figure(
        "answered_untimed",
        "of the answered: nobody saw when, so they count in no answer time",
        lambda group: group.answered - group.arrival.answered.number,
    ),
    _counted("answered_by_own", "of the answered: by a person of the agency that is hunted first"),
    _counted("transferred", "of the answered: by a neighbour's centre, as the zone's rules say"),
    _counted("operator_lost", "of the answered: a talk broke off at the operator's end"),
    Figure("abandoned", "hung up before a human answered", lambda group: group.abandoned),
    Figure("abandoned_share", "of all", lambda g: share(g.abandoned, g.arrival.calls)),
    Figure(
        "abandoned_short",
        f"of the abandoned: within {SHORT_S} s of the arrival",
        lambda group: group.arrival.given_up.within(SHORT_S),
    ),
    Figure(
        "abandoned_queued",
        "of the abandoned: had chosen, or been silent, and waited for a human",
        lambda group: group.queue.given_up.number,
    ),
    _counted("called_back", "of the abandoned: somebody of the post has rung the caller"),
    _outcome("dismissed", Outcome.DISMISSED, "told that another centre is theirs, and hung up on"),
    _outcome("last_resort", Outcome.LAST_RESORT, "given to the plain dialplan, which rings on"),
    _outcome("open", Outcome.OPEN, "in progress, or nobody was there at the end"),
    _counted("redials", "kept the place of a call that was given up shortly before"),
    _counted("adopted", "taken up by a daemon that had just started"),
    _counted("reconstructed", "their end was found out afterwards"),
    _counted("unseen", "nobody saw their end: Asterisk was restarted, or not reached"),
    *_waits("", "after the arrival", lambda group: group.arrival),
    Figure(
        "queued",
        "joined the queue: a service was chosen, or silence counted as one",
        lambda g: g.queue.calls,
    ),
    *_waits("queue_", "after joining the queue", lambda group: group.queue),
    Figure("talk_s", "all talks together", lambda group: group.talk_ms / MILLIS),
    Figure(
        "talk_mean_s",
        "the same for each answered call",
        lambda group: seconds(group.talk_ms / MILLIS / group.answered) if group.answered else None,
    ),
    *_marks(),
)
"""Of calls, as a whole or of one key of a dimension."""


def _marked(mark: Mark) -> Callable[[Work], Number]:
    return lambda work: work.marks.get(mark, 0)


WORK: Final[tuple[Figure[Work], ...]] = (
    Figure("offers", "how often a phone rang", lambda work: work.offers),
    Figure("talks", "callers who were talked to", lambda work: work.talks),
    Figure("no_answer", "offers that rang out", lambda work: work.no_answer),
    Figure(
        "refused", "offers that were declined, or found the phone busy or gone", lambda w: w.refused
    ),
    Figure(
        "ring_mean_s",
        "average time from the ring to the talk",
        lambda work: seconds(work.ring_ms / MILLIS / work.rings) if work.rings else None,
    ),
    Figure("talk_s", "all talks together", lambda work: work.talk_ms / MILLIS),
    Figure(
        "talk_mean_s",
        "average talk",
        lambda work: seconds(work.talk_ms / MILLIS / work.talks) if work.talks else None,
    ),
    *(Figure(mark.value, f"calls marked {mark.value}", _marked(mark)) for mark in Mark),
)
"""Of an operator, a phone that is nobody's, or all numbers outside together."""


def of_calls(group: Group) -> dict[str, Number]:
    """All figures of some calls, by name."""
    return {figure.name: figure.value(group) for figure in CALLS}


def of_work(work: Work) -> dict[str, Number]:
    """All figures of an operator, by name."""
    return {figure.name: figure.value(work) for figure in WORK}
