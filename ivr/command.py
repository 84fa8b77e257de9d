"""What a call wants done: the language between the core's call and the shell that performs it."""

from dataclasses import dataclass
from typing import TypeAlias

from routing.note import Note
from routing.offer import Enqueue, Leave, OfferId
from routing.operator import Language


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the caller and give them a bridge of their own, in which everything is played."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play these prompts to the caller, instead of what is being played now."""

    language: Language
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskPlace:
    """Tell the call its place in the queue by a `Placed`, at once.

    Attributes:
        up_to: No more than so many need to be counted.
    """

    up_to: int


@dataclass(frozen=True, slots=True)
class RenewFuse:
    """Set the caller's fuse to its full length again."""


@dataclass(frozen=True, slots=True)
class Join:
    """End what is being played, bring the answered leg to the caller, then take off the fuse."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the caller's channel: both have finished talking."""


Command: TypeAlias = Answer | Play | AskPlace | RenewFuse | Join | HangUp | Enqueue | Leave | Note
