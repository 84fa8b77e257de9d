"""Records the talks whose services say so, and keeps what it has recorded.

What goes wrong costs a recording, never a call: a talk has begun before its recording is asked for,
and is told nothing of it. While there is a fault (no room, a folder that cannot be written, a
refusal of Asterisk's) an alarm stands, and where it is the disk nothing is recorded.
"""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, Final, Protocol

import structlog

from routing.note import CallId, Note
from routing.offer import OfferId
from siaga.clock import Clock
from siaga.shelf import Shelf
from siaga.take import Key, Take, Work, keep
from switch.asterisk import Asterisk
from switch.error import SwitchError
from switch.event import RecordingFailed, RecordingFinished, StasisStart

log = structlog.get_logger(__name__)

LOOK_S: Final = 2.0
"""Between two looks at the disk: at 16 KB a second for each talk, a hundred talks fill 3 MB."""
TIDY_S: Final = 10.0
"""Between two looks for files that nobody has brought to the shelf."""
CLAIM_S: Final = 2.0
"""For a talk that is adopted to claim its recording; it takes some milliseconds."""


class House(Protocol):
    """What the recorder needs of the conductor."""

    @property
    def is_blind(self) -> bool:
        """Whether it is not known what happens in Asterisk."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs a task."""


class Recorder:
    """The recordings of one Asterisk's talks.

    Args:
        switch: Asterisk.
        shelf: Where recordings are kept; None: nothing is recorded.
        clock: The only clock.
        house: Journal and tasks.

    Attributes:
        takes: Those that are wanted, made or brought to the shelf, by the snoop's channel.
    """

    def __init__(self, switch: Asterisk, shelf: Shelf | None, clock: Clock, house: House) -> None:
        self.takes: dict[str, Take] = {}
        self._shelf = shelf
        self._switch = switch
        self._clock = clock
        self._house = house
        self._found: dict[str, Key] = {}
        self._disk: str | None = None
        self._faults: dict[Work, str | None] = {}
        self._sees = False

    @property
    def fault(self) -> str | None:
        """Why talks are not recorded or recordings not kept; None when they are."""
        return self._disk or next(filter(None, self._faults.values()), None)

    def note(self, note: Note) -> None:
        """Writes to the journal."""
        self._house.note(note)

    def judge(self, work: Work, fault: str | None) -> None:
        """Why a recording could not be made or kept just now; None when it could."""
        self._faults[work] = fault

    # What calls do

    def begin(self, call: CallId, offer: OfferId) -> None:
        """The caller talks, or goes on talking: from now on it is recorded, if it is not yet."""
        if any((take.key.call, take.key.offer) == (call, offer) for take in self.takes.values()):
            return
        if self._shelf is None:
            why = "recording in siaga.yaml waits for a restart"
            self.note(Note(call, "recording_not_made", {"offer": offer, "why": why}))
            return
        for id_, key in self._found.items():
            if (key.call, key.offer) == (call, offer):
                del self._found[id_]
                self._run(Take(key, self._switch, self._shelf, self, found=True))
                return
        if self._disk is not None:
            detail = {"offer": offer, "why": self._disk}
            self.note(Note(call, "recording_not_made", detail))
            return
        began = self._clock.now().wall.replace(microsecond=0)
        self._run(Take(Key(began, call, offer), self._switch, self._shelf, self))

    def end(self, call: CallId) -> None:
        """The caller does not talk any more."""
        for take in self.takes.values():
            if take.key.call == call:
                take.end()

    def _run(self, take: Take) -> None:
        self.takes[take.key.snoop] = take
        task = self._house.spawn(take.run(), f"take {take.key}")
        task.add_done_callback(lambda _: self.takes.pop(take.key.snoop, None))

    def let_go(self) -> None:
        """Another daemon has the calls, or will have: recordings go on, and are its own."""
        self.takes.clear()
        self._found.clear()
        self._sees = False

    # What Asterisk tells

    def enter(self, event: StasisStart) -> None:
        """A snoop is there."""
        take = self.takes.get(event.channel.id)
        if take is not None:
            take.take(event)

    def take(self, event: RecordingFinished | RecordingFailed) -> None:
        """The end of a recording."""
        for take in self.takes.values():
            if take.key.name == event.recording.name:
                take.take(event)

    def know(self, snoops: Collection[str]) -> None:
        """The snoops that are there, after a look at Asterisk; what is not among them has ended."""
        for id_, take in self.takes.items():
            if id_ not in snoops:
                take.lost()
        keys = {id_: Key.of_snoop(id_) for id_ in snoops if id_ not in self.takes}
        self._found = {id_: key for id_, key in keys.items() if key is not None}
        strange = tuple(id_ for id_, key in keys.items() if key is None)
        self._sees = True
        if keys:
            self._house.spawn(self._end_unclaimed(strange), "recordings that nobody claims")

    async def _end_unclaimed(self, strange: Collection[str]) -> None:
        """A recording whose talk is over ends too; its file is found by itself."""
        await asyncio.sleep(CLAIM_S)
        unclaimed, self._found = (*strange, *self._found), {}
        for id_ in unclaimed:
            try:
                await self._switch.channel(id_).hangup()
            except SwitchError as error:
                log.info("take_not_ended", snoop=id_, error=str(error))

    # The disk

    async def run(self) -> None:
        """Watches the disk and looks for files that were left, until cancelled."""
        if self._shelf is None:
            return
        looks = 0
        while True:
            await self._safely(self._look(self._shelf))
            if self._sees and not self._house.is_blind and looks % round(TIDY_S / LOOK_S) == 0:
                await self._safely(self._tidy(self._shelf))
            looks += self._sees
            await asyncio.sleep(LOOK_S)

    async def _safely(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("recorder_failed")

    async def _look(self, shelf: Shelf) -> None:
        """Stops all recordings when there is no room for them."""
        fault = await shelf.fault()
        if fault is not None and self._disk is None:
            for take in self.takes.values():
                take.end(fault)
        self._disk = fault

    async def _tidy(self, shelf: Shelf) -> None:
        """Brings to the shelf what a crash, a stop or a full disk has left in Asterisk's folder."""
        if self._disk is not None:
            return
        try:
            names = await shelf.left()
        except OSError as error:
            self.judge(Work.KEEPING, f"{error.filename}: {error.strerror}")
            return
        busy = {key.name for key in self._found.values()}
        busy |= {take.key.name for take in self.takes.values()}
        for name in names:
            key = Key.read(name.rpartition("/")[2])
            if key is not None and name not in busy:
                await keep(key, shelf, self, "nobody saw its end", found=True)
