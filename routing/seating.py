"""Who sits where: seats that are fixed to a person, and those that somebody has signed on to."""

from collections.abc import Mapping

from routing.offer import SeatTarget
from routing.operator import Operators, PersonId, SeatId


class Seating:
    """The signed-on seats, on top of the fixed ones.

    A person is signed on at one seat at most, and a seat has one person: the newest counts. Who has
    signed on somewhere is rung there and not at a seat of their own, which stays theirs.

    Attributes:
        revision: Another number whenever somebody may sit elsewhere.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._targets: tuple[SeatTarget, ...] = ()
        self._signed: dict[SeatId, PersonId] = {}
        self._index: dict[PersonId, tuple[SeatId, ...]] = {}
        self._indexed: Operators | None = None

    def sign_on(self, person: PersonId, seat: SeatId, operators: Operators) -> bool:
        """The person sits there from now on; False where that cannot be."""
        place = operators.seats.get(seat)
        if place is None or place.person is not None or person not in operators.people:
            return False
        self.sign_off(person)
        self._signed[seat] = person
        self._indexed = None
        self.revision += 1
        return True

    def sign_off(self, person: PersonId) -> bool:
        """The person leaves the seat that they signed on to; whether there was one."""
        seats = [seat for seat, other in self._signed.items() if other == person]
        for seat in seats:
            del self._signed[seat]
        self._indexed = None
        self.revision += 1
        return bool(seats)

    def seats_of(self, person: PersonId, operators: Operators) -> tuple[SeatId, ...]:
        """The seats that the person is rung at: where they have signed on, or else their own."""
        if self._indexed is not operators:
            self._reindex(operators)
        return self._index.get(person, ())

    def targets(self, operators: Operators) -> tuple[SeatTarget, ...]:
        """The phones of the post that somebody can be rung at, with who sits there."""
        if self._indexed is not operators:
            self._reindex(operators)
        return self._targets

    def person_at(self, seat: SeatId, operators: Operators) -> PersonId | None:
        """Who sits there; None: whoever is in the room."""
        if self._indexed is not operators:
            self._reindex(operators)
        return operators.seats[seat].person or self._signed.get(seat)

    def signed_on_at(self, seat: SeatId) -> PersonId | None:
        """Who has signed on there."""
        return self._signed.get(seat)

    def kept(self) -> Mapping[SeatId, PersonId]:
        """A copy of who has signed on where."""
        return self._signed.copy()

    def restore(self, signed: Mapping[SeatId, PersonId], operators: Operators) -> None:
        """Goes on from what was kept; what the settings do not know any more is left out."""
        for seat, person in signed.items():
            self.sign_on(person, seat, operators)

    def _reindex(self, operators: Operators) -> None:
        """Also lets go of what new settings have taken away, so that nobody waits for it."""
        signed, self._signed = self._signed, {}
        index: dict[PersonId, list[SeatId]] = {}
        for id_, seat in operators.seats.items():
            if seat.person is not None:
                index.setdefault(seat.person, []).append(id_)
        for id_, person in signed.items():
            there = operators.seats.get(id_)
            if there is not None and there.person is None and person in operators.people:
                self._signed[id_] = person
                index[person] = [id_]
        self._index = {person: tuple(seats) for person, seats in index.items()}
        self._indexed = operators
        self._targets = tuple(
            SeatTarget(id_, seat.endpoint, self.person_at(id_, operators))
            for id_, seat in operators.seats.items()
            if self.person_at(id_, operators) is not None or id_ == operators.post
        )
