"""The clocks that the house goes by."""

from datetime import UTC, timedelta

from siaga.clock import SystemClock


def test_both_clocks_are_read_together() -> None:
    """The wall time is in UTC, and the monotonic one never goes back."""
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.wall.tzinfo is UTC
    assert second.instant >= first.instant
    assert abs(second.wall - first.wall) < timedelta(minutes=1)
