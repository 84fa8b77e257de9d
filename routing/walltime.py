"""From the clock on the wall to instants: exact, also when the clock is put forward or back."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""From here days of UTC are counted."""
CALENDAR: Final = range(date(2, 1, 1).toordinal(), date(9999, 1, 1).toordinal())
"""Ordinals of the dates that can be computed with; Python's own calendar ends a little later."""


def dates(anchor: date, offsets: range) -> Iterator[date]:
    """The dates so many days from `anchor`, as far as the calendar goes."""
    first = anchor.toordinal()
    for ordinal in range(first + offsets.start, first + offsets.stop):
        if ordinal in CALENDAR:
            yield date.fromordinal(ordinal)


def first_instant(wall: datetime, zone: tzinfo) -> datetime:
    """The first instant at which a clock in the zone shows `wall` or later, in UTC.

    A time that the clock shows twice (put back in autumn) is its first showing; a time that it
    skips (put forward in spring, or a day left out) is the instant of the skip. So wall times and
    their instants have one order, and two shifts that share a wall time share an instant.

    Args:
        wall: A naive datetime: date and time as the clock shows them.
        zone: Whose clock; its changes happen on whole seconds.

    Source: PEP 495 for what `fold` means in a gap and in a fold.
    """
    before, after = _offset(wall, zone, fold=0), _offset(wall, zone, fold=1)
    if before >= after:
        return (wall - before).replace(tzinfo=UTC)
    low = (wall - after).replace(microsecond=0, tzinfo=UTC)
    seconds = range(int((after - before).total_seconds()) + 1)
    skipped = bisect_left(seconds, x=True, key=lambda n: _is_skipped(low, n, zone, before))
    return low + timedelta(seconds=skipped)


def as_shown(instant: datetime, zone: tzinfo) -> datetime:
    """The instant as the zone's clock shows it, with a fixed offset.

    Unlike datetimes of one `ZoneInfo`, which Python compares and subtracts by their wall times,
    such ones are ordered and subtracted as instants.
    """
    local = instant.astimezone(zone)
    return instant.astimezone(timezone(local.utcoffset() or timedelta()))


def _offset(wall: datetime, zone: tzinfo, *, fold: int) -> timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()


def _is_skipped(low: datetime, seconds: int, zone: tzinfo, before: timedelta) -> bool:
    """Whether the clock has been put forward already, so many seconds after `low`."""
    return (low + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != before
