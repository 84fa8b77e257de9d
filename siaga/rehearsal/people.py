"""The people at the phones of a rehearsal: who picks up, when, or not at all.

What they do is drawn from the call, the phone and how often it has rung for that call, and from
nothing else: a change of the roster changes nothing about the rings that there were anyway.
"""

from random import Random
from typing import Final

from routing.moment import Moment
from routing.offer import Offer, OutsideTarget
from routing.roster import Roster
from siaga.rehearsal.city import Staff
from siaga.rehearsal.crowd import drawn
from siaga.rehearsal.visit import Visit
from switch.fake.behaviour import Answer, Behaviour, Decline, Ignore

CONFIRM_S: Final = 6.0
"""A callee outside hears the announcement first, then presses 1 (routing.switchboard)."""


class CityPeople:
    """Operators, supervisors, whoever is in the room, and numbers outside.

    Args:
        staff: What they do.
        roster: Who is on duty.
    """

    def __init__(self, staff: Staff, roster: Roster) -> None:
        self._staff = staff
        self._roster = roster

    def rings(self, offer: Offer, visit: Visit, at: Moment, times: int) -> Behaviour:
        """What is done about this ring, `times` having rung there for this call before."""
        staff, target = self._staff, offer.target
        draw = Random(f"{visit.seed} {target.key} {times}")  # noqa: S311 - the same each time
        chance, after_s = draw.random(), drawn(staff.answer, draw)
        if isinstance(target, OutsideTarget):
            presses = draw.random() < staff.outside_presses
            keys = ((CONFIRM_S, "1"),) if presses else ()
            answers = chance < staff.outside_answers
            return Answer(after_s, visit.talk_s, keys=keys) if answers else Ignore()
        if target.person is None:
            answers = chance < staff.post_answers
        elif any(duty.person == target.person for duty in self._roster.on_duty(at.wall)):
            answers = chance >= staff.misses + staff.declines
            if staff.misses <= chance and not answers:
                return Decline(after_s)
        else:
            answers = chance < staff.off_duty_answers
        return Answer(after_s, visit.talk_s) if answers else Ignore()

    def desk_s(self, offer: Offer, visit: Visit) -> float:
        """Seconds for which the phone stays in use after the talk; a number outside is not ours."""
        return 0.0 if isinstance(offer.target, OutsideTarget) else visit.desk_s
