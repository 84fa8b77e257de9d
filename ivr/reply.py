"""What a phone of the post hears after a feature code, in whole sentences."""

from enum import StrEnum
from typing import Final

from routing.feature import MARKS, Feature, Outcome
from routing.mark import Mark
from routing.presence import Presence


class CodePrompt(StrEnum):
    """A prompt for operators; the texts are in `prompts.yaml`."""

    NUMBER = "code_number"
    PIN = "code_pin"
    NUMBER_UNKNOWN = "code_number_unknown"
    PIN_WRONG = "code_pin_wrong"
    LOCKED = "code_locked"
    NO_PIN = "code_no_pin"
    GIVEN_UP = "code_given_up"
    NO_SEAT = "code_no_seat"
    NOBODY = "code_nobody"
    POSTS_PHONE = "code_posts_phone"
    OWN_SEAT = "code_own_seat"
    OTHERS_SEAT = "code_others_seat"
    SIGNED_ON = "code_signed_on"
    SIGNED_OFF = "code_signed_off"
    ON_DUTY = "code_on_duty"
    OFF_DUTY = "code_off_duty"
    ELSEWHERE = "code_elsewhere"
    PAUSED = "code_paused"
    LAST = "code_last"
    WRAP_UP = "code_wrap_up"
    READY = "code_ready"
    NOTICE = "code_notice"
    GENUINE = "code_genuine"
    INFORMATION = "code_information"
    PRANK = "code_prank"
    GHOST = "code_ghost"
    NO_TALK = "code_no_talk"
    FAILED = "code_failed"
    """Also played by the dialplan when the daemon is not there."""


_PLAIN: Final = {
    Outcome.NO_SEAT: CodePrompt.NO_SEAT,
    Outcome.NOBODY: CodePrompt.NOBODY,
    Outcome.POSTS_PHONE: CodePrompt.POSTS_PHONE,
    Outcome.OWN_SEAT: CodePrompt.OWN_SEAT,
    Outcome.OTHERS_SEAT: CodePrompt.OTHERS_SEAT,
    Outcome.SIGNED_OFF: CodePrompt.SIGNED_OFF,
    Outcome.READY: CodePrompt.READY,
    Outcome.NO_TALK: CodePrompt.NO_TALK,
    Outcome.NO_PIN: CodePrompt.NO_PIN,
    Outcome.LOCKED: CodePrompt.LOCKED,
    Outcome.GIVEN_UP: CodePrompt.GIVEN_UP,
    Outcome.FAILED: CodePrompt.FAILED,
}
_MARKED: Final = {
    Mark.GENUINE: CodePrompt.GENUINE,
    Mark.INFORMATION: CodePrompt.INFORMATION,
    Mark.PRANK: CodePrompt.PRANK,
    Mark.GHOST: CodePrompt.GHOST,
}


def reply(feature: Feature, outcome: Outcome, presence: Presence | None) -> tuple[CodePrompt, ...]:
    """The sentences that tell what has come of a code.

    Args:
        feature: What was asked for.
        outcome: What has come of it.
        presence: The state of who sits there, after it.
    """
    notice = (CodePrompt.NOTICE,) if presence is not None and presence.is_noticed else ()
    return (*notice, *_of_outcome(feature, outcome, presence))


def _of_outcome(
    feature: Feature, outcome: Outcome, presence: Presence | None
) -> tuple[CodePrompt, ...]:
    if outcome in _PLAIN:
        return (_PLAIN[outcome],)
    if outcome is Outcome.MARKED:
        return (_MARKED[MARKS[feature]],) if feature in MARKS else (CodePrompt.FAILED,)
    if presence is None:
        return (CodePrompt.FAILED,)
    if outcome is Outcome.PAUSED:
        return (CodePrompt.PAUSED, CodePrompt.LAST) if presence.is_last else (CodePrompt.PAUSED,)
    begin = (CodePrompt.SIGNED_ON,) if outcome is Outcome.SIGNED_ON else ()
    return (*begin, *_state(presence))


def _state(presence: Presence) -> tuple[CodePrompt, ...]:
    """Duty, seat, and whether callers are offered."""
    duty = CodePrompt.ON_DUTY if presence.is_on_duty else CodePrompt.OFF_DUTY
    where = (CodePrompt.ELSEWHERE,) if presence.is_elsewhere else ()
    if presence.pause is not None:
        return (duty, *where, CodePrompt.PAUSED)
    if presence.wrap_up_s > 0:
        return (duty, *where, CodePrompt.WRAP_UP)
    return (duty, *where, CodePrompt.READY) if presence.is_on_duty else (duty, *where)
