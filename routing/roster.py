"""Who is on duty: patterns, holidays and overrides, brought together and answered by the instant.

`RosterError`, a ValueError with the settings path, is all that can be wrong with a roster here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.amendment import AgencyOf, Path, amend, by_date
from routing.assignment import Assignment, Assignments, noted
from routing.holiday import Calendar, Holiday, HolidayBook, Holidays
from routing.operator import STRICT, AgencyId, PersonId
from routing.override import Closed, Override, Swap
from routing.pattern import Pattern
from routing.reason import Reason
from routing.rotation import Rotation, RotationId, TeamId, WeeklyRow
from routing.shift import DAY_OFF, Duty, Shift, ShiftId, bounds
from routing.stretch import ONE_DAY, Day, Stretch, Turns, day_of, in_order
from routing.walltime import EPOCH, dates
from routing.window import Window

PREVIOUS_FOR: Final = timedelta(hours=24)
"""How long ago a turn may have ended for its people to be looked for at their phones still."""
NEAR: Final = range(-4, 3)
"""Days around a day of UTC whose turns reach into it, into `PREVIOUS_FOR` before, or come next."""
LOOK_AHEAD: Final = 400
"""Days within which every pattern shows that is not longer: rows of weeks, holidays of years."""
KEPT_DUTIES: Final = 100_000
"""Some 15 MB; a year of a hundred people is 27,000."""
KEPT_PLACES: Final = 200_000
"""Places in answers by the instant; a day of a thousand people is 2,000."""
NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""Later than every change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPlan:
    """The roster as people write it (`roster.yaml`).

    Attributes:
        timezone: IANA name of the site's zone.
        shifts: By id.
        teams: Who works together in rotations, by id.
        rotations: Patterns in cycles of days, by id; side by side with each other and `weekly`.
        weekly: Patterns in weeks.
        holidays: Which dates are holidays, and who works on them; they win over the patterns.
        overrides: Exceptions by date; they win over both.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    timezone: str
    shifts: Mapping[ShiftId, Shift]
    teams: Mapping[TeamId, tuple[PersonId, ...]] = field(default_factory=dict)
    rotations: Mapping[RotationId, Rotation] = field(default_factory=dict)
    weekly: tuple[WeeklyRow, ...] = ()
    holidays: Holidays = field(default_factory=Holidays)
    overrides: tuple[Override, ...] = ()


