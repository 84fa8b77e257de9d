"""What an operator's state is, wherever they sit, and why."""

from dataclasses import dataclass

from routing.crew import Crew, IsThere
from routing.moment import Moment
from routing.operator import PersonId
from routing.plan import Plan
from routing.reason import Reason
from routing.snapshot import Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Whether callers are offered to a person.

    Attributes:
        is_on_duty: By the roster.
        pause: Asked for, or automatic.
        wrap_up_s: Seconds of wrap-up that are left; 0 for none.
        is_last: Nobody else of the agency is on duty and there.
        because: The grounds.
    """

    is_on_duty: bool = False
    pause: Pause | None = None
    wrap_up_s: float = 0.0
    is_last: bool = False
    because: tuple[Reason, ...] = ()


def condition_of(
    person: PersonId, crew: Crew, plan: Plan, at: Moment, is_there: IsThere
) -> Condition:
    """The state of a person of the settings.

    Args:
        person: Whose.
        crew: Pauses and wrap-ups.
        plan: The accepted settings.
        at: Now.
        is_there: Whether a person has a phone that works.
    """
    duty = next((duty for duty in plan.roster.on_duty(at.wall) if duty.person == person), None)
    pause = crew.pause_of(person, plan, at.wall)
    wrap_up_s = crew.wrap_up_of(person, at.instant)
    on_duty = Reason("off duty") if duty is None else duty.because
    return Condition(
        is_on_duty=duty is not None,
        pause=pause,
        wrap_up_s=wrap_up_s,
        is_last=duty is not None and not crew.has_other(person, plan, at.wall, is_there),
        because=(on_duty, *_grounds(pause, wrap_up_s)),
    )


def _grounds(pause: Pause | None, wrap_up_s: float) -> tuple[Reason, ...]:
    grounds: tuple[Reason, ...] = ()
    if pause is not None:
        why = "did not answer" if pause.automatic else "as asked for"
        grounds += (Reason(f"paused: {why}"),)
    if wrap_up_s:
        grounds += (Reason(f"in wrap-up for {wrap_up_s:.0f} s more"),)
    return grounds
