"""Callers who hung up before a human answered, and what became of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from journal.record import Record
from journal.story import Outcome, Story


class Sequel(Enum):
    """What became of an abandoned call."""

    CALLED_BACK = "called_back"
    """Somebody of the post has rung the number, and says so."""
    REDIALLED = "redialled"
    """The caller dialled again, and reached a human."""
    OPEN = "open"
    """Nothing is known: to be rung back."""
    WITHHELD = "withheld"
    """There is no number to ring."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """One abandoned call.

    Attributes:
        story: The call.
        sequel: What became of it.
        by: Who called back, or answered the next call.
        at: When.
        tries: Further calls from that number that reached nobody either.
    """

    story: Story
    sequel: Sequel
    by: str | None = None
    at: datetime | None = None
    tries: int = 0


def follow_up(
    stories: Iterable[Story], called_back: Mapping[str, Record] | None = None
) -> list[Abandoned]:
    """The abandoned calls among these, each with its sequel.

    Of several that one caller abandoned in a row each is listed, and one answer closes them all.

    Args:
        stories: Calls in the order of their arrival, the later ones included.
        called_back: By call, the record that says that its caller was rung.
    """
    every = list(stories)
    by_number: dict[str, list[Story]] = {}
    for story in every:
        if story.number:
            by_number.setdefault(story.number, []).append(story)
    abandoned = (story for story in every if story.outcome is Outcome.ABANDONED)
    return [
        _sequel(story, by_number.get(story.number or "", []), called_back or {})
        for story in abandoned
    ]


def _sequel(
    story: Story, of_number: Iterable[Story], called_back: Mapping[str, Record]
) -> Abandoned:
    later = [each for each in of_number if each.arrived > story.arrived]
    answered = next((each for each in later if each.outcome is Outcome.ANSWERED), None)
    tries = sum(
        each.outcome is not Outcome.ANSWERED
        for each in later
        if answered is None or each.arrived < answered.arrived
    )
    told = called_back.get(story.call)
    if told is not None and (answered is None or told.at < answered.arrived):
        return Abandoned(story, Sequel.CALLED_BACK, told.detail.get("by"), told.at, tries)
    if answered is not None:
        return Abandoned(story, Sequel.REDIALLED, answered.operator, answered.arrived, tries)
    return Abandoned(story, Sequel.OPEN if story.number else Sequel.WITHHELD, tries=tries)
