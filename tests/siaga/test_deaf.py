"""The heartbeat says why there is none, and gives up an event stream on which nothing comes."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from routing.moment import Instant, Moment
from siaga.echo import EVENT, Echo
from siaga.heartbeat import DEAF_BEATS, STALE_S, Heartbeat
from siaga.virtual import run
from switch.client import Down, Switch, Up
from switch.credential import Credential
from switch.error import Refused, SwitchError
from switch.event import ChannelUserevent

BEATS_S = 12.5
"""Some beats, of which each takes up to two seconds."""


class LoopClock:
    """The running loop's time, which is virtual here."""

    def now(self) -> Moment:
        """Both clocks."""
        return Moment(Instant(asyncio.get_running_loop().time()), datetime(2026, 12, 1, tzinfo=UTC))


class Dropped(Switch):
    """Keeps why it was to open another event stream."""

    def __init__(self, dropped: list[str], **of: Any) -> None:
        super().__init__(**of)
        self._kept = dropped

    def drop(self, why: str) -> None:
        """Keeps it."""
        self._kept.append(why)


async def _is_free() -> bool:
    return False


class Wire:
    """An Asterisk that takes requests or refuses them, and brings echoes back or does not."""

    def __init__(self) -> None:
        self.refusal: SwitchError | None = None
        self.late_s: float | None = 0.0
        self.dropped: list[str] = []
        self.written = 0
        self.back = 0
        self.switch = Dropped(
            self.dropped,
            base_url="http://nowhere",
            credential=Credential("siaga", "secret"),
            app="siaga",
            on_event=lambda _: None,
            on_link=lambda _: None,
            draw=lambda: 0.5,
            is_free=_is_free,
        )
        self.switch._requests = self
        self.switch.link = Up("22")
        self.echo = Echo(self.switch, "run-")
        self.heartbeat = Heartbeat(self.switch, self.echo, LoopClock())
        self.heartbeat.on_back = self._count

    def _count(self) -> None:
        self.back += 1

    async def request(
        self,
        method: str,  # noqa: ARG002 - as a Requests has it
        path: str,
        *,
        query: Mapping[str, str] | None = None,  # noqa: ARG002 - as a Requests has it
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Refuses, or takes it; an echo comes back after a while, or never."""
        if self.refusal is not None:
            raise self.refusal
        if path == f"/events/user/{EVENT}" and body is not None:
            if self.late_s is not None:
                event = ChannelUserevent(EVENT, dict(body["variables"]))
                asyncio.get_running_loop().call_later(self.late_s, self.echo.take, event)
        else:
            self.written += 1
        return b""

    async def live(self, for_s: float) -> None:
        """The heart beats for so long."""
        beating = asyncio.create_task(self.heartbeat.run())
        await asyncio.sleep(for_s)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


def refused(status: int) -> Refused:
    """What Asterisk says."""
    return Refused(f"POST /events/user/{EVENT}", status, "no")


def test_a_refusal_is_told_once_the_dialplan_trusts_no_beat() -> None:
    """Not at once: one request that fails costs nobody anything."""

    async def play() -> None:
        wire = Wire()
        wire.refusal = refused(401)
        await wire.live(STALE_S - 0.5)
        early = wire.heartbeat.fault
        await wire.live(1.0)
        assert (early, wire.heartbeat.fault) == (None, wire.refusal)
        assert wire.dropped == []

    run(play())


def test_what_was_left_undone_is_looked_for_when_the_beat_is_back() -> None:
    """Once, and only after a fault that was one."""

    async def play() -> None:
        wire = Wire()
        wire.refusal = refused(500)
        await wire.live(1.5)
        wire.refusal = None
        await wire.live(BEATS_S)
        assert (wire.back, wire.heartbeat.fault) == (0, None)
        wire.refusal = refused(500)
        await wire.live(BEATS_S)
        wire.refusal = None
        await wire.live(BEATS_S)
        assert (wire.back, wire.heartbeat.fault) == (1, None)

    run(play())


def test_a_connection_that_is_down_has_an_alarm_of_its_own() -> None:
    """The refusals before it are no fault of the heartbeat any more."""

    async def play() -> None:
        wire = Wire()
        wire.refusal = refused(500)
        await wire.live(BEATS_S)
        wire.switch.link = Down("cut")
        await wire.live(1.5)
        assert wire.heartbeat.fault is None

    run(play())


def test_a_withdrawn_heartbeat_is_no_fault() -> None:
    """A daemon that stops writes none on purpose."""

    async def play() -> None:
        wire = Wire()
        wire.refusal = refused(500)
        await wire.live(BEATS_S)
        await wire.heartbeat.withdraw()
        assert wire.heartbeat.fault is None

    run(play())


def test_a_stream_on_which_nothing_comes_is_given_up() -> None:
    """Asterisk takes each request, and no event ever comes back."""

    async def play() -> None:
        wire = Wire()
        await wire.live(BEATS_S)
        assert (wire.dropped, wire.written) == ([], 13)
        wire.late_s = None
        await wire.live(2.0 * DEAF_BEATS - 1.5)
        assert wire.dropped == []
        await wire.live(2.0)
        assert len(wire.dropped) == 1
        assert isinstance(wire.heartbeat.fault, TimeoutError)

    run(play())


def test_events_that_are_late_are_events() -> None:
    """Another stream would be as late, and callers would lose the one that there is."""

    async def play() -> None:
        wire = Wire()
        wire.late_s = 2.5
        await wire.live(60.0)
        assert (wire.dropped, wire.written) == ([], 0)
        assert isinstance(wire.heartbeat.fault, TimeoutError)

    run(play())


def test_requests_that_are_refused_say_nothing_of_the_stream() -> None:
    """Nothing was sent that could come back."""

    async def play() -> None:
        wire = Wire()
        wire.refusal = refused(500)
        await wire.live(60.0)
        assert wire.dropped == []

    run(play())
