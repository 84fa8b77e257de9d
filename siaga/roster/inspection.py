"""What is wrong with the roster in the weeks ahead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Final

from routing.operator import AgencyId, PersonId
from routing.override import Swap
from routing.shift import Duty
from siaga.holiday import roster_of
from siaga.problem import Place, SettingsPath
from siaga.roster.coverage import Shortage, duties_between, shortages
from siaga.roster.load import Load, uneven
from siaga.roster.schedule import Dates
from siaga.roster.staffing import Staffing
from siaga.settings import Settings

TIME: Final = "%a %d %b %H:%M"


class Kind(StrEnum):
    """What is wrong, for machines; in the order in which it is told."""

    NOBODY = "nobody"
    UNDERSTAFFED = "understaffed"
    DOUBLE = "double_booking"
    REST = "short_rest"
    LOAD = "uneven_load"
    IDLE = "never_on_duty"


class Level(StrEnum):
    """How bad it is: callers feel an error, people a warning, and a note may be as it should be."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS: Final = {
    Kind.NOBODY: Level.ERROR,
    Kind.UNDERSTAFFED: Level.ERROR,
    Kind.DOUBLE: Level.ERROR,
    Kind.REST: Level.WARNING,
    Kind.LOAD: Level.WARNING,
    Kind.IDLE: Level.NOTE,
}
"""Callers of an agency that is short of people wait; a person cannot be in two places."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, once.

    Attributes:
        kind: What.
        subject: The agency or the person.
        place: Where the rule is written that has to be looked at.
        start: Since when.
        end: Until when.
        message: All of it, for people.
    """

    kind: Kind
    subject: str
    place: Place
    start: datetime
    end: datetime
    message: str

    @property
    def level(self) -> Level:
        """How bad it is."""
        return LEVELS[self.kind]

    def __str__(self) -> str:
        mark = "" if self.level is Level.ERROR else f"{self.level}: "
        return f"{self.place}: {mark}{self.message}"

    def as_json(self) -> dict[str, object]:
        """For machines: values that `json` can write."""
        return {
            "kind": str(self.kind),
            "level": str(self.level),
            "subject": self.subject,
            "file": self.place.file,
            "line": self.place.line,
            "col": self.place.col,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "message": self.message,
        }


def inspect(settings: Settings, start: datetime, weeks: int) -> tuple[Finding, ...]:
    """All that is wrong with the roster in so many weeks from `start`, by kind and time."""
    look = _Look(settings, start, start + timedelta(weeks=weeks))
    return tuple(look.findings())


def folded(findings: Sequence[Finding], shown: int) -> Iterator[str]:
    """A line for each finding; of those that repeat only the first ones, and how many follow."""
    for _, same in groupby(findings, key=lambda found: (found.kind, found.subject, found.place)):
        group = tuple(same)
        yield from (str(finding) for finding in group[: shown - 1])
        rest = group[shown - 1 :]
        if rest:
            more = f"; and {len(rest) - 1} more until {rest[-1].end:{TIME}}" if rest[1:] else ""
            yield f"{rest[0]}{more}"


