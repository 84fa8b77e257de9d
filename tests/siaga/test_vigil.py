"""Who has slept acts only after what happened meanwhile has been taken."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from routing.moment import Instant, Moment
from siaga.echo import EVENT, Echo
from siaga.vigil import LATE_S, Vigil
from switch.asterisk import Asterisk
from switch.error import Unreachable
from switch.event import ChannelUserevent
from switch.rest import Json


class Wall:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.instant = 100.0

    def now(self) -> Moment:
        """Both clocks."""
        return Moment(Instant(self.instant), datetime(2026, 11, 24, tzinfo=UTC))


class Wire:
    """Requests that come back as user events when the test says so."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.away = False

    async def request(
        self, method: str, path: str, *, query: Json | None = None, body: Json | None = None
    ) -> bytes:
        """Keeps the event's variables."""
        assert (method, path, query) == ("POST", f"/events/user/{EVENT}", {"application": "siaga"})
        if self.away:
            raise Unreachable(f"{method} {path}", "away")
        self.sent.append(msgspec.json.decode(msgspec.json.encode(body))["variables"])
        return b""


def opened() -> tuple[Echo, Wire, Wall, Vigil]:
    """A vigil on a wire."""
    wire, clock = Wire(), Wall()
    echo = Echo(Asterisk(wire, "siaga"), "run-")
    return echo, wire, clock, Vigil(echo, clock)


async def until(wire: Wire, count: int) -> dict[str, Any]:
    """The `count`-th event that was sent, once it is."""
    async with asyncio.timeout(5.0):
        while len(wire.sent) < count:  # noqa: ASYNC110 - the other side has no event to wait for
            await asyncio.sleep(0.01)
    return wire.sent[count - 1]


async def test_a_timer_that_is_a_little_late_has_not_slept() -> None:
    """A busy loop is no sleep."""
    _, _, clock, vigil = opened()
    assert not vigil.has_slept(Instant(clock.instant - LATE_S))
    async with asyncio.timeout(1.0):
        await vigil.awake()


async def test_after_a_sleep_nobody_acts_before_the_echo() -> None:
    """Neither who was late, nor anybody else; then all do."""
    echo, wire, clock, vigil = opened()
    watching = asyncio.create_task(vigil.run())
    await asyncio.sleep(0)
    clock.instant += 60.0
    assert vigil.has_slept(Instant(clock.instant - 59.0))
    assert vigil.has_slept(Instant(clock.instant))
    waiting = asyncio.create_task(vigil.awake())
    variables = await until(wire, 1)
    assert not waiting.done()
    echo.take(ChannelUserevent(EVENT, variables))
    async with asyncio.timeout(1.0):
        await waiting
    assert not vigil.has_slept(Instant(clock.instant))
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_while_asterisk_is_away_the_proof_is_tried_again() -> None:
    """Whoever waits, waits on."""
    echo, wire, clock, vigil = opened()
    wire.away = True
    watching = asyncio.create_task(vigil.run())
    await asyncio.sleep(0)
    clock.instant += 60.0
    assert vigil.has_slept(Instant(clock.instant - 59.0))
    waiting = asyncio.create_task(vigil.awake())
    await asyncio.sleep(0.5)
    assert not waiting.done()
    wire.away = False
    echo.take(ChannelUserevent(EVENT, await until(wire, 1)))
    async with asyncio.timeout(2.0):
        await waiting
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_the_echo_of_another_process_is_not_ours() -> None:
    """Nor is anybody else's event, whatever is in it."""
    echo, wire, _, _ = opened()
    sounding = asyncio.create_task(echo.sound(2.0))
    mine = await until(wire, 1)
    for event in (
        ChannelUserevent(EVENT, {**mine, "run": "other-"}),
        ChannelUserevent("siaga_other", mine),
        ChannelUserevent(EVENT, {**mine, "number": "99"}),
        ChannelUserevent(EVENT, {}),
    ):
        echo.take(event)
    await asyncio.sleep(0.02)
    assert not sounding.done()
    echo.take(ChannelUserevent(EVENT, mine))
    await sounding
