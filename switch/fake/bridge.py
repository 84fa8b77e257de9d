"""A bridge and the playbacks that queue in it, and playbacks on a single channel."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from switch.fake.channel import FakeChannel

MediaLength = Callable[[str], float | None]
"""Seconds of a medium by its URI; None if there is no such file."""


class Told(Protocol):
    """Who is told of playbacks."""

    def tell_playback(self, kind: str, playback: "FakePlayback") -> None:
        """PlaybackStarted or PlaybackFinished."""


@dataclass(slots=True, eq=False)
class FakePlayback:
    """One request to play, of one medium or several."""

    id: str
    media: list[str]
    target: str
    state: str = "queued"
    at: int = 0

    def view(self) -> dict[str, Any]:
        """As ARI shows it."""
        following = self.media[self.at + 1 : self.at + 2]
        return {
            "id": self.id,
            "media_uri": self.media[self.at],
            **({"next_media_uri": following[0]} if following else {}),
            "target_uri": self.target,
            "language": "en",
            "state": self.state,
        }


class Player:
    """Plays one playback after another.

    Args:
        told: Who is told.
        length: Seconds of a medium.

    Attributes:
        idle: Set while there is nothing to play.
        closed: Its bridge or channel is no more; what comes late is not played.
    """

    def __init__(self, told: Told, length: MediaLength) -> None:
        self._told = told
        self._length = length
        self.closed = False
        self.idle = asyncio.Event()
        self.idle.set()
        self._queue: list[FakePlayback] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def queue(self) -> tuple[FakePlayback, ...]:
        """What plays, then what waits to be played."""
        return tuple(self._queue)

    def add(self, playback: FakePlayback) -> None:
        """Plays it, after what is playing now."""
        self._queue.append(playback)
        self.idle.clear()
        if len(self._queue) == 1:
            self._begin()

    def stop(self, playback: FakePlayback) -> None:
        """Ends it, and the next one begins; one that waits is told of only when its turn comes."""
        if playback is self._queue[0]:
            self._finish("done")
        else:
            playback.state = "done"

    def fail(self) -> None:
        """Nobody hears it any more: all of it fails."""
        for playback in self.drop():
            playback.state = "failed"
            self._told.tell_playback("PlaybackFinished", playback)

    def drop(self) -> list[FakePlayback]:
        """Ends it all without a word; returns what it was."""
        self._cancel()
        queue, self._queue = self._queue, []
        self.idle.set()
        return queue

    def _begin(self) -> None:
        playback = self._queue[0]
        if playback.state == "done":
            self._finish("done")
            return
        playback.state = "playing"
        self._told.tell_playback("PlaybackStarted", playback)
        seconds = self._length(playback.media[playback.at])
        if seconds is None:
            self._next("failed")
        else:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._next, "done")

    def _next(self, state: str) -> None:
        playback = self._queue[0]
        if playback.at + 1 < len(playback.media):
            playback.at += 1
            self._begin()
        else:
            self._finish(state)

    def _finish(self, state: str) -> None:
        self._cancel()
        playback = self._queue.pop(0)
        playback.state = state
        self._told.tell_playback("PlaybackFinished", playback)
        if self._queue:
            self._begin()
        else:
            self.idle.set()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@dataclass(slots=True, eq=False)
class FakeBridge:
    """A mixing bridge.

    Attributes:
        heard: How many of its channels' subscriptions still let the application hear of it.
    """

    id: str
    kind: str
    name: str
    created: str
    player: Player
    channels: list[FakeChannel] = field(default_factory=list)
    heard: int = 0
    by_app: bool = True

    def view(self) -> dict[str, Any]:
        """As ARI shows it."""
        return {
            "id": self.id,
            "technology": "simple_bridge",
            "bridge_type": self.kind,
            "bridge_class": "stasis" if self.by_app else "basic",
            "creator": "Stasis" if self.by_app else "",
            "name": self.name,
            "channels": [channel.id for channel in self.channels],
            "creationtime": self.created,
            "video_mode": "talker",
        }

    def partner_of(self, channel: FakeChannel) -> FakeChannel | None:
        """With whom the channel talks here: another one that was answered."""
        others = (other for other in self.channels if other is not channel and other.state == "Up")
        return next(others, None) if channel.state == "Up" else None
