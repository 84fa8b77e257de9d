"""The worst hour of a rehearsal, and why it was that bad."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from routing.mark import Mark
from routing.plan import Plan
from routing.service import ServiceId

LATE_S: Final = 20.0
"""NENA-STA-020: 95 % are answered within 20 s; who waits longer counts against an hour."""
HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class Crush:
    """How bad an hour was for one service.

    Attributes:
        late: Callers who waited longer than `LATE_S` after the menu, answered or not.
        given_up: How many of them gave up.
        longest_s: The longest wait.
        at_once: Callers, waiting or talking, when there were the most.
        on_duty: Operators of its hunt group on duty at that time.
        unanswered: Rings for its callers that nobody answered, or that were declined.
    """

    late: int = 0
    given_up: int = 0
    longest_s: float = 0.0
    at_once: int = 0
    on_duty: int = 0
    unanswered: int = 0


@dataclass(slots=True)
class Hour:
    """An hour of the site's clock.

    Attributes:
        start: When it begins.
        calls: By what operators would say of them.
        services: How bad it was for each.
        here: Callers who joined the queue in it and are not gone.
    """

    start: datetime
    calls: Counter[Mark] = field(default_factory=Counter)
    services: dict[ServiceId, Crush] = field(default_factory=dict)
    here: int = 0

    @property
    def badness(self) -> tuple[int, float]:
        """Orders hours: callers who waited too long, then the longest wait."""
        found = self.services.values()
        return sum(c.late for c in found), max((c.longest_s for c in found), default=0.0)

    @property
    def worst(self) -> tuple[ServiceId, Crush] | None:
        """The service for which it was the worst."""
        return max(
            self.services.items(),
            key=lambda item: (item[1].late, item[1].longest_s),
            default=None,
        )


class Hours:
    """The hours that are going on, and the worst that is over.

    Args:
        plan: The accepted settings of routing.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._zone = ZoneInfo(plan.roster.plan.timezone)
        self._open: dict[datetime, Hour] = {}
        self._worst: Hour | None = None
        self._active: Counter[ServiceId] = Counter()

    @property
    def worst(self) -> Hour | None:
        """The worst hour so far; None if nobody has waited."""
        hours = [*self._open.values(), *([self._worst] if self._worst else [])]
        worst = max(hours, key=lambda hour: hour.badness, default=None)
        return worst if worst is not None and worst.badness[1] > 0 else None

    def arrives(self, wall: datetime, mark: Mark) -> None:
        """Somebody dials."""
        self._hour(wall).calls[mark] += 1

    def joins(self, service: ServiceId, wall: datetime) -> datetime:
        """A caller waits for a service; the hour in which that began."""
        hour = self._hour(wall)
        hour.here += 1
        self._active[service] += 1
        crush = hour.services.setdefault(service, Crush())
        if self._active[service] > crush.at_once:
            crush.at_once = self._active[service]
            crush.on_duty = self._on_duty(service, wall)
        return hour.start

    def waited(
        self, start: datetime, service: ServiceId, seconds: float, *, answered: bool
    ) -> None:
        """A caller who joined in that hour has waited so long."""
        crush = self._open[start].services[service]
        crush.longest_s = max(crush.longest_s, seconds)
        if seconds > LATE_S:
            crush.late += 1
            crush.given_up += not answered

    def rang_out(self, start: datetime, service: ServiceId) -> None:
        """A phone rang in vain for a caller who joined in that hour."""
        self._open[start].services[service].unanswered += 1

    def leaves(self, start: datetime, service: ServiceId) -> None:
        """A caller who joined in that hour is gone."""
        self._open[start].here -= 1
        self._active[service] -= 1

    def _hour(self, wall: datetime) -> Hour:
        local = wall.astimezone(self._zone)
        start = local.replace(minute=0, second=0, microsecond=0)
        hour = self._open.get(start)
        if hour is None:
            self._close(start)
            hour = self._open[start] = Hour(start)
        return hour

    def _close(self, now: datetime) -> None:
        """Keeps of the hours that are over the worst one."""
        for start, hour in tuple(self._open.items()):
            if start < now and not hour.here:
                del self._open[start]
                if self._worst is None or hour.badness > self._worst.badness:
                    self._worst = hour

    def _on_duty(self, service: ServiceId, wall: datetime) -> int:
        catalogue, people = self._plan.catalogue, self._plan.operators.people
        known = catalogue.services.get(service)
        if known is None:
            return 0
        agencies = catalogue.hunt_groups[known.group].agencies
        on_duty = self._plan.roster.on_duty(wall)
        return sum(
            duty.person in people and people[duty.person].agency in agencies for duty in on_duty
        )