class _Look:
    """One look at the roster of some weeks."""

    def __init__(self, settings: Settings, start: datetime, end: datetime) -> None:
        self._settings = settings
        self._staffing: Staffing = settings.roster.staffing
        self._start, self._end = start, end
        self._plan = settings.plan()
        self._duties = duties_between(self._plan.roster, start, end)
        self._people = settings.operators.people

    def findings(self) -> Iterator[Finding]:
        """In the order of the kinds; those of one subject and place one after the other."""
        looks = (self._shortages, self._neighbours, self._loads, self._idle)
        yield from sorted((found for look in looks for found in look()), key=_order)

    def _shortages(self) -> Iterator[Finding]:
        for shortage in shortages(self._plan, self._staffing, self._start, self._end):
            kind = Kind.UNDERSTAFFED if shortage.present else Kind.NOBODY
            place, why = self._cause(shortage)
            span = (shortage.start, shortage.end)
            yield self._finding(kind, shortage.agency, place, short_of(shortage) + why, span)

    def _cause(self, shortage: Shortage) -> tuple[SettingsPath, str]:
        """The override that takes somebody off duty, or else where the agency is set."""
        for index, override in self._overrides_near(shortage.start):
            if self._present(shortage, without=index) > shortage.present:
                why = f": because of the {override} here"
                return ("roster", "overrides", index), why
        return ("operators", "agencies", shortage.agency), ""

    def _overrides_near(self, at: datetime) -> Iterator[tuple[int, str]]:
        """The overrides of the dates on which a shift can start that runs at that instant."""
        near = Dates(at.date() - timedelta(days=1), at.date())
        for index, override in enumerate(self._settings.roster.overrides):
            dates = [Dates(override.date, override.until or override.date)]
            if isinstance(override, Swap) and override.partner_date is not None:
                dates.append(Dates(override.partner_date, override.partner_date))
            if any(one.first <= near.last and near.first <= one.last for one in dates):
                yield index, override.kind

    def _present(self, shortage: Shortage, *, without: int) -> int:
        overrides = enumerate(self._settings.roster.overrides)
        kept = tuple(override for index, override in overrides if index != without)
        roster = replace(self._settings.roster, overrides=kept)
        on_duty = roster_of(roster, self._settings.operators).on_duty(shortage.start)
        return sum(self._agency(duty.person) == shortage.agency for duty in on_duty)

    def _neighbours(self) -> Iterator[Finding]:
        """Two turns of one person that overlap, or have too little rest between them."""
        by_person = sorted(self._duties, key=lambda duty: (duty.person, duty.start))
        rest_h = self._staffing.rest_h
        for person, own in groupby(by_person, key=lambda duty: duty.person):
            for first, second in pairwise(own):
                pause_h = (second.start - first.end) / timedelta(hours=1)
                path, span = second.because.path, (second.start, second.end)
                if pause_h < 0:
                    message = f"{self._name(person)} is on {_and(first, second)} at the same time"
                    yield self._finding(Kind.DOUBLE, person, path, message, span)
                elif pause_h < rest_h:
                    message = (
                        f"{self._name(person)} has {pause_h:g} h of rest between "
                        f"{_and(first, second)}; expected {rest_h:g} h"
                    )
                    yield self._finding(Kind.REST, person, path, message, span)

    def _loads(self) -> Iterator[Finding]:
        found = uneven(self._duties, self._agency, self._is_holiday, self._staffing.uneven)
        for load in found:
            path = ("operators", "people", load.person)
            message = f"{self._name(load.person)} has {_excess(load)}"
            yield self._finding(Kind.LOAD, load.person, path, message)

    def _idle(self) -> Iterator[Finding]:
        """People who are never on duty; a supervisor is rung whether on duty or not."""
        busy = {duty.person for duty in self._duties}
        agencies = self._settings.operators.agencies.values()
        supervisors = {agency.supervisor for agency in agencies}
        for person in self._people:
            if person not in busy | supervisors:
                message = f"{self._name(person)} is on no shift"
                path = ("operators", "people", person)
                yield self._finding(Kind.IDLE, person, path, message)

    def _is_holiday(self, day: date) -> bool:
        return self._plan.roster.holiday(day) is not None

    def _agency(self, person: PersonId) -> AgencyId:
        return self._people[person].agency

    def _name(self, person: PersonId) -> str:
        return f"{self._people[person].name} ({person})"

    def _finding(
        self,
        kind: Kind,
        subject: str,
        path: SettingsPath,
        message: str,
        span: tuple[datetime, datetime] | None = None,
    ) -> Finding:
        place = self._settings.locate(path) or Place("roster.yaml", 1, 1)
        start, end = span or (self._start, self._end)
        return Finding(kind, subject, place, start, end, message)


def _order(finding: Finding) -> tuple[int, str, Place, datetime]:
    return list(Kind).index(finding.kind), finding.subject, finding.place, finding.start


def short_of(shortage: Shortage) -> str:
    """The message for a shortage: who is missing, and when."""
    times = f"from {shortage.start:{TIME}} to {shortage.end:{TIME}}"
    if not shortage.present:
        return f"nobody of {shortage.agency!r} is on duty {times}"
    return f"{shortage.present} of {shortage.agency!r} on duty {times}; expected {shortage.needed}"


def _and(first: Duty, second: Duty) -> str:
    """Two turns, in a few words."""
    return f"{_when(first)} and {_when(second)}"


def _when(duty: Duty) -> str:
    until = f"{duty.end:%H:%M}" if duty.end.date() == duty.start.date() else f"{duty.end:%a %H:%M}"
    return f"{duty.shift} {duty.start:{TIME}}-{until}"


def _excess(load: Load) -> str:
    """What somebody has too much or too little of."""
    side = "more" if load.amount > load.average else "fewer"
    return (
        f"{side} {load.measure} than the others of {load.agency!r}: "
        f"{load.amount:.0f}, where the average is {load.average:.1f}"
    )
