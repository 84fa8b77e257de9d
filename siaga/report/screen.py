"""A report in the terminal: a sentence on what it is of, and its tables."""

from typing import Final

from rich.text import Text

from siaga.report.report import Report
from siaga.report.table import number, tables
from siaga.terminal import new_table, out, print_table

STYLES: Final = {"missed": "red", "met": "green"}


def show(report: Report) -> None:
    """All that people want to know of it."""
    out.print(Text(headline(report)))
    if not report.is_complete:
        out.print(Text("The period is not over: figures will change.", style="yellow"))
    for each in tables(report):
        table = new_table(each.title, *each.headings)
        for first, *others in each.rows:
            table.add_row(Text(first), *map(_cell, others))
        print_table(table)


def headline(report: Report) -> str:
    """What the report is of, in a sentence."""
    period = report.tally.period
    calls = report.tally.all.arrival.calls
    of = f"{report.centre}: " if report.centre else ""
    return (
        f"{of}{number(calls)} call{'' if calls == 1 else 's'} from {period.start:%a %d %b %Y %H:%M}"
        f" until before {period.end:%a %d %b %Y %H:%M}, {report.settings.roster.timezone}"
    )


def _cell(cell: str) -> Text:
    return Text(cell, style=STYLES.get(cell.rpartition(" ")[2], ""))
