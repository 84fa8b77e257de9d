"""What is told of a call, step by step: who rings, who does not, each with the rules behind it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias, assert_never

from routing import hunt
from routing.hunt import GroupStep, Step
from routing.offer import OutsideTarget, SeatTarget, Target, Transfer
from routing.operator import AgencyId, PersonId
from routing.reason import Reason
from routing.service import (
    HuntGroup,
    OtherAgenciesStep,
    OutsideStep,
    PostStep,
    PreviousShiftStep,
    Strategy,
    SupervisorStep,
    WrapUpStep,
)
from siaga.explain.absence import Absence
from siaga.explain.foresight import Foresight, Pass, Ring

Json: TypeAlias = dict[str, object]

STRATEGIES: Final = {
    Strategy.RINGALL: "all at once (ringall)",
    Strategy.LINEAR: "one after another, in the order of the settings (linear)",
    Strategy.RRMEMORY: "one after another, in turn (rrmemory)",
    Strategy.LEASTRECENT: "one after another, the longest without a call first (leastrecent)",
    Strategy.FEWESTCALLS: "one after another, the fewest calls first (fewestcalls)",
    Strategy.RANDOM: "one after another, in an order drawn for each call (random)",
    Strategy.WRANDOM: "one after another, drawn for each call by penalty (wrandom)",
}
HAS_RUNG: Final = Reason("has rung already in this round")
GONE_ON: Final = Reason("the chain has gone on before")
NO_PHONE: Final = Reason("sits at no phone")


@dataclass(frozen=True, slots=True)
class Skip:
    """Somebody who is not rung at a step, and why; None: a phone of nobody."""

    person: PersonId | None
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the chain, on the way of the call.

    Attributes:
        step: Whom it leads to.
        path: Its settings path.
        rings: The phones that ring, in order.
        skips: Who does not.
    """

    step: Step
    path: tuple[str | int, ...]
    rings: tuple[Ring, ...]
    skips: tuple[Skip, ...]


