"""The command `siaga112 rehearse`, for who asks how many people a shift needs.

Exit statuses: 0 played, and no law was broken; 1 one was, or the settings or the city cannot be
used; 2 the command line is wrong; 130 stopped by Ctrl-C.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from siaga.clock import SystemClock
from siaga.period import INSTANT, edges, instant, moment
from siaga.problem import SettingsError
from siaga.rehearsal import report, screen
from siaga.rehearsal.assumption import read
from siaga.rehearsal.change import Change, ChangeError, changed, parsed
from siaga.rehearsal.city import City
from siaga.rehearsal.rehearsal import DAY, SEED, WEEK, Rehearsal, calls_of, days_of, rehearse
from siaga.rehearsal.span import Span
from siaga.roster.schedule import LAST
from siaga.settings import Settings
from siaga.terminal import (
    CONFIG,
    EXIT_OK,
    EXIT_PROBLEM,
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    err,
    fail,
    load_settings,
    print_json,
    print_problem,
)

EXIT_INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells have it."""
MOST_CALLS: Final = 10_000_000
COMPARED: Final = 52
"""Weeks that two rosters are compared in, so that one shift of a week has some hundred calls."""


def rehearse_command(  # noqa: PLR0913 - each option is an argument
    config: ConfigOption = CONFIG,
    *,
    calls: Annotated[
        int | None, typer.Option(min=1, max=MOST_CALLS, help="So many calls; else as the city has.")
    ] = None,
    seed: Annotated[int, typer.Option(help="One seed is one run.")] = SEED,
    first: Annotated[
        date | None,
        typer.Option("--from", parser=moment, metavar="TIME", help=f"From {INSTANT}."),
    ] = None,
    last: Annotated[
        date | None,
        typer.Option("--to", parser=moment, metavar="TIME", help="To then; a date is included."),
    ] = None,
    city_file: Annotated[
        Path | None,
        typer.Option("--city", metavar="FILE", help="What callers and operators do, as YAML."),
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="WHO[:DAYS][:SHIFT]",
            help="Compare: as it is, and with one more, such as dinkes:fri:malam; repeatable.",
        ),
    ] = None,
    fewer: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="WHO[:DAYS][:SHIFT]",
            help="Compare: as it is, and without that person; repeatable.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Play a city's calls on the roster: answered in time?

    Menu, hunting, overflow, queue and roster are those of the daemon; callers and operators are
    synthetic: when they call, how long they wait, who answers. One seed brings one result.

    Without --calls there are as many calls as the city makes in that time; without --from and --to
    it is the week from tomorrow, or as many days from tomorrow as so many calls take. To compare
    (--with, --without) it is a year.

    "Do we need a second medical operator on Friday nights?" --with dinkes:fri:malam

    Exit statuses: 0 played. 1 something happened that must never happen, or the settings or the
    city's file cannot be used. 2 the command line is wrong. 130 stopped by Ctrl-C.
    """
    settings = load_settings(config)
    city = City() if city_file is None else _city(city_file, settings)
    changes = _changes(settings, more or [], fewer or [])
    zone = ZoneInfo(settings.roster.timezone)
    weeks = COMPARED if changes else 1
    span = _span(city, zone, edges(first, last, zone), calls, weeks)
    number = calls or calls_of(city, span, zone)
    plays = [settings, changed(settings, changes, span)] if changes else [settings]
    done: list[Rehearsal] = []
    try:
        with _progress(number * len(plays)) as advance:
            for place, each in enumerate(plays):
                own = _offset(advance, place * number)
                done.append(rehearse(each, city, span, number, seed, progress=own))
    except KeyboardInterrupt:
        fail("stopped before all calls were played", EXIT_INTERRUPTED)
    _tell(done, changes, as_json=as_json)
    violated = any(each.watch.count for each in done)
    raise typer.Exit(EXIT_PROBLEM if violated else EXIT_OK)


def _tell(done: list[Rehearsal], changes: list[Change], *, as_json: bool) -> None:
    if as_json:
        told = report.comparison_as_json(done[0], done[1], changes) if changes else None
        print_json(told or report.as_json(done[0]))
    elif changes:
        screen.compare(done[0], done[1], changes)
    else:
        screen.show(done[0])


def _city(path: Path, settings: Settings) -> City:
    try:
        return read(path, settings)
    except SettingsError as error:
        for problem in error.problems:
            print_problem(str(problem))
        return fail(f"the city in {path} cannot be used")


def _changes(settings: Settings, more: list[str], fewer: list[str]) -> list[Change]:
    try:
        return [
            *(parsed(written, settings, adds=True) for written in more),
            *(parsed(written, settings, adds=False) for written in fewer),
        ]
    except ChangeError as error:
        fail(str(error), EXIT_USAGE)


def _span(
    city: City,
    zone: ZoneInfo,
    given: tuple[datetime | None, datetime | None],
    calls: int | None,
    weeks: int,
) -> Span:
    tomorrow = SystemClock().now().wall.astimezone(zone).date() + DAY
    begin, end = given
    start = begin or instant(tomorrow, zone)
    if end is None:
        length = WEEK * weeks if calls is None else timedelta(days=days_of(city, calls))
        end = instant((start + length).replace(tzinfo=None), zone)
    if end <= start:
        fail(f"{end:%Y-%m-%d %H:%M} is not after {start:%Y-%m-%d %H:%M}", EXIT_USAGE)
    if end.date() > LAST:
        fail(f"{end:%Y-%m-%d} is out of range; expected {LAST} at the latest", EXIT_USAGE)
    return Span(start, end)


def _offset(advance: Callable[[int], None], before: int) -> Callable[[int], None]:
    return lambda number: advance(before + number)


@contextmanager
def _interrupt() -> Iterator[Callable[[], None]]:
    """What raises KeyboardInterrupt where it is called, after Ctrl-C.

    Raised wherever the program happens to be it can be lost: in a callback of an import or of the
    garbage collector Python prints it and goes on.
    """
    asked: list[int] = []

    def look() -> None:
        if asked:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield look
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, if that is a terminal; Ctrl-C is noticed when it advances.

    Raises:
        KeyboardInterrupt: From what is given, after Ctrl-C.
    """
    columns = (TextColumn("calls"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not err.is_terminal
    bar = Progress(*columns, console=err, transient=True, disable=hidden)
    with _interrupt() as look, bar:
        task = bar.add_task("calls", total=total)

        def advance(number: int) -> None:
            look()
            bar.update(task, completed=number)

        yield advance
