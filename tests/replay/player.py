"""Plays a tape to a conductor in virtual time; what the conductor asks of Asterisk is granted."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from journal.journal import Journal
from journal.record import Record
from siaga.conductor import Conductor
from siaga.notebook import Notebooks
from siaga.settings import Settings
from siaga.virtual import FIRST_S, VirtualClock, run
from switch.asterisk import Asterisk
from switch.event import ChannelUserevent, Event, PlaybackFinished, PlaybackStarted
from tests.scenario.real_stage import RUN
from tests.scenario.tape import Tape

SETTLED_S = 10.0
"""Longer than any leg waits for its end."""


class Grant:
    """Grants every request, and knows which playback of the tape each of them means.

    Args:
        tape: What is played.
        seats: Endpoints that are told as offline, as they were when the tape began.

    Attributes:
        hears: Takes the user events that are asked for.
    """

    hears: Callable[[Event], None]

    def __init__(self, tape: Tape, seats: list[str]) -> None:
        self._seats = seats
        self._recorded = defaultdict[str, list[str]](list)
        for _, event in tape.events:
            if isinstance(event, PlaybackStarted | PlaybackFinished):
                ids = self._recorded[event.playback.target_uri]
                if event.playback.id not in ids:
                    ids.append(event.playback.id)
        self._own: dict[str, str] = {}
        self._asked = defaultdict[str, int](int)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The answer of an Asterisk in which everything is possible."""
        await asyncio.sleep(0)
        kind, _, rest = path.strip("/").partition("/")
        if path.startswith("/events/user/") and body is not None:
            name = path.removeprefix("/events/user/")
            loop = asyncio.get_running_loop()
            loop.call_soon(self.hears, ChannelUserevent(name, body["variables"]))
        if method == "POST" and path.endswith("/play") and query is not None:
            target = f"{kind.rstrip('s')}:{rest.removesuffix('/play')}"
            number, self._asked[target] = self._asked[target], self._asked[target] + 1
            if number < len(self._recorded[target]):
                self._own[self._recorded[target][number]] = query["playbackId"]
        if path == "/endpoints":
            seats = [
                {"technology": "PJSIP", "resource": seat, "state": "offline", "channel_ids": []}
                for seat in self._seats
            ]
            return json.dumps(seats).encode()
        return b"[]" if method == "GET" else b""

    def own(self, event: Event) -> Event:
        """The event, with the playback's id of this run."""
        if isinstance(event, PlaybackStarted | PlaybackFinished):
            id_ = self._own.get(event.playback.id, event.playback.id)
            playback = msgspec.structs.replace(event.playback, id=id_)
            return msgspec.structs.replace(event, playback=playback)
        return event


class Memory:
    """Keeps records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        """Takes a record."""
        self.records.append(record)


def replay(tape: Tape, settings: Settings) -> Tape:
    """What a conductor decides now when it is told what the tape tells."""

    async def whole() -> Tape:
        loop = asyncio.get_running_loop()
        clock, memory = VirtualClock(loop, tape.start), Memory()
        seats = [seat.endpoint for seat in settings.operators.seats.values()]
        grant = Grant(tape, seats)
        conductor = Conductor(
            Asterisk(grant, "siaga"),
            Journal(memory, RUN, lambda _: ""),
            clock,
            settings.plan(),
            settings.menu,
            f"{RUN}-",
            draw=random.Random(112).random,  # noqa: S311 - to be replayed
            notebooks=Notebooks.in_memory(),
        )
        grant.hears = conductor.take
        conductor.resync()
        for at, event in tape.events:
            await asyncio.sleep(max(0.0, FIRST_S + at - loop.time()))
            conductor.take(grant.own(event))
        await asyncio.sleep(SETTLED_S)
        if conductor.tasks():
            raise RuntimeError(f"left over: {conductor.tasks()}")
        return Tape(tape.start, tape.media, tape.events, memory.records)

    return run(whole())
