"""Whom a waiting caller may be offered to, step by step along the overflow chain."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from routing.offer import OutsideTarget, SeatTarget, Target, Transfer
from routing.operator import AgencyId, PersonId
from routing.plan import Plan
from routing.reason import Reason
from routing.seating import Seating
from routing.service import (
    GroupId,
    HuntGroup,
    OtherAgenciesStep,
    OutsideStep,
    OverflowStep,
    PostStep,
    PreviousShiftStep,
    ServiceId,
    Strategy,
    SupervisorStep,
    WrapUpStep,
)
from routing.shift import Duty

FIXED: Final = Seating()
"""Nobody has signed on anywhere: only the seats that are fixed to a person."""


@dataclass(frozen=True, slots=True)
class GroupStep:
    """The first step of every chain: the hunt group's operators on duty."""

    id: GroupId
    group: HuntGroup


Step: TypeAlias = Transfer | GroupStep | OverflowStep


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target that a step leads to, and why; `duty` is the turn of who is rung for being on it.

    Attributes:
        key: The target's.
        person: Who is reached; None for a phone of nobody, and outside.
    """

    target: Target
    because: tuple[Reason, ...]
    duty: Duty | None = None
    key: str = field(init=False)
    person: PersonId | None = field(init=False)

    def __post_init__(self) -> None:
        """A hunt asks for both again and again, and a group's candidates are kept for a shift."""
        target = self.target
        object.__setattr__(self, "key", target.key)
        person = target.person if isinstance(target, SeatTarget) else None
        object.__setattr__(self, "person", person)


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The way of one service from its hunt group to something that always rings.

    Two are the same only if they are one object.

    Attributes:
        label: What phones show.
        head_start_s: Seconds of waiting that the service's priority is worth.
        max_wait_s: After so many seconds the chain is at its end at once.
        steps: Whom it leads to.
        paths: The settings path of each step.
        hunted: The hunt group's step, the first one or the one after a neighbour's centre.
        group: Its index.
        tail: Index of the first of the steps at the end that always ring.
    """

    label: str
    head_start_s: float
    max_wait_s: float | None
    steps: tuple[Step, ...]
    paths: tuple[tuple[str | int, ...], ...]
    hunted: GroupStep
    group: int
    tail: int


def chain_of(plan: Plan, service_id: ServiceId, transfer: Transfer | None = None) -> Chain:
    """The steps of a service, each with its settings path; an unknown service is the default."""
    catalogue = plan.catalogue
    service = catalogue.services.get(service_id)
    if service is None:
        service = catalogue.services[catalogue.default_service]
    steps: list[Step] = [] if transfer is None else [transfer]
    paths: list[tuple[str | int, ...]] = [] if transfer is None else [("zones", "neighbours")]
    hunted = GroupStep(service.group, catalogue.hunt_groups[service.group])
    steps.append(hunted)
    paths.append(("services", "hunt_groups", service.group))
    for index, step in enumerate(catalogue.overflow[service.overflow]):
        steps.append(step)
        paths.append(("services", "overflow", service.overflow, index))
    return Chain(
        label=service.label,
        head_start_s=service.priority * catalogue.ageing_s,
        max_wait_s=service.max_wait_s,
        steps=tuple(steps),
        paths=tuple(paths),
        hunted=hunted,
        group=steps.index(hunted),
        tail=_tail_of(steps),
    )


def _tail_of(steps: list[Step]) -> int:
    tail = len(steps) - 1
    while tail and isinstance(steps[tail - 1], PostStep | OutsideStep):
        tail -= 1
    return tail


def strategy_of(step: Step) -> Strategy:
    """How the targets of a step are rung: a group as it says, all other steps at once."""
    return step.group.strategy if isinstance(step, GroupStep) else Strategy.RINGALL


def ring_time_of(step: Step) -> float:
    """Seconds that a target of this step rings."""
    return step.group.ring_time_s if isinstance(step, GroupStep) else step.ring_time_s


def busy_wait_of(step: Step) -> float:
    """Seconds that a caller waits at this step for somebody busy."""
    return step.group.busy_wait_s if isinstance(step, GroupStep) else 0.0


def needs_confirmation(step: Step) -> bool:
    """Whether a target of this step counts as reached only when it presses 1."""
    return isinstance(step, Transfer | OutsideStep) and step.confirm


def step_of(
    plan: Plan, chain: Chain, targets: Collection[str], wall: datetime, seating: Seating
) -> int:
    """The last step that leads to one of these targets, by their keys; the first if none does."""
    steps = (
        index
        for index in range(len(chain.steps))
        for candidate in candidates(plan, chain, index, wall, seating)
        if candidate.key in targets
    )
    return max(steps, default=0)


def candidates(
    plan: Plan, chain: Chain, index: int, wall: datetime, seating: Seating = FIXED
) -> Iterator[Candidate]:
    """The targets of one step in the order of the settings, free or not."""
    step = chain.steps[index]
    where = Reason(_title(step), chain.paths[index])
    people = _People(plan, wall, where, seating)
    agencies = chain.hunted.group.agencies
    match step:
        case Transfer():
            yield Candidate(step.target, (*step.because, where))
        case GroupStep() | WrapUpStep():
            for agency in agencies:
                yield from people.on_duty(agency.__eq__)
        case SupervisorStep():
            for agency in agencies:
                supervisor = plan.operators.agencies[agency].supervisor
                if supervisor is not None:
                    path = ("operators", "agencies", agency, "supervisor")
                    yield from people.at_seats(supervisor, Reason(f"supervises {agency}", path))
        case OtherAgenciesStep():
            yield from people.on_duty(lambda other: other not in agencies)
        case PreviousShiftStep():
            for duty in plan.roster.previous_shift(wall):
                if plan.operators.people[duty.person].agency in agencies:
                    yield from people.at_seats(duty.person, duty.because)
        case PostStep():
            post = plan.operators.post
            person = seating.person_at(post, plan.operators)
            target = SeatTarget(post, plan.operators.seats[post].endpoint, person)
            yield Candidate(target, (where,))
        case OutsideStep():
            endpoint = plan.zones.zones.trunks[step.trunk].endpoint
            yield Candidate(OutsideTarget(step.number, step.trunk, endpoint), (where,))
        case _:
            assert_never(step)


class _People:
    """Turns people into their seats, penalties first."""

    def __init__(self, plan: Plan, wall: datetime, where: Reason, seating: Seating) -> None:
        self._plan = plan
        self._wall = wall
        self._where = where
        self._seating = seating

    def on_duty(self, of: Callable[[AgencyId], bool]) -> Iterable[Candidate]:
        people = self._plan.operators.people
        duties = [
            duty
            for duty in self._plan.roster.on_duty(self._wall)
            if duty.person in people and of(people[duty.person].agency)
        ]
        duties.sort(key=lambda duty: people[duty.person].penalty)
        for duty in duties:
            yield from self.at_seats(duty.person, duty.because, duty)

    def at_seats(
        self, person: PersonId, why: Reason, duty: Duty | None = None
    ) -> Iterable[Candidate]:
        for seat_id in self._seating.seats_of(person, self._plan.operators):
            seat = self._plan.operators.seats[seat_id]
            yield Candidate(SeatTarget(seat_id, seat.endpoint, person), (self._where, why), duty)


def _title(step: Step) -> str:
    match step:
        case Transfer():
            return "the neighbour's centre"
        case GroupStep():
            return f"hunt group {step.id}"
        case SupervisorStep():
            return "the agency's supervisor"
        case OtherAgenciesStep():
            return "other agencies on duty"
        case PreviousShiftStep():
            return "the previous shift"
        case WrapUpStep():
            return "the agency's operators in wrap-up"
        case PostStep():
            return "the post's phone"
        case OutsideStep():
            return "a number outside"
        case _:
            assert_never(step)
