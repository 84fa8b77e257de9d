"""A report's tables as people read them, in the terminal and on the page alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from console.duration import HOUR_S
from journal.standard import STANDARDS, TIMES_S, Standard
from journal.story import Outcome
from journal.wait import Served
from routing.mark import Mark
from routing.operator import AgencyId
from routing.service import ServiceId
from siaga.report.call import OUTSIDE, UNKNOWN, Work
from siaga.report.figure import PERCENTILES
from siaga.report.report import Report
from siaga.report.tally import GONE, MILLIS, NONE, SEVERAL, SHORT_S, Dimension, Group

MONTHLY: Final = 62
"""A period of more dates is told by month: two months of dates still fit on a page."""
TITLES: Final = {
    Dimension.AGENCY: "By agency",
    Dimension.SERVICE: "By service",
    Dimension.SHIFT: "By shift",
    Dimension.HOUR: "By hour of the day",
    Dimension.DAY: "By day",
    Dimension.ZONE: "By the zone's verdict",
}
WORDS: Final = {
    Dimension.AGENCY: {NONE: "no service", SEVERAL: "several agencies", GONE: "no longer there"},
    Dimension.SERVICE: {NONE: "none"},
    Dimension.SHIFT: {NONE: "no shift"},
    Dimension.ZONE: {NONE: "no verdict"},
}
"""How people call the keys that stand for nothing of the settings."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        title: What it is about.
        headings: Of the columns; the first one is text, the others are numbers.
        rows: As many cells each.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def number(value: int) -> str:
    """A count for people."""
    return f"{value:,}"


def percent(share: float | None) -> str:
    """A share for people; never rounded to a target that was missed."""
    if share is None:
        return "-"
    tenths = int(round(share * 1_000, 6))
    return f"{tenths // 10}.{tenths % 10} %"


def part(value: int, whole: int) -> str:
    """A count's share of the whole, for people."""
    return percent(value / whole if whole else None)


def seconds(value: float | None) -> str:
    """A wait for people."""
    return "-" if value is None else f"{value:,.1f} s"


def hours(milliseconds: int) -> str:
    """A long time for people."""
    return f"{milliseconds / MILLIS / HOUR_S:,.1f} h"


def verdict(standard: Standard, share: float | None) -> str:
    """A share, and whether it is enough."""
    if share is None:
        return "-"
    return f"{percent(share)} {'met' if standard.is_met(share) else 'missed'}"


def name_of(report: Report, dimension: Dimension, key: str) -> str:
    """A key of a dimension as people call it; in a terminal, as administrators do."""
    settings = report.settings
    found = WORDS.get(dimension, {}).get(key)
    if found is not None:
        return found
    if not report.names and dimension is not Dimension.HOUR:
        return key
    match dimension:
        case Dimension.AGENCY:
            agency = settings.operators.agencies.get(AgencyId(key))
            return key if agency is None else agency.name
        case Dimension.SERVICE:
            service = settings.catalogue.services.get(ServiceId(key))
            return key if service is None else next(iter(service.name.values()), key)
        case Dimension.HOUR:
            return f"{key}:00"
        case _:
            return key


def groups_of(report: Report, dimension: Dimension) -> list[tuple[str, Group]]:
    """Names and counts of a dimension, in the order in which people look for them."""
    groups = report.tally.by[dimension]
    if dimension is Dimension.DAY:
        return _days(groups)
    order = sorted(groups) if dimension is Dimension.HOUR else list(groups)
    told = WORDS.get(dimension, {})
    return [
        (name_of(report, dimension, key), groups[key])
        for key in order
        if key not in told or groups[key].arrival.calls
    ]


def _days(groups: dict[str, Group]) -> list[tuple[str, Group]]:
    days = sorted(groups)
    if len(days) <= MONTHLY:
        return [(f"{date.fromisoformat(day):%a\u00a0%d\u00a0%b}", groups[day]) for day in days]
    months: dict[str, Group] = {}
    for day in days:
        months.setdefault(f"{date.fromisoformat(day):%b %Y}", Group()).add(groups[day])
    return list(months.items())


def standards(report: Report) -> Table:
    """The share answered in time, against each target."""
    group = report.tally.all
    rows = (
        (
            str(each),
            verdict(each, group.arrival.share_within(each.within_s)),
            verdict(each, group.queue.share_within(each.within_s)),
        )
        for each in STANDARDS
    )
    return Table("Answered in time", ("target", "from arrival", "after the menu"), tuple(rows))


