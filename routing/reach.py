"""What phones and trunks that are off, or out of the network, cost callers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from routing.operator import PersonId, SeatId
from routing.plan import Plan
from routing.seating import Seating
from routing.service import ServiceId, TrunkId


@dataclass(frozen=True, slots=True)
class Unreached:
    """What cannot be reached for want of a phone or trunk that works, whoever is busy or paused.

    Attributes:
        services: Those with somebody on duty, and none of them at a phone that works.
        people: Whom that is about, in the order of the settings.
        post: The post's seat, if its phone does not work.
        trunks: Those that do not answer Asterisk; only of one that is asked is anything known.
    """

    services: tuple[ServiceId, ...] = ()
    people: tuple[PersonId, ...] = ()
    post: SeatId | None = None
    trunks: tuple[TrunkId, ...] = ()

    def __and__(self, other: "Unreached") -> "Unreached":
        """What holds in both."""
        return Unreached(
            tuple(service for service in self.services if service in other.services),
            tuple(person for person in self.people if person in other.people),
            self.post if self.post == other.post else None,
            tuple(trunk for trunk in self.trunks if trunk in other.trunks),
        )


def unreached(
    plan: Plan, seating: Seating, at: datetime, works: Callable[[str], bool]
) -> Unreached:
    """Looks at the operators on duty, at the post's phone, and at the trunks.

    Args:
        plan: The accepted settings.
        seating: Who sits where.
        at: The wall time.
        works: By its endpoint, whether a phone is registered and answers Asterisk, busy or not; a
            trunk that is not asked works.
    """
    operators, catalogue = plan.operators, plan.catalogue

    def is_there(person: PersonId) -> bool:
        seats = seating.seats_of(person, operators)
        return any(works(operators.seats[seat].endpoint) for seat in seats)

    on_duty = {duty.person for duty in plan.roster.on_duty(at)}
    there = {person for person in on_duty if is_there(person)}
    services: list[ServiceId] = []
    concerned: set[PersonId] = set()
    for id_, service in catalogue.services.items():
        agencies = catalogue.hunt_groups[service.group].agencies
        own = {person for person in on_duty if operators.people[person].agency in agencies}
        if own and own.isdisjoint(there):
            services.append(id_)
            concerned |= own
    return Unreached(
        tuple(services),
        tuple(person for person in operators.people if person in concerned),
        None if works(operators.seats[operators.post].endpoint) else operators.post,
        tuple(id_ for id_, trunk in plan.zones.zones.trunks.items() if not works(trunk.endpoint)),
    )
