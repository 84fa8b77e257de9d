"""How calls of the journal are shown: tables for people, CSV and JSON for other programs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, assert_never

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from console import timeline
from journal.mask import PERSONAL, mask
from journal.record import Record
from journal.redial import Abandoned, Sequel
from journal.story import Outcome, Story, tell
from siaga.formula import harmless
from siaga.terminal import fail, out, print_json

COLUMNS: Final = (
    *("call", "arrived", "number", "trunk", "did", "zone", "neighbour", "service", "outcome"),
    *("offers", "answered_s", "operator", "talked_s", "ending", "by", "ended", "mark"),
)
"""Of the CSV and the JSON."""
WIDEST: Final = 1_000
"""Columns of a table, at most."""
STYLES: Final = {Outcome.ABANDONED: "yellow", Outcome.LAST_RESORT: "red"}


@dataclass(frozen=True, slots=True)
class Look:
    """How the answer is shown.

    Attributes:
        zone: The site's.
        numbers: In full.
        as_json: One JSON value.
        as_csv: A table for other programs.
    """

    zone: tzinfo
    numbers: bool
    as_json: bool
    as_csv: bool

    def number(self, number: str | None) -> str:
        """As much of a number as is shown; a dash for one that is not known any more."""
        if number is None:
            return "-"
        return number if self.numbers or not number else mask(number)


# One call


def show_call(call: str, records: Sequence[Record], look: Look) -> None:
    """One call as it happened; exits when there is none."""
    story = tell(call, records)
    if story is None:
        fail(f"the journal has no call {call!r}; siaga112 calls lists them")
    if look.as_json:
        told = [_told(record, look) for record in records]
        kept = list(_recordings(records))
        print_json({"call": _row(story, look), "recordings": kept, "records": told})
        return
    if look.as_csv:
        _print_csv([_row(story, look)], COLUMNS)
        return
    caller = look.number(story.number) or "hidden"
    when = f"{story.arrived.astimezone(look.zone):%a %d %b %Y}"
    out.print(_plain(f"{call}  {when}  caller {caller}"))
    for record in records:
        style = timeline.STYLES.get(record.what, "")
        head, *grounds = timeline.lines(record, zone=look.zone)
        out.print(Text(head, style=style))
        for ground in grounds:
            out.print(Text(ground, style="dim"))


def _recordings(records: Iterable[Record]) -> Iterator[dict[str, object]]:
    """The recordings of a call's talks; a path of None was purged, and the file with it."""
    seen: set[object] = set()
    for record in records:
        path = record.detail.get("recording")
        if record.what == "recording_kept" and (path is None or path not in seen):
            seen.add(path)
            facts = ("began", "seconds", "bytes", "sha256", "whole", "why")
            yield {"path": path, **{name: record.detail.get(name) for name in facts}}


def _told(record: Record, look: Look) -> dict[str, object]:
    detail = {
        name: PERSONAL[name](str(value))
        if name in PERSONAL and value and not look.numbers
        else value
        for name, value in record.detail.items()
    }
    return {
        "id": record.id,
        "at": record.at,
        "what": record.what,
        "offset_s": record.offset_s,
        "detail": detail,
        "because": record.because,
    }


# Many calls


def _row(story: Story, look: Look) -> dict[str, object]:
    """The call by `COLUMNS`."""
    cells: dict[str, object] = {name: getattr(story, name) for name in COLUMNS}
    cells["number"] = None if story.number is None else look.number(story.number)
    cells["outcome"] = story.outcome.value
    cells["arrived"] = story.arrived.astimezone(look.zone).isoformat(timespec="milliseconds")
    if story.ended is not None:
        cells["ended"] = story.ended.astimezone(look.zone).isoformat(timespec="milliseconds")
    return cells


def show_calls(stories: Sequence[Story], look: Look) -> None:
    """Calls, a row each."""
    rows = [_row(story, look) for story in stories]
    if look.as_json:
        print_json(rows)
    elif look.as_csv:
        _print_csv(rows, COLUMNS)
    elif not stories:
        out.print("no such call in this time")
    else:
        _print(_table(stories, look))


