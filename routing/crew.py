"""The operators as people: who is paused, in wrap-up, at which seat, and what they have done.

What is not known of somebody counts as ready.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, assert_never

from routing.history import History, turn_of
from routing.moment import Instant, Moment, after, earliest
from routing.note import Note
from routing.offer import (
    Marked,
    Noticed,
    Paused,
    PersonEvent,
    Ready,
    Seen,
    SignedOff,
    SignedOn,
)
from routing.operator import PersonId
from routing.plan import Plan
from routing.seating import Seating
from routing.snapshot import Pause, Snapshot
from routing.talk import Talks

IsThere: TypeAlias = Callable[[PersonId], bool]
"""Whether a person has a phone that works."""


class Crew:
    """Pauses, wrap-ups, seats and work of everybody.

    Attributes:
        history: What they have done.
        seating: Where they sit.
        talks: Whom they have talked to last.
    """

    def __init__(self) -> None:
        self.history = History()
        self.seating = Seating()
        self.talks = Talks()
        self._revision = 0
        self._pauses: dict[PersonId, Pause] = {}
        self._wrap_ups: dict[PersonId, Instant] = {}
        self._notices: dict[PersonId, float] = {}

    @property
    def revision(self) -> int:
        """Another number whenever something changed that outlives the process."""
        return self._revision + self.history.revision + self.talks.revision

    @property
    def has_pauses(self) -> bool:
        """Whether anybody is paused, or was in a turn of duty that is over."""
        return bool(self._pauses)

    def take(self, event: PersonEvent, plan: Plan, at: Moment) -> tuple[Note, ...]:
        """What a person says of themselves; of somebody unknown it means nothing."""
        person = event.person
        if person not in plan.operators.people:
            return ()
        self._revision += 1
        self.history.forgive(person)
        match event:
            case Paused():
                return self._pause(event, plan, at)
            case Ready():
                return self.ready(person, "asked for")
            case SignedOn():
                return (*self._sign_on(event, plan), *self.is_back(person, "has signed on"))
            case SignedOff():
                done = self.seating.sign_off(person)
                return (Note(None, "signed_off", {"person": person}),) if done else ()
            case Seen():
                return self.is_back(person)
            case Noticed():
                self._notices.pop(person, None)
                return ()
            case Marked():
                return self._mark(event)
            case _:
                assert_never(event)

    def talked(self, person: PersonId, wrap_up_s: float, plan: Plan, at: Moment) -> None:
        """A talk has ended, and the wrap-up begins."""
        self._revision += 1
        self.history.talked(person, turn_of(plan.roster, person, at.wall), at.wall)
        if wrap_up_s > 0:
            self._wrap_ups[person] = after(at.instant, wrap_up_s)

    def missed(
        self,
        person: PersonId,
        limit: int,
        plan: Plan,
        at: Moment,
        *,
        is_there: IsThere,
    ) -> tuple[Note, ...]:
        """An offer was not answered; `limit` in a row (0: any number) pause the person.

        But not if nobody else of the agency would be left.
        """
        self._revision += 1
        missed = self.history.missed(person)
        if not limit or missed < limit or person in self._pauses:
            return ()
        if not self.has_other(person, plan, at.wall, is_there):
            return (Note(None, "not_paused", {"person": person, "missed": missed, "last": True}),)
        return self._pause(Paused(person), plan, at, missed=missed)

    def is_back(self, person: PersonId, why: str = "is at the phone") -> tuple[Note, ...]:
        """The person uses a phone, or it has registered: nobody is away who seemed to be."""
        pause = self._pauses.get(person)
        if pause is None or not pause.automatic:
            return ()
        return self._end_automatic(person, pause, why)

    def _end_automatic(self, person: PersonId, pause: Pause, why: str) -> tuple[Note, ...]:
        """The person was paused without knowing it, and is to hear of it."""
        self._notices[person] = pause.turn
        return self.ready(person, why)

    def has_notice(self, person: PersonId, plan: Plan, at: datetime) -> bool:
        """Whether an automatic pause in this turn of duty has ended that they were not told of."""
        turn = self._notices.get(person)
        return turn is not None and turn == turn_of(plan.roster, person, at)

    def relieve(self, plan: Plan, at: Moment, is_there: IsThere) -> tuple[Note, ...]:
        """Who is rung again: whose pause is over, and who seemed to be away and is the last one."""
        notes: tuple[Note, ...] = ()
        for person, pause in tuple(self._pauses.items()):
            if _is_over(pause, at.wall):
                notes += self.ready(person, "the pause is over")
            elif pause.automatic and not self.has_other(person, plan, at.wall, is_there):
                notes += self._end_automatic(person, pause, "nobody else of the agency is there")
        return notes

    def ready(self, person: PersonId, why: str) -> tuple[Note, ...]:
        """Neither paused nor in wrap-up any more."""
        was = self._pauses.pop(person, None), self._wrap_ups.pop(person, None)
        if was == (None, None):
            return ()
        self._revision += 1
        self.history.forgive(person)
        return (Note(None, "ready", {"person": person, "why": why}),)

    def is_paused(self, person: PersonId, plan: Plan, at: datetime) -> bool:
        """Whether the person is paused in this turn of duty."""
        return self.pause_of(person, plan, at) is not None

    def pause_of(self, person: PersonId, plan: Plan, at: datetime) -> Pause | None:
        """The person's pause in this turn of duty."""
        pause = self._pauses.get(person)
        if pause is not None and _is_over(pause, at):
            return None  # forgotten, and told, as soon as the floor is stepped
        if pause is None or pause.turn == turn_of(plan.roster, person, at):
            return pause
        del self._pauses[person]
        self._revision += 1
        return None

    def is_wrapping_up(self, person: PersonId, at: Instant) -> bool:
        """Whether the person is in wrap-up."""
        until = self._wrap_ups.get(person)
        return until is not None and at < until

    def wrap_up_of(self, person: PersonId, at: Instant) -> float:
        """Seconds of wrap-up that are left to the person."""
        return max(0.0, self._wrap_ups.get(person, at) - at)

    def lapse(self, at: Instant) -> bool:
        """Forgets wrap-ups that are over; whether there was one."""
        if not self._wrap_ups:
            return False
        over = [person for person, until in self._wrap_ups.items() if until <= at]
        for person in over:
            del self._wrap_ups[person]
        return bool(over)

    def deadline(self) -> Instant | None:
        """When the next wrap-up is over."""
        return earliest(*self._wrap_ups.values())

    def pause_due(self, at: Moment) -> Instant | None:
        """When the next pause is over that ends by itself."""
        now = at.wall.timestamp()
        return earliest(
            *(
                after(at.instant, max(0.0, pause.until - now))
                for pause in self._pauses.values()
                if pause.until is not None
            )
        )

    def pauses(self) -> dict[PersonId, Pause]:
        """A copy of the pauses, as they are kept."""
        return self._pauses.copy()

    def wrap_ups(self, at: Moment) -> dict[PersonId, float]:
        """Who is in wrap-up, and until when, in wall-clock seconds since the epoch."""
        now = at.wall.timestamp()
        return {person: now + (until - at.instant) for person, until in self._wrap_ups.items()}

    def notices(self) -> dict[PersonId, float]:
        """A copy of who is to be told of a pause, and the turn that it was in."""
        return self._notices.copy()

    def restore(self, kept: Snapshot, plan: Plan, at: Moment) -> None:
        """Goes on from what was kept, of those whom the settings know.

        No wrap-up lasts longer than the settings let one: the clock may have been put back.
        """
        people, now = plan.operators.people, at.wall.timestamp()
        work = {person: one for person, one in kept.work.items() if person in people}
        self.history.restore(work, kept.rung, now)
        self.seating.restore(kept.seats, plan.operators)
        self._pauses = {person: one for person, one in kept.pauses.items() if person in people}
        most_s = max((group.wrap_up_s for group in plan.catalogue.hunt_groups.values()), default=0)
        self._wrap_ups = {
            person: after(at.instant, min(until - now, most_s))
            for person, until in kept.wrap_ups.items()
            if person in people
        }
        self.lapse(at.instant)
        self.talks.restore({who: talk for who, talk in kept.talks.items() if who in people})
        self._notices = {who: turn for who, turn in kept.notices.items() if who in people}

    def _sign_on(self, event: SignedOn, plan: Plan) -> tuple[Note, ...]:
        """Whoever had signed on there before has to be somewhere else."""
        before = self.seating.signed_on_at(event.seat)
        detail: dict[str, str] = {"person": event.person, "seat": event.seat}
        if not self.seating.sign_on(event.person, event.seat, plan.operators):
            return (Note(None, "sign_on_refused", detail),)
        told = Note(None, "signed_on", detail)
        if before in {None, event.person}:
            return (told,)
        return (Note(None, "signed_off", {"person": before, "for": event.person}), told)

    def _mark(self, event: Marked) -> tuple[Note, ...]:
        before = self.talks.of(event.person)
        talk = self.talks.mark(event.person, event.mark)
        if talk is None or before is None:
            return ()
        detail = {"person": event.person, "mark": event.mark.value}
        if before.mark is not None:
            detail["before"] = before.mark.value
        return (Note(talk.call, "marked", detail),)

    def _pause(self, event: Paused, plan: Plan, at: Moment, *, missed: int = 0) -> tuple[Note, ...]:
        """Automatic is what offers were missed for."""
        person, now = event.person, at.wall.timestamp()
        until = None if event.for_s is None else now + event.for_s
        turn = turn_of(plan.roster, person, at.wall)
        self._pauses[person] = Pause(turn, missed > 0, now, until, event.reason)
        detail: dict[str, str | float] = {
            "person": person,
            "automatic": missed > 0,
            "missed": missed,
        }
        if event.for_s is not None:
            detail["for_s"] = event.for_s
        if event.reason:
            detail["reason"] = event.reason
        return (Note(None, "paused", detail),)

    def has_other(self, person: PersonId, plan: Plan, at: datetime, is_there: IsThere) -> bool:
        """Whether somebody else of the agency is on duty, not paused, at a phone that works."""
        people = plan.operators.people
        agency = people[person].agency if person in people else None
        return any(
            duty.person != person
            and duty.person in people
            and people[duty.person].agency == agency
            and not self.is_paused(duty.person, plan, at)
            and is_there(duty.person)
            for duty in plan.roster.on_duty(at)
        )


def _is_over(pause: Pause, at: datetime) -> bool:
    return pause.until is not None and pause.until <= at.timestamp()
