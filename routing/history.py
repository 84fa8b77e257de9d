"""What operators have done so far, as far as fair shares of the calls depend on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing.operator import PersonId
from routing.roster import Roster
from routing.service import GroupId


@dataclass(frozen=True, slots=True)
class Work:
    """One person's.

    Attributes:
        last: When the last talk ended, in wall-clock seconds since the epoch; 0 for never.
        calls: Talks in this turn of duty.
        turn: When that turn began, in the same seconds; 0 off duty.
        missed: Offers in a row that were not answered.
    """

    last: float = 0.0
    calls: int = 0
    turn: float = 0.0
    missed: int = 0


NOTHING = Work()


def turn_of(roster: Roster, person: PersonId, at: datetime) -> float:
    """When the person's present turn of duty began, in seconds since the epoch; 0 off duty."""
    starts = (duty.start.timestamp() for duty in roster.on_duty(at) if duty.person == person)
    return next(starts, 0.0)


class History:
    """Everybody's work, whatever hunt group it was for, and each group's last turn.

    A person's is shared by all groups, as with Asterisk's `shared_lastcall`: who has just talked to
    a caller of one service is not fresh for another.

    Attributes:
        revision: Another number whenever something changed.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._work: dict[PersonId, Work] = {}
        self._rung: dict[GroupId, PersonId] = {}

    def work_of(self, person: PersonId) -> Work:
        """What a person has done; nothing known is nothing done."""
        return self._work.get(person, NOTHING)

    def calls_of(self, person: PersonId, turn: float) -> int:
        """Talks in the turn of duty that began then: who comes to work begins at none."""
        work = self.work_of(person)
        return work.calls if work.turn == turn else 0

    def talked(self, person: PersonId, turn: float, at: datetime) -> None:
        """A talk has ended."""
        calls = self.calls_of(person, turn) + 1
        self._set(person, Work(at.timestamp(), calls, turn))

    def missed(self, person: PersonId) -> int:
        """An offer was not answered; how many in a row that makes."""
        work = self.work_of(person)
        self._set(person, replace(work, missed=work.missed + 1))
        return work.missed + 1

    def forgive(self, person: PersonId) -> None:
        """The person is there: what was missed does not count any more."""
        work = self.work_of(person)
        if work.missed:
            self._set(person, replace(work, missed=0))

    def rung_last(self, group: GroupId) -> PersonId | None:
        """Who of the group was rung last (`rrmemory`)."""
        return self._rung.get(group)

    def rung(self, group: GroupId, person: PersonId) -> None:
        """The next caller of the group begins after this person."""
        self._rung[group] = person
        self.revision += 1

    def kept(self) -> tuple[Mapping[PersonId, Work], Mapping[GroupId, PersonId]]:
        """A copy of everybody's work, and of whom each group rang last."""
        return self._work.copy(), self._rung.copy()

    def restore(
        self, work: Mapping[PersonId, Work], rung: Mapping[GroupId, PersonId], now: float
    ) -> None:
        """Goes on from what was kept.

        A talk that is to come yet, by a clock that was put back, counts as one of now: whoever had
        it would be passed over until then.
        """
        self._work = {person: replace(one, last=min(one.last, now)) for person, one in work.items()}
        self._rung = dict(rung)

    def _set(self, person: PersonId, work: Work) -> None:
        self._work[person] = work
        self.revision += 1
