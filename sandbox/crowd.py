"""Callers by the hundred who have pressed a key and wait, for nobody answers."""

import asyncio
from pathlib import Path

from sandbox import scenario
from sandbox.sipp import Outcome, place_calls
from sandbox.site import TRUNK_ADDRESS
from sandbox.system import System

TRUNK = "seluler"
FIRST_NUMBER = 81_300_000_000
PRESS_AFTER_S = 0.2
ARRIVE_LIMIT_S = 10.0
"""For the last caller to come to the queue, after all were to have called."""
LEAVE_LIMIT_S = 30.0
POLL_S = 0.2


class Crowd:
    """Callers on one trunk, from the first INVITE to the last BYE.

    Args:
        system: Where they call; no phone is registered there.
        count: How many.
        rate_per_s: New calls a second; they leave at the same rate.
        stay_s: How long all of them are there together.
    """

    def __init__(self, system: System, count: int, *, rate_per_s: float, stay_s: float) -> None:
        self._system = system
        self._count = count
        coming_s = count / rate_per_s
        self._arrive_limit_s = coming_s + ARRIVE_LIMIT_S
        talk_s = self._arrive_limit_s + stay_s
        self._calls = asyncio.create_task(
            place_calls(
                system.toolbox,
                system.workdir / "crowd",
                trunk_ip=TRUNK_ADDRESS[TRUNK],
                server=(system.pbx.sip_host, system.pbx.sip_port),
                numbers=[f"0{FIRST_NUMBER + number}" for number in range(count)],
                text=scenario.caller("112", digit="1", press_after_s=PRESS_AFTER_S, talk_s=talk_s),
                rate_per_s=rate_per_s,
                limit_s=coming_s + talk_s + LEAVE_LIMIT_S,
            )
        )

    async def waiting(self) -> set[str]:
        """The callers' channels, once all wait.

        Raises:
            TimeoutError: Not all came to the queue in time.
        """
        async with asyncio.timeout(self._arrive_limit_s):
            while len(waiting := await self.still_waiting()) < self._count:  # noqa: ASYNC110 - asks
                await asyncio.sleep(POLL_S)
        return waiting

    async def still_waiting(self) -> set[str]:
        """The channels of those who wait now."""
        status = await self._system.daemon.status()
        return {id_ for id_, call in status["calls"].items() if call["stage"] == "waiting"}

    async def gone(self) -> Outcome:
        """What became of them, once all have hung up.

        Raises:
            SippError: SIPp could not do its work.
            TimeoutError: One has not hung up in time.
        """
        return await self._calls

    async def disperse(self) -> None:
        """Ends all calls at once, if they have not ended."""
        self._calls.cancel()
        await asyncio.gather(self._calls, return_exceptions=True)


def silence(folder: Path) -> Path:
    """An empty folder: no prompt is there, so none is mixed and sent."""
    folder.mkdir()
    return folder
