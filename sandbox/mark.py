"""What SIPp's scenarios have marked: a step of a call, with its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of one call.

    Attributes:
        kind: `invite`, `ringing`, `answer`, `press`, `refused`, `end` of a caller; `offer`,
            `answer`, `withdrawn`, `refused`, `end` of an operator; `register`.
        number: The caller's number, as it was sent or as the operator's display shows it.
        at: Wall clock, seconds since the epoch, to the microsecond.
        seat: The operator's phone; empty for a caller.
    """

    kind: str
    number: str
    at: float
    seat: str = ""


def read_marks(log: Path) -> tuple[Mark, ...]:
    """The marks that a scenario has written so far; a line that is still being written is left."""
    if not log.exists():
        return ()
    marks = []
    for line in log.read_text(errors="replace").splitlines(keepends=True):
        words = line.split()
        if line.endswith("\n") and len(words) in {4, 5}:  # kind, number, s, us, perhaps a seat
            kind, number, seconds, micros, *seat = words
            marks.append(Mark(kind, number, float(seconds) + float(micros) / 1e6, *seat))
    return tuple(marks)


def latencies(
    since: str, begun: Sequence[Mark], until: str, reached: Sequence[Mark]
) -> list[float]:
    """Seconds from each number's first mark `since` to its first mark `until` after that, in order.

    Numbers that never came to `until` are left out; compare the lengths.
    """
    ends: dict[str, list[float]] = {}
    for mark in reached:
        if mark.kind == until:
            ends.setdefault(mark.number, []).append(mark.at)
    starts: dict[str, float] = {}
    for mark in begun:
        if mark.kind == since:
            starts.setdefault(mark.number, mark.at)
    found = (
        (start, min((at for at in ends.get(number, ()) if at >= start), default=None))
        for number, start in starts.items()
    )
    return [at - start for start, at in found if at is not None]
