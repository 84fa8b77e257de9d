"""What an operator's state is at a phone of the post, and why."""

from dataclasses import dataclass

from routing.condition import Condition, condition_of
from routing.crew import Crew, IsThere
from routing.moment import Moment
from routing.operator import PersonId, SeatId
from routing.plan import Plan
from routing.talk import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Condition):
    """Who sits at a phone, and their condition.

    Attributes:
        seat: The phone.
        is_post: Rings when nobody else answers; nobody signs on there.
        owner: Whom the seat is fixed to.
        person: Who sits there now; None: nobody, and the condition is nobody's.
        is_elsewhere: The owner has signed on at another seat, and is rung there.
        talk: The last one.
        is_noticed: An automatic pause has ended that the person has not been told of.
    """

    seat: SeatId
    is_post: bool
    owner: PersonId | None
    person: PersonId | None = None
    is_elsewhere: bool = False
    talk: Talk | None = None
    is_noticed: bool = False


def presence_at(
    endpoint: str, crew: Crew, plan: Plan, at: Moment, is_there: IsThere
) -> Presence | None:
    """The state of who sits at the phone of that endpoint; None if the settings know none.

    Args:
        endpoint: The phone's, in Asterisk.
        crew: Pauses, wrap-ups, seats and talks.
        plan: The accepted settings.
        at: Now.
        is_there: Whether a person has a phone that works.
    """
    seats = plan.operators.seats.items()
    found = ((id_, seat) for id_, seat in seats if seat.endpoint == endpoint)
    id_, seat = next(found, (None, None))
    if id_ is None or seat is None:
        return None
    is_post = id_ == plan.operators.post
    person = crew.seating.person_at(id_, plan.operators)
    if person is None:
        return Presence(seat=id_, is_post=is_post, owner=None)
    condition = condition_of(person, crew, plan, at, is_there)
    return Presence(
        seat=id_,
        is_post=is_post,
        owner=seat.person,
        person=person,
        is_elsewhere=id_ not in crew.seating.seats_of(person, plan.operators),
        is_on_duty=condition.is_on_duty,
        pause=condition.pause,
        wrap_up_s=condition.wrap_up_s,
        is_last=condition.is_last,
        talk=crew.talks.of(person),
        is_noticed=crew.has_notice(person, plan, at.wall),
        because=condition.because,
    )