class RosterError(ValueError):
    """The roster cannot be compiled.

    Attributes:
        path: Settings path of what is wrong.
    """

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class Roster:
    """The roster, compiled: who is on duty at an instant, and until when that holds.

    On each date the patterns say who works, the holiday roster wins over them on holidays, and
    overrides win over both. A shift's boundary is the first instant at which the site's clock
    shows it or later (`routing.walltime`), so that the end of one shift is the start of the next
    on every day. Answers are computed for a day at a time, when it is first asked for, and the
    newest are kept. Instants are aware; naive ones raise TypeError.

    Args:
        plan: The accepted settings.
        agency_of: The agency of each person; asked for by rules that are about an agency.
        calendar: The public holidays of `plan.holidays.calendar`.

    Raises:
        RosterError: Unknown zone, shift or team, a shift's time with an offset, a cycle without
            days; agencies or a calendar are asked for and not there.
    """

    def __init__(
        self,
        plan: RosterPlan,
        agency_of: AgencyOf | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        _check(plan, agency_of, calendar)
        self._plan = plan
        self._made_with = (agency_of, calendar)
        self._zone = _zone(plan.timezone)
        self._agency_of: AgencyOf = agency_of or {}
        self._pattern = Pattern(plan.teams, plan.rotations, plan.weekly)
        self._holidays = HolidayBook(plan.holidays, calendar)
        first_extra = self._pattern.places + sum(len(row.people) for row in plan.holidays.rows)
        self._amendments = by_date(plan.overrides, plan.shifts, first_extra)
        self._turns: Window[date, tuple[Turns, ...]] = Window(KEPT_DUTIES, self._turns_of, _count)
        self._stretches: Window[int, Day] = Window(KEPT_PLACES, self._day_of, attrgetter("weight"))

    @property
    def plan(self) -> RosterPlan:
        """The settings that this was made of."""
        return self._plan

    def apart(self) -> "Roster":
        """The same roster, which remembers its answers for itself: for another thread."""
        return Roster(self._plan, *self._made_with)

    def on_duty(self, at: datetime) -> tuple[Duty, ...]:
        """Those on duty at that instant, each once, in the order of the settings, extras last."""
        return self._stretch_at(at).on_duty

    def previous_shift(self, at: datetime) -> tuple[Duty, ...]:
        """Those whose turn ended last before `at`, a day ago at most, and who are off duty now."""
        ended = self._stretch_at(at).ended
        return ended if ended and at - ended[0].end <= PREVIOUS_FOR else ()

    def next_change(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which somebody's turn begins or ends; None: never."""
        change = self._stretch_at(at).change
        return None if change is NEVER else change

    def duties(self, start: date, end: date) -> Iterator[Duty]:
        """The turns of the shifts that start on the dates `[start, end)`, day by day."""
        for day in dates(start, range((end - start).days)):
            yield from self._duties_of(day)

    def holiday(self, day: date) -> Holiday | None:
        """The holiday of a date; None on all others."""
        return self._holidays.on(day)

    @property
    def overridden(self) -> tuple[date, ...]:
        """The dates that have overrides, in order."""
        return tuple(sorted(self._amendments))

    def misfits(self, day: date) -> tuple[Reason, ...]:
        """What the overrides of a date say that does not fit: of whom, and the override's path."""
        assignments = self._without_overrides(day)
        amendments = self._amendments.get(day, ())
        return tuple(
            chain.from_iterable(amend(assignments, each, self._agency_of) for each in amendments)
        )

    def _duties_of(self, day: date) -> Iterator[Duty]:
        """In the order in which they begin, then of the settings."""
        return iter(sorted(in_order(self._turns_of(day)), key=attrgetter("start")))

    def _stretch_at(self, at: datetime) -> Stretch:
        return self._stretches.at((at - EPOCH).days).at(at)

    def _day_of(self, number: int) -> Day:
        day = date.fromordinal(number + EPOCH.toordinal())
        near = [turns for each in dates(day, NEAR) for turns in self._turns.at(each)]
        return day_of(day, near, lambda: self._later(day))

    def _later(self, day: date) -> datetime:
        """The first start of a turn on the days that are not near any more.

        Nobody works between the days looked at here: a day is either near a date that the settings
        name, or like one of the days before, whatever the cycles.
        """
        for ahead in self._days_ahead(day + timedelta(days=NEAR.stop)):
            turns = self._turns_of(ahead)
            if turns:
                return min(each.start for each in turns)
        return NEVER

    def _days_ahead(self, begin: date) -> Iterator[date]:
        """The days, from `begin` on, that must be looked at to know what comes.

        From each date that the settings name they go on as far as the longest pattern.
        """
        cycles = (len(rotation.cycle) for rotation in self._plan.rotations.values())
        length = LOOK_AHEAD + max(cycles, default=0)
        done = begin - ONE_DAY
        for anchor in sorted({begin, *(each for each in self._named_dates() if each > begin)}):
            start = max(anchor, done + ONE_DAY)
            for each in dates(start, range((anchor - start).days + length)):
                yield each
                done = each

    def _named_dates(self) -> Iterator[date]:
        """The dates from which on the roster may be another."""
        yield from self._amendments
        rules: Iterator[Rotation | WeeklyRow] = chain(
            self._plan.rotations.values(), self._plan.weekly
        )
        for rule in rules:
            yield from (each for each in (rule.since, rule.until) if each is not None)
        yield from (each.date for each in self._plan.holidays.add)

    def _turns_of(self, day: date) -> tuple[Turns, ...]:
        """The turns of the shifts that start on this day; none where the clock skips a shift."""
        by_shift: dict[ShiftId, list[Assignment]] = {}
        for each in self._assignments(day).values():
            by_shift.setdefault(each.shift, []).append(each)
        found: list[Turns] = []
        for shift, assignments in by_shift.items():
            start, end = bounds(self._plan.shifts[shift], day, self._zone)
            if start < end:
                assignments.sort(key=_BY_PLACE)
                places = tuple(each.place for each in assignments)
                duties = tuple(
                    Duty(each.person, shift, start, end, each.because) for each in assignments
                )
                found.append(Turns(start, end, places, duties))
        return tuple(found)

    def _assignments(self, day: date) -> Assignments:
        assignments = self._without_overrides(day)
        for amendment in self._amendments.get(day, ()):
            for _ in amend(assignments, amendment, self._agency_of):
                pass  # what does not fit is told when the settings are checked
        return assignments

    def _without_overrides(self, day: date) -> Assignments:
        holiday = self._holidays.on(day)
        found = self._pattern.on(day) if holiday is None else self._on_holiday(day, holiday)
        assignments: Assignments = {}
        for each in found:
            assignments.setdefault((each.shift, each.person), each)
        return assignments

    def _on_holiday(self, day: date, holiday: Holiday) -> Iterator[Assignment]:
        """The pattern of a holiday without those whom holiday rows replace, then the rows."""
        rules = self._plan.holidays
        normal = self._pattern.on(day)
        if rules.like is not None:
            weekly = self._pattern.like(rules.like, day, holiday.name)
            normal = chain(self._pattern.by_rotation(day), weekly)
        scopes = [(row.shift, row.agency) for row in rules.rows]
        for each in normal:
            own = (each.shift, self._agency_of.get(each.person))
            if (each.shift, None) not in scopes and own not in scopes:
                yield each
        place = self._pattern.places
        for index, row in enumerate(rules.rows):
            text = noted(f"works {row.shift} by the holiday roster", holiday.name)
            because = Reason(text, ("roster", "holidays", "rows", index))
            for person in row.people:
                yield Assignment(person, row.shift, place, because)
                place += 1


_BY_PLACE = attrgetter("place")


def _count(turns: tuple[Turns, ...]) -> int:
    return sum(len(each.duties) for each in turns) + 1


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name!r} is no time zone known here; expected a name such as Asia/Jakarta"
        raise RosterError(message, ("roster", "timezone")) from error


def _check(plan: RosterPlan, agency_of: AgencyOf | None, calendar: Calendar | None) -> None:
    for shift_id, shift in plan.shifts.items():
        if shift.start.tzinfo is not None or shift.end.tzinfo is not None:
            message = f"shift {shift_id} must be in the site's time, without an offset"
            raise RosterError(message, ("roster", "shifts", shift_id))
    for path, shift_id in _shifts_named(plan):
        _require(shift_id, plan.shifts, "shift", path)
    for rotation_id, rotation in plan.rotations.items():
        path = ("roster", "rotations", rotation_id)
        for team in rotation.teams:
            _require(team, plan.teams, "team", (*path, "teams", team))
        if not rotation.cycle:
            raise RosterError(f"rotation {rotation_id} has no days", (*path, "cycle"))
    if plan.holidays.calendar is not None and calendar is None:
        message = f"the holidays of {plan.holidays.calendar} are not at hand"
        raise RosterError(message, ("roster", "holidays", "calendar"))
    for path, agency in _agencies_named(plan):
        if agency is not None and agency_of is None:
            raise RosterError(f"who belongs to {agency} is not known here", path)


def _shifts_named(plan: RosterPlan) -> Iterator[tuple[Path, ShiftId]]:
    """Every shift that a rule names, and where."""
    for rotation_id, rotation in plan.rotations.items():
        path: Path = ("roster", "rotations", rotation_id, "cycle")
        yield from (((*path, i), s) for i, s in enumerate(rotation.cycle) if s != DAY_OFF)
    yield from ((("roster", "weekly", i, "shift"), row.shift) for i, row in enumerate(plan.weekly))
    for index, holiday_row in enumerate(plan.holidays.rows):
        yield ("roster", "holidays", "rows", index, "shift"), holiday_row.shift
    for index, override in enumerate(plan.overrides):
        path = ("roster", "overrides", index)
        if override.shift is not None:
            yield (*path, "shift"), override.shift
        if isinstance(override, Swap) and override.partner_shift is not None:
            yield (*path, "partner_shift"), override.partner_shift


def _agencies_named(plan: RosterPlan) -> Iterator[tuple[Path, AgencyId | None]]:
    for index, row in enumerate(plan.holidays.rows):
        yield ("roster", "holidays", "rows", index, "agency"), row.agency
    for index, override in enumerate(plan.overrides):
        if isinstance(override, Closed):
            yield ("roster", "overrides", index, "agency"), override.agency


def _require(name: str, known: Collection[str], what: str, path: Path) -> None:
    if name not in known:
        message = f"unknown {what} {name!r}; there are {', '.join(known) or 'none'}"
        raise RosterError(message, path)
