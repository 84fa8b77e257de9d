"""Watches the fuses of waiting callers in Asterisk itself: how long each would still burn.

Nothing tells of a renewal, but what is left of a fuse tells when it was lit. Who looks more often
than fuses are renewed misses no renewal.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import msgspec

from sandbox.asterisk import AsteriskServer
from siaga.line import FUSE_S
from switch.credential import Credential
from switch.rest import Rest

LOOK_S = 2.0
"""Between two looks; fuses are renewed every 3 s."""
READERS = 4
"""Requests at the same time: a look is no load for Asterisk."""
SAME_S = 0.5
"""Two looks at one lighting agree better than this: a request takes some milliseconds."""


class FuseWatch:
    """Reads the fuses of callers, over a connection of its own.

    Args:
        pbx: The Asterisk that they are in.
    """

    def __init__(self, pbx: AsteriskServer) -> None:
        self._rest = Rest(pbx.ari_url, Credential(pbx.ari_user, pbx.ari_password))
        self._lit: dict[str, float] = {}
        self.gaps_s: list[float] = []
        """From one lighting to the next, of each renewal that was seen."""
        self.least_left_s = float(FUSE_S)

    async def look(self, channels: Iterable[str]) -> None:
        """Reads each fuse once.

        Raises:
            SwitchError: A channel has gone.
            ValueError: A caller has no fuse.
        """
        waiting = iter(list(channels))
        async with asyncio.TaskGroup() as group:
            for _ in range(READERS):
                group.create_task(self._read(waiting))

    async def watch(self, channels: Iterable[str], seconds: float) -> None:
        """Looks again and again for so long."""
        end = time.monotonic() + seconds
        callers = list(channels)
        while (began := time.monotonic()) < end:
            await self.look(callers)
            await asyncio.sleep(max(0.0, began + LOOK_S - time.monotonic()))

    async def close(self) -> None:
        """Closes the connections."""
        await self._rest.close()

    async def _read(self, channels: Iterator[str]) -> None:
        for channel in channels:
            left_s = await self._left_s(channel)
            if not 0.0 < left_s <= FUSE_S:
                raise ValueError(f"the fuse of {channel} has {left_s} s left")
            self.least_left_s = min(self.least_left_s, left_s)
            lit = time.monotonic() - (FUSE_S - left_s)
            before = self._lit.get(channel)
            if before is None or lit > before + SAME_S:
                self._lit[channel] = lit
                if before is not None:
                    self.gaps_s.append(lit - before)

    async def _left_s(self, channel: str) -> float:
        query = {"variable": "TIMEOUT(absolute)"}
        path = f"/channels/{quote(channel)}/variable"
        answer = await self._rest.request("GET", path, query=query)
        return float(msgspec.json.decode(answer)["value"])
