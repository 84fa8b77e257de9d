"""The post as it was, by the second: who was on duty, at a free phone, paused or in wrap-up.

Rebuilt from Asterisk's device states, the roster and the records, by rules of its own: nothing of
the floor is asked.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from routing.offer import SHORT_TALK_S
from routing.operator import AgencyId, PersonId
from routing.plan import Plan
from routing.service import HuntGroup, ServiceId
from tests.simulation.account import FLOOR_LEG, Account
from tests.simulation.city import sets

FREE, AWAY = "NOT_INUSE", "UNAVAILABLE"
"""Device states; all others mean a phone that is in use."""
PERSON = "person:"
"""Begins the keys of targets."""
SAME_S = 1e-4
"""Records of one instant are apart by less."""
KEPT_S = 1.5
"""What was said so shortly before a kill may not have been kept."""


@cache
def plans() -> tuple[Plan, ...]:
    """All sets of settings, compiled."""
    return tuple(each.plan() for each in sets())


class Post:
    """What could be known of operators and phones.

    Args:
        account: Of one scenario.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._plan_times = [since for since, _ in account.sets]
        self._devices: dict[str, tuple[list[float], list[str]]] = {}
        for at, endpoint, state in account.devices:
            times, states = self._devices.setdefault(endpoint, ([-1.0], [AWAY]))
            times.append(at)
            states.append(state)
        self._told: dict[str, list[tuple[float, str, bool]]] = {}
        self._signed: list[tuple[float, str, str | None]] = []
        self._talks = self._talks_of()
        for record in account.records:
            at, person = account.at(record), str(record.detail.get("person"))
            if record.what in {"paused", "ready"}:
                automatic = bool(record.detail.get("automatic"))
                self._told.setdefault(person, []).append((at, record.what, automatic))
            elif record.what in {"signed_on", "signed_off"}:
                self._signed.append((at, person, record.detail.get("seat")))

    def _talks_of(self) -> dict[str, list[tuple[float, float, bool]]]:
        """By person, when talks began and ended, each with whether it was a real one."""
        targets = self._account.targets()
        until = {leg.channel: leg.until for leg in self._account.legs}
        talks: dict[str, list[tuple[float, float, bool]]] = {}
        for caller in self._account.callers:
            for talk in caller.talks:
                person = targets.get(talk.leg, "").removeprefix(PERSON)
                gone = until.get(talk.leg) or math.inf
                # Whom the dialplan has joined may have no wrap-up: no daemon has seen them part.
                is_ours = not any(at <= talk.since for at in caller.burnt)
                is_real = is_ours and gone - talk.since > SHORT_TALK_S
                talks.setdefault(person, []).append((talk.since, gone, is_real))
        return talks

    def wall(self, at: float) -> datetime:
        """The wall time of a second."""
        return self._account.start + timedelta(seconds=at)

    def plan(self, at: float) -> Plan:
        """The settings that are in force."""
        return plans()[self._account.sets[bisect_right(self._plan_times, at) - 1][1]]

    def is_steady(
        self, since: float, until: float, but: tuple[tuple[float, float], ...] = ()
    ) -> bool:
        """Whether nothing is broken in that stretch, and no settings are replaced."""
        return not self._is_replanned(since, until) and self._account.is_quiet(since, until, but)

    def _is_replanned(self, since: float, until: float) -> bool:
        # What is offered by new settings is recorded before they are.
        return any(since <= at <= until + SAME_S for at in self._plan_times[1:])

    def group(self, service: str, at: float) -> HuntGroup:
        """The hunt group of a service."""
        catalogue = self.plan(at).catalogue
        return catalogue.hunt_groups[catalogue.services[ServiceId(service)].group]

    def on_duty(self, service: str, at: float) -> tuple[PersonId, ...]:
        """The operators of a service's group who are on duty."""
        agencies = self.group(service, at).agencies
        return tuple(person for person, agency in self._duties(at) if agency in agencies)

    def colleagues(self, person: str, at: float) -> int:
        """How many others of the person's agency are on duty and not paused."""
        agency = self.plan(at).operators.people[PersonId(person)].agency
        return sum(
            other != person and own == agency and not self._is_out(other, at)
            for other, own in self._duties(at)
        )

    def _is_out(self, person: str, at: float) -> bool:
        """Whether the person may have paused in this turn of duty; another turn ends a pause."""
        since, _ = self._last_word(person, at)
        return self.may_be_paused(person, at) and self._is_one_turn(person, since, at)

    def _duties(self, at: float) -> Iterator[tuple[PersonId, AgencyId]]:
        plan = self.plan(at)
        for duty in plan.roster.on_duty(self.wall(at)):
            yield duty.person, plan.operators.people[duty.person].agency

    def phones(self, person: str, at: float) -> tuple[str, ...]:
        """The endpoints at which the person may be rung."""
        seats = self.plan(at).operators.seats
        signed = [seat for seat in seats if person == self._person_at(seat, at)]
        return tuple(seats[seat].endpoint for seat in signed) or self._own_phones(person, at)

    def _own_phones(self, person: str, at: float) -> tuple[str, ...]:
        """The person's own, at one of which they may still talk after signing on elsewhere."""
        operators = self.plan(at).operators
        return tuple(
            operators.seats[seat].endpoint for seat in operators.seats_of(PersonId(person))
        )

    def may_sit_elsewhere(self, person: str, at: float) -> bool:
        """Whether the last word on where the person sits may be forgotten."""
        said = [since for since, other, _ in self._signed if other == person and since <= at]
        return bool(said) and self._may_be_forgotten(said[-1])

    def _person_at(self, seat: str, at: float) -> str | None:
        """Who has signed on there last, and not signed off."""
        there: str | None = None
        for since, person, where in self._signed:
            if since <= at and where == seat:
                there = person
            elif since <= at and person == there:
                there = None
        return there

    def was(self, endpoint: str, states: frozenset[str], since: float, until: float) -> bool:
        """Whether a phone was in one of these states all the time."""
        times, known = self._devices.get(endpoint, ([-1.0], [AWAY]))
        first = max(0, bisect_right(times, since) - 1)
        return all(state in states for state in known[first : bisect_right(times, until)])

    def is_free(self, person: str, since: float, until: float) -> bool:
        """Whether the person can be rung all that time, as far as anybody can see."""
        phones = self.phones(person, until)
        return (
            any(self.was(phone, frozenset({FREE}), since, until) for phone in phones)
            and all(
                self.was(phone, frozenset({FREE, AWAY}), since, until)
                for phone in (*phones, *self._own_phones(person, until))
            )
            and phones == self.phones(person, since)
            and not self.may_sit_elsewhere(person, until)
            and not self.may_be_paused(person, since)
            and not self.may_be_paused(person, until)
            and not self.may_wrap_up(person, since)
            and not self._talks_in(person, since, until)
        )

    def may_be_paused(self, person: str, at: float) -> bool:
        """Whether the last word was that the person is paused, or another word may be forgotten."""
        since, word = self._last_word(person, at)
        return word == "paused" or (word == "ready" and self._may_be_forgotten(since))

    def is_paused(self, person: str, at: float) -> bool:
        """Whether the person has paused, and nothing since can have ended it."""
        since, word = self._last_word(person, at)
        is_kept = word == "paused" and not self._may_be_forgotten(since)
        return is_kept and self._is_one_turn(person, since, at)

    def _may_be_forgotten(self, said: float) -> bool:
        return any(said <= begun <= said + KEPT_S for begun, _ in self._account.absences)

    def _last_word(self, person: str, at: float) -> tuple[float, str]:
        said = [(since, word) for since, word, _ in self._told.get(person, ()) if since <= at]
        return said[-1] if said else (0.0, "")

    def _is_one_turn(self, person: str, since: float, until: float) -> bool:
        """Whether the person is in the same turn of duty, by the same settings."""
        turns = [
            next(
                (
                    d.start
                    for d in self.plan(at).roster.on_duty(self.wall(at))
                    if d.person == person
                ),
                None,
            )
            for at in (since, until)
        ]
        return turns[0] == turns[1] and not self._is_replanned(since, until)

    def is_wrapping_up(self, person: str, at: float) -> bool:
        """Whether the person has just talked to a caller, and said nothing since."""
        ends = [end for _, end, real in self._talks.get(person, ()) if real and end <= at]
        if not ends or self._is_replanned(ends[-1] - 1.0, at):
            return False
        ready = any(ends[-1] <= since <= at for since, word, _ in self._told.get(person, ()))
        return not ready and at < ends[-1] + self._wrap_up_s(at)

    def may_wrap_up(self, person: str, at: float) -> bool:
        """Whether the person may be in the wrap-up of a talk."""
        most_s = max(self._wrap_up_s(since) for since in (*self._plan_times, at))
        ends = (end for _, end, _ in self._talks.get(person, ()))
        return any(at - most_s - 1.0 <= end <= at + 1.0 for end in ends)

    def _talks_in(self, person: str, since: float, until: float) -> bool:
        """Whether the person talks to a caller at some time of it, at whatever phone."""
        return any(begun <= until and end >= since for begun, end, _ in self._talks.get(person, ()))

    def _wrap_up_s(self, at: float) -> float:
        """All groups of a set have the same."""
        groups = self.plan(at).catalogue.hunt_groups.values()
        return max(group.wrap_up_s for group in groups)


def leg_of(offer: str) -> str:
    """The channel of an offer."""
    return f"{FLOOR_LEG}{offer}"
