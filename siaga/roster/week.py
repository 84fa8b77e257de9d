"""The roster as people read it: a table for each week, who is on duty now, one person's turns."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from routing.operator import AgencyId
from siaga.holiday import roster_of
from siaga.roster.schedule import Dates
from siaga.roster.timetable import Slot, Timetable
from siaga.roster.turn import Turn, turns
from siaga.settings import Settings

WEEK: Final = timedelta(weeks=1)
MARK: Final = ">"
"""Before the shifts that run now; a letter, so that it is there without colours."""
EXCEPTION: Final = "*"
"""After people whom an override has put there."""
NOBODY: Final = "-"
LEAST: Final = 9
"""Columns of the screen that an agency needs; with less, agencies stand below each other."""
BESIDE: Final = 24
"""Columns of the screen that day and shift take."""
AROUND: Final = timedelta(days=3)
"""A turn may have begun so long ago and go on still, over any change of clocks."""


def monday_of(day: date) -> date:
    """The Monday of a date's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def titles(settings: Settings, week: Dates) -> tuple[str, str]:
    """Which week it is, and when the shifts are."""
    shifts = ", ".join(
        f"{shift} {times.start:%H:%M}-{times.end:%H:%M}"
        for shift, times in settings.roster.shifts.items()
    )
    span = f"{week.first:%a %d %b} to {week.last:%a %d %b %Y}"
    return span, f"{shifts} ({settings.roster.timezone})"


def table(settings: Settings, told: Sequence[Turn], week: Dates, at: datetime, width: int) -> Table:
    """A week: a row for each shift of each day, and who works it.

    Args:
        settings: The accepted ones.
        told: The turns of the week.
        week: Its dates.
        at: Now; the shifts that run then are marked.
        width: Of the screen, in columns.
    """
    agencies = tuple(settings.operators.agencies)
    is_wide = (width - BESIDE) // len(agencies) > LEAST
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("", "day", "shift"):
        grid.add_column(heading, no_wrap=True)
    for heading in agencies if is_wide else ("on duty",):
        grid.add_column(heading, overflow="fold")
    before = None
    for slot in Timetable(settings.roster).slots(week.first, len(week)):
        own = [turn for turn in told if (turn.date, turn.duty.shift) == (slot.date, slot.shift)]
        people = [_people(own, agency) for agency in agencies]
        cells = people if is_wide else [_below_each_other(agencies, people)]
        is_now = slot.start <= at < slot.end
        day = f"{slot.date:%a %d %b}" if slot.date != before else ""
        grid.add_row(
            MARK if is_now else "",
            day,
            Text(slot.shift),
            *map(Text, cells),
            style="bold" if is_now else None,
            end_section=_is_last(slot, settings),
        )
        before = slot.date
    return grid


def footnotes(settings: Settings, told: Iterable[Turn], week: Dates) -> Iterator[str]:
    """A line for each holiday of the week, and for each turn that an override made."""
    roster = roster_of(settings.roster, settings.operators)
    for day in week:
        holiday = roster.holiday(day)
        if holiday is not None:
            yield f"{day:%a %d %b} is a holiday: {holiday.name}"
    for turn in told:
        if turn.is_exception:
            yield (
                f"{EXCEPTION} {turn.date:%a %d %b} {turn.duty.person}: "
                f"{turn.duty.because.text} ({turn.rule})"
            )


def now(settings: Settings, at: datetime) -> tuple[Turn, ...]:
    """Who is on duty at an instant, by agency."""
    roster = roster_of(settings.roster, settings.operators)
    zone = Timetable(settings.roster).zone
    today = at.astimezone(zone).date()
    near = turns(settings, roster, Dates((today - AROUND), (today + AROUND)))
    on_duty = set(roster.on_duty(at))
    order = list(settings.operators.agencies)
    found = (turn for turn in near if turn.duty in on_duty)
    return tuple(sorted(found, key=lambda turn: order.index(turn.agency)))


def now_table(told: Sequence[Turn], missing: Iterable[AgencyId]) -> Table:
    """Who is on duty: since when, until when, by which rule."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("agency", "who", "shift", "since", "until", "rule"):
        grid.add_column(heading, overflow="fold")
    for turn in told:
        who = f"{turn.name} ({turn.duty.person})"
        duty = turn.duty
        times = (f"{time:%a %H:%M}" for time in (duty.start, duty.end))
        grid.add_row(*map(Text, (turn.agency, who, duty.shift, *times, turn.rule)))
    for agency in missing:
        grid.add_row(Text(agency), Text("nobody"), "", "", "", "")
    return grid


def person_table(told: Iterable[Turn]) -> Table:
    """One person's turns, with their rules."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("day", "shift", "from", "until", "hours", "rule"):
        grid.add_column(heading, overflow="fold")
    for turn in told:
        duty = turn.duty
        hours = (duty.end - duty.start) / timedelta(hours=1)
        why = f"{duty.because.text} ({turn.rule})"
        grid.add_row(
            f"{turn.date:%a %d %b}",
            Text(duty.shift),
            f"{duty.start:%H:%M}",
            f"{duty.end:%a %H:%M}",
            f"{hours:g}",
            Text(why),
        )
    return grid


def _people(own: Iterable[Turn], agency: AgencyId) -> str:
    ids = [
        turn.duty.person + (EXCEPTION if turn.is_exception else "")
        for turn in own
        if turn.agency == agency
    ]
    return ", ".join(ids) or NOBODY


def _below_each_other(agencies: Sequence[AgencyId], people: Sequence[str]) -> str:
    return "\n".join(f"{agency}: {ids}" for agency, ids in zip(agencies, people, strict=True))


def _is_last(slot: Slot, settings: Settings) -> bool:
    return slot.shift == list(settings.roster.shifts)[-1]
