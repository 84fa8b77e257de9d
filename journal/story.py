"""A call's records, told as one row: when, from where, for what, who answered after how long."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from journal.record import ENDINGS, Record

NEW = "new"
"""How a call arrives that was not here before; others come back from the dialplan."""


class Outcome(StrEnum):
    """What became of the caller."""

    ANSWERED = "answered"
    """A human was reached, whatever came after."""
    ABANDONED = "abandoned"
    """The caller hung up before."""
    DISMISSED = "dismissed"
    """Told that another centre is theirs, and hung up on as the settings say."""
    LAST_RESORT = "last_resort"
    """Given to the plain dialplan, which rings on; what came of it this journal does not know."""
    OPEN = "open"
    """In progress, or the daemon was not there at the end."""


_OUTCOMES = {
    "abandoned": Outcome.ABANDONED,
    "dismissed": Outcome.DISMISSED,
    "pulled_out": Outcome.LAST_RESORT,
    "handed_back": Outcome.LAST_RESORT,
    # Answered calls have no other ending; this one's answer was not recorded.
    "ended": Outcome.ANSWERED,
}


@dataclass(slots=True)
class Story:
    """One call.

    Attributes:
        call: Its id.
        arrived: When the caller came to Asterisk.
        number: The caller's; empty when it was withheld, None when it has been purged.
        trunk: Over which the call came.
        did: What was dialled there.
        zone: The verdict on the origin, or None.
        neighbour: Whose area it is, where the verdict is outside and known.
        service: The last one that was asked for.
        offers: How many phones were rung.
        answered_s: From arrival to the first human, in seconds; None also when nobody saw it.
        operator: Who that was: `person:ID`, `seat:ID` or `outside:NUMBER@TRUNK`.
        talked_s: All talks together, in seconds.
        ending: The record that ends it, or None.
        by: Who hung up after a talk.
        ended: When.
        mark: What the operator said of it, or None.
    """

    call: str
    arrived: datetime
    number: str | None = None
    trunk: str = ""
    did: str = ""
    zone: str | None = None
    neighbour: str | None = None
    service: str | None = None
    offers: int = 0
    answered_s: float | None = None
    operator: str | None = None
    talked_s: float = 0.0
    ending: str | None = None
    by: str | None = None
    ended: datetime | None = None
    mark: str | None = None
    operators: list[str] = field(default_factory=list)
    before_s: float = field(default=0.0, repr=False, compare=False)
    """From the arrival to that of the present stay: other records are timed by the latter."""

    @property
    def outcome(self) -> Outcome:
        """What became of the caller."""
        if self.operators:
            return Outcome.ANSWERED
        return Outcome.OPEN if self.ending is None else _OUTCOMES.get(self.ending, Outcome.OPEN)

    @property
    def waited_s(self) -> float | None:
        """From arrival to a human, or to the end without one; None while it goes on."""
        if self.outcome is Outcome.ANSWERED or self.ended is None:
            return self.answered_s
        return round((self.ended - self.arrived).total_seconds(), 3)


def tell(call: str, records: Iterable[Record]) -> Story | None:
    """The call as one row; None when there is no record of it.

    Args:
        call: Its id.
        records: Its records, in their order.
    """
    story: Story | None = None
    for record in records:
        if story is None:
            story = Story(call, record.at - timedelta(seconds=record.offset_s or 0.0))
        _take(story, record)
    return story


def _take(story: Story, record: Record) -> None:
    detail = record.detail
    match record.what:
        case "arrived" | "adopted":
            story.ending = story.ended = None
            target = detail.get("target")
            if target is not None and target not in story.operators:
                # Whoever was there when the two were brought together has not told of it.
                story.operators.append(str(target))
                story.operator = story.operator or str(target)
            story.before_s = 0.0  # who is adopted is timed from the true arrival
            if record.what == "arrived":
                stay = record.at - timedelta(seconds=record.offset_s or 0.0)
                story.before_s = max(0.0, (stay - story.arrived).total_seconds())
                story.number = detail.get("ani")
                story.trunk, story.did = str(detail.get("trunk", "")), str(detail.get("did", ""))
        case "zone":
            story.zone, story.neighbour = detail.get("verdict"), detail.get("neighbour")
        case "offered":
            story.offers += 1
        case "bridged":
            _answer(story, record)
        case "marked":
            story.mark = detail.get("mark")
        case _:
            pass
    if record.what in {"chosen", "queued", "resumed", "adopted", "last_resort"}:
        story.service = detail.get("service") or story.service
    story.talked_s = round(story.talked_s + float(detail.get("talked_s") or 0.0), 3)
    if record.what in ENDINGS:
        story.ending, story.ended, story.by = record.what, record.at, detail.get("by")


def _answer(story: Story, record: Record) -> None:
    target = str(record.detail.get("target"))
    if not story.operators:
        story.operator = target
        since = (record.at - story.arrived).total_seconds()
        story.answered_s = round(since, 3)
        if record.offset_s is not None:
            story.answered_s = round(record.offset_s + story.before_s, 6)
    story.operators.append(target)
