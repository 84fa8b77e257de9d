"""The commands `siaga112 roster …`, for the people who make the roster.

Exit statuses are those of all commands (siaga.cli).
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from routing.operator import AgencyId, PersonId
from routing.walltime import as_shown, first_instant
from siaga.clock import SystemClock
from siaga.holiday import roster_of
from siaga.problem import suggestion
from siaga.roster import screen, week
from siaga.roster.directory import Directory
from siaga.roster.inspection import Level, folded, inspect
from siaga.roster.revision import Scope, revise
from siaga.roster.schedule import FIRST, LAST, MAX_DAYS, Dates, Schedule, ScheduleError, contents
from siaga.roster.timetable import Timetable
from siaga.roster.turn import people_of, turns
from siaga.settings import Settings
from siaga.terminal import (
    CONFIG,
    EXIT_OK,
    EXIT_PROBLEM,
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    explained,
    fail,
    load_settings,
    out,
    print_json,
    print_problem,
)

SHOW_WEEKS: Final = 1
PERSON_WEEKS: Final = 4
CHECK_WEEKS: Final = 8
EXPORT_DAYS: Final = 28
SHOWN: Final = 2
"""Lines for a finding that repeats; the last of them tells how often it does."""


class Format(StrEnum):
    """What is exported."""

    ICS = "ics"
    CSV = "csv"


app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Show the roster, look it over weeks ahead, export and import it.",
)


def _day(written: str) -> date:
    try:
        return _bounded(date.fromisoformat(written))
    except ValueError:
        raise typer.BadParameter(f"expected a date such as 2026-12-31, found {written!r}") from None


def _time(written: str) -> datetime:
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        message = f"expected a time such as 2026-12-31T21:00, found {written!r}"
        raise typer.BadParameter(message) from None
    _bounded(time.date())
    return time


def _bounded(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise typer.BadParameter(f"{day} is out of range; expected {FIRST} to {LAST}")
    return day


AtOption = Annotated[
    datetime | None,
    typer.Option("--at", parser=_time, metavar="TIME", help="As if it were 2026-12-31T21:00."),
]
FromOption = Annotated[
    date | None, typer.Option("--from", parser=_day, metavar="DATE", help="The first date.")
]
ToOption = Annotated[
    date | None, typer.Option("--to", parser=_day, metavar="DATE", help="The last date.")
]
PeopleOption = Annotated[
    list[str] | None, typer.Option("--person", metavar="ID", help="Only this person; repeatable.")
]
AgenciesOption = Annotated[
    list[str] | None, typer.Option("--agency", metavar="ID", help="Only its people; repeatable.")
]


@app.command("show")
def show_command(
    config: ConfigOption = CONFIG,
    *,
    now: Annotated[bool, typer.Option("--now", help="Who is on duty now, by which rule.")] = False,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="One person's turns, by which rule.")
    ] = None,
    day: Annotated[
        date | None,
        typer.Option("--week", parser=_day, metavar="DATE", help="The week of this date."),
    ] = None,
    weeks: Annotated[
        int | None,
        typer.Option(min=1, max=53, help="So many weeks; 1, or 4 of one person's turns."),
    ] = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who works when: this week as a table, who is on duty now, or one person's turns.

    Shifts that run now are marked with >, people whom an override put on duty with *. A person may
    be given by id or name. Times are the site's.
    """
    if now and (person is not None or day is not None or weeks is not None):
        fail("--now cannot stand with --person, --week or --weeks", EXIT_USAGE)
    settings = load_settings(config)
    instant = instant_of(settings, at)
    if now:
        screen.show_now(settings, instant, as_json=as_json)
        return
    today = instant.date()
    if person is not None:
        first = today if day is None else week.monday_of(day)
        dates = Dates.of(first, (weeks or PERSON_WEEKS) * 7)
        screen.show_person(settings, person_of(settings, person), dates, as_json=as_json)
        return
    first = week.monday_of(today if day is None else day)
    screen.show_weeks(
        settings, Dates.of(first, (weeks or SHOW_WEEKS) * 7), instant, as_json=as_json
    )


