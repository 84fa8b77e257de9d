"""A call into Asterisk that comes back through the event stream, behind all events before it."""

import asyncio
import math
from collections.abc import Callable
from itertools import count

from switch.asterisk import Asterisk
from switch.event import ChannelUserevent

EVENT = "siaga_echo"


class Echo:
    """Proves that requests, event stream and conductor all work, and that nothing is unread.

    Args:
        switch: Asterisk.
        run_id: Tells this process's echoes from those of another.

    Attributes:
        on_heard: Takes the seconds that each took; to be replaced by who wants to know.
        sent: How many Asterisk has taken.
        heard: How many have come back, however late.
    """

    def __init__(self, switch: Asterisk, run_id: str) -> None:
        self._switch = switch
        self._run_id = run_id
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Event] = {}
        self._proved = -math.inf
        self.sent = self.heard = 0
        self.on_heard: Callable[[float], None] = lambda _: None

    def take(self, event: ChannelUserevent) -> None:
        """Somebody's event; one of ours lets its caller go on."""
        if event.eventname == EVENT and event.userevent.get("run") == self._run_id:
            self.heard += 1
            heard = self._waiting.get(str(event.userevent.get("number")))
            if heard is not None:
                heard.set()

    @property
    def age_s(self) -> float:
        """All events of more than so many seconds ago have been taken."""
        return asyncio.get_running_loop().time() - self._proved

    async def sound(self, limit_s: float) -> None:
        """Returns when all events that Asterisk sent before this call have been taken.

        Raises:
            SwitchError: Asterisk did not take the request.
            TimeoutError: The event did not come back within `limit_s` seconds.
        """
        number = str(next(self._numbers))
        heard = self._waiting[number] = asyncio.Event()
        sent = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(limit_s):
                await self._switch.user_event(EVENT, {"number": number, "run": self._run_id})
                self.sent += 1
                await heard.wait()
                self._proved = sent
                self.on_heard(asyncio.get_running_loop().time() - sent)
        finally:
            del self._waiting[number]
