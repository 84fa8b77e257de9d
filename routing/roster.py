"""Who is on duty: shifts, weekly rows, and overrides by date.

`RosterError`, a ValueError with the settings path, is all that can be wrong with a roster here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import ClassVar, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.holiday import Holidays
from routing.operator import STRICT, PersonId
from routing.override import Extra, Leave, Override
from routing.reason import Reason
from routing.rotation import Rotation, RotationId, TeamId, Weekday, WeeklyRow
from routing.shift import Duty, Shift, ShiftId, bounds
from routing.walltime import dates

Path: TypeAlias = tuple[str | int, ...]

PREVIOUS_FOR: Final = timedelta(hours=24)
"""How long ago a turn may have ended for its people to be looked for at their phones still."""
NEAR: Final = range(-3, 3)
"""Days around a date whose turns cover it, and `PREVIOUS_FOR` before, over any change of clocks."""
LOOK_AHEAD: Final = range(15)
"""Days within which a weekly pattern shows, even where a change of clocks swallows a shift."""
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


@dataclass(frozen=True, slots=True)
class _Post:
    """A rule's word that a person works a shift; `place` is its place in the settings."""

    person: PersonId
    shift: ShiftId
    place: tuple[int, int]
    because: Reason


@dataclass(frozen=True, slots=True)
class _Turn:
    place: tuple[int, int]
    duty: Duty


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of time `[start, end)` in which nobody's turn begins or ends."""

    start: datetime
    end: datetime
    on_duty: tuple[Duty, ...]
    ended: tuple[Duty, ...]


class Roster:
    """The roster, compiled: who is on duty at an instant, and until when that holds.

    A shift's boundary is the first instant at which the site's clock shows it or later
    (`routing.walltime`), so that the end of one shift is the start of the next on every day. The
    answer for the current stretch of time is kept. Instants are aware; naive ones raise TypeError.

    Args:
        plan: The accepted settings.

    Raises:
        RosterError: Unknown zone or shift, a shift's time with an offset, an extra without a shift.
    """

    def __init__(self, plan: RosterPlan) -> None:
        self._plan = plan
        self._zone = _zone(plan.timezone)
        _check_shifts(plan)
        self._weekly = _posts_by_weekday(plan)
        self._overrides = _overrides_by_date(plan)
        self._span = _Span(NEVER, NEVER, (), ())

    @property
    def plan(self) -> RosterPlan:
        """The settings that this was made of."""
        return self._plan

    def on_duty(self, at: datetime) -> tuple[Duty, ...]:
        """Those on duty at that instant, each once, in the order of the settings, extras last."""
        return self._span_of(at).on_duty

    def previous_shift(self, at: datetime) -> tuple[Duty, ...]:
        """Those whose turn ended last before `at`, a day ago at most, and who are off duty now."""
        ended = self._span_of(at).ended
        return ended if ended and at - ended[0].end <= PREVIOUS_FOR else ()

    def next_change(self, at: datetime) -> datetime | None:
        """The first instant after `at` at which somebody's turn begins or ends; None: never."""
        end = self._span_of(at).end
        return None if end is NEVER else end

    def duties(self, start: date, end: date) -> Iterator[Duty]:
        """The turns of the shifts that start on the dates `[start, end)`, day by day."""
        for day in dates(start, range((end - start).days)):
            yield from (turn.duty for turn in sorted(self._turns(day), key=_BY_START))

    def _span_of(self, at: datetime) -> _Span:
        span = self._span
        if not span.start <= at < span.end:
            span = self._span = self._compute(at)
        return span

    def _compute(self, at: datetime) -> _Span:
        today = at.astimezone(self._zone).date()
        turns = [turn for day in dates(today, NEAR) for turn in self._turns(day)]
        duties = [turn.duty for turn in sorted(turns, key=_BY_PLACE)]
        edges = list(chain.from_iterable((duty.start, duty.end) for duty in duties))
        on_duty = _once(duty for duty in duties if duty.start <= at < duty.end)
        working = {duty.person for duty in on_duty}
        ended = max((duty.end for duty in duties if duty.end <= at), default=None)
        return _Span(
            start=max((edge for edge in edges if edge <= at), default=at.astimezone(UTC)),
            end=min((edge for edge in edges if edge > at), default=self._later(today)),
            on_duty=on_duty,
            ended=_once(d for d in duties if d.end == ended and d.person not in working),
        )

    def _later(self, today: date) -> datetime:
        """The first start of a turn on the days that are not near any more.

        Nobody works between the days looked at here: a day is either overridden, or like the same
        weekday a week before.
        """
        overridden = (day for day in self._overrides if day > today)
        for anchor in (today, *sorted(overridden)):
            for day in dates(anchor, LOOK_AHEAD):
                turns = self._turns(day) if (day - today).days >= NEAR.stop else ()
                if turns:
                    return min(turn.duty.start for turn in turns)
        return NEVER

    def _turns(self, day: date) -> list[_Turn]:
        """The turns of the shifts that start on this day: the weekly rows, then the overrides."""
        posts: dict[tuple[ShiftId, PersonId], _Post] = {}
        for post in self._weekly[day.weekday()]:
            posts.setdefault((post.shift, post.person), post)
        for key, extra in self._overrides.get(day, ()):
            if extra is None:
                posts.pop(key, None)
            else:
                posts[key] = extra
        bounds = {shift: self._bounds(day, shift) for shift, _ in posts}
        return [
            _Turn(post.place, Duty(post.person, post.shift, *bounds[post.shift], post.because))
            for post in posts.values()
            if bounds[post.shift][0] < bounds[post.shift][1]
        ]

    def _bounds(self, day: date, shift_id: ShiftId) -> tuple[datetime, datetime]:
        return bounds(self._plan.shifts[shift_id], day, self._zone)


