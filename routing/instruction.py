"""What is said of an operator from elsewhere than a phone of the post, and what comes of it.

A supervisor at a terminal, or another system of the city, has somebody paused or ready. The same
floor event comes of it as of a feature code; the difference is who is asked for what. Whoever dials
hears at once that nobody is left, and can take it back with the next code. A program hears nothing,
so that the agency's last one is paused only for who says that it is meant.
"""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from routing.condition import Condition
from routing.offer import Paused, Ready
from routing.operator import PersonId


class Wanted(Enum):
    """What can be had of an operator."""

    PAUSE = "pause"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What is said of an operator.

    Attributes:
        person: Of whom; as it was given, known or not.
        wanted: What.
        for_s: Seconds after which a pause ends by itself; None: with the turn of duty.
        reason: Why, for people.
        force: The agency's last one is meant, too.
    """

    person: PersonId
    wanted: Wanted
    for_s: float | None = None
    reason: str = ""
    force: bool = False


class Outcome(Enum):
    """What has come of it, as the journal names it."""

    PAUSED = "paused"
    READY = "ready"
    ALREADY_PAUSED = "already paused"
    ALREADY_READY = "already ready"
    UNKNOWN = "unknown operator"
    OFF_DUTY = "off duty"
    LAST = "the agency's last one"
    NOT_SERVED = "not served"
    """Calls are another daemon's, or nobody's yet: what is said here would be forgotten."""

    @property
    def holds(self) -> bool:
        """Whether it is now as it was wanted."""
        return self in _HOLDS


_HOLDS = frozenset({Outcome.PAUSED, Outcome.READY, Outcome.ALREADY_PAUSED, Outcome.ALREADY_READY})


@dataclass(frozen=True, slots=True)
class Decision:
    """What whoever asked is told, and what the floor."""

    outcome: Outcome
    event: Paused | Ready | None = None


def decide(instruction: Instruction, condition: Condition | None) -> Decision:
    """What comes of an instruction.

    Args:
        instruction: What was said.
        condition: The person's, now; None if the settings know no such person.
    """
    if condition is None:
        return Decision(Outcome.UNKNOWN)
    match instruction.wanted:
        case Wanted.PAUSE:
            return _pause(instruction, condition)
        case Wanted.READY:
            return _ready(instruction, condition)
        case _:
            assert_never(instruction.wanted)


def _pause(instruction: Instruction, condition: Condition) -> Decision:
    """A pause for so long replaces another one: it begins anew."""
    if not condition.is_on_duty:
        return Decision(Outcome.OFF_DUTY)
    before = condition.pause
    asked_for = before is not None and not before.automatic
    if asked_for and before is not None and before.until is None and instruction.for_s is None:
        return Decision(Outcome.ALREADY_PAUSED)
    if condition.is_last and not asked_for and not instruction.force:
        return Decision(Outcome.LAST)
    event = Paused(instruction.person, instruction.for_s, instruction.reason)
    return Decision(Outcome.PAUSED, event)


def _ready(instruction: Instruction, condition: Condition) -> Decision:
    """Also out of the wrap-up, as by `*14`."""
    if condition.pause is not None or condition.wrap_up_s > 0:
        return Decision(Outcome.READY, Ready(instruction.person))
    return Decision(Outcome.ALREADY_READY if condition.is_on_duty else Outcome.OFF_DUTY)
