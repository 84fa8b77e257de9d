"""Operators who are paused, or ready again, by word from elsewhere: control socket, MQTT.

Whatever brings an instruction has found out who gave it. Here it is held against what is so, done
in the same step, recorded with whose word it was, and answered.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from console.instruction import Answered
from routing.condition import Condition
from routing.floor import Floor
from routing.instruction import Decision, Instruction, Outcome, Wanted, decide
from routing.note import Note
from routing.offer import PersonEvent
from routing.operator import PersonId
from routing.plan import Plan
from siaga.clock import Clock
from siaga.problem import suggestion

log = structlog.get_logger(__name__)

REASON_CHARS: Final = 200
"""Of a reason; it is for one line of the status."""
PERSON_CHARS: Final = 100
"""Of an id as it is given; those of the settings have fewer."""
LONGEST_S: Final = 24 * 3600.0
"""A pause ends with the turn of duty, which is shorter."""


class Invalid(ValueError):
    """This is no instruction; the text says why, for people."""


class House(Protocol):
    """What instructions need of the conductor."""

    @property
    def floor(self) -> Floor:
        """To be looked at."""

    @property
    def plan(self) -> Plan:
        """The accepted settings of routing."""

    @property
    def serves(self) -> bool:
        """Whether calls are this process's; else what it is told would be forgotten."""

    def tell_floor(self, event: PersonEvent) -> None:
        """Steps the floor and sends out what it wants done."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""


def instruction_of(
    wanted: str,
    person: object,
    *,
    for_s: object = None,
    reason: object = "",
    force: object = False,
) -> Instruction:
    """An instruction of what came over a wire.

    Raises:
        Invalid: It is none.
    """
    if wanted not in {each.value for each in Wanted}:
        raise Invalid(f"{wanted!r} is nothing that can be had of an operator; known: pause, ready")
    if not isinstance(person, str) or not person or len(person) > PERSON_CHARS:
        raise Invalid("expected the id of an operator, as operators.yaml has it")
    if not isinstance(reason, str) or len(reason) > REASON_CHARS:
        raise Invalid(f"a reason has at most {REASON_CHARS} characters")
    if reason and not reason.isprintable():
        raise Invalid("a reason is one line of text")
    if not isinstance(force, bool):
        raise Invalid("force is true or false")
    return Instruction(
        person=PersonId(person),
        wanted=Wanted(wanted),
        for_s=_seconds(for_s) if for_s is not None else None,
        reason=reason.strip(),
        force=force,
    )


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid("expected how long in seconds")
    if not 0 < value <= LONGEST_S:
        raise Invalid(f"a pause lasts up to {LONGEST_S / 3600:.0f} h")
    return float(value)


class Instructions:
    """Has operators paused, and ready.

    Args:
        house: Floor, settings and journal.
        clock: The only clock.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        self._house = house
        self._clock = clock

    def follow(self, instruction: Instruction, by: Mapping[str, str | int]) -> Answered:
        """Does what was said, if it can be; nothing happens between the decision and the deed.

        Args:
            instruction: What was said.
            by: Whose word it was, for the record: `by` (a name), `via` (the way that it came), and
                what else is known.
        """
        condition = self._house.floor.condition(instruction.person, self._clock.now())
        decision = Decision(Outcome.NOT_SERVED)
        if self._house.serves:
            decision = decide(instruction, condition)
        self._note(instruction, decision, condition, by)
        if decision.event is not None:
            self._house.tell_floor(decision.event)
        return self._answered(instruction, decision.outcome)

    def _note(
        self,
        instruction: Instruction,
        decision: Decision,
        condition: Condition | None,
        by: Mapping[str, str | int],
    ) -> None:
        """Before the deed, so that what comes of it stands after it."""
        detail: dict[str, str | int | float | bool | None] = {
            "wanted": instruction.wanted.value,
            "person": instruction.person,
            **by,
            "outcome": decision.outcome.value,
        }
        if instruction.reason:
            detail["reason"] = instruction.reason
        if instruction.for_s is not None:
            detail["for_s"] = instruction.for_s
        if decision.outcome is Outcome.PAUSED and condition is not None and condition.is_last:
            detail["last"] = True
        # A reason is anybody's text, and stays out of the log.
        log.info("instructed", **{key: value for key, value in detail.items() if key != "reason"})
        because = () if condition is None else condition.because
        self._house.note(Note(None, "instructed", detail, because))

    def _answered(self, instruction: Instruction, outcome: Outcome) -> Answered:
        """As it is now."""
        people = self._house.plan.operators.people
        condition = self._house.floor.condition(instruction.person, self._clock.now())
        pause = None if condition is None else condition.pause
        ends = None if pause is None else pause.until
        until = None if ends is None else datetime.fromtimestamp(ends, UTC)
        person = people.get(instruction.person)
        is_last = condition is not None and condition.is_last
        if outcome is Outcome.NOT_SERVED:
            text = "this daemon does not serve calls now, so that it has nobody paused or ready"
        elif person is None:
            text = f"no operator {instruction.person!r}"
            text += suggestion(instruction.person, people, "operators")
        else:
            who = f"{person.name} ({instruction.person})"
            text = f"{who} {_WORDS[outcome]}{_end(outcome, until, self._house.plan)}"
            if is_last and outcome in _NOBODY_LEFT:
                text += _NOBODY_LEFT[outcome].format(agency=person.agency)
        return Answered(
            wanted=instruction.wanted.value,
            person=instruction.person,
            outcome=outcome.value,
            holds=outcome.holds,
            name=None if person is None else person.name,
            agency=None if person is None else person.agency,
            until=until,
            last=is_last,
            text=text,
        )


_WORDS: Final = {
    Outcome.PAUSED: "is paused",
    Outcome.READY: "is ready",
    Outcome.ALREADY_PAUSED: "is paused already",
    Outcome.ALREADY_READY: "is ready already",
    Outcome.OFF_DUTY: "is not on duty",
    Outcome.LAST: "is not paused",
}
_NOBODY_LEFT: Final = {
    Outcome.PAUSED: "; nobody else of {agency} is on duty and there: its callers overflow now",
    Outcome.ALREADY_PAUSED: "; nobody else of {agency} is on duty and there",
    Outcome.LAST: "; nobody else of {agency} is on duty and there, its callers would overflow; "
    "force pauses all the same",
}
_PAUSES: Final = (Outcome.PAUSED, Outcome.ALREADY_PAUSED)


def _end(outcome: Outcome, until: datetime | None, plan: Plan) -> str:
    """When a pause is over, in the time of the site."""
    if outcome not in _PAUSES:
        return ""
    if until is None:
        return " until ready, or until the turn of duty ends"
    return f" until {until.astimezone(ZoneInfo(plan.roster.plan.timezone)):%H:%M}"
