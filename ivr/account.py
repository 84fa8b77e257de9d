"""What is told of a call where the words are many: notes, made of what the call knows."""

from ivr.state import CallerGone, Ended, Step
from routing.cause import explain
from routing.moment import Moment
from routing.note import CallId, Detail, Note
from routing.offer import Leave
from routing.reason import Reason
from routing.service import ServiceId
from routing.throttle import RULE


def no_emergency(call: CallId, service: ServiceId) -> Note:
    """Who was asked did not say that it is one."""
    because = Reason("did not say that it is an emergency", (*RULE, "priority"))
    return Note(call, "chosen", {"service": service}, (because,))


def ignored(call: CallId, digit: str) -> Note:
    """A key that means nothing where it was pressed."""
    return Note(call, "digit", {"digit": digit, "ignored": True})


def abandoned(call: CallId, event: CallerGone, where: str, arrived: Moment, at: Moment) -> Step:
    """The caller has left before a human answered: hung up, or was pulled out by the fuse."""
    detail: dict[str, Detail] = {
        "where": where,
        "waited_s": round(at.instant - arrived.instant, 3),
    }
    if event.pulled_out:
        return Ended(), (Leave(call), Note(call, "pulled_out", detail))
    detail["why"] = explain(event.cause)
    return Ended(), (Leave(call), Note(call, "abandoned", detail))
