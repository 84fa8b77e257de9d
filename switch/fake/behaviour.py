"""What people do with their phones."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Answer:
    """Picks up after so many seconds of ringing, unless already in a talk.

    Attributes:
        after_s: Seconds of ringing.
        talk_s: Hangs up after so many seconds; None leaves that to the other side.
        vanish: After `talk_s` the phone dies without a word, instead of hanging up.
        keys: Keys, each so many seconds after picking up.
    """

    after_s: float = 0.0
    talk_s: float | None = None
    vanish: bool = False
    keys: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decline:
    """Rejects the call after so many seconds: 486, busy here."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ignore:
    """Lets it ring."""


Behaviour: TypeAlias = Answer | Decline | Ignore


@dataclass(frozen=True, slots=True)
class Citizen:
    """What a caller does.

    Attributes:
        keys: Keys, each so many seconds after the call was answered.
        patience_s: Hangs up after so many seconds without having talked to a human; None stays.
        talk_s: Hangs up after so many seconds with a human; None leaves that to the other side.
    """

    keys: tuple[tuple[float, str], ...] = ()
    patience_s: float | None = None
    talk_s: float | None = None
