"""Virtual time passes only when nothing else is left to do."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from siaga.virtual import FIRST_S, Stuck, VirtualClock, run

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DAY_S = 86_400.0


def test_a_day_takes_no_time_and_both_clocks_have_passed_it() -> None:
    """86,400 sleeps of a second each; the machine's clock has hardly moved."""

    async def day() -> None:
        clock = VirtualClock(asyncio.get_running_loop(), START)
        assert clock.now() == (FIRST_S, START)
        for _ in range(round(DAY_S)):
            await asyncio.sleep(1.0)
        now = clock.now()
        assert now.instant == pytest.approx(FIRST_S + DAY_S)
        assert abs(now.wall - START - timedelta(days=1)) < timedelta(milliseconds=1)

    began = time.monotonic()
    run(day(), debug=False)
    assert time.monotonic() - began < 60.0


def test_timers_fire_in_their_order() -> None:
    """What is due first happens first, and at its time to the microsecond."""

    async def race() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[str, float]] = []

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, round(loop.time() - FIRST_S, 6)))

        await asyncio.gather(wait("late", 3600.0), wait("soon", 0.001), wait("next", 2.5))
        return seen

    assert run(race()) == [("soon", 0.001), ("next", 2.5), ("late", 3600.0)]


def test_a_time_limit_is_kept_in_virtual_time() -> None:
    """`asyncio.timeout` ends a wait that nothing else would end."""

    async def limited() -> None:
        async with asyncio.timeout(600.0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run(limited())


def test_a_wait_for_ever_is_a_clear_error() -> None:
    """Nobody can end the wait: that is told, instead of hanging."""

    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="no timer is set"):
        run(forever())
