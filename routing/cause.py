"""Why a call leg ended: the Q.850 causes that matter here, and what each says of the other side.

Source: ITU-T Q.850; Asterisk's `causes.h`; RFC 3398 maps SIP responses to them.
"""

from enum import IntEnum


class Cause(IntEnum):
    """A Q.850 cause that Asterisk gives with `ChannelDestroyed`; UNSEEN where none was given."""

    UNSEEN = 0
    NORMAL_CLEARING = 16
    USER_BUSY = 17
    NO_USER_RESPONSE = 18
    NO_ANSWER = 19
    CALL_REJECTED = 21
    ANSWERED_ELSEWHERE = 26
    REQUESTED_CHANNEL_UNAVAILABLE = 44


EXPLANATION: dict[Cause, str] = {
    Cause.UNSEEN: "gone unseen",
    Cause.NORMAL_CLEARING: "hung up",
    Cause.USER_BUSY: "busy",
    Cause.NO_USER_RESPONSE: "phone does not respond",
    Cause.NO_ANSWER: "no answer",
    Cause.CALL_REJECTED: "declined",
    Cause.ANSWERED_ELSEWHERE: "answered elsewhere",
    Cause.REQUESTED_CHANNEL_UNAVAILABLE: "phone lost (no media)",
}


def explain(cause: int) -> str:
    """What a cause means, in words for the record; unknown ones by their number."""
    try:
        return EXPLANATION[Cause(cause)]
    except ValueError:
        return f"cause {cause}"
