"""Which calls of the journal are asked for, and what they were."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from journal.redial import Abandoned, follow_up
from journal.story import Outcome, Story, tell

if TYPE_CHECKING:
    from journal.archive import Archive

CALLED_BACK: Final = "called_back"
"""The record that says that somebody has rung an abandoned caller."""
SUBSCRIBER: Final = 7
"""The last digits of a number, which are the same with and without codes of area and country."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; all that is given must hold.

    Attributes:
        since: The earliest arrival; None: from the first call on.
        until: No arrival from here on; None: up to now.
        service: That was asked for last.
        number: The caller's; or some digits of it, from three on.
        outcome: What became of the caller.
        operator: Id of a person or a seat who talked to the caller.
    """

    since: datetime | None = None
    until: datetime | None = None
    service: str | None = None
    number: str | None = None
    outcome: Outcome | None = None
    operator: str | None = None

    @property
    def digits(self) -> str:
        """What a number must have to be that of the query, however either of them is written."""
        digits = "".join(char for char in self.number or "" if char.isdecimal() and char.isascii())
        return digits[-SUBSCRIBER:]

    def fits(self, story: Story) -> bool:
        """Whether the call is one of those that are looked for."""
        people = {target.partition(":")[2].partition("@")[0] for target in story.operators}
        return (
            (self.service is None or story.service == self.service)
            and (self.outcome is None or story.outcome is self.outcome)
            and (self.operator is None or self.operator in people)
            and self.digits in (story.number or "")
        )


async def stories(archive: "Archive", query: Query) -> list[Story]:
    """The calls that are looked for, in the order of their arrival.

    Raises:
        StoreError: The store does not answer.
    """
    ids = await archive.calls(query.since, query.until, query.digits)
    found = []
    for call, records in (await archive.of_calls(ids)).items():
        story = tell(call, records)
        if story is not None and query.fits(story) and _is_in(story, query):
            found.append(story)
    return sorted(found, key=lambda story: story.arrived)


def _is_in(story: Story, query: Query) -> bool:
    """A call that came back from the dialplan arrived when it first did."""
    return query.since is None or story.arrived >= query.since


async def abandoned(archive: "Archive", query: Query) -> list[Abandoned]:
    """The abandoned calls that are looked for, each with what became of it up to now.

    Raises:
        StoreError: The store does not answer.
    """
    later = Query(since=query.since, number=query.number)
    every = await stories(archive, later)
    told = await archive.of_name(CALLED_BACK, query.since)
    called_back = {record.call: record for record in reversed(told) if record.call is not None}
    return [
        each
        for each in follow_up(every, called_back)
        if query.fits(each.story) and (query.until is None or each.story.arrived < query.until)
    ]
