"""The sign of life that the dialplan looks at before it gives a caller to this process.

Each second a user event goes through Asterisk and comes back by the event stream; only when the
conductor has it in hands is the time written to the global `SIAGA_HB`. A daemon whose stream or
loop is stuck writes nothing, and the dialplan serves the callers by itself.
"""

import asyncio

import structlog

from siaga.clock import Clock
from switch.client import Switch, Up
from switch.error import SwitchError
from switch.event import ChannelUserevent

log = structlog.get_logger(__name__)

PERIOD_S = 1.0
"""Between two proofs; the dialplan calls a heartbeat stale after 3 s."""
FRESH_S = 1.0
"""A proof that took longer than this is worth nothing: the process was frozen meanwhile."""
GLOBAL = "SIAGA_HB"
EVENT = "siaga_heartbeat"


class Heartbeat:
    """Proves event stream and conductor alive, and tells Asterisk so.

    Args:
        switch: Asterisk.
        clock: Gives the wall time that is written, and the age of a proof.
        run_id: Tells this process's proofs from those of another.
    """

    def __init__(self, switch: Switch, clock: Clock, run_id: str) -> None:
        self._switch = switch
        self._clock = clock
        self._run_id = run_id
        self._proved = asyncio.Event()
        self._last: float | None = None
        self._withdrawn = False

    @property
    def age_s(self) -> float | None:
        """Seconds since Asterisk last had a heartbeat of ours; None before the first."""
        return None if self._last is None else self._clock.now().instant - self._last

    def take(self, event: ChannelUserevent) -> None:
        """A proof has come back; one that was long on its way proves the contrary."""
        sent = event.userevent.get("sent", "")
        if event.eventname != EVENT or event.userevent.get("run") != self._run_id:
            return
        if self._clock.now().instant - float(sent) <= FRESH_S:
            self._proved.set()

    async def run(self) -> None:
        """Beats until cancelled; an Asterisk that is away is tried again each second."""
        while True:
            await self._beat()
            await asyncio.sleep(PERIOD_S)

    async def _beat(self) -> None:
        if not isinstance(self._switch.link, Up):
            return
        self._proved.clear()
        sent = f"{self._clock.now().instant:.3f}"
        try:
            await self._switch.user_event(EVENT, {"sent": sent, "run": self._run_id})
            async with asyncio.timeout(FRESH_S):
                await self._proved.wait()
            now = self._clock.now()
            if not self._withdrawn:
                await self._switch.set_global(GLOBAL, str(int(now.wall.timestamp())))
                self._last = now.instant
        except (SwitchError, TimeoutError) as error:
            log.debug("no_heartbeat", error=repr(error))

    async def withdraw(self) -> None:
        """New calls go to the last resort from now on."""
        self._withdrawn = True
        self._last = None
        try:
            await self._switch.set_global(GLOBAL, "0")
        except SwitchError as error:
            log.info("heartbeat_not_withdrawn", error=str(error))
