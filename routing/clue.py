"""What one kind of evidence shows of where the caller is."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from routing.reason import Reason
from routing.zone import Finding, NeighbourId

Path: TypeAlias = tuple[str | int, ...]

PLACE: Final = {
    Finding.INSIDE: "inside",
    Finding.OUTSIDE: "outside",
    Finding.UNKNOWN: "anywhere",
}
"""Findings in a sentence."""


@dataclass(frozen=True, slots=True)
class Clue:
    """What one kind of evidence shows.

    Attributes:
        finding: Where the caller is by it.
        neighbour: Whose zone that is, when outside and known.
        reason: In words.
        is_number: It is the caller's number.
        disproved: Neighbours whose zone it is not.
    """

    finding: Finding
    neighbour: NeighbourId | None
    reason: Reason
    is_number: bool = False
    disproved: frozenset[NeighbourId] = frozenset()


def nothing(text: str, path: Path = ()) -> Clue:
    """Evidence that shows nothing, and why."""
    return Clue(Finding.UNKNOWN, None, Reason(text, path))


def noted(note: str) -> str:
    """An administrator's note at the end of a sentence."""
    return f", {note}" if note else ""
