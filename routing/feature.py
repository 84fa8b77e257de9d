"""Feature codes: what an operator dials at a phone of the post, and what comes of it.

Whoever sits at the phone is meant. Only to sign on takes a number and a PIN, which `ivr.feature`
asks for; the person is proved when they come here.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from routing.mark import Mark
from routing.offer import Marked, Paused, PersonEvent, Ready, SignedOff, SignedOn
from routing.operator import PersonId
from routing.presence import Presence


class Feature(Enum):
    """What can be asked for, by its code."""

    SIGN_ON = "*11"
    SIGN_OFF = "*12"
    PAUSE = "*13"
    READY = "*14"
    STATE = "*15"
    GENUINE = "*21"
    INFORMATION = "*22"
    PRANK = "*23"
    GHOST = "*24"


MARKS: Final = {
    Feature.GENUINE: Mark.GENUINE,
    Feature.INFORMATION: Mark.INFORMATION,
    Feature.PRANK: Mark.PRANK,
    Feature.GHOST: Mark.GHOST,
}
"""The features that say what the last call was."""


class Outcome(Enum):
    """What has come of it, as the journal names it."""

    NO_SEAT = "no seat"
    """The settings know no such phone."""
    NOBODY = "nobody has signed on"
    POSTS_PHONE = "the post's phone"
    """Everybody's: who signed on there would take it from the others."""
    OWN_SEAT = "own seat"
    """The phone is fixed to the person: there is nothing to sign on to or off from."""
    OTHERS_SEAT = "another's seat"
    SIGNED_ON = "signed on"
    SIGNED_OFF = "signed off"
    PAUSED = "paused"
    READY = "ready"
    STATE = "state told"
    MARKED = "marked"
    NO_TALK = "no call to mark"
    NO_PIN = "no PIN"
    """None is known of the person."""
    LOCKED = "locked"
    """Too many wrong PINs."""
    GIVEN_UP = "given up"
    """Three tries, and none was good."""
    FAILED = "failed"
    """A fault of ours: nothing is known to have changed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the phone is told, and what the floor."""

    outcome: Outcome
    event: PersonEvent | None = None


def decide(feature: Feature, presence: Presence | None, proved: PersonId | None = None) -> Decision:
    """What comes of a code.

    Args:
        feature: What was asked for.
        presence: Of the phone that it came from; None if it is no seat.
        proved: Who has shown to be that person, to sign on.
    """
    if presence is None:
        return Decision(Outcome.NO_SEAT)
    if feature is Feature.SIGN_ON:
        return _sign_on(presence, proved)
    person = presence.person
    if person is None:
        return Decision(Outcome.POSTS_PHONE if presence.is_post else Outcome.NOBODY)
    if feature in MARKS:
        if presence.talk is None:
            return Decision(Outcome.NO_TALK)
        return Decision(Outcome.MARKED, Marked(person, MARKS[feature]))
    return _of_person(feature, presence, person)


def _sign_on(presence: Presence, proved: PersonId | None) -> Decision:
    if presence.is_post:
        return Decision(Outcome.POSTS_PHONE)
    if proved is None:
        return Decision(Outcome.GIVEN_UP)
    if presence.owner is None:
        return Decision(Outcome.SIGNED_ON, SignedOn(proved, presence.seat))
    if presence.owner != proved:
        return Decision(Outcome.OTHERS_SEAT)
    return Decision(Outcome.OWN_SEAT, SignedOff(proved))


def _of_person(feature: Feature, presence: Presence, person: PersonId) -> Decision:
    match feature:
        case Feature.SIGN_OFF:
            if presence.owner == person and not presence.is_elsewhere:
                return Decision(Outcome.OWN_SEAT)
            return Decision(Outcome.SIGNED_OFF, SignedOff(person))
        case Feature.PAUSE:
            return Decision(Outcome.PAUSED, Paused(person))
        case Feature.READY:
            return Decision(Outcome.READY, Ready(person))
        case _:
            return Decision(Outcome.STATE)
