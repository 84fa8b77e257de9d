"""A month's figures for who watches over many centres: one table, no person in it.

The columns and their order are a contract (docs/report.md): columns come along at the end only, and
what changes its meaning is a new `VERSION`. There is nothing of callers but how many there were,
and nothing at all of operators.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from siaga.formula import harmless
from siaga.report.figure import VERSION, Number, of_calls
from siaga.report.report import Report
from siaga.report.tally import NONE, Dimension, Group

HEAD: Final = ("version", "centre", "month", "timezone", "complete", "service", "name")
"""What a row is about."""
FIGURES: Final = (
    *("calls", "answered", "answered_untimed", "transferred", "abandoned", "abandoned_short"),
    *("dismissed", "last_resort", "open"),
    *("within_10", "within_15", "within_20"),
    *("within_10_share", "within_15_share", "within_20_share"),
    *("mean_s", "p50_s", "p90_s", "p95_s", "p99_s", "longest_s"),
    *("queued", "queue_within_10_share", "queue_within_15_share", "queue_within_20_share"),
    *("queue_mean_s", "queue_p90_s"),
    *("talk_s", "genuine", "information", "prank", "ghost", "unmarked"),
)
"""Of `siaga.report.figure.CALLS`."""
COLUMNS: Final = (*HEAD, *FIGURES)
ALL: Final = "all"
"""The service of the first row, which has every call."""


def as_csv(report: Report) -> str:
    """The whole month, then each service in the order of its id, then who chose none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for service, name, group in _services(report):
        figures: dict[str, Number] = of_calls(group)
        head = (*_head(report), harmless(service), harmless(name))
        writer.writerow((*head, *(figures[each] for each in FIGURES)))
    return text.getvalue()


def _head(report: Report) -> tuple[object, ...]:
    complete = "true" if report.is_complete else "false"
    zone = report.settings.roster.timezone
    month = f"{report.tally.period.start:%Y-%m}"
    return VERSION, harmless(report.centre), month, zone, complete


def _services(report: Report) -> Iterator[tuple[str, str, Group]]:
    tally, catalogue = report.tally, report.settings.catalogue
    names = {
        str(id_): next(iter(service.name.values()), id_)
        for id_, service in catalogue.services.items()
    }
    groups = tally.by[Dimension.SERVICE]
    yield ALL, ALL, tally.all
    for service in sorted(groups, key=lambda each: (each == NONE, each)):
        yield service, names.get(service, service), groups[service]
    if NONE not in groups:
        yield NONE, NONE, Group()
