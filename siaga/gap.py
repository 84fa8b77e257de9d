"""When an agency has nobody on duty."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.operator import AgencyId
from routing.plan import Plan


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time `[start, end)` in which nobody of an agency is on duty."""

    agency: AgencyId
    start: datetime
    end: datetime


def gaps(plan: Plan, start: datetime, ahead: timedelta) -> tuple[Gap, ...]:
    """When agencies that are hunted for some service have nobody on duty, in order of time."""
    people = plan.operators.people
    groups = plan.catalogue.hunt_groups.values()
    missing = dict.fromkeys(agency for group in groups for agency in group.agencies)
    since: dict[AgencyId, datetime] = {}
    found: list[Gap] = []
    at, last = start, start + ahead
    while at < last:
        present = {people[duty.person].agency for duty in plan.roster.on_duty(at)}
        for agency in missing:
            if agency not in present:
                since.setdefault(agency, at)
            elif agency in since:
                found.append(Gap(agency, since.pop(agency), at))
        at = min(plan.roster.next_change(at) or last, last)
    found.extend(Gap(agency, begin, last) for agency, begin in since.items())
    return tuple(sorted(found, key=lambda gap: gap.start))
