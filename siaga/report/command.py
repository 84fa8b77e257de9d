"""The command `siaga112 report`: what has been in a time, for people and for other programs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
import typer

from siaga import file
from siaga.archive import consult
from siaga.clock import SystemClock
from siaga.period import DAY, FromOption, Period, ToOption, edges, instant, month, of_month
from siaga.report import national, page, report, screen
from siaga.report.call import NAMES, read
from siaga.report.report import Report
from siaga.report.tally import Tally
from siaga.settings import Settings
from siaga.terminal import (
    CONFIG,
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    err,
    explained,
    fail,
    load_settings,
    out,
)

if TYPE_CHECKING:
    from journal.archive import Archive

RECENT: Final = timedelta(days=7)
"""So much is told when no time is given: a week has every shift of every day once."""
LONGEST: Final = timedelta(days=3_660)
"""Ten years: each day of a period has counts of its own."""


class Form(Enum):
    """How the report is written."""

    TABLES = "tables"
    CSV = "--csv"
    JSON = "--json"
    HTML = "--html"
    NATIONAL = "--national"


def report_command(  # noqa: PLR0913 - each is an option of the command line
    config: ConfigOption = CONFIG,
    *,
    first: FromOption = None,
    last: ToOption = None,
    of: Annotated[
        date | None,
        typer.Option("--month", parser=month, metavar="MONTH", help="Such as 2026-11; whole."),
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write one figure a row, for other programs.")
    ] = False,
    as_json: JsonOption = False,
    as_html: Annotated[
        bool, typer.Option("--html", help="Write one page with charts, to be read or printed.")
    ] = False,
    as_national: Annotated[
        bool,
        typer.Option("--national", help="Write a month's CSV for a national monitoring centre."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Replace this file; else standard output."),
    ] = None,
) -> None:
    """Report on a time: answered within 10, 15, 20 s, abandoned, by whom and when.

    A call counts in the period in which it arrived. Answer times run from the arrival, menu
    included, to the first human, and beside it from the menu's end; they are held to NFPA 1225 and
    NENA-STA-020. By agency, service, shift, hour, day, zone and operator; and how many were
    genuine, information, prank or ghost.

    Without a time it is the last seven days up to midnight. Times are the site's; a date with --to
    is included. There is no caller's number in any form, and in --national no operator either.

    Exit statuses: 0 done, also when there are no calls. 1 the journal cannot be read, or the file
    not be written. 2 the command line is wrong.
    """
    form = _form(as_csv=as_csv, as_json=as_json, as_html=as_html, as_national=as_national)
    if form is Form.NATIONAL and of is None:
        fail("--national is of a whole month: give --month", EXIT_USAGE)
    if output is not None and form is Form.TABLES:
        fail("--output needs --csv, --json, --html or --national", EXIT_USAGE)
    settings = load_settings(config)
    now = SystemClock().now().wall
    period = _period(first, last, of, now, ZoneInfo(settings.roster.timezone))
    made = now.astimezone(period.zone)
    done = Report(_gathered(settings, period), settings, made, names=form is not Form.TABLES)
    if form is Form.TABLES:
        screen.show(done)
        return
    _write(_WRITTEN[form](done), output)


def _form(*, as_csv: bool, as_json: bool, as_html: bool, as_national: bool) -> Form:
    wanted = {
        Form.CSV: as_csv,
        Form.JSON: as_json,
        Form.HTML: as_html,
        Form.NATIONAL: as_national,
    }
    forms = [form for form, is_wanted in wanted.items() if is_wanted]
    if len(forms) > 1:
        names = " and ".join(form.value for form in forms)
        fail(f"{names} cannot stand together", EXIT_USAGE)
    return forms[0] if forms else Form.TABLES


def _period(
    first: date | None, last: date | None, of: date | None, now: datetime, zone: ZoneInfo
) -> Period:
    if of is not None:
        if first is not None or last is not None:
            fail("--month cannot stand with --from or --to", EXIT_USAGE)
        return of_month(of, zone)
    if last is not None and first is None:
        fail("--to needs --from", EXIT_USAGE)
    begin, end = edges(first, last, zone)
    today = now.astimezone(zone).date()
    if begin is None:
        return Period(instant(today - RECENT, zone), instant(today, zone), zone)
    end = end or instant(now.astimezone(zone), zone)
    if end <= begin:
        fail(f"{end:%Y-%m-%d %H:%M} is not after {begin:%Y-%m-%d %H:%M}", EXIT_USAGE)
    if end - begin > LONGEST:
        fail(f"the time is too long; expected {LONGEST // DAY} days at most", EXIT_USAGE)
    return Period(begin, end, zone)


def _gathered(settings: Settings, period: Period) -> Tally:
    async def gather(archive: "Archive") -> Tally:
        tally = Tally(settings, period)
        async for history in archive.histories(period.start, period.end, NAMES):
            call = read(history)
            if call is not None:
                tally.take(call)
                told(tally.all.arrival.calls)
        return tally

    with err.status("reading the journal") as status:

        def told(calls: int) -> None:
            if calls % TOLD == 0:
                status.update(f"reading the journal: {calls:,} calls")

        return consult(settings, gather)


TOLD: Final = 1_000
"""Calls from one word on the progress to the next."""


def _as_json(done: Report) -> str:
    return msgspec.json.format(msgspec.json.encode(report.as_json(done)), indent=2).decode() + "\n"


_WRITTEN: Final[dict[Form, Callable[[Report], str]]] = {
    Form.CSV: report.as_csv,
    Form.JSON: _as_json,
    Form.HTML: page.as_html,
    Form.NATIONAL: national.as_csv,
}


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    with explained(OSError):
        file.replace(output, text.encode())
        file.sync(output.resolve().parent)
    out.print(f"{output}: written")
