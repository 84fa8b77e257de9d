"""Channels that hear another one, and what they record."""

import asyncio
from dataclasses import dataclass

from switch.fake.channel import FakeChannel


@dataclass(slots=True, eq=False)
class Snoop:
    """A channel that hears both sides of another one, and ends with it.

    Attributes:
        channel: Its own.
        spied: The channel that is heard.
        recording: Name of the recording; None while nothing is recorded.
        since: The loop's time at which that began.
    """

    channel: FakeChannel
    spied: FakeChannel
    recording: str | None = None
    since: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it has recorded, up to now."""
        return asyncio.get_running_loop().time() - self.since if self.since else 0.0

    def view(self, state: str) -> dict[str, str]:
        """The recording as ARI shows it."""
        return {
            "name": self.recording or "",
            "format": "wav",
            "state": state,
            "target_uri": f"channel:{self.channel.id}",
        }