@app.command("check")
def check_command(
    config: ConfigOption = CONFIG,
    *,
    weeks: Annotated[int, typer.Option(min=1, max=53, help="So many weeks ahead.")] = CHECK_WEEKS,
    at: AtOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 1 for warnings, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look weeks ahead for what is wrong with the roster, each with file and line.

    Errors: nobody of an agency on duty, fewer people than `staffing` in roster.yaml says, one
    person in two places. Warnings: too little rest between two turns, hours, nights or holidays
    that are shared unevenly. Notes: people on no shift. People whom nobody knows, or who have no
    seat, are errors of the settings, which are told first.

    The exit status is 1 when there are errors, or with --strict warnings; else 0.
    """
    settings = load_settings(config)
    start = instant_of(settings, at)
    found = inspect(settings, start, weeks)
    counts = {level: sum(one.level is level for one in found) for level in Level}
    if as_json:
        report = {
            "from": start.isoformat(),
            "weeks": weeks,
            **{f"{level}s": count for level, count in counts.items()},
            "findings": [finding.as_json() for finding in found],
        }
        print_json(report)
    else:
        for line in folded(found, SHOWN):
            print_problem(line)
        summary = ", ".join(
            f"{count} {level}" + "s" * (count != 1) for level, count in counts.items()
        )
        until = start + timedelta(weeks=weeks)
        out.print(Text(f"{config}: {start:%a %d %b} to {until:%a %d %b %Y}: {summary}"))
    is_bad = counts[Level.ERROR] or (strict and counts[Level.WARNING])
    raise typer.Exit(EXIT_PROBLEM if is_bad else EXIT_OK)


@app.command("export")
def export_command(
    config: ConfigOption = CONFIG,
    *,
    format_: Annotated[Format, typer.Option("--format", help="iCalendar or CSV.")] = Format.ICS,
    first: FromOption = None,
    last: ToOption = None,
    people: PeopleOption = None,
    agencies: AgenciesOption = None,
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Else it is printed.")
    ] = None,
) -> None:
    """Write the turns of some dates as a calendar (iCalendar, RFC 5545) or a table (CSV, RFC 4180).

    Both dates are included; without them it is four weeks from today. What is exported can be
    imported again without loss of who, from when and until when.
    """
    settings = load_settings(config)
    at = instant_of(settings, None)
    start = first or at.date()
    days = Dates(start, last or min(start + timedelta(days=EXPORT_DAYS - 1), LAST))
    _require_span(days)
    chosen = _chosen(settings, people, agencies) or frozenset(settings.operators.people)
    found = turns(settings, roster_of(settings.roster, settings.operators), days)
    told = [turn for turn in found if turn.duty.person in chosen]
    # The calendar's libraries take a quarter of a second to load, and only two commands need them.
    from siaga.roster import calendar, table  # noqa: PLC0415

    text = calendar.write(told, days, chosen, at) if format_ is Format.ICS else table.write(told)
    if target is None:
        typer.echo(text.encode(), nl=False)
        return
    with explained(OSError):
        target.write_bytes(text.encode())
    out.print(Text(f"{target}: {len(told)} turns of {len(chosen)} people, {days}"))


@app.command("import")
def import_command(  # noqa: PLR0913 - each option is an argument
    source: Annotated[Path, typer.Argument(metavar="FILE", help="An .ics or .csv file.")],
    config: ConfigOption = CONFIG,
    *,
    first: FromOption = None,
    last: ToOption = None,
    people: PeopleOption = None,
    agencies: AgenciesOption = None,
    everyone: Annotated[
        bool, typer.Option("--everyone", help="Who is not in the file has no turns.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference, change nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the roster of some dates say what a calendar or a table says.

    What differs from the pattern is written into roster.yaml as overrides (`extra`, `leave`); every
    other line stays as it is. It is all or nothing: with anything wrong in the file, or in the
    settings as they would be, nothing is changed. Importing the same file again changes nothing.
    The daemon uses the new roster after `siaga112 reload`.

    The dates are those of the turns in the file, unless it or --from and --to say otherwise. A file
    that does not name all who have turns then needs --person, --agency or --everyone.
    """
    settings = load_settings(config)
    chosen = _chosen(settings, people, agencies)
    try:
        dates = _given(first, last)
        told = _read(source, settings, dates)
        scope = Scope(dates=dates, people=chosen, everyone=everyone)
        revision = revise(settings, config, source, told, scope)
        if not dry_run:
            with explained(OSError):
                revision.write()
    except ScheduleError as error:
        for problem in error.problems:
            print_problem(str(problem))
        fail(f"nothing of {source} was imported")
    if as_json:
        print_json(screen.revision_as_json(revision, written=not dry_run))
    else:
        screen.show_revision(revision, dry_run=dry_run)


def instant_of(settings: Settings, at: datetime | None) -> datetime:
    """That instant, or now, as the site's clock shows it; a time without an offset is its own."""
    zone = Timetable(settings.roster).zone
    if at is None:
        at = SystemClock().now().wall
    return as_shown(first_instant(at, zone) if at.tzinfo is None else at, zone)


def _given(first: date | None, last: date | None) -> Dates | None:
    """The dates of --from and --to; one of them alone is one date."""
    if first is None and last is None:
        return None
    if first is None or last is None:
        fail("--from and --to belong together", EXIT_USAGE)
    days = Dates(first, last)
    _require_span(days)
    return days


def _require_span(days: Dates) -> None:
    if days.last < days.first:
        fail(f"{days.last} is before {days.first}: no day is left", EXIT_USAGE)
    if not 1 <= len(days) <= MAX_DAYS:
        message = f"from {days.first} to {days.last} are {len(days)} days; expected 1 to {MAX_DAYS}"
        fail(message, EXIT_USAGE)


def person_of(settings: Settings, written: str) -> PersonId:
    """The person of that id or name; of an unknown one the command line is wrong."""
    directory = Directory(settings.operators)
    found = directory.find([written])
    if found is None:
        fail(directory.unknown(written), EXIT_USAGE)
    return found


def _chosen(
    settings: Settings, people: list[str] | None, agencies: list[str] | None
) -> frozenset[PersonId] | None:
    """The people of --person and --agency; None when neither is given."""
    if not people and not agencies:
        return None
    known = settings.operators.agencies
    for agency in agencies or ():
        if agency not in known:
            meant = suggestion(agency, known, "agencies")
            fail(f"unknown agency {agency!r}{meant}", EXIT_USAGE)
    ids = (person_of(settings, written) for written in people or ())
    return people_of(settings, ids, map(AgencyId, agencies or ()))


def _read(source: Path, settings: Settings, days: Dates | None) -> Schedule:
    from siaga.roster import calendar, table  # noqa: PLC0415 - the first one loads slowly

    data, zone = contents(source), Timetable(settings.roster).zone
    if source.suffix.lower() == ".csv":
        return table.read(data, source, zone)
    if source.suffix.lower() == ".ics":
        return calendar.read(data, source, zone, days)
    return fail(f"{source} is neither .ics nor .csv", EXIT_USAGE)