class Story:
    """A foresight, told.

    Args:
        seen: What the core does with the call.
    """

    def __init__(self, seen: Foresight) -> None:
        self.seen = seen

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The steps of the chain; none for a caller who is hung up on."""
        chain = self.seen.chain
        if chain is None:
            return ()
        return tuple(
            Stop(
                step,
                path,
                tuple(ring for ring in self.seen.rings if ring.step == index),
                tuple(self._skips(index, step)),
            )
            for index, (step, path) in enumerate(zip(chain.steps, chain.paths, strict=True))
        )

    @cached_property
    def chosen(self) -> tuple[Reason, ...]:
        """Why it is this service; the notes of a caller who is transferred have no choice."""
        notes = (note.because for _, note in self.seen.notes if note.what == "chosen")
        return next(notes, ())

    def grounds(self, ring: Ring, step: Step) -> tuple[Reason, ...]:
        """Why a phone rings: for which service, by which step, and by which rule of the roster."""
        more: list[Reason] = []
        if isinstance(step, GroupStep):
            path = ("services", "hunt_groups", step.id)
            more.append(Reason(STRATEGIES[step.group.strategy], (*path, "strategy")))
            person = _person_of(ring.offer.target)
            if person is not None:
                more += self._penalty(person, step.group)
        return (*self.chosen, *ring.because, *more)

    def as_json(self) -> Json:
        """The whole of it, for machines."""
        seen, evidence = self.seen, self.seen.question.evidence
        verdict, first = seen.verdict, self._first
        wanted = first if seen.chain is None else max(first, seen.chain.group)
        return {
            "at": seen.question.at.isoformat(),
            "trunk": evidence.trunk,
            "did": evidence.did,
            "ani": evidence.ani,
            "zone": {
                "verdict": verdict.finding.value,
                "neighbour": verdict.neighbour,
                "because": self._told(verdict.because),
            },
            "service": None if seen.place is None else seen.place.service,
            "priority": self.priority,
            "targets": [*self._targets(self.stops[first])] if self.stops else [],
            "skipped": [one for stop in self.stops[: wanted + 1] for one in self._skipped(stop)],
            "overflow": [self._stop(stop) for stop in self.stops[first + 1 :]],
            "settings": seen.settings.name,
        }

    @property
    def priority(self) -> int | None:
        """Of the service; None where there is none."""
        place, services = self.seen.place, self.seen.settings.catalogue.services
        return None if place is None else services[place.service].priority

    @property
    def _first(self) -> int:
        """The first step at which anything rings; the first of all if nothing ever does."""
        ringing = (index for index, stop in enumerate(self.stops) if stop.rings)
        return next(ringing, 0)

    def _stop(self, stop: Stop) -> Json:
        return {
            "step": name_of(stop.step),
            "where": self.seen.settings.where(stop.path),
            "ring_time_s": hunt.ring_time_of(stop.step),
            "after_s": round(stop.rings[0].after_s, 3) if stop.rings else None,
            "targets": [*self._targets(stop)],
            "skipped": [*self._skipped(stop)],
        }

    def _targets(self, stop: Stop) -> Iterator[Json]:
        for ring in stop.rings:
            target = ring.offer.target
            yield {
                "operator": _person_of(target),
                "seat": target.seat if isinstance(target, SeatTarget) else None,
                "endpoint": endpoint_of(target),
                "because": self._told(self.grounds(ring, stop.step)),
            }

    def _skipped(self, stop: Stop) -> Iterator[Json]:
        for skip in stop.skips:
            yield {"operator": skip.person, "because": self._told(skip.because)}

    def _told(self, because: Iterable[Reason]) -> list[dict[str, str]]:
        """As the journal has it."""
        where = self.seen.settings.where
        return [
            {
                "text": reason.text,
                "path": ".".join(map(str, reason.path)),
                "where": where(reason.path),
            }
            for reason in because
        ]

    def _skips(self, index: int, step: Step) -> Iterator[Skip]:
        """Who can be reached at a step and is not rung; of the hunt group's people all."""
        known = {ring.offer.target.key for ring in self.seen.rings if ring.step == index}
        for one in self.seen.passes:
            if one.step == index:
                known.add(one.key)
                yield Skip(one.person, (_obstacle(one), *one.because))
        if index not in self.seen.reached:
            return
        missing = [one for one in self._led_to(index, step) if f"person:{one}" not in known]
        yield from (Skip(person, (NO_PHONE,)) for person in missing)
        if isinstance(step, GroupStep):
            yield from self._off_duty(index, step.group)

    def _led_to(self, index: int, step: Step) -> Iterator[PersonId]:
        """The people that a step is about, wherever they sit."""
        plan, at = self.seen.plan, self.seen.reached[index]
        agencies = self._agencies
        people = plan.operators.people
        match step:
            case Transfer() | PostStep() | OutsideStep():
                return
            case GroupStep() | WrapUpStep():
                duties = plan.roster.on_duty(at)
                yield from (d.person for d in duties if people[d.person].agency in agencies)
            case SupervisorStep():
                leads = (plan.operators.agencies[agency].supervisor for agency in agencies)
                yield from dict.fromkeys(lead for lead in leads if lead is not None)
            case OtherAgenciesStep():
                duties = plan.roster.on_duty(at)
                yield from (d.person for d in duties if people[d.person].agency not in agencies)
            case PreviousShiftStep():
                duties = plan.roster.previous_shift(at)
                yield from (d.person for d in duties if people[d.person].agency in agencies)
            case _:
                assert_never(step)

    def _off_duty(self, index: int, group: HuntGroup) -> Iterator[Skip]:
        at = self.seen.reached[index]
        present = {duty.person for duty in self.seen.plan.roster.on_duty(at)}
        absence = Absence(self.seen.settings, at)
        for person, one in self.seen.settings.operators.people.items():
            if one.agency in group.agencies and person not in present:
                yield Skip(person, (absence.because(person),))

    def _penalty(self, person: PersonId, group: HuntGroup) -> Iterator[Reason]:
        penalty = self.seen.settings.operators.people[person].penalty
        if penalty and (group.penalty_limit or group.strategy is not Strategy.RINGALL):
            path = ("operators", "people", person, "penalty")
            yield Reason(f"penalty {penalty}: after those with less", path)

    @property
    def _agencies(self) -> tuple[AgencyId, ...]:
        chain = self.seen.chain
        return () if chain is None else chain.hunted.group.agencies


def name_of(step: Step) -> str:
    """A step as the settings call it."""
    match step:
        case Transfer():
            return "neighbour"
        case GroupStep():
            return "group"
        case _:
            return step.to


def endpoint_of(target: Target) -> str:
    """What Asterisk dials: a phone, or a number at a trunk."""
    if isinstance(target, OutsideTarget):
        return f"{target.number}@{target.endpoint}"
    return target.endpoint


def _person_of(target: Target) -> PersonId | None:
    return target.person if isinstance(target, SeatTarget) else None


def _obstacle(one: Pass) -> Reason:
    if one.has_rung:
        return HAS_RUNG
    return GONE_ON if one.obstacle is None else Reason(one.obstacle.value)
