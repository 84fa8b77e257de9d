"""A report as a value, and as what other programs read: one JSON value, or a tidy CSV."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journal.standard import STANDARDS, Standard
from siaga.formula import harmless
from siaga.report.figure import VERSION, Number, of_calls, of_work
from siaga.report.tally import Group, Tally
from siaga.settings import Settings

ALL, OPERATOR = "all", "operator"
"""The dimensions beside those of `siaga.report.tally.Dimension`."""
COLUMNS: Final = ("version", "from", "to", "dimension", "key", "figure", "value")
"""Of the CSV: one figure a row."""


@dataclass(frozen=True, slots=True)
class Report:
    """What has been in a period.

    Attributes:
        tally: The counts.
        settings: Whose names, services, agencies and shifts are used.
        made: When it was made.
        names: Tables have agencies, services and people by their names; else by their ids.
    """

    tally: Tally
    settings: Settings
    made: datetime
    names: bool = True

    @property
    def centre(self) -> str:
        """The name of the city, if the settings tell one."""
        return next(iter(self.settings.zones.city.names), "")

    @property
    def is_complete(self) -> bool:
        """Whether the period was over when the report was made."""
        return self.tally.period.end <= self.made

    @property
    def edges(self) -> tuple[str, str]:
        """Begin and end of the period, ISO 8601 with the site's offset."""
        period = self.tally.period
        return period.start.isoformat(), period.end.isoformat()


def as_json(report: Report) -> dict[str, object]:
    """All of it, for machines."""
    tally, (start, end) = report.tally, report.edges
    return {
        "version": VERSION,
        "centre": report.centre,
        "from": start,
        "to": end,
        "timezone": report.settings.roster.timezone,
        "made": report.made.isoformat(timespec="seconds"),
        "complete": report.is_complete,
        "settings": report.settings.name,
        "standards": [_standard(each, tally.all) for each in STANDARDS],
        ALL: of_calls(tally.all),
        **{
            dimension.value: {key: of_calls(group) for key, group in sorted(groups.items())}
            for dimension, groups in tally.by.items()
        },
        OPERATOR: {target: of_work(work) for target, work in sorted(tally.work.items())},
    }


def _standard(standard: Standard, group: Group) -> dict[str, object]:
    arrival = group.arrival.share_within(standard.within_s)
    queue = group.queue.share_within(standard.within_s)
    return {
        "name": standard.name,
        "percent": standard.percent,
        "within_s": standard.within_s,
        "arrival_share": None if arrival is None else round(arrival, 4),
        "arrival_met": None if arrival is None else standard.is_met(arrival),
        "queue_share": None if queue is None else round(queue, 4),
        "queue_met": None if queue is None else standard.is_met(queue),
    }


def rows(report: Report) -> Iterator[tuple[str, str, dict[str, Number]]]:
    """Dimension, key and figures of all that is counted, in a stable order."""
    tally = report.tally
    yield ALL, ALL, of_calls(tally.all)
    for dimension, groups in tally.by.items():
        for key, group in sorted(groups.items()):
            yield dimension.value, key, of_calls(group)
    for target, work in sorted(tally.work.items()):
        yield OPERATOR, target, of_work(work)


def as_csv(report: Report) -> str:
    """One figure a row, `COLUMNS`; a figure that there is none of has no value."""
    start, end = report.edges
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for dimension, key, figures in rows(report):
        head = (VERSION, start, end, dimension, harmless(key))
        writer.writerows((*head, name, value) for name, value in figures.items())
    return text.getvalue()
