"""The order of service, held to what the journal and the operators' phones tell of it.

Places are computed here anew, from the arrival, the credit and the service's priority, so that the
queue's own word is not what it is judged by.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from journal.record import ENDINGS, Record
from sandbox.mark import Mark

CREDIT_STEP_S = 1.0
"""A record tells of a credit in whole seconds."""


class Place(NamedTuple):
    """Where a caller stands in the queue: who has the lower one is served first.

    Attributes:
        at: Seconds since the epoch.
        within_s: The true one may be so much later or earlier.
    """

    at: float
    within_s: float

    def is_ahead_of(self, other: "Place") -> bool:
        """Whether it is lower for certain."""
        return self.at + self.within_s < other.at - other.within_s


def places(records: Iterable[Record], head_start_s: Mapping[str, float]) -> dict[str, Place]:
    """Each waiting call's place.

    Args:
        records: Of all calls.
        head_start_s: By service, the seconds of waiting that its priority is worth.
    """
    arrived: dict[str, float] = {}
    found: dict[str, Place] = {}
    for record in records:
        call = str(record.call)
        if record.what == "arrived":
            arrived[call] = record.at.timestamp()
        elif record.what == "queued" and call in arrived and call not in found:
            start_s = head_start_s.get(str(record.detail["service"]), 0.0)
            credit_s = float(record.detail.get("credit_s", 0.0))
            within_s = CREDIT_STEP_S / 2 if credit_s else 0.0
            found[call] = Place(arrived[call] - credit_s - start_s, within_s)
    return found


def passed_over(records: Sequence[Record], head_start_s: Mapping[str, float]) -> list[str]:
    """Offers to a person while somebody with a lower place waited, who stayed for an answer.

    Who has lost an operator is ahead of all others. Whoever this person has failed to answer before
    is not passed over: others are rung for him. All callers have to be for the same people.
    """
    place = places(records, head_start_s)
    stayed = {str(record.call) for record in records if record.what == "operator_answered"}
    failed: dict[str, set[str]] = defaultdict(set)
    waiting: set[str] = set()
    first: set[str] = set()
    found = []
    for record in records:
        call, target = str(record.call), str(record.detail.get("target"))
        match record.what:
            case "queued":
                waiting.add(call)
            case "offered" if target.startswith("person:"):
                rivals = (each for each in waiting & stayed if target not in failed[each])
                ahead = [
                    each
                    for each in rivals
                    if (each in first, call in first) == (True, False)
                    or ((each in first) == (call in first) and _is_ahead(place, each, call))
                ]
                found += [f"{target} was rung for {call} before {each}" for each in ahead]
            case "offer_failed":
                failed[call].add(target)
            case "operator_answered":
                waiting.discard(call)
                failed[call].add(target)
            case "operator_lost":
                first.add(call)
            case what if what in ENDINGS:
                waiting.discard(call)
            case _:
                pass
    return found


def _is_ahead(place: Mapping[str, Place], one: str, other: str) -> bool:
    return one in place and other in place and place[one].is_ahead_of(place[other])


def two_at_once(marks: Iterable[Mark], within_s: float) -> list[str]:
    """Calls that came to a seat of SIPp's operators while another one was there.

    A CANCEL that crosses the answer is more than SIPp's scenario knows, and leaves a call without
    an end; that nothing is left of it is Asterisk's to say.

    Args:
        marks: What happened at the seats.
        within_s: Asterisk may send the end of one call so much later than the begin of the next.
    """
    there: dict[str, dict[str, Mark]] = defaultdict(dict)
    found = []
    for mark in marks:
        seat = there[mark.seat]
        match mark.kind:
            case "offer":
                seat[mark.number] = mark
            case "withdrawn" | "end":
                begun = seat.pop(mark.number, None)
                found += [
                    f"{mark.seat}: rung for {new.number} while {mark.number} was there, for"
                    f" {mark.at - new.at:.3f} s"
                    for new in seat.values()
                    if begun is not None and begun.at < new.at < mark.at - within_s
                ]
            case _:
                pass
    return found


def served_late(
    marks: Iterable[Mark],
    place: Mapping[str, Place],
    queued: Mapping[str, float],
    offered: Mapping[str, float],
) -> list[str]:
    """Callers whom a seat of SIPp's operators has answered before others who were ahead of them.

    Args:
        marks: What happened at the seats.
        place: By the caller's number, as of `places`.
        queued: By the same, when the caller began to wait, in seconds since the epoch.
        offered: By the same, when a phone was rung first; it may ring seconds later, if the machine
            is starved.
    """
    answered: dict[str, list[str]] = defaultdict(list)
    for mark in marks:
        if mark.kind == "answer" and mark.number in place:
            answered[mark.seat].append(mark.number)
    return [
        f"{seat}: {after} was served after {before}"
        for seat, numbers in answered.items()
        for before, after in pairwise(numbers)
        if place[after].is_ahead_of(place[before]) and queued[after] < offered[before]
    ]
