"""When a service has nobody on duty."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.operator import AgencyId
from routing.plan import Plan
from routing.service import GroupId, ServiceId


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time `[start, end)` in which nobody of a hunt group is on duty.

    Attributes:
        services: Whose callers are hunted in that group.
        agencies: Whose operators it has.
        start: When it begins.
        end: When it is over; at the latest at the end of what was looked at.
    """

    services: tuple[ServiceId, ...]
    agencies: tuple[AgencyId, ...]
    start: datetime
    end: datetime


def gaps(plan: Plan, start: datetime, ahead: timedelta) -> tuple[Gap, ...]:
    """When services have nobody on duty, in order of time.

    Args:
        plan: The accepted settings.
        start: From when.
        ahead: For how long.
    """
    catalogue, people = plan.catalogue, plan.operators.people
    services: dict[GroupId, list[ServiceId]] = {}
    for id_, service in catalogue.services.items():
        services.setdefault(service.group, []).append(id_)
    since: dict[GroupId, datetime] = {}
    found: list[Gap] = []

    def close(group: GroupId, end: datetime) -> None:
        agencies = catalogue.hunt_groups[group].agencies
        found.append(Gap(tuple(services[group]), agencies, since.pop(group), end))

    at, last = start, start + ahead
    while at < last:
        present = {people[duty.person].agency for duty in plan.roster.on_duty(at)}
        for group in services:
            if present.isdisjoint(catalogue.hunt_groups[group].agencies):
                since.setdefault(group, at)
            elif group in since:
                close(group, at)
        at = min(plan.roster.next_change(at) or last, last)
    for group in tuple(since):
        close(group, last)
    return tuple(sorted(found, key=lambda gap: gap.start))
