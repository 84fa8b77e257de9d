"""What the roster's commands print: tables for people, one JSON value for machines."""

from collections.abc import Iterable
from datetime import datetime
from difflib import unified_diff

from rich.text import Text

from routing.operator import PersonId
from siaga.holiday import roster_of
from siaga.roster import week
from siaga.roster.revision import Revision
from siaga.roster.schedule import Dates
from siaga.roster.turn import Post, Turn, turns
from siaga.settings import Settings
from siaga.terminal import out, print_json


def show_now(settings: Settings, at: datetime, *, as_json: bool) -> None:
    """Who is on duty at an instant, and which agencies have nobody."""
    told = week.now(settings, at)
    present = {turn.agency for turn in told}
    missing = [agency for agency in settings.operators.agencies if agency not in present]
    change = roster_of(settings.roster, settings.operators).next_change(at)
    if as_json:
        print_json(
            {
                "at": at.isoformat(),
                "until": None if change is None else change.isoformat(),
                "turns": [turn.as_json() for turn in told],
                "nobody": missing,
            }
        )
        return
    until = "" if change is None else f", until {change:%a %d %b %H:%M}"
    out.print(Text(f"on duty {at:%a %d %b %Y %H:%M}{until}"))
    out.print(week.now_table(told, missing), soft_wrap=False)


def show_person(settings: Settings, person: PersonId, days: Dates, *, as_json: bool) -> None:
    """One person's turns on these dates."""
    found = turns(settings, roster_of(settings.roster, settings.operators), days)
    told = [turn for turn in found if turn.duty.person == person]
    if as_json:
        print_json(_turns_as_json(days, told))
        return
    one = settings.operators.people[person]
    out.print(Text(f"{one.name} ({person}), {one.agency}: {len(told)} turns, {days}"))
    if told:
        out.print(week.person_table(told), soft_wrap=False)


def show_weeks(settings: Settings, days: Dates, at: datetime, *, as_json: bool) -> None:
    """A table for each week of these dates, the first of which is a Monday."""
    told = turns(settings, roster_of(settings.roster, settings.operators), days)
    if as_json:
        print_json(_turns_as_json(days, told))
        return
    for monday in list(days)[::7]:
        one = Dates.of(monday, 7)
        own = [turn for turn in told if turn.date in one]
        for line in week.titles(settings, one):
            out.print(Text(line))
        out.print(week.table(settings, own, one, at, out.width), soft_wrap=False)
        for line in week.footnotes(settings, own, one):
            out.print(Text(line))


def show_revision(revision: Revision, *, dry_run: bool) -> None:
    """What an import changes; without writing, the difference line by line."""
    if dry_run:
        for line in _difference(revision):
            style = {"+": "green", "-": "red"}.get(line[:1], "")
            out.print(Text(line, style=style))
    changes = [f"{len(revision.on)} turns more, {len(revision.off)} fewer"]
    if not (revision.on or revision.off):
        changes = ["nothing changes"]
    elif dry_run:
        changes.append(f"not written to {revision.path}")
    else:
        changes.append(f"written to {revision.path}")
    if revision.left_out:
        changes.append(f"{revision.left_out} turns of the file are outside of what was asked for")
    out.print(Text(f"{revision.dates}: {'; '.join(changes)}"))


def _turns_as_json(days: Dates, told: Iterable[Turn]) -> dict[str, object]:
    return {
        "from": str(days.first),
        "to": str(days.last),
        "turns": [turn.as_json() for turn in told],
    }


def _difference(revision: Revision) -> Iterable[str]:
    old, new = (data.decode("utf-8-sig").splitlines() for data in (revision.old, revision.new))
    name = str(revision.path)
    return unified_diff(old, new, name, f"{name} (with the import)", lineterm="")


def revision_as_json(revision: Revision, *, written: bool) -> dict[str, object]:
    """What an import changes, for machines; `written` tells whether it was to be written."""

    def told(posts: Iterable[Post]) -> list[dict[str, str]]:
        return [{"date": str(day), "shift": shift, "person": who} for day, shift, who in posts]

    return {
        "from": str(revision.dates.first),
        "to": str(revision.dates.last),
        "on": told(revision.on),
        "off": told(revision.off),
        "left_out": revision.left_out,
        "written": written and revision.new != revision.old,
    }
