"""Rotations and weekly rows, compiled: whom they put on which shift on a date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import TypeAlias

from routing.assignment import Assignment, noted
from routing.operator import PersonId
from routing.reason import Reason
from routing.rotation import Rotation, RotationId, TeamId, Weekday, WeeklyRow, holds
from routing.shift import DAY_OFF

Teams: TypeAlias = Mapping[TeamId, tuple[PersonId, ...]]


@dataclass(frozen=True, slots=True)
class _Row:
    rule: WeeklyRow
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class _Crew:
    """A team in a rotation; `by_day` has its assignments on each day of the cycle."""

    rule: Rotation
    team: TeamId
    by_day: tuple[tuple[Assignment, ...], ...]


class Pattern:
    """What holds on any date that is neither a holiday nor overridden.

    People come in the order of the settings: by rotations and their teams, then by weekly rows.

    Args:
        teams: Who is in them.
        rotations: All side by side.
        weekly: All side by side.
    """

    def __init__(
        self, teams: Teams, rotations: Mapping[RotationId, Rotation], weekly: tuple[WeeklyRow, ...]
    ) -> None:
        places = count()
        self._crews = [
            _crew(rotation_id, rotation, team, teams[team], places)
            for rotation_id, rotation in rotations.items()
            for team in rotation.teams
        ]
        rows = [_row(index, row, places) for index, row in enumerate(weekly)]
        self._week = {day: [row for row in rows if day in row.rule.days] for day in Weekday}
        self.places = next(places)
        """How many places in the order of the settings are taken."""

    def on(self, day: date) -> Iterator[Assignment]:
        """The assignments of a date."""
        yield from self.by_rotation(day)
        for row in self._week[_WEEKDAYS[day.weekday()]]:
            if holds(row.rule, day):
                yield from row.assignments

    def by_rotation(self, day: date) -> Iterator[Assignment]:
        """The assignments of a date by rotations alone."""
        for crew in self._crews:
            if holds(crew.rule, day):
                yield from crew.by_day[crew.rule.day_of(crew.team, day) - 1]

    def like(self, weekday: Weekday, day: date, why: str) -> Iterator[Assignment]:
        """The assignments by the rows of a weekday, on a date that is treated like it."""
        for row in self._week[weekday]:
            if holds(row.rule, day):
                path = row.assignments[0].because.path if row.assignments else ()
                text = noted(f"works {row.rule.shift} by the weekly roster of {weekday}", why)
                because = Reason(text, path)
                yield from (replace(each, because=because) for each in row.assignments)


_WEEKDAYS = tuple(Weekday)


def _row(index: int, row: WeeklyRow, places: Iterator[int]) -> _Row:
    reason = Reason(f"works {row.shift} by the weekly roster", ("roster", "weekly", index))
    return _Row(row, tuple(Assignment(p, row.shift, next(places), reason) for p in row.people))


def _crew(
    rotation_id: RotationId,
    rotation: Rotation,
    team: TeamId,
    people: tuple[PersonId, ...],
    places: Iterator[int],
) -> _Crew:
    members = [(person, next(places)) for person in people]
    path = ("roster", "rotations", rotation_id, "teams", team)
    by_day: list[tuple[Assignment, ...]] = []
    for number, shift in enumerate(rotation.cycle, start=1):
        text = (
            f"works {shift} by rotation {rotation_id}, team {team}, "
            f"day {number} of {len(rotation.cycle)}"
        )
        reason = Reason(text, path)
        on_shift = () if shift == DAY_OFF else members
        by_day.append(tuple(Assignment(who, shift, place, reason) for who, place in on_shift))
    return _Crew(rotation, team, tuple(by_day))
