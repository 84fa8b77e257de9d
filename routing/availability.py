"""Who can be rung: what Asterisk says of the phones, and which offers hold them."""

from routing.offer import OutsideTarget, SeatState, SeatTarget, Target
from routing.operator import Operators
from routing.queue import OpenOffer


class Availability:
    """The targets that are taken by our offers, and the states of all phones."""

    def __init__(self) -> None:
        self._seats: dict[str, SeatState] = {}
        self._taken: dict[str, OpenOffer] = {}

    def learn(self, endpoint: str, state: SeatState) -> None:
        """Asterisk reports a phone's state, whatever it is used for."""
        self._seats[endpoint] = state

    def seat_state(self, endpoint: str) -> SeatState:
        """What is known of a phone; nothing known counts as ready."""
        return self._seats.get(endpoint, SeatState.READY)

    def take(self, offer: OpenOffer) -> bool:
        """The offer holds its target from now on; whether no other one does already."""
        return self._taken.setdefault(offer.target.key, offer) is offer

    def release(self, offer: OpenOffer) -> None:
        """The offer's leg is gone."""
        if self._taken.get(offer.target.key) is offer:
            del self._taken[offer.target.key]

    def taken(self) -> dict[str, OpenOffer]:
        """By target key, the offer that holds it."""
        return self._taken.copy()

    def is_free(self, target: Target, operators: Operators) -> bool:
        """Whether it may be offered a caller now."""
        if isinstance(target, OutsideTarget):
            return target.key not in self._taken
        return self.state_of(target, operators) is SeatState.READY

    def state_of(self, target: SeatTarget, operators: Operators) -> SeatState:
        """Ready, busy on a call of ours or another, or unreachable."""
        if target.key in self._taken:
            return SeatState.BUSY
        if target.person is not None and any(
            self.seat_state(operators.seats[seat].endpoint) is SeatState.BUSY
            for seat in operators.seats_of(target.person)
        ):
            return SeatState.BUSY
        return self.seat_state(target.endpoint)

    def is_anybody_ready(self, operators: Operators) -> bool:
        """Whether any phone of the post could be rung now."""
        targets = (
            SeatTarget(id_, seat.endpoint, seat.person) for id_, seat in operators.seats.items()
        )
        return any(self.state_of(target, operators) is SeatState.READY for target in targets)
