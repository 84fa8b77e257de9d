"""Finds whom to ring for a waiting caller, step by step along the chain."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from routing import hunt
from routing.availability import Availability
from routing.entry import Entry
from routing.history import History
from routing.hunt import Candidate, Chain, GroupStep
from routing.moment import Moment, after
from routing.note import Note
from routing.offer import OutsideTarget, SeatState, SeatTarget, Transfer
from routing.operator import Language, Person, PersonId
from routing.order import Order, speaks
from routing.plan import Plan
from routing.reason import Reason
from routing.seating import Seating
from routing.service import GroupId, ServiceId, Strategy, WrapUpStep
from routing.shift import Duty

ROUND_PAUSE_S = 5.0
"""Between two rounds of a chain in which nobody could be rung: a phone may register meanwhile."""
ROUND_LEAST_S = 2.0
"""From the begin of a round to that of the next: a trunk that refuses at once is not asked without
end, and an operator who declines has a moment to breathe."""

Ring: TypeAlias = Callable[[Entry, Candidate, hunt.Step, Moment], None]


@dataclass(frozen=True, slots=True)
class _OnDuty:
    """A group's operators as of a roster's stretch of time and a seating."""

    duties: tuple[Duty, ...]
    revision: int
    everybody: tuple[Candidate, ...]


class Hunter:
    """The rules of hunting, for one set of settings.

    Args:
        plan: The accepted settings.
        phones: Who can be rung.
        seating: Who sits where.
        history: Whom each group rang last.
        order: The hunt groups' strategies.
        ring: Makes an offer.
        note: Takes what is to be remembered.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        phones: Availability,
        seating: Seating,
        history: History,
        order: Order,
        ring: Ring,
        note: Callable[[Note], None],
    ) -> None:
        self._plan = plan
        self._chains: dict[ServiceId, Chain] = {}
        self._groups: dict[GroupId, _OnDuty] = {}
        self._phones = phones
        self._seating = seating
        self._history = history
        self._order = order
        self._ring = ring
        self._note = note

    def use(self, plan: Plan) -> None:
        """New settings are in force."""
        self._plan = plan
        self._chains.clear()
        self._groups.clear()

    def chain_of(self, service: ServiceId, transfer: Transfer | None = None) -> Chain:
        """The way of a service; without a neighbour's centre it is made once."""
        if transfer is not None:
            return hunt.chain_of(self._plan, service, transfer)
        chain = self._chains.get(service)
        if chain is None:
            chain = self._chains[service] = hunt.chain_of(self._plan, service)
        return chain

    def serve(self, entry: Entry, at: Moment) -> None:
        """Offers the caller to everybody whom the chain allows now, going on where none is left."""
        if entry.resume is not None and entry.resume <= at.instant:
            self._restart(entry, at)
        if entry.hurry is not None and entry.hurry <= at.instant:
            entry.hasten()
            self._note(Note(entry.call, "hurried", {"waited_s": entry.chain.max_wait_s}))
        first = 0
        while True:
            self._offer_all(entry, first, at)
            if entry.offers or entry.resume is not None:
                return
            if entry.busy_until > at.instant and self._somebody_busy(entry, at):
                return
            first = entry.step  # at the steps before it, nobody was free a moment ago
            if self._spares_somebody(entry, at):
                entry.is_unlimited = True
            elif entry.step + 1 < len(entry.chain.steps):
                entry.step += 1
                entry.step_since = at.instant
                first = entry.step
            elif entry.offered_in_round:
                soonest = after(entry.round_since, ROUND_LEAST_S)
                if at.instant < soonest:
                    entry.resume = soonest
                    return
                self._restart(entry, at)
                first = 0
            else:
                entry.resume = after(at.instant, ROUND_PAUSE_S)
                self._note(Note(entry.call, "nobody_to_ring", {"pause_s": ROUND_PAUSE_S}))

    def _restart(self, entry: Entry, at: Moment) -> None:
        entry.restart(self.chain_of(entry.service), at.instant)

    def _spares_somebody(self, entry: Entry, at: Moment) -> bool:
        """Whether the chain would leave the group before those of a higher penalty were rung."""
        is_group = entry.step == entry.chain.group
        return is_group and entry.penalty_limit(at.instant) is not None

    def _offer_all(self, entry: Entry, first: int, at: Moment) -> None:
        """Rings who is free at the current step, and who has become free at those from `first`."""
        for index in range(first, entry.step + 1):
            step = entry.chain.steps[index]
            if isinstance(step, GroupStep):
                self._offer_group(entry, index, step, at)
                continue
            rouse = isinstance(step, WrapUpStep)
            for candidate in self._candidates(entry, index, at):
                if isinstance(candidate.target, OutsideTarget) and index != entry.step:
                    continue
                if self._may_ring(entry, candidate, at, rouse=rouse):
                    self._ring(entry, candidate, step, at)

    def _offer_group(self, entry: Entry, index: int, step: GroupStep, at: Moment) -> None:
        """Rings the group as its strategy says: all of those who are free, or one."""
        strategy, limit = step.group.strategy, entry.penalty_limit(at.instant)
        one = strategy is not Strategy.RINGALL
        if one and entry.offers:
            return
        everybody = self._on_duty(entry, index, step, at)
        free = [
            candidate
            for candidate in everybody
            if self._is_within(candidate, limit) and self._may_ring(entry, candidate, at)
        ]
        people = self._plan.operators.people
        spoken = entry.language
        for candidate in self._order.sort(step.id, strategy, everybody, free, people, spoken):
            if self._phones.is_taken(candidate.target):
                continue
            if one and not all(speaks(other, spoken, people) for other in free):
                self._ring(entry, _told(candidate, spoken, people), step, at)
            else:
                self._ring(entry, candidate, step, at)
            if one:
                if strategy is Strategy.RRMEMORY and candidate.person is not None:
                    self._history.rung(step.id, candidate.person)
                return

    def _may_ring(
        self, entry: Entry, candidate: Candidate, at: Moment, *, rouse: bool = False
    ) -> bool:
        if candidate.key in entry.skipped:
            return False
        return self._phones.is_free(candidate.target, self._plan, at, rouse=rouse)

    def _is_within(self, candidate: Candidate, limit: int | None) -> bool:
        if limit is None or candidate.person is None:
            return True
        return self._plan.operators.people[candidate.person].penalty <= limit

    def _somebody_busy(self, entry: Entry, at: Moment) -> bool:
        limit = entry.penalty_limit(at.instant)
        return any(
            isinstance(candidate.target, SeatTarget)
            and candidate.key not in entry.skipped
            and self._is_within(candidate, limit)
            and self._phones.state_of(candidate.target, self._plan, at) is SeatState.BUSY
            for candidate in self._candidates(entry, entry.step, at)
        )

    def _on_duty(
        self, entry: Entry, index: int, step: GroupStep, at: Moment
    ) -> tuple[Candidate, ...]:
        """The group's operators; they are the same until a shift begins or somebody moves."""
        duties, revision = self._plan.roster.on_duty(at.wall), self._seating.revision
        kept = self._groups.get(step.id)
        if kept is None or kept.duties is not duties or kept.revision != revision:
            everybody = tuple(self._candidates(entry, index, at))
            kept = self._groups[step.id] = _OnDuty(duties, revision, everybody)
        return kept.everybody

    def _candidates(self, entry: Entry, index: int, at: Moment) -> Iterator[Candidate]:
        return hunt.candidates(self._plan, entry.chain, index, at.wall, self._seating)


def _told(
    candidate: Candidate, language: Language | None, people: Mapping[PersonId, Person]
) -> Candidate:
    """The same, with a word on the language where that has decided."""
    person = candidate.person
    if person is None or not speaks(candidate, language, people):
        return candidate
    path = ("operators", "people", person, "languages")
    return replace(candidate, because=(*candidate.because, Reason(f"speaks {language}", path)))
