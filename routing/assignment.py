"""What a rule of the roster says of one shift of one date: this person works it."""

from dataclasses import dataclass
from typing import TypeAlias

from routing.operator import PersonId
from routing.reason import Reason
from routing.shift import ShiftId


@dataclass(frozen=True, slots=True)
class Assignment:
    """A person on a shift.

    Attributes:
        person: Who.
        shift: Which.
        place: Where in the settings, for the order in which people are hunted.
        because: The rule.
    """

    person: PersonId
    shift: ShiftId
    place: int
    because: Reason


Assignments: TypeAlias = dict[tuple[ShiftId, PersonId], Assignment]
"""All of one date; nobody is on one shift twice."""


def noted(text: str, note: str) -> str:
    """A reason's text with the note that people left beside the rule."""
    return f"{text}: {note}" if note else text
