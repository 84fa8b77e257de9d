"""A rehearsal as people read it: tables that fit eighty columns, and sentences."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from journal.standard import STANDARDS
from journal.wait import Served
from siaga.rehearsal.change import Change
from siaga.rehearsal.rehearsal import Rehearsal
from siaga.rehearsal.report import (
    HOUR_S,
    busy_share,
    concerned,
    load_of,
    people_of,
    percent,
    verdict,
    why,
)
from siaga.rehearsal.tally import Load
from siaga.roster.slot import SlotId
from siaga.terminal import err, new_table, out, print_table

WORST_SHIFTS: Final = 8
"""Rows of the table of shifts; --json has all."""
LEAST_CALLS: Final = 10
"""Of a shift's service, to be among the worst: one late call of two is no pattern."""
STEPS: Final = {
    "hunt_group": "the hunt group",
    "supervisor": "a supervisor",
    "other_agencies": "another agency",
    "previous_shift": "the shift before",
    "wrap_up": "in wrap-up",
    "post": "the post's phone",
    "outside": "a number outside",
}


def show(done: Rehearsal) -> None:
    """All that one rehearsal tells."""
    span, tally = done.span, done.tally
    out.print(
        Text(
            f"{tally.all.calls:,} calls from {span.start:%a %d %b %Y %H:%M} to "
            f"{span.end:%a %d %b %Y %H:%M}, seed {done.seed}, settings {done.settings.name}, "
            f"played in {done.wall_s:.1f} s"
        )
    )
    print_table(_answers(done))
    print_table(_marks(done))
    print_table(_loads(done))
    print_table(_shifts(done))
    _steps(done)
    _worst(done)
    show_violations(done)


def compare(before: Rehearsal, after: Rehearsal, changes: Sequence[Change]) -> None:
    """Two rehearsals of the same callers side by side, where the changes concern them."""
    names = " and ".join(str(change) for change in changes)
    out.print(
        Text(
            f"the same {before.tally.all.calls:,} callers twice, "
            f"{before.span.start:%a %d %b %Y} to {before.span.end:%a %d %b %Y}, "
            f"seed {before.seed}: as it is, and {names}"
        )
    )
    for change in changes:
        services = ", ".join(sorted(change.services(before.settings)))
        title = f"{change.when}: {services}"
        own, other = concerned(before, change), concerned(after, change)
        print_table(_side_by_side(title, str(change), own, other))
        out.print(Text(f"{change}, {change.when}: {verdict(before, after, change)}"))
    print_table(
        _side_by_side("all shifts and services", names, before.tally.chosen, after.tally.chosen)
    )
    show_violations(before)
    show_violations(after)


def show_violations(done: Rehearsal) -> None:
    """What must never be and was, on standard error; else that nothing was."""
    count = done.watch.count
    if not count:
        out.print(Text("laws held: one call an operator, first come first served, one end a call"))
        return
    for each in done.watch.shown:
        err.print(Text(f"violation: {each}", style="red"))
    err.print(Text(f"{count} violations of what must never be: please report them", style="red"))


def _answers(done: Rehearsal) -> Table:
    all_, chosen = done.tally.all, done.tally.chosen
    grid = new_table("until a human answers", "", "from dialling", "after the menu")
    for standard in STANDARDS:
        cells = []
        for served in (all_, chosen):
            share = served.share_within(standard.within_s)
            cells.append(f"{percent(share)} {'met' if standard.is_met(share) else 'missed'}")
        grid.add_row(str(standard), *cells)
    for each in (50, 90, 99):
        waits = (served.answered.percentile(each) for served in (all_, chosen))
        grid.add_row(f"{each} % within", *map(_seconds, waits))
    grid.add_row("longest wait", *(_seconds(served.longest) for served in (all_, chosen)))
    gone = (f"{served.given_up.number:,}" for served in (all_, chosen))
    grid.add_row("gave up", *gone)
    if done.tally.ringing:
        grid.add_row("still ringing at the end", f"{done.tally.ringing:,}", "")
    return grid


