"""One recording of one talk in Asterisk, from the wish for it to its file on the shelf.

    wanted ──StasisStart of the snoop──▶ recording ──talk over──▶ ended ──▶ kept
       └─refused─▶ not made                  └─ended by itself─▶ broken off ──▶ kept

A snoop on the caller's channel hears both sides and leaves the talk's bridge as it is (ADR 31). It
ends with the caller's channel, whatever becomes of this process. Nothing here is in the talk's way:
the talk has begun before, and waits for none of it.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final, Protocol, Self

import structlog

from routing.note import CallId, Detail, Note
from routing.offer import OfferId
from siaga.arrival import TAKE
from siaga.shelf import OURS, Kept, Shelf
from switch.asterisk import Asterisk
from switch.error import SwitchError, Unreachable
from switch.event import Event, RecordingFailed, RecordingFinished, StasisEnd, StasisStart

log = structlog.get_logger(__name__)

SNOOP: Final = "siaga-take-"
"""Begins the id of each snoop; the take's key follows."""
STAMP: Final = "%Y%m%dT%H%M%SZ"
BEGIN_LIMIT_S: Final = 5.0
"""From a request to the event that follows it, which comes within milliseconds."""
GRACE_S: Final = 1.0
"""The end of the talk and that of its recording are told in any order."""
RETRY_S: Final = 0.5
"""Between two tries to end a snoop while Asterisk is not reached."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a take is: of which talk, and since when.

    It is the snoop's id and the file's name, so a file that is found after a crash tells it too.

    Attributes:
        began: In whole seconds; UTC.
        call: The caller's.
        offer: Whose leg talks.
    """

    began: datetime
    call: CallId
    offer: OfferId

    def __str__(self) -> str:
        return f"{self.began:{STAMP}}_{self.call}_{self.offer}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What was written so; None for anything else."""
        stamp, _, rest = text.partition("_")
        call, _, offer = rest.rpartition("_")
        try:
            began = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(began, CallId(call), OfferId(offer)) if call and offer else None

    @classmethod
    def of_snoop(cls, id_: str) -> Self | None:
        """The take of a snoop's channel; None for any other channel."""
        return cls.read(id_.removeprefix(SNOOP)) if id_.startswith(SNOOP) else None

    @property
    def snoop(self) -> str:
        """The id of the channel that hears both sides."""
        return f"{SNOOP}{self}"

    @property
    def name(self) -> str:
        """The recording's in Asterisk, which is its file's, without the suffix."""
        return f"{OURS}/{self}"


class Work(Enum):
    """What can fail by itself."""

    MAKING = "making"
    KEEPING = "keeping"


