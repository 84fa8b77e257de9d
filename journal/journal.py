"""From the core's notes to records: clocks and places are added, and who listens is told."""

from collections.abc import Callable
from datetime import UTC
from typing import Protocol

import structlog

from journal.record import Ground, Record
from routing.moment import Instant, Moment
from routing.note import Note
from routing.reason import Reason

log = structlog.get_logger(__name__)


class Sink(Protocol):
    """What records are appended to."""

    def append(self, record: Record) -> None:
        """Takes a record; never waits, never raises."""


class Journal:
    """Takes notes. Nothing that goes wrong here reaches the call that the note is about.

    Args:
        sink: Keeps the records.
        run_id: Tells this writer from another that began in the same second.
        where: Turns a settings path into `file:line`, or "" when it is not written anywhere.
    """

    def __init__(
        self, sink: Sink, run_id: str, where: Callable[[tuple[str | int, ...]], str]
    ) -> None:
        self._sink = sink
        self._run_id = run_id
        self._where = where
        self._first: Moment | None = None
        self._count = 0
        self._listeners: list[Callable[[Record], None]] = []

    def listen(self, listener: Callable[[Record], None]) -> None:
        """Calls `listener` with each record from now on; it must be quick."""
        self._listeners.append(listener)

    def note(self, note: Note, *, at: Moment, arrived: Instant | None) -> Record:
        """Makes a record of a note, keeps it, and tells it to who listens.

        Args:
            note: What happened.
            at: When.
            arrived: When its call came in; None for a note of no call.
        """
        first = self._first = self._first or at
        since = first.instant if note.call is None else arrived
        self._count += 1
        record = Record(
            # The first record's time, in front, lets the ids of one run sort behind the last one's.
            id=f"{first.wall.astimezone(UTC):%Y%m%dT%H%M%S}-{self._run_id}-{self._count:08d}",
            at=at.wall.astimezone(UTC),
            what=note.what,
            call=note.call,
            offset_s=None if since is None else round(at.instant - since, 6),
            detail=dict(note.detail),
            because=tuple(self._ground(reason) for reason in note.because),
        )
        self._sink.append(record)
        for listener in self._listeners:
            self._tell(listener, record)
        return record

    def _tell(self, listener: Callable[[Record], None], record: Record) -> None:
        try:
            listener(record)
        except Exception:
            log.exception("listener_failed", record=record.id, what=record.what)

    def _ground(self, reason: Reason) -> Ground:
        path = ".".join(str(key) for key in reason.path)
        try:
            where = self._where(reason.path) if reason.path else ""
        except Exception:
            log.exception("place_not_found", path=path)
            where = ""
        return Ground(reason.text, path, where)
