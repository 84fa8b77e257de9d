"""When an agency has fewer people on duty than it needs."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from routing.operator import AgencyId
from routing.plan import Plan
from routing.roster import Roster
from routing.shift import Duty, ShiftId
from routing.walltime import as_shown
from siaga.roster.staffing import Staffing
from siaga.roster.timetable import Timetable

AROUND: Final = timedelta(days=3)
"""A turn may have begun so long ago and go on still, over any change of clocks."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A stretch of time `[start, end)` in which an agency has too few people on duty.

    Attributes:
        agency: Which.
        start: As the site's clock shows it.
        end: The same.
        present: How many people are on duty.
        needed: How many there should be.
    """

    agency: AgencyId
    start: datetime
    end: datetime
    present: int
    needed: int


def duties_between(roster: Roster, start: datetime, end: datetime) -> tuple[Duty, ...]:
    """The duties of which some part lies in `[start, end)`, in order of their start."""
    zone = Timetable(roster.plan).zone
    first, last = (start.astimezone(zone) - AROUND).date(), (end.astimezone(zone) + AROUND).date()
    found = (duty for duty in roster.duties(first, last) if duty.start < end and duty.end > start)
    return tuple(sorted(found, key=lambda duty: duty.start))


def shortages(
    plan: Plan, staffing: Staffing, start: datetime, end: datetime
) -> tuple[Shortage, ...]:
    """When agencies that are hunted for some service are short of people, in order of time."""
    found: list[Shortage] = []
    going_on: dict[AgencyId, Shortage] = {}
    for stretch in _stretches(plan, staffing, start, end):
        before = going_on.pop(stretch.agency, None)
        if before is not None:
            if (before.present, before.needed) == (stretch.present, stretch.needed):
                going_on[stretch.agency] = replace(before, end=stretch.end)
                continue
            found.append(before)
        if stretch.present < stretch.needed:
            going_on[stretch.agency] = stretch
    found.extend(going_on.values())
    return tuple(sorted(found, key=lambda shortage: shortage.start))


def _stretches(
    plan: Plan, staffing: Staffing, start: datetime, end: datetime
) -> Iterator[Shortage]:
    """Every agency in every stretch in which nothing changes, short of people or not."""
    roster, people = plan.roster, plan.operators.people
    groups = plan.catalogue.hunt_groups.values()
    hunted = dict.fromkeys(agency for group in groups for agency in group.agencies)
    timetable = Timetable(roster.plan)
    first = (start.astimezone(timetable.zone) - AROUND).date()
    slots = tuple(timetable.slots(first, (end - start + 3 * AROUND).days))
    coming = deque(duties_between(roster, start, end))
    edges = {time for duty in coming for time in (duty.start, duty.end)}
    edges |= {time for slot in slots for time in (slot.start, slot.end)}
    inner = sorted(time for time in edges if start < time < end)
    going_on: list[Duty] = []
    for since, until in pairwise((start, *inner, end)):
        going_on = [duty for duty in going_on if duty.end > since]
        while coming and coming[0].start <= since:
            going_on.append(coming.popleft())
        present = Counter(people[id_].agency for id_ in {duty.person for duty in going_on})
        running = (slot.shift for slot in slots if slot.start <= since < slot.end)
        shifts: tuple[ShiftId | None, ...] = tuple(running) or (None,)
        bounds = (as_shown(since, timetable.zone), as_shown(until, timetable.zone))
        for agency in hunted:
            needed = max(staffing.needed(agency, shift) for shift in shifts)
            yield Shortage(agency, *bounds, present[agency], needed)
