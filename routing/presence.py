"""What an operator's state is at a phone of the post, and why."""

from dataclasses import dataclass

from routing.crew import Crew, IsThere
from routing.moment import Moment
from routing.operator import PersonId, SeatId
from routing.plan import Plan
from routing.reason import Reason
from routing.snapshot import Pause
from routing.talk import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Who sits at a phone, and whether callers are offered to them.

    Attributes:
        seat: The phone.
        is_post: Rings when nobody else answers; nobody signs on there.
        owner: Whom the seat is fixed to.
        person: Who sits there now; None: nobody, and all that follows is nothing.
        is_elsewhere: The owner has signed on at another seat, and is rung there.
        is_on_duty: By the roster.
        pause: The person's, by themselves or automatic.
        wrap_up_s: Seconds of wrap-up that are left; 0 for none.
        is_last: Nobody else of the agency is on duty and there.
        talk: The last one.
        is_noticed: An automatic pause has ended that the person has not been told of.
        because: The grounds.
    """

    seat: SeatId
    is_post: bool
    owner: PersonId | None
    person: PersonId | None = None
    is_elsewhere: bool = False
    is_on_duty: bool = False
    pause: Pause | None = None
    wrap_up_s: float = 0.0
    is_last: bool = False
    talk: Talk | None = None
    is_noticed: bool = False
    because: tuple[Reason, ...] = ()


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
    duty = next((duty for duty in plan.roster.on_duty(at.wall) if duty.person == person), None)
    pause = crew.pause_of(person, plan, at.wall)
    wrap_up_s = crew.wrap_up_of(person, at.instant)
    on_duty = Reason("off duty") if duty is None else duty.because
    return Presence(
        seat=id_,
        is_post=is_post,
        owner=seat.person,
        person=person,
        is_elsewhere=id_ not in crew.seating.seats_of(person, plan.operators),
        is_on_duty=duty is not None,
        pause=pause,
        wrap_up_s=wrap_up_s,
        is_last=duty is not None and not crew.has_other(person, plan, at.wall, is_there),
        talk=crew.talks.of(person),
        is_noticed=crew.has_notice(person, plan, at.wall),
        because=(on_duty, *_grounds(pause, wrap_up_s)),
    )


def _grounds(pause: Pause | None, wrap_up_s: float) -> tuple[Reason, ...]:
    grounds: tuple[Reason, ...] = ()
    if pause is not None:
        why = "did not answer" if pause.automatic else "asked for it"
        grounds += (Reason(f"paused: {why}"),)
    if wrap_up_s:
        grounds += (Reason(f"in wrap-up for {wrap_up_s:.0f} s more"),)
    return grounds