class Studio(Protocol):
    """What a take needs of the recorder."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""

    def judge(self, work: Work, fault: str | None) -> None:
        """Why a recording could not be made or kept just now; None when it could."""


class Take:
    """Makes one recording and brings its file to the shelf.

    Args:
        key: Which.
        switch: Asterisk.
        shelf: Where its file is brought.
        studio: The journal.
        found: The snoop is there already, of an earlier run.
    """

    def __init__(
        self, key: Key, switch: Asterisk, shelf: Shelf, studio: Studio, *, found: bool = False
    ) -> None:
        self.key = key
        self._channel = switch.channel(key.snoop)
        self._caller = switch.channel(key.call)
        self._shelf = shelf
        self._studio = studio
        self._found = found
        self._entered = asyncio.Event()
        if found:
            self._entered.set()
        self._over = asyncio.Event()
        self._ended = asyncio.Event()
        self._why_over: str | None = None
        self._why_ended: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is to end, or has."""
        return self._over.is_set()

    def take(self, event: Event) -> None:
        """An event of the snoop's channel, or of the recording."""
        match event:
            case StasisStart():
                self._entered.set()
            case RecordingFailed():
                self._why_ended = event.recording.cause or "Asterisk could not record"
                self._ended.set()
            case RecordingFinished() | StasisEnd():
                self._ended.set()
            case _:
                pass

    def lost(self) -> None:
        """Asterisk has no such snoop any more, or not yet: only one that was there is lost."""
        if self._entered.is_set() and not self._ended.is_set():
            self._why_ended = "its end was not seen"
            self._ended.set()

    def end(self, why: str | None = None) -> None:
        """The talk is over, or, with a reason, is not to be recorded any longer."""
        if not self.is_over:
            self._why_over = why
            self._over.set()

    async def run(self) -> None:
        """From the wish to the shelf; never raises."""
        structlog.contextvars.bind_contextvars(call_id=self.key.call)
        try:
            if await (self._go_on() if self._found else self._begin()):
                await self._until_end()
                await self._hang_up()
                await self.keep()
        except Exception:
            log.exception("take_failed", take=str(self.key))
            await self._hang_up()

    async def _begin(self) -> bool:
        """Whether it records; if not, that is recorded too, and the talk goes on."""
        key = self.key
        try:
            await self._caller.snoop(self._channel.id, (TAKE,))
            async with asyncio.timeout(BEGIN_LIMIT_S):
                await self._entered.wait()
            await self._channel.record(key.name)
        except (SwitchError, TimeoutError) as error:
            await self._hang_up()
            await self._not_made(error)
            return False
        self._studio.judge(Work.MAKING, None)
        self._studio.note(Note(key.call, "recording_begun", {"offer": key.offer}))
        return True

    async def _go_on(self) -> bool:
        """What an earlier run has begun goes on; what it died before is begun now."""
        try:
            await self._channel.record(self.key.name)
        except SwitchError as error:  # it is recorded already, as a rule
            log.info("take_goes_on", take=str(self.key), answer=str(error))
        else:
            self._why_ended = "it was begun late"
            self._studio.note(Note(self.key.call, "recording_begun", {"offer": self.key.offer}))
        return True

    async def _not_made(self, error: Exception) -> None:
        """Who hung up at once is no fault of Asterisk's."""
        if not self.is_over:
            await _set_within(self._over, GRACE_S)
        if self.is_over:
            return
        why = f"Asterisk does not record it: {str(error) or type(error).__name__}"
        self._studio.judge(Work.MAKING, why)
        detail = {"offer": self.key.offer, "why": why}
        self._studio.note(Note(self.key.call, "recording_not_made", detail))

    async def _until_end(self) -> None:
        """Until the talk is over or Asterisk has ended the recording by itself."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._over, self._ended)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not self.is_over:
            await _set_within(self._over, GRACE_S)

    async def _hang_up(self) -> None:
        """Ends snoop and recording; Asterisk is asked until it has answered."""
        while True:
            try:
                if await self._channel.hangup():
                    await _set_within(self._ended, BEGIN_LIMIT_S)
            except Unreachable as error:
                log.info("take_not_ended", error=str(error))
                await asyncio.sleep(RETRY_S)
            except SwitchError as error:
                log.warning("take_not_ended", error=str(error))
                return
            else:
                return

    async def keep(self) -> None:
        """Brings the file to the shelf; what cannot be brought now is found later."""
        why = self._why_ended or self._why_over
        if why is None and not self.is_over:
            why = "Asterisk ended it during the talk"
        await keep(self.key, self._shelf, self._studio, why)


async def keep(
    key: Key, shelf: Shelf, studio: Studio, why: str | None, *, found: bool = False
) -> None:
    """Brings a file to the shelf, and records it before Asterisk's own copy goes.

    Args:
        key: Whose.
        shelf: Where to.
        studio: The journal.
        why: Why it may not be the whole talk; None when it is.
        found: Nobody saw how it came to be.
    """
    try:
        kept = await shelf.keep(key.name, key.call, key.began)
    except OSError as error:
        studio.judge(Work.KEEPING, _told(error))
        return
    if kept is None:
        why = why or "Asterisk has left no file"
        studio.judge(Work.MAKING, why)
        detail = {"offer": key.offer, "why": why}
        studio.note(Note(key.call, "recording_not_made", detail))
        return
    studio.note(Note(key.call, "recording_kept", _detail(key, kept, why, found=found)))
    try:
        await shelf.clear(key.name)
    except OSError as error:
        studio.judge(Work.KEEPING, _told(error))
    else:
        studio.judge(Work.KEEPING, None)


def _told(error: OSError) -> str:
    return f"{error.filename or 'the file'}: {error.strerror or error}"


def _detail(key: Key, kept: Kept, why: str | None, *, found: bool) -> dict[str, Detail]:
    why = why or kept.fault
    return {
        "offer": key.offer,
        "recording": kept.path,
        "began": key.began.isoformat(),
        "bytes": kept.size,
        "seconds": kept.seconds,
        "sha256": kept.sha256,
        "whole": why is None,
        **({} if why is None else {"why": why}),
        **({"found": True} if found else {}),
    }


async def _set_within(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        pass
