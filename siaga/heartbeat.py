"""The sign of life that the dialplan looks at before it gives a caller to this process.

Each second a user event goes through Asterisk and comes back by the event stream; only when the
conductor has it in hands is the time written to the global `SIAGA_HB`. A daemon whose stream or
loop is stuck writes nothing, and the dialplan serves the callers by itself.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from routing.moment import Instant
from siaga.clock import Clock
from siaga.echo import Echo
from switch.client import Switch, Up
from switch.error import SwitchError

log = structlog.get_logger(__name__)

PERIOD_S = 1.0
"""Between two proofs; the dialplan calls a heartbeat stale after 3 s."""
FRESH_S = 1.0
"""A proof that took longer than this is worth nothing: the process was frozen meanwhile."""
STALE_S = 3.0
"""The dialplan calls an older heartbeat stale."""
DEAF_BEATS = 3
"""So many proofs in a row that Asterisk took and that never came back: its events go elsewhere.

Seen once after a half-open connection had come to life again: the stream was open and answered
pings, and no event ever came. One that is only late comes back in the time of three.
"""
GLOBAL = "SIAGA_HB"
DIGITS = 12
"""Of seconds since 1970, for 30,000 years; more are no time, and may be no number for us."""


@dataclass(frozen=True, slots=True)
class _Failing:
    """Since when no beat has come to Asterisk, and why the last one did not."""

    since: Instant
    error: Exception


class Heartbeat:
    """Proves event stream and conductor alive, and tells Asterisk so.

    Args:
        switch: Asterisk.
        echo: The proof.
        clock: Gives the wall time that is written, and the age of a proof.

    Attributes:
        on_back: Called when there is a heartbeat again after a fault: what was asked of Asterisk
            meanwhile may not have been done. To be replaced by who wants to know.
    """

    def __init__(self, switch: Switch, echo: Echo, clock: Clock) -> None:
        self._switch = switch
        self._echo = echo
        self._clock = clock
        self._last: float | None = None
        self._withdrawn = False
        self._failing: _Failing | None = None
        self._deaf, self._told = 0, (0, 0)
        self.on_back: Callable[[], None] = lambda: None

    @property
    def age_s(self) -> float | None:
        """Seconds since Asterisk last had a heartbeat of ours; None before the first."""
        return None if self._last is None else self._clock.now().instant - self._last

    @property
    def fault(self) -> Exception | None:
        """Why the dialplan trusts no heartbeat of ours though the connection is up; None if it may.

        A connection that is down has an alarm of its own.
        """
        failing = self._failing
        if failing is None or self._withdrawn:
            return None
        is_stale = self._clock.now().instant - failing.since >= STALE_S
        return failing.error if is_stale else None

    async def run(self) -> None:
        """Beats until cancelled; an Asterisk that is away is tried again each second."""
        while True:
            await self._beat()
            await asyncio.sleep(PERIOD_S)

    async def _beat(self) -> None:
        if not isinstance(self._switch.link, Up):
            self._failing = None
            return
        sent = self._clock.now().instant
        try:
            await self._echo.sound(FRESH_S)
            now = self._clock.now()
            if now.instant - sent <= FRESH_S and not self._withdrawn:
                await self._switch.set_global(GLOBAL, str(int(now.wall.timestamp())))
                self._last = now.instant
                fault, self._failing = self.fault, None
                if fault is not None:
                    self.on_back()
        except (SwitchError, TimeoutError) as error:
            since = sent if self._failing is None else self._failing.since
            self._failing = _Failing(since, error)
            log.debug("no_heartbeat", error=repr(error))
        self._listen()

    def _listen(self) -> None:
        """Opens another event stream when this one is deaf."""
        (sent, heard), self._told = self._told, (self._echo.sent, self._echo.heard)
        if self._echo.heard > heard:
            self._deaf = 0
        elif self._echo.sent > sent:
            self._deaf += 1
        if self._deaf >= DEAF_BEATS:
            self._deaf = 0
            self._switch.drop("no event comes, though Asterisk takes requests")

    async def is_stale(self) -> bool:
        """Whether Asterisk has no heartbeat of now, ours or another's: nobody serves the calls.

        Raises:
            SwitchError: Asterisk is away.
        """
        beat = await self._switch.get_global(GLOBAL)
        is_time = beat.isascii() and beat.isdecimal() and len(beat) <= DIGITS
        second = int(beat) if is_time else 0
        return abs(self._clock.now().wall.timestamp() - second) > STALE_S

    async def withdraw(self) -> None:
        """New calls go to the last resort from now on."""
        self._withdrawn = True
        self._last = None
        try:
            await self._switch.set_global(GLOBAL, "0")
        except SwitchError as error:
            log.info("heartbeat_not_withdrawn", error=str(error))
