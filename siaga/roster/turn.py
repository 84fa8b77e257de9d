"""Turns of duty as people are told of them: with name, agency and rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from routing.operator import AgencyId, PersonId
from routing.roster import Roster
from routing.shift import Duty, ShiftId
from siaga.problem import Place
from siaga.roster.schedule import Dates
from siaga.settings import Settings

Post: TypeAlias = tuple[date, ShiftId, PersonId]
"""Who works which shift of which date."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A duty, and what people want to know of it.

    Attributes:
        date: The one on which its shift starts.
        duty: Who, from when, until when.
        name: The person's.
        agency: The person's.
        place: Where the rule that put them there is written.
    """

    date: date
    duty: Duty
    name: str
    agency: AgencyId
    place: Place

    @property
    def rule(self) -> str:
        """The place in short, as logs and journal tell it: `roster.yaml:14`."""
        return f"{self.place.file.rpartition('/')[2]}:{self.place.line}"

    @property
    def is_exception(self) -> bool:
        """Whether an override put the person there, not the pattern."""
        return "overrides" in self.duty.because.path[1:2]

    def as_json(self) -> dict[str, object]:
        """For machines: values that `json` can write."""
        duty = self.duty
        return {
            "date": str(self.date),
            "person": duty.person,
            "name": self.name,
            "agency": self.agency,
            "shift": duty.shift,
            "start": duty.start.isoformat(),
            "end": duty.end.isoformat(),
            "because": duty.because.text,
            "file": self.place.file,
            "line": self.place.line,
        }


def turns(settings: Settings, roster: Roster, days: Dates) -> tuple[Turn, ...]:
    """The turns of the shifts that start on these dates, by date and start."""
    return tuple(
        turn_of(settings, day, duty)
        for day in days
        for duty in roster.duties(day, day + timedelta(days=1))
    )


def turn_of(settings: Settings, day: date, duty: Duty) -> Turn:
    """The turn that a duty is."""
    person = settings.operators.people[duty.person]
    place = settings.locate(duty.because.path) or Place("roster.yaml", 1, 1)
    return Turn(day, duty, person.name, person.agency, place)


def posts(roster: Roster, days: Dates) -> frozenset[Post]:
    """Who works which shift on these dates, without times and rules."""
    return frozenset(
        (day, duty.shift, duty.person)
        for day in days
        for duty in roster.duties(day, day + timedelta(days=1))
    )


def people_of(
    settings: Settings, people: Iterable[PersonId], agencies: Iterable[AgencyId]
) -> frozenset[PersonId]:
    """These people, and those of these agencies."""
    chosen = set(agencies)
    of_agencies = (id_ for id_, one in settings.operators.people.items() if one.agency in chosen)
    return frozenset((*people, *of_agencies))
