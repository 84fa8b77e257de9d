"""Who can be rung: what Asterisk says of the phones, what people say, and what our offers hold."""

from typing import Final

from routing.crew import Crew
from routing.entry import OpenOffer
from routing.moment import Moment
from routing.obstacle import Obstacle
from routing.offer import OutsideTarget, SeatState, SeatTarget, Target
from routing.operator import Operators, PersonId
from routing.plan import Plan

_OBSTACLES: Final = {
    SeatState.READY: None,
    SeatState.BUSY: Obstacle.IN_USE,
    SeatState.UNREACHABLE: Obstacle.UNREACHABLE,
}


class Availability:
    """The targets that are taken by our offers, and the states of all phones.

    Args:
        crew: Who is paused, in wrap-up, and where.
    """

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._seats: dict[str, SeatState] = {}
        self._busy: set[str] = set()
        self._taken: dict[str, OpenOffer] = {}
        self._ringing: dict[str, OpenOffer] = {}
        self._second: list[OpenOffer] = []

    def learn(self, endpoint: str, state: SeatState) -> SeatState:
        """Asterisk reports a phone's state, whatever it is used for; returns the one before."""
        before = self.seat_state(endpoint)
        self._seats[endpoint] = state
        if state is SeatState.BUSY:
            self._busy.add(endpoint)
        else:
            self._busy.discard(endpoint)
        return before

    def seat_state(self, endpoint: str) -> SeatState:
        """What is known of a phone; nothing known counts as ready."""
        return self._seats.get(endpoint, SeatState.READY)

    def take(self, offer: OpenOffer) -> bool:
        """The offer holds its target and its phone from now on; whether no other one does.

        If another one does, as may be found after a cut, it holds them when that one is released.
        """
        is_first = self._taken.setdefault(offer.target.key, offer) is offer
        if isinstance(offer.target, SeatTarget):
            is_first &= self._ringing.setdefault(offer.target.endpoint, offer) is offer
        if not is_first:
            self._second.append(offer)
        return is_first

    def release(self, offer: OpenOffer) -> None:
        """The offer's leg is gone."""
        if self._taken.get(offer.target.key) is offer:
            del self._taken[offer.target.key]
        endpoint = offer.target.endpoint
        if self._ringing.get(endpoint) is offer:
            del self._ringing[endpoint]
        if self._second:
            second, self._second = self._second, []
            for other in second:
                if other is not offer:
                    self.take(other)

    def taken(self) -> dict[str, OpenOffer]:
        """By target key, the offer that holds it."""
        return self._taken.copy()

    def is_taken(self, target: Target) -> bool:
        """Whether an offer holds it, or the phone at which it is reached."""
        if target.key in self._taken:
            return True
        return isinstance(target, SeatTarget) and target.endpoint in self._ringing

    def is_free(self, target: Target, plan: Plan, at: Moment, *, rouse: bool = False) -> bool:
        """Whether it may be offered a caller now; `rouse`: also out of the wrap-up."""
        if isinstance(target, OutsideTarget):
            return target.key not in self._taken
        return self.state_of(target, plan, at, rouse=rouse) is SeatState.READY

    def state_of(
        self, target: SeatTarget, plan: Plan, at: Moment, *, rouse: bool = False
    ) -> SeatState:
        """Ready, busy (on a call of ours or another, in wrap-up), or not to be reached (paused)."""
        if self.is_taken(target):
            return SeatState.BUSY
        person = target.person
        if person is not None:
            if self._crew.is_paused(person, plan, at.wall):
                return SeatState.UNREACHABLE
            if not rouse and self._crew.is_wrapping_up(person, at.instant):
                return SeatState.BUSY
            if self._busy and not self._busy.isdisjoint(self._phones_of(person, plan.operators)):
                return SeatState.BUSY
        return self.seat_state(target.endpoint)

    def obstacle(
        self, target: Target, plan: Plan, at: Moment, *, rouse: bool = False
    ) -> Obstacle | None:
        """Why it `is_free` not; None when it is. For explanations, not for hunting."""
        if isinstance(target, OutsideTarget):
            return Obstacle.TAKEN if target.key in self._taken else None
        if self.is_taken(target):
            return Obstacle.TAKEN
        person = target.person
        if person is not None:
            if self._crew.is_paused(person, plan, at.wall):
                return Obstacle.PAUSED
            if not rouse and self._crew.is_wrapping_up(person, at.instant):
                return Obstacle.WRAP_UP
            if not self._busy.isdisjoint(self._phones_of(person, plan.operators)):
                return Obstacle.IN_USE
        return _OBSTACLES[self.seat_state(target.endpoint)]

    def is_there(self, person: PersonId, operators: Operators) -> bool:
        """Whether any phone of the person works, busy or not."""
        phones = self._phones_of(person, operators)
        return any(self.seat_state(phone) is not SeatState.UNREACHABLE for phone in phones)

    def is_anybody_ready(self, plan: Plan, at: Moment) -> bool:
        """Whether any phone of the post could be rung now."""
        return any(
            self.state_of(target, plan, at, rouse=True) is SeatState.READY
            for target in self._crew.seating.targets(plan.operators)
        )

    def person_with(self, endpoint: str, operators: Operators) -> PersonId | None:
        """Whose phone it is, unless it rings or talks for a caller of ours."""
        if endpoint in self._ringing:
            return None
        targets = self._crew.seating.targets(operators)
        return next((each.person for each in targets if each.endpoint == endpoint), None)

    def _phones_of(self, person: PersonId, operators: Operators) -> list[str]:
        seats = self._crew.seating.seats_of(person, operators)
        return [operators.seats[seat].endpoint for seat in seats]
