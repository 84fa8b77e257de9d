"""From the core's notes to records: clocks and places are added, and who listens is told."""

from collections.abc import Callable
from typing import Protocol

from journal.record import Ground, Record
from routing.moment import Instant, Moment
from routing.note import Note
from routing.reason import Reason


class Sink(Protocol):
    """What records are appended to."""

    def append(self, record: Record) -> None:
        """Takes a record; never waits, never raises."""


class Journal:
    """Takes notes.

    Args:
        sink: Keeps the records.
        run_id: Begins each record's id.
        where: Turns a settings path into `file:line`, or "" when it is not written anywhere.
    """

    def __init__(
        self, sink: Sink, run_id: str, where: Callable[[tuple[str | int, ...]], str]
    ) -> None:
        self._sink = sink
        self._run_id = run_id
        self._where = where
        self._count = 0
        self._listeners: list[Callable[[Record], None]] = []

    def listen(self, listener: Callable[[Record], None]) -> None:
        """Calls `listener` with each record from now on; it must be quick and must not raise."""
        self._listeners.append(listener)

    def note(self, note: Note, *, at: Moment, arrived: Instant | None) -> Record:
        """Makes a record of a note, keeps it, and tells it to who listens."""
        self._count += 1
        record = Record(
            id=f"{self._run_id}-{self._count:08d}",
            at=at.wall,
            what=note.what,
            call=note.call,
            offset_s=None if arrived is None else round(at.instant - arrived, 4),
            detail=dict(note.detail),
            because=tuple(self._ground(reason) for reason in note.because),
        )
        self._sink.append(record)
        for listener in self._listeners:
            listener(record)
        return record

    def _ground(self, reason: Reason) -> Ground:
        path = ".".join(str(key) for key in reason.path)
        return Ground(reason.text, path, self._where(reason.path) if reason.path else "")
