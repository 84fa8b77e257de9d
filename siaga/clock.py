"""The one place that reads the clocks."""

import time
from datetime import UTC, datetime
from typing import Protocol

from routing.moment import Instant, Moment


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Moment:
        """Both clocks, read together."""


class SystemClock:
    """This machine's clocks."""

    def now(self) -> Moment:
        """Monotonic seconds, and the wall time in UTC."""
        wall = datetime.now(UTC)  # noqa: TID251 - the outer clock, the only one
        return Moment(Instant(time.monotonic()), wall)