def _table(stories: Iterable[Story], look: Look) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("arrived", "call", "caller", "zone", "service", "outcome"):
        table.add_column(name, no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    for name in ("by whom", "talk", "mark"):
        table.add_column(name, no_wrap=True)
    for story in stories:
        table.add_row(
            f"{story.arrived.astimezone(look.zone):%a %d %b %H:%M:%S}",
            _plain(story.call),
            _plain(look.number(story.number) or "hidden"),
            _plain(" ".join(filter(None, (story.zone, story.neighbour))) or "-"),
            _plain(story.service or "-"),
            Text(story.outcome.value, style=STYLES.get(story.outcome, "")),
            _seconds(story.waited_s),
            _plain(_name(story.operator)),
            _seconds(story.talked_s or None),
            _plain(story.mark or "-"),
        )
    return table


def _print(table: Table) -> None:
    """The whole of each cell, however narrow the terminal: half of an id is none."""
    options = out.options.update(max_width=WIDEST)
    needed = Measurement.get(out, options, table).maximum
    Console(width=max(out.width, needed), highlight=False).print(table)


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"


def _plain(text: str) -> Text:
    """A cell as it is: carriers choose numbers, and `[b]` in a plain one would be a style."""
    return Text(timeline.clean(text))


def _name(target: str | None) -> str:
    return "-" if target is None else target.partition(":")[2].partition("@")[0]


# Who is to be rung


def show_abandoned(found: Sequence[Abandoned], look: Look) -> None:
    """Abandoned calls, each with what became of it."""
    rows = [
        {
            **_row(each.story, look),
            "waited_s": each.story.waited_s,
            "sequel": each.sequel.value,
            "sequel_by": each.by,
            "sequel_at": None if each.at is None else each.at.astimezone(look.zone).isoformat(),
            "tries": each.tries,
        }
        for each in found
    ]
    if look.as_json:
        print_json(rows)
    elif look.as_csv:
        _print_csv(rows, (*COLUMNS, "waited_s", "sequel", "sequel_by", "sequel_at", "tries"))
    elif not found:
        out.print("no abandoned call in this time")
    else:
        _print(_abandoned_table(found, look))


def _abandoned_table(found: Iterable[Abandoned], look: Look) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("arrived", "call", "caller", "service"):
        table.add_column(name, no_wrap=True)
    table.add_column("waited", justify="right", no_wrap=True)
    table.add_column("since then")
    for each in found:
        table.add_row(
            f"{each.story.arrived.astimezone(look.zone):%a %d %b %H:%M:%S}",
            _plain(each.story.call),
            _plain(look.number(each.story.number) or "hidden"),
            _plain(each.story.service or "-"),
            _seconds(each.story.waited_s),
            _since(each, look),
        )
    return table


def _since(each: Abandoned, look: Look) -> Text:
    when = "" if each.at is None else f"{each.at.astimezone(look.zone):%d %b %H:%M}"
    again = f", after {each.tries} more in vain" if each.tries else ""
    match each.sequel:
        case Sequel.CALLED_BACK:
            return _plain(f"called back by {each.by or 'somebody'} {when}")
        case Sequel.REDIALLED:
            return _plain(f"dialled again, answered by {_name(each.by)} {when}{again}")
        case Sequel.OPEN:
            vain = f": dialled again {each.tries} times in vain" if each.tries else ""
            return Text(f"to be called back{vain}", style="yellow")
        case Sequel.WITHHELD:
            return Text("the number was withheld")
        case _:
            assert_never(each.sequel)


def _cell(value: object) -> object:
    """A cell that neither a spreadsheet nor a terminal runs."""
    return harmless(timeline.clean(value)) if isinstance(value, str) else value


def _print_csv(rows: Iterable[dict[str, object]], columns: Sequence[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow([_cell(cell) for cell in cells])
    typer.echo(text.getvalue(), nl=False)
