"""What the user of a phone does when it rings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """The user picks up after so many seconds of ringing, unless already in a call."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Decline:
    """The user presses "reject" after so many seconds: 486, the only code that baresip gives."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ignore:
    """The phone rings and nobody is there; only `accept()` or `decline()` do something."""


Behaviour = Answer | Decline | Ignore
