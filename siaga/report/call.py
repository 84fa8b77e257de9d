"""One call as a report counts it: what came of it, and what each phone had to do with it.

Nothing of who the caller is: neither number nor place is read.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from journal.record import ENDINGS, Record
from journal.story import Story, tell
from routing.mark import Mark

NAMES: Final = ENDINGS | {
    *("zone", "chosen", "queued", "resumed", "offered", "offer_failed", "bridged"),
    *("operator_lost", "marked", "called_back"),
}
"""The records that a report needs beside the arrivals."""
OUTSIDE, UNKNOWN = "outside", "unknown"
"""Who worked, where it was nobody of the post, or nobody has told who: no number stands here."""
NO_ANSWER: Final = "no answer"
"""How an offer ends that rang until its time was over (routing.switchboard)."""
UNSEEN: Final = "gone unseen"
"""Why a call was abandoned whose end nobody saw (routing.cause)."""
NEIGHBOURS: Final = "zones.neighbours"
"""The path of the rule by which a neighbour's centre is rung."""
MILLIS: Final = 1_000


@dataclass(slots=True)
class Work:
    """What a person or a phone had to do.

    Attributes:
        offers: How often it rang.
        talks: How many callers were talked to.
        no_answer: Offers that rang out.
        refused: Offers that failed otherwise: busy, declined, out of reach.
        ring_ms: From the ring to the talk, of all talks together.
        rings: Talks of which that is known.
        talk_ms: All talks together.
        marks: What the person said of calls.
    """

    offers: int = 0
    talks: int = 0
    no_answer: int = 0
    refused: int = 0
    ring_ms: int = 0
    rings: int = 0
    talk_ms: int = 0
    marks: dict[Mark, int] = field(default_factory=dict)

    def add(self, other: "Work") -> None:
        """What was to do for other calls, too."""
        self.offers += other.offers
        self.talks += other.talks
        self.no_answer += other.no_answer
        self.refused += other.refused
        self.ring_ms += other.ring_ms
        self.rings += other.rings
        self.talk_ms += other.talk_ms
        for mark, number in other.marks.items():
            self.marks[mark] = self.marks.get(mark, 0) + number


@dataclass(slots=True)
class Call:
    """One call.

    Attributes:
        story: Its row, as `siaga112 calls` shows it, without the number.
        queued_s: From the arrival to the queue, in seconds; None for who never joined it.
        mark: The last that was said of it; None: nothing.
        is_transferred: The first human was at a neighbour's centre, by the zone's verdict.
        is_adopted: A daemon that has started went on with it.
        is_reconstructed: Its end was found out afterwards.
        is_unseen: Nobody saw its end: Asterisk was restarted, or its events were missing.
        is_redial: The caller had given up shortly before, and kept the place.
        is_called_back: Somebody of the post has rung the caller.
        is_lost: A talk broke off on the operator's side, and the caller was in the queue again.
        work: By person or phone, what there was to do.
    """

    story: Story
    queued_s: float | None = None
    mark: Mark | None = None
    is_transferred: bool = False
    is_adopted: bool = False
    is_reconstructed: bool = False
    is_unseen: bool = False
    is_redial: bool = False
    is_called_back: bool = False
    is_lost: bool = False
    work: dict[str, Work] = field(default_factory=dict)

    def of(self, target: str) -> Work:
        """What that target had to do."""
        return self.work.setdefault(shown(target), Work())


def shown(target: str) -> str:
    """A target as a report names it: a number outside is nobody's business there."""
    return OUTSIDE if target.startswith(f"{OUTSIDE}:") else target


def read(history: Iterable[Record]) -> Call | None:
    """The call of these records; None when there are none.

    Args:
        history: Of one call, in their order.
    """
    records = list(history)
    story = tell(records[0].call or "", records) if records else None
    if story is None:
        return None
    call, reader = Call(story), _Reader()
    for record in records:
        reader.take(call, record)
    reader.close(call)
    return call


class _Reader:
    """What has to be kept from one record to the next."""

    def __init__(self) -> None:
        self._rung: dict[str, Record] = {}
        self._talker = UNKNOWN
        self._marked: tuple[str, Mark] | None = None

    def take(self, call: Call, record: Record) -> None:
        detail = record.detail
        target = str(detail.get("target", UNKNOWN))
        match record.what:
            case "adopted":
                call.is_adopted = True
                if detail.get("target") is not None:
                    self._talker = target
                    # The record of the begin of this talk may be lost with the daemon of then.
                    call.of(target).talks = call.of(target).talks or 1
            case "queued" | "resumed":
                if call.queued_s is None:
                    call.queued_s = _since_arrival(call, record)
                call.is_redial |= "credit_s" in detail
            case "offered":
                call.of(target).offers += 1
                self._rung[str(detail.get("offer"))] = record
            case "offer_failed":
                work = call.of(target)
                if detail.get("outcome") == NO_ANSWER:
                    work.no_answer += 1
                else:
                    work.refused += 1
            case "bridged":
                self._bridge(call, record, target)
            case "marked":
                self._mark(detail)
            case "called_back":
                call.is_called_back = True
            case "operator_lost":
                call.is_lost = True
            case _:
                pass
        if detail.get("talked_s"):
            call.of(self._talker).talk_ms += round(float(detail["talked_s"]) * MILLIS)
        if record.what in ENDINGS:
            call.is_reconstructed = bool(detail.get("reconstructed"))
            call.is_unseen = detail.get("by") == "unseen" or detail.get("why") == UNSEEN

    def close(self, call: Call) -> None:
        """The last mark is what the call was, and whose word it is."""
        if self._marked is not None:
            person, call.mark = self._marked
            call.of(f"person:{person}").marks[call.mark] = 1

    def _bridge(self, call: Call, record: Record, target: str) -> None:
        work = call.of(target)
        offered = self._rung.get(str(record.detail.get("offer")))
        if offered is not None:
            rang_s = _since_arrival(call, record) - _since_arrival(call, offered)
            work.ring_ms += round(max(0.0, rang_s) * MILLIS)
            work.rings += 1
            if not any(each.talks for each in call.work.values()):
                paths = (ground.path for ground in offered.because)
                call.is_transferred = any(path.startswith(NEIGHBOURS) for path in paths)
        work.talks += 1
        self._talker = target

    def _mark(self, detail: dict[str, object]) -> None:
        with suppress(ValueError):  # a later release may know more of them
            self._marked = str(detail.get("person")), Mark(detail.get("mark"))


def _since_arrival(call: Call, record: Record) -> float:
    """By the monotonic clock where it is known, else by that on the wall."""
    if record.offset_s is not None:
        return record.offset_s
    return (record.at - call.story.arrived).total_seconds()
