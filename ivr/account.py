"""What is told of a call where the words are many: notes, made of what the call knows."""

from ivr.state import CallerGone
from routing.cause import explain
from routing.moment import Moment
from routing.note import CallId, Detail, Note
from routing.reason import Reason
from routing.service import ServiceId
from routing.throttle import RULE


def no_emergency(call: CallId, service: ServiceId) -> Note:
    """Who was asked did not say that it is one."""
    because = Reason("did not say that it is an emergency", (*RULE, "priority"))
    return Note(call, "chosen", {"service": service}, (because,))


def gone(call: CallId, event: CallerGone, where: str, arrived: Moment, at: Moment) -> Note:
    """The caller has left before a human answered: hung up, or was pulled out by the fuse."""
    waited_s = round(at.instant - arrived.instant, 3)
    if event.pulled_out:
        return Note(call, "pulled_out", {"where": where, "waited_s": waited_s})
    detail: dict[str, Detail] = {
        "where": where,
        "waited_s": waited_s,
        "why": explain(event.cause),
    }
    return Note(call, "abandoned", detail)
