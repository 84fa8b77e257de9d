"""The command `siaga112 calls`: the calls of a time, one call as it happened, who is to be rung."""

from datetime import timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from journal.story import Outcome
from siaga import ledger, sheet
from siaga.archive import consult, records_of
from siaga.clock import SystemClock
from siaga.ledger import Query
from siaga.period import FromOption, ToOption, edges
from siaga.problem import suggestion
from siaga.settings import Settings
from siaga.sheet import Look
from siaga.terminal import CONFIG, EXIT_USAGE, ConfigOption, JsonOption, fail, load_settings

RECENT: Final = timedelta(days=1)
"""Calls that are shown when no time is given: a day has all shifts."""
OWED: Final = timedelta(days=7)
"""The same of abandoned calls: who has not been rung for a week is not waiting for it."""
LEAST_DIGITS: Final = 3
"""Of a number that is searched for; fewer would be in almost every number."""


def calls_command(  # noqa: PLR0913 - each is an option of the command line
    call: Annotated[
        str | None, typer.Argument(metavar="[CALL]", help="One call, as it happened.")
    ] = None,
    config: ConfigOption = CONFIG,
    *,
    first: FromOption = None,
    last: ToOption = None,
    service: Annotated[str | None, typer.Option(metavar="ID", help="Asked for it last.")] = None,
    number: Annotated[
        str | None, typer.Option(metavar="DIGITS", help="The caller's number, or a part of it.")
    ] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="What became of the caller.")] = None,
    operator: Annotated[
        str | None, typer.Option(metavar="ID", help="Talked to this person or seat.")
    ] = None,
    abandoned: Annotated[
        bool, typer.Option("--abandoned", help="Who hung up before a human, and what became of it.")
    ] = False,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Show callers' numbers in full.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write a table for other programs.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the calls of the last day, or of a time, or one call as it happened.

    A row has the arrival, the caller, the zone's verdict, the service, how long it took to reach a
    human and who that was, how it ended, and what the operator said of it. With --abandoned: the
    calls of the last week that nobody answered, and whether the caller was rung, dialled again and
    was answered, or still waits to be rung. Times are the site's. Numbers are masked.

    Exit statuses: 0 done, also when there are none. 1 the journal cannot be read, or has no such
    call. 2 the command line is wrong.
    """
    if as_csv and as_json:
        fail("--csv and --json cannot stand together", EXIT_USAGE)
    settings = load_settings(config)
    zone = ZoneInfo(settings.roster.timezone)
    look = Look(zone, numbers, as_json, as_csv)
    if call is not None:
        sheet.show_call(call, records_of(settings, call), look)
        return
    _check(settings, service, number)
    since, until = edges(first, last, zone)
    if since is None and until is None and not number:
        since = SystemClock().now().wall - (OWED if abandoned else RECENT)
    query = Query(since, until, service, number, outcome, operator)
    if abandoned:
        sheet.show_abandoned(
            consult(settings, lambda archive: ledger.abandoned(archive, query)), look
        )
    else:
        sheet.show_calls(consult(settings, lambda archive: ledger.stories(archive, query)), look)


def _check(settings: Settings, service: str | None, number: str | None) -> None:
    services = settings.catalogue.services
    if service is not None and service not in services:
        fail(f"unknown service {service!r}{suggestion(service, services, 'services')}", EXIT_USAGE)
    if number is not None and len(Query(number=number).digits) < LEAST_DIGITS:
        fail(f"expected {LEAST_DIGITS} digits of a number or more, found {number!r}", EXIT_USAGE)
