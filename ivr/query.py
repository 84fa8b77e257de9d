"""The language of a feature call: where it can be, what can happen, and what it wants done."""

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from ivr.command import Answer, HangUp, Play
from ivr.dialogue import Digit, Silence, Spoken
from ivr.reply import CodePrompt
from routing.feature import Outcome
from routing.moment import Instant
from routing.note import Note
from routing.offer import Noticed
from routing.operator import PersonId
from routing.presence import Presence


class Field(Enum):
    """What is asked for."""

    NUMBER = CodePrompt.NUMBER
    PIN = CodePrompt.PIN


class Verdict(Enum):
    """What has come of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NO_PIN = "no PIN"


@dataclass(frozen=True, slots=True)
class Proved:
    """The PIN was judged."""

    person: PersonId
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Done:
    """The floor was told what was asked for.

    Attributes:
        outcome: What has come of it.
        presence: The state of who sits at the phone now.
    """

    outcome: Outcome
    presence: Presence | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The phone's channel has left."""


FeatureEvent: TypeAlias = Digit | Spoken | Silence | Proved | Done | Gone


@dataclass(frozen=True, slots=True)
class Asking:
    """A question is heard, or its answer is being pressed.

    Attributes:
        wanted: What is asked for.
        tries: Those that came to nothing.
        deadline: When the next key is to have come; while the question is heard, its end.
        until: When the whole entry is to have come; None while the question is heard.
        person: Whose PIN it is.
        typed: The keys so far, shown nowhere.
    """

    wanted: Field
    tries: int
    deadline: Instant
    until: Instant | None = None
    person: PersonId | None = None
    typed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Busy:
    """A PIN is judged, or the floor is told."""

    tries: int
    deadline: Instant


@dataclass(frozen=True, slots=True)
class Telling:
    """What has come of it is heard; `noticed` is who hears of an automatic pause."""

    deadline: Instant
    noticed: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more will happen."""


FeatureState: TypeAlias = Asking | Busy | Telling | Over


@dataclass(frozen=True, slots=True)
class Hush:
    """End what is being played."""


@dataclass(frozen=True, slots=True)
class Prove:
    """Judge this PIN, which is shown nowhere."""

    person: PersonId
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Act:
    """Do what was asked for; `proved`: who has shown to be that person."""

    proved: PersonId | None


FeatureCommand: TypeAlias = Answer | Play | Hush | HangUp | Prove | Act | Noticed | Note


def deadline(state: FeatureState) -> Instant | None:
    """When the call wants a `Silence`, if nothing happens before."""
    return None if isinstance(state, Over) else state.deadline