_Change: TypeAlias = tuple[tuple[ShiftId, PersonId], _Post | None]
"""What an override does to one shift of its date: puts a post there, or takes it away (None)."""
_BY_PLACE = attrgetter("place")
_BY_START = attrgetter("duty.start", "place")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name!r} is no time zone known here; expected a name such as Asia/Jakarta"
        raise RosterError(message, ("roster", "timezone")) from error


def _check_shifts(plan: RosterPlan) -> None:
    for shift_id, shift in plan.shifts.items():
        if shift.start.tzinfo is not None or shift.end.tzinfo is not None:
            message = f"shift {shift_id} must be in the site's time, without an offset"
            raise RosterError(message, ("roster", "shifts", shift_id))


def _posts_by_weekday(plan: RosterPlan) -> tuple[list[_Post], ...]:
    """The weekly rows for each day of the week, Monday first."""
    week: tuple[list[_Post], ...] = tuple([] for _ in Weekday)
    weekdays = list(Weekday)
    for index, row in enumerate(plan.weekly):
        path: Path = ("roster", "weekly", index)
        _require_shift(plan, row.shift, path)
        reason = Reason(f"works {row.shift} by the weekly roster", path)
        for day in row.days:
            week[weekdays.index(day)].extend(
                _Post(person, row.shift, (index, place), reason)
                for place, person in enumerate(row.people)
            )
    return week


def _overrides_by_date(plan: RosterPlan) -> dict[date, list[_Change]]:
    """The overrides of each date in the order in which they act: leaves of all shifts first."""
    changes: dict[date, list[_Change]] = {}
    for index, override in sorted(enumerate(plan.overrides), key=_is_for_one_shift):
        path: Path = ("roster", "overrides", index)
        if not isinstance(override, Leave | Extra):
            continue
        shifts = tuple(plan.shifts) if override.shift is None else (override.shift,)
        for shift in shifts:
            _require_shift(plan, shift, path)
        post = None
        if isinstance(override, Extra):
            note = f": {override.note}" if override.note else ""
            reason = Reason(f"works {override.shift} as an extra{note}", path)
            place = (len(plan.weekly) + index, 0)
            post = _Post(override.person, override.shift, place, reason)
        changes.setdefault(override.date, []).extend(
            ((shift, override.person), post) for shift in shifts
        )
    return changes


def _is_for_one_shift(item: tuple[int, Override]) -> bool:
    return item[1].shift is not None


def _require_shift(plan: RosterPlan, shift: ShiftId, path: Path) -> None:
    if shift not in plan.shifts:
        message = f"unknown shift {shift!r}; there are {', '.join(plan.shifts) or 'none'}"
        raise RosterError(message, (*path, "shift"))


def _once(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """Each person's first duty: shifts may overlap, but a phone rings once."""
    first: dict[PersonId, Duty] = {}
    for duty in duties:
        first.setdefault(duty.person, duty)
    return tuple(first.values())