def _marks(done: Rehearsal) -> Table:
    grid = new_table("by kind of call", "", "calls", "reached a human", "gave up", "90 % within")
    for mark, served in done.tally.marks.items():
        grid.add_row(
            mark.value,
            f"{served.calls:,}",
            f"{served.answered.number:,}",
            f"{served.given_up.number:,}",
            _seconds(served.answered.percentile(90)),
        )
    return grid


def _loads(done: Rehearsal) -> Table:
    grid = new_table("load", "agency, person", "calls", "hours on duty", "busy", "rang out")
    operators = done.settings.operators
    for agency in operators.agencies:
        people = people_of(done, agency)
        if people:
            _load_row(grid, Text(agency, style="bold"), *load_of(done, people))
        for person in people:
            _load_row(grid, Text(f"  {person}"), *load_of(done, [person]))
    for key, load in sorted(done.tally.loads.items()):
        if not key.startswith("person:"):
            _load_row(grid, Text(key), load, 0.0)
    return grid


def _load_row(grid: Table, name: Text, load: Load, on_duty_s: float) -> None:
    hours = f"{on_duty_s / HOUR_S:,.0f}" if on_duty_s else "-"
    busy = percent(busy_share(load, on_duty_s))
    grid.add_row(name, f"{load.calls:,}", hours, busy, f"{load.missed:,}")


def _shifts(done: Rehearsal) -> Table:
    grid = new_table(
        f"the {WORST_SHIFTS} worst shifts, after the menu",
        "shift, service",
        "calls",
        "in 10 s",
        "90 % within",
        "longest",
        "gave up",
    )
    found = [item for item in done.tally.slots.items() if item[1].calls >= LEAST_CALLS]
    found.sort(key=_badness)
    for (slot, service), served in found[:WORST_SHIFTS]:
        grid.add_row(
            f"{slot}, {service}",
            f"{served.calls:,}",
            percent(served.share_within(10)),
            _seconds(served.answered.percentile(90)),
            _seconds(served.longest),
            f"{served.given_up.number:,}",
        )
    return grid


def _badness(item: tuple[tuple[SlotId, str], Served]) -> tuple[float, str]:
    (slot, service), served = item
    share = served.share_within(10)
    return (1.0 if share is None else share, f"{slot} {service}")


def _steps(done: Rehearsal) -> None:
    total = sum(done.tally.steps.values())
    told: Iterable[str] = (
        f"{STEPS.get(step, step)} {count:,} ({percent(count / total)})"
        for step, count in done.tally.steps.most_common()
    )
    out.print()
    out.print(Text(f"answered by: {', '.join(told) or 'nobody'}"))


def _worst(done: Rehearsal) -> None:
    hour = done.tally.hours.worst
    if hour is None:
        return
    late, longest_s = hour.badness
    when = f"{hour.start:%A %d %b %Y %H:%M}-{(hour.start.hour + 1) % 24:02}:00"
    out.print(
        Text(
            f"worst hour: {when}: {late} waited more than 20 s after the menu, the longest "
            f"{longest_s:.0f} s: {why(hour)}"
        )
    )


def _side_by_side(title: str, name: str, before: Served, after: Served) -> Table:
    grid = new_table(title, "after the menu", "as it is", name)
    grid.add_row("calls", f"{before.calls:,}", f"{after.calls:,}")
    for standard in STANDARDS:
        shares = (served.share_within(standard.within_s) for served in (before, after))
        grid.add_row(str(standard), *map(percent, shares))
    for each in (50, 90, 99):
        waits = (served.answered.percentile(each) for served in (before, after))
        grid.add_row(f"{each} % within", *map(_seconds, waits))
    grid.add_row("longest wait", _seconds(before.longest), _seconds(after.longest))
    grid.add_row("gave up", f"{before.given_up.number:,}", f"{after.given_up.number:,}")
    return grid


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"
