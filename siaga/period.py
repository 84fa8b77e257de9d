"""A time that a command is asked about, as people write it: half-open, on the site's clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Final

import typer

from routing.walltime import as_shown, first_instant
from siaga.roster.schedule import FIRST, LAST

DAY: Final = timedelta(days=1)
INSTANT: Final = "2026-12-31 or 2026-12-31T21:00"
MONTH: Final = "2026-12"
MONTH_LETTERS: Final = len(MONTH)
DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)`, each as the site's clock shows it.

    Attributes:
        start: The first instant of it.
        end: The first instant after it.
        zone: The site's.
    """

    start: datetime
    end: datetime
    zone: tzinfo

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def dates(self) -> list[date]:
        """The dates of the site that it touches."""
        first = self.start.astimezone(self.zone).date()
        last = (self.end - timedelta.resolution).astimezone(self.zone).date()
        return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def moment(written: str) -> date | datetime:
    """A date, or an instant; a time without an offset is the site's. For `typer.Option`."""
    found: date | datetime
    try:
        found = date.fromisoformat(written)
    except ValueError:
        try:
            found = datetime.fromisoformat(written)
        except ValueError:
            raise typer.BadParameter(f"expected {INSTANT}, found {written!r}") from None
    day = found.date() if isinstance(found, datetime) else found
    if not FIRST <= day <= LAST:
        raise typer.BadParameter(f"{day} is out of range; expected {FIRST} to {LAST}")
    return found


FromOption = Annotated[
    date | None,
    typer.Option("--from", parser=moment, metavar="TIME", help="Arrived then or later."),
]
ToOption = Annotated[
    date | None,
    typer.Option("--to", parser=moment, metavar="TIME", help="Before it, or on that date."),
]


def month(written: str) -> date:
    """The first date of a month. For `typer.Option`."""
    try:
        first = date.fromisoformat(f"{written}-01")
    except ValueError:
        raise typer.BadParameter(f"expected a month such as {MONTH}, found {written!r}") from None
    if len(written) != MONTH_LETTERS:
        raise typer.BadParameter(f"expected a month such as {MONTH}, found {written!r}")
    if not FIRST <= first <= LAST:
        raise typer.BadParameter(f"{written} is out of range; expected {FIRST} to {LAST}")
    return first


def of_month(first: date, zone: tzinfo) -> Period:
    """A whole month of the site's calendar."""
    years, month_ = divmod(first.month, DECEMBER)
    following = date(first.year + years, month_ + 1, 1)
    return Period(instant(first, zone), instant(following, zone), zone)


def edges(
    first: date | datetime | None, last: date | datetime | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """From the begin of a date to the end of one: a date with `--to` is included."""
    until = last
    if last is not None and not isinstance(last, datetime):
        until = last + DAY
    return (
        None if first is None else instant(first, zone),
        None if until is None else instant(until, zone),
    )


def instant(when: date | datetime, zone: tzinfo) -> datetime:
    """When a date begins, or that instant, as the site's clock shows it."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return as_shown(first_instant(when, zone) if when.tzinfo is None else when, zone)
