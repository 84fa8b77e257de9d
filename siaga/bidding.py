"""What is asked for over MQTT, done and recorded (docs/mqtt.md).

Who asks was found out by the broker, which lets each user write to topics of their own name only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from console.instruction import Answered
from console.outcome import Accepted, Failed, Outcome, Refused
from journal.post import Command, Obeyed, Refusal
from routing.instruction import Instruction
from routing.note import Note
from siaga.instruction import Invalid, instruction_of

RELOAD = "reload"
VIA = "mqtt"


class Bidding:
    """Does what clients of the broker want.

    Args:
        reload: Has the settings read again.
        follow: Has an operator paused or ready.
        note: Takes the records.
    """

    def __init__(
        self,
        *,
        reload: Callable[[], Awaitable[Outcome]],
        follow: Callable[[Instruction, Mapping[str, str | int]], Answered],
        note: Callable[[Note], None],
    ) -> None:
        self._reload = reload
        self._follow = follow
        self._note = note

    async def obey(self, command: Command) -> Obeyed:
        """What has come of it, once that is known; who asked for it is recorded before."""
        if command.command == RELOAD:
            self._record(command.command, command.by, "taken", command.reason)
            return _reloaded(command.id, await asyncio.shield(self._reload()))
        try:
            instruction = instruction_of(
                command.command,
                command.person,
                for_s=command.for_s,
                reason=command.reason,
                force=command.force,
            )
        except Invalid as error:
            self.refuse(
                Refusal(command=command.command, by=command.by, error="malformed", why=str(error))
            )
            return Obeyed(id=command.id, done=False, outcome="malformed", text=str(error))
        answered = self._follow(instruction, {"by": command.by, "via": VIA})
        return Obeyed(
            id=command.id,
            done=answered.holds,
            outcome=answered.outcome.removeprefix("the agency's ").replace(" ", "_"),
            text=answered.text,
        )

    def refuse(self, refusal: Refusal) -> None:
        """Records what was asked for, and not done."""
        self._record(refusal.command, refusal.by, refusal.error, refusal.why)

    def _record(self, command: str, by: str, outcome: str, why: str) -> None:
        detail = {"command": command, "by": by, "outcome": outcome, "why": why}
        self._note(Note(None, "commanded", detail))


def _reloaded(id_: int, outcome: Outcome) -> Obeyed:
    match outcome:
        case Accepted():
            changed = ", ".join(outcome.changed) or "nothing has changed in it"
            text = f"accepted and in use: {changed}"
            if outcome.restart_needed:
                text += f"; {', '.join(outcome.restart_needed)} wait for a restart"
            return Obeyed(id=id_, done=True, outcome="accepted", text=text)
        case Refused():
            first = outcome.problems[0].text if outcome.problems else ""
            text = f"refused, nothing has changed: {len(outcome.problems)} problems: {first}"
            return Obeyed(id=id_, done=False, outcome="refused", text=text)
        case Failed():
            return Obeyed(id=id_, done=False, outcome="failed", text=outcome.why)
