"""Time as an argument: the two clocks of the house, and why they are two types."""

from datetime import datetime
from typing import NamedTuple, NewType

Instant = NewType("Instant", float)
"""Seconds of a monotonic clock; only differences mean anything. For time-outs."""


class Moment(NamedTuple):
    """One reading of both clocks: `instant` for time-outs, aware `wall` for rosters and records."""

    instant: Instant
    wall: datetime


def after(instant: Instant, seconds: float) -> Instant:
    """The instant `seconds` later than `instant`."""
    return Instant(instant + seconds)


def earliest(*instants: Instant | None) -> Instant | None:
    """The first of the given deadlines, or None when there is none."""
    return min((instant for instant in instants if instant is not None), default=None)