def waits(report: Report) -> Table:
    """How long it took until a human answered."""
    both = report.tally.all.arrival, report.tally.all.queue

    def row(name: str, value: Callable[[Served], float | None]) -> tuple[str, ...]:
        return (name, *(seconds(value(served)) for served in both))

    rows = (
        row("mean", lambda served: served.answered.mean),
        *(row(f"{each} % within", _percentile(each)) for each in PERCENTILES),
        row("longest wait", lambda served: served.longest),
    )
    return Table("Until a human answers", ("", "from arrival", "after the menu"), rows)


def _percentile(percent_: int) -> Callable[[Served], float | None]:
    return lambda served: served.answered.percentile(percent_)


def outcome_counts(report: Report) -> list[tuple[str, int]]:
    """What became of the calls; each is in one of the rows."""
    group = report.tally.all
    short = group.arrival.given_up.within(SHORT_S)
    transferred = group.counts["transferred"]
    return [
        ("answered here", group.answered - transferred),
        ("answered by a neighbour's centre", transferred),
        (f"abandoned within {SHORT_S} s", short),
        ("abandoned later", group.abandoned - short),
        ("dismissed: another centre is theirs", group.outcomes[Outcome.DISMISSED]),
        ("given to the last resort", group.outcomes[Outcome.LAST_RESORT]),
        ("not over, or end not known", group.outcomes[Outcome.OPEN]),
    ]


def outcomes(report: Report) -> Table:
    """What became of the calls."""
    calls = report.tally.all.arrival.calls
    rows = ((name, number(count), part(count, calls)) for name, count in outcome_counts(report))
    return Table("What became of the calls", ("", "calls", "share"), tuple(rows))


def mark_counts(report: Report) -> list[tuple[str, int]]:
    """What operators said of the answered calls; each is in one of the rows."""
    group = report.tally.all
    marked = [(mark.value, group.marks[mark]) for mark in Mark]
    return [*marked, ("unmarked", group.answered - group.marked)]


def marks(report: Report) -> Table:
    """Genuine, information, prank, ghost: of the marked, and of all that were answered."""
    group = report.tally.all
    rows = (
        (
            name,
            number(count),
            part(count, group.marked) if name != "unmarked" else "-",
            part(count, group.answered),
        )
        for name, count in mark_counts(report)
    )
    headings = ("", "calls", "of the marked", "of the answered")
    return Table("What operators said of the calls", headings, tuple(rows))


def of_dimension(report: Report, dimension: Dimension) -> Table:
    """The calls of each key: how many, how soon answered, how many gave up."""
    rows = (_row(name, group) for name, group in groups_of(report, dimension))
    within = tuple(f"in {limit}\u00a0s" for limit in TIMES_S)
    headings = ("", "calls", "answered", *within, "90\u00a0% within", "gave up")
    return Table(TITLES[dimension], headings, tuple(rows))


def _row(name: str, group: Group) -> tuple[str, ...]:
    return (
        name,
        number(group.arrival.calls),
        number(group.answered),
        *(percent(group.arrival.share_within(limit)) for limit in TIMES_S),
        seconds(group.arrival.answered.percentile(90)),
        number(group.abandoned),
    )


def workers(report: Report) -> list[tuple[str, Work]]:
    """Names and work of operators, in the order of the settings, then of what else rang."""
    work = report.tally.work
    people = report.settings.operators.people
    return [
        *(
            (one.name if report.names else id_, work[f"person:{id_}"])
            for id_, one in people.items()
        ),
        *(
            (_phone(target), work[target])
            for target in sorted(work)
            if not (target.startswith("person:") and target.partition(":")[2] in people)
        ),
    ]


def _phone(target: str) -> str:
    """Who or what rang, and is no operator of the settings."""
    if target == OUTSIDE:
        return "outside"
    if target == UNKNOWN:
        return "unknown"
    kind, _, id_ = target.partition(":")
    return f"seat {id_}" if kind == "seat" else id_


def operators(report: Report) -> Table:
    """What operators had to do."""
    rows = (_work(name, work) for name, work in workers(report))
    headings = ("", "rang", "talks", "missed", "rings", "talk", "a talk", "genuine", "nuisance")
    return Table("Operators", headings, tuple(rows))


def _work(name: str, work: Work) -> tuple[str, ...]:
    nuisance = sum(count for mark, count in work.marks.items() if mark.is_nuisance)
    return (
        name,
        number(work.offers),
        number(work.talks),
        number(work.no_answer),
        seconds(work.ring_ms / work.rings / MILLIS if work.rings else None),
        hours(work.talk_ms),
        seconds(work.talk_ms / work.talks / MILLIS if work.talks else None),
        number(work.marks.get(Mark.GENUINE, 0)),
        number(nuisance),
    )


def tables(report: Report) -> Iterable[Table]:
    """All of them, the most important first."""
    yield standards(report)
    yield waits(report)
    yield outcomes(report)
    yield marks(report)
    for dimension in Dimension:
        yield of_dimension(report, dimension)
    yield operators(report)
