"""What happened in one performance: the events that the conductor received, and the records."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from journal.record import Record
from switch.event import Event, Unknown, decode


@dataclass(slots=True)
class Tape:
    """One performance.

    Attributes:
        start: The wall time when it began.
        media: Seconds of each medium that was played, by URI.
        events: Seconds since the beginning, and the event; heartbeats are not on it.
        records: What the journal was given.
    """

    start: datetime
    media: dict[str, float] = field(default_factory=dict)
    events: list[tuple[float, Event]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """One JSON object a line: the head, then events and records in the order they came."""
        lines: list[dict[str, Any]] = [
            {"start": self.start.isoformat(), "media": dict(sorted(self.media.items()))}
        ]
        lines += [{"at": round(at, 4), "event": _told(event)} for at, event in self.events]
        lines += [_said(record) for record in self.records]
        path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))

    @classmethod
    def read(cls, path: Path) -> "Tape":
        """A tape that was written.

        Raises:
            ValueError: An event on it is not one of this layer's.
        """
        head, *lines = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
        tape = cls(datetime.fromisoformat(head["start"]), head["media"])
        for number, line in enumerate(lines):
            if "event" in line:
                event = decode(msgspec.json.encode(line["event"]))
                if isinstance(event, Unknown):
                    raise ValueError(f"{path.name}: event {number} cannot be read")
                tape.events.append((line["at"], event))
            else:
                tape.records.append(
                    Record(
                        id=str(number),
                        at=tape.start,
                        what=line["record"],
                        call=line.get("call"),
                        detail=line["detail"],
                    )
                )
        return tape


def _told(event: Event) -> dict[str, Any]:
    """The event without what it leaves empty."""
    kept = _kept(msgspec.to_builtins(event))
    return {"type": type(event).__name__, **kept}


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    parts = {key: _kept(part) if isinstance(part, dict) else part for key, part in value.items()}
    # `channels` of a bridge, `args`, `dialstatus` mean something when empty: their default is that.
    return {key: part for key, part in parts.items() if part not in ("", {}, [], None, 0)}


def _said(record: Record) -> dict[str, Any]:
    line: dict[str, Any] = {"record": record.what, "detail": record.detail}
    return line if record.call is None else {**line, "call": record.call}
