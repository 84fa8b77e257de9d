"""What stands in Asterisk for a heartbeat is a time or none, whoever has written it."""

from datetime import UTC, datetime

import pytest

from routing.moment import Instant, Moment
from siaga.heartbeat import Heartbeat

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECOND = str(int(AT.timestamp()))


class Clock:
    """Stands still."""

    def now(self) -> Moment:
        """Always the same."""
        return Moment(Instant(0.0), AT)


class Pbx:
    """An Asterisk with one global."""

    def __init__(self, beat: str) -> None:
        self._beat = beat

    async def get_global(self, _name: str) -> str:
        """Its value."""
        return self._beat


@pytest.mark.parametrize(
    ("beat", "stale"),
    [
        (SECOND, False),
        (str(int(SECOND) - 3), False),
        (str(int(SECOND) - 4), True),
        (str(int(SECOND) + 3600), True),
        *((beat, True) for beat in ("", "0", "x", "-1", "\u0663", "9" * 40, "9" * 400, "9" * 5000)),
    ],
)
async def test_only_a_time_of_now_is_one(beat: str, *, stale: bool) -> None:
    """Within three seconds; a number of any length is no fault."""
    heartbeat = Heartbeat(Pbx(beat), None, Clock())  # type: ignore[arg-type]
    assert await heartbeat.is_stale() is stale
