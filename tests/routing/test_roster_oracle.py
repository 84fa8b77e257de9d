"""The roster against an oracle that knows no instants, no compiling and no window.

The oracle asks, for one instant and one person after the other: has the site's clock shown the
shift's start, and not yet its end? It is slow, and written from docs/roster.md alone.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.holiday import Holiday, HolidayRow, Holidays
from routing.operator import PersonId
from routing.override import Closed, Extra, Leave, Override, Swap
from routing.roster import Roster, RosterPlan
from routing.rotation import Rotation, RotationId, TeamId, Weekday, WeeklyRow
from routing.shift import DAY_OFF, Shift, ShiftId
from tests.routing.watch import AGENCY_OF, AGUS, BPBD, BUDI, DEWI, DINKES, MERAH, PUTIH, SARI

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
ZONES = {
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 3, 22)),
    "America/St_Johns": (date(2006, 4, 2), date(2006, 10, 29)),
    "America/Sao_Paulo": (date(2018, 2, 17), date(2018, 11, 4)),
    "Asia/Jakarta": (date(2026, 12, 25),),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
}
"""Days on which their clocks change; Jakarta's do not."""
IDS = tuple(ShiftId(name) for name in ("satu", "dua", "tiga", "empat"))
CREW = (SARI, BUDI, DEWI, AGUS)


@cache
def changes(zone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Changes of the clock in a week around a day: when, and what it would have shown next."""
    found: list[tuple[datetime, datetime]] = []
    at = datetime.combine(day - 4 * DAY, time(), UTC)
    while at.date() < day + 4 * DAY:
        if shown(at, zone) + HOUR != shown(at + HOUR, zone):
            while shown(at, zone) + SECOND == shown(at + SECOND, zone):
                at += SECOND
            at += SECOND
            found.append((at, shown(at - SECOND, zone) + SECOND))
        else:
            at += HOUR
    return tuple(found)


def shown(at: datetime, zone: str) -> datetime:
    """What the clock on the wall shows."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def has_shown(wall: datetime, at: datetime, zone: str) -> bool:
    """Whether the clock has shown this time or a later one, now or before it was put back."""
    if shown(at, zone) >= wall:
        return True
    return any(when <= at and wall < last for when, last in changes(zone, wall.date()))


def is_on(shift: Shift, day: date, at: datetime, zone: str) -> bool:
    """Whether the shift that starts on this day is on."""
    last = day if shift.end > shift.start else day + DAY
    started = has_shown(datetime.combine(day, shift.start), at, zone)
    return started and not has_shown(datetime.combine(last, shift.end), at, zone)


def is_holiday(plan: RosterPlan, day: date) -> bool:
    """Whether the holiday roster holds; 25 December is in every calendar here."""
    if any(each.date == day for each in plan.holidays.add):
        return True
    in_calendar = plan.holidays.calendar is not None and (day.month, day.day) == (12, 25)
    return in_calendar and day not in plan.holidays.remove


def pattern(plan: RosterPlan, day: date) -> set[tuple[ShiftId, PersonId]]:
    """Who works what by rotations, weekly rows and holiday rows."""
    found: set[tuple[ShiftId, PersonId]] = set()
    for rotation in plan.rotations.values():
        for team, first in rotation.teams.items():
            cycle = list(rotation.cycle)
            for _ in range(first - 1 + (day - rotation.anchor).days + 100 * len(cycle)):
                cycle.append(cycle.pop(0))
            if in_force(rotation, day) and cycle[0] != "libur":
                found |= {(cycle[0], person) for person in plan.teams[team]}
    holiday, weekday = is_holiday(plan, day), f"{day:%a}".lower()
    if holiday and plan.holidays.like is not None:
        weekday = str(plan.holidays.like)
    for row in plan.weekly:
        if weekday in row.days and in_force(row, day):
            found |= {(row.shift, person) for person in row.people}
    if holiday:
        for rule in plan.holidays.rows:
            found -= {one for one in found if matches(one, rule.shift, rule.agency)}
        for rule in plan.holidays.rows:
            found |= {(rule.shift, person) for person in rule.people}
    return found


def in_force(rule: Rotation | WeeklyRow, day: date) -> bool:
    """Whether the date is one of the rule's."""
    return (rule.since or date.min) <= day <= (rule.until or date.max)


def matches(one: tuple[ShiftId, PersonId], shift: ShiftId | None, agency: str | None) -> bool:
    """Whether a rule about a shift and an agency, or about all, is about this one."""
    return shift in {None, one[0]} and agency in {None, AGENCY_OF[one[1]]}


def crew(plan: RosterPlan, day: date) -> set[tuple[ShiftId, PersonId]]:
    """Who works which of the shifts that start on a date."""
    found = pattern(plan, day)
    today = [one for one in plan.overrides if one.date <= day <= (one.until or one.date)]
    for one in today:
        if isinstance(one, Closed):
            found -= {each for each in found if matches(each, one.shift, one.agency)}
    for one in plan.overrides:
        if isinstance(one, Swap):
            found = exchanged(found, one, day)
    for one in today:
        if isinstance(one, Leave) and one.shift is None:
            found -= {each for each in found if each[1] == one.person}
    for one in today:
        if isinstance(one, Leave) and one.shift is not None:
            found -= {(one.shift, one.person)}
        if isinstance(one, Extra):
            found |= {(one.shift, one.person)}
    return found


def exchanged(
    found: set[tuple[ShiftId, PersonId]], one: Swap, day: date
) -> set[tuple[ShiftId, PersonId]]:
    """What two people work after a swap."""
    there = one.date <= day <= (one.until or one.date)
    back = there if one.partner_date is None else day == one.partner_date

    def taken_by(shift: ShiftId, person: PersonId) -> PersonId:
        if there and person == one.person and one.shift in {None, shift}:
            return one.partner
        if back and person == one.partner and one.partner_shift in {None, shift}:
            return one.person
        return person

    return {(shift, taken_by(shift, person)) for shift, person in found}


def calendar(year: int) -> tuple[Holiday, ...]:
    """As in every calendar here."""
    return (Holiday(date=date(year, 12, 25), name="Natal"),)


def compiled(plan: RosterPlan) -> Roster:
    """The roster that is judged."""
    return Roster(plan, AGENCY_OF, calendar)


TIMES = st.times().map(lambda moment: moment.replace(microsecond=0))
SHIFT = st.sampled_from(IDS)
PERSON = st.sampled_from(CREW)
AGENCY = st.sampled_from((None, DINKES, BPBD))
SOME = st.lists(PERSON, max_size=3).map(tuple)


def overrides(days: st.SearchStrategy[date]) -> st.SearchStrategy[list[Override]]:
    """Any overrides of these days."""
    until, shift = st.none() | days, st.none() | SHIFT
    leaves = st.builds(
        Leave, kind=st.just("leave"), date=days, until=until, person=PERSON, shift=shift
    )
    extras = st.builds(
        Extra, kind=st.just("extra"), date=days, until=until, person=PERSON, shift=SHIFT
    )
    shut = st.builds(
        Closed, kind=st.just("closed"), date=days, until=until, shift=shift, agency=AGENCY
    )
    one_day = st.builds(
        Swap,
        kind=st.just("swap"),
        date=days,
        until=until,
        person=PERSON,
        partner=PERSON,
        shift=shift,
        partner_shift=shift,
    )
    two_days = st.builds(
        Swap,
        kind=st.just("swap"),
        date=days,
        partner_date=days,
        person=PERSON,
        partner=PERSON,
        shift=shift,
        partner_shift=shift,
    )
    swaps = (one_day | two_days).filter(lambda one: one.person != one.partner)
    return st.lists(leaves | extras | shut | swaps, max_size=5)


@st.composite
def plans(draw: st.DrawFn) -> tuple[RosterPlan, date]:
    """Any roster, and a day on which something may happen."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    day = draw(st.sampled_from(ZONES[zone]))
    days = st.dates(day - 2 * DAY, day + 2 * DAY)
    range_ = {"since": st.none() | days, "until": st.none() | days}
    rotation = st.builds(
        Rotation,
        anchor=days,
        cycle=st.lists(st.sampled_from((*IDS, DAY_OFF)), min_size=1, max_size=6).map(tuple),
        teams=st.dictionaries(st.sampled_from((MERAH, PUTIH)), st.integers(1, 6)),
        **range_,
    )
    weekdays = st.lists(st.sampled_from(Weekday), max_size=7).map(tuple)
    rows = st.lists(
        st.builds(WeeklyRow, days=weekdays, shift=SHIFT, people=SOME, **range_), max_size=3
    )
    holidays = st.builds(
        Holidays,
        calendar=st.sampled_from((None, "ID")),
        add=st.lists(st.builds(Holiday, date=days, name=st.just("libur")), max_size=2).map(tuple),
        remove=st.lists(days, max_size=2).map(tuple),
        like=st.none() | st.sampled_from(Weekday),
        rows=st.lists(
            st.builds(HolidayRow, shift=SHIFT, people=SOME, agency=AGENCY), max_size=2
        ).map(tuple),
    )
    teams: dict[TeamId, tuple[PersonId, ...]] = {MERAH: draw(SOME), PUTIH: draw(SOME)}
    plan = RosterPlan(
        timezone=zone,
        shifts={name: Shift(start=draw(TIMES), end=draw(TIMES)) for name in IDS},
        teams=teams,
        rotations=draw(st.dictionaries(st.just(RotationId("jaga")), rotation)),
        weekly=tuple(draw(rows)),
        holidays=draw(holidays),
        overrides=tuple(draw(overrides(days))),
    )
    return plan, day


def instants(plan: RosterPlan, day: date) -> list[datetime]:
    """Every boundary of the shifts of these days, and a second before it."""
    zone = ZoneInfo(plan.timezone)
    found: set[datetime] = set()
    for shift in plan.shifts.values():
        for each in (day - DAY, day, day + DAY):
            for edge in (shift.start, shift.end):
                for fold in (0, 1):
                    instant = datetime.combine(each, edge, zone).replace(fold=fold)
                    found |= {instant.astimezone(UTC), instant.astimezone(UTC) - SECOND}
    found |= {when + step for when, _ in changes(plan.timezone, day) for step in (-SECOND, 0 * DAY)}
    return sorted(found)


@settings(deadline=None)
@given(plans())
def test_at_every_instant_exactly_the_configured_shifts_match(
    drawn: tuple[RosterPlan, date],
) -> None:
    """At each boundary, a second before it, and where the clock is put forward or back."""
    plan, day = drawn
    roster = compiled(plan)
    crews = {day + n * DAY: crew(plan, day + n * DAY) for n in range(-4, 4)}
    for at in instants(plan, day):
        expected = {
            person
            for date_, people in crews.items()
            for shift, person in people
            if is_on(plan.shifts[shift], date_, at, plan.timezone)
        }
        found = roster.on_duty(at)
        assert {duty.person for duty in found} == expected, at
        assert len(found) == len(expected)
        assert all(duty.start <= at < duty.end for duty in found)


@settings(deadline=None)
@given(plans(), st.integers(0, 7), st.integers(0, 7))
def test_expanding_in_parts_is_expanding_at_once(
    drawn: tuple[RosterPlan, date], first: int, second: int
) -> None:
    """duties(a, c) = duties(a, b) + duties(b, c)."""
    plan, day = drawn
    roster, a = compiled(plan), day - 3 * DAY
    b, c = a + first * DAY, a + (first + second) * DAY
    assert list(roster.duties(a, c)) == [*roster.duties(a, b), *roster.duties(b, c)]


YEARS = st.sampled_from((-365, -30, 0, 0, 0, 30, 365, 3650))


@settings(deadline=None)
@given(plans(), st.lists(st.tuples(YEARS, st.integers(-200_000, 200_000)), max_size=8))
def test_the_answer_does_not_depend_on_what_was_asked_before(
    drawn: tuple[RosterPlan, date], jumps: list[tuple[int, int]]
) -> None:
    """A clock that jumps back a year or forward ten gets the same as one that was just started."""
    plan, day = drawn
    used = compiled(plan)
    begin = datetime.combine(day, time(), UTC)

    def all_of(roster: Roster, at: datetime) -> tuple[object, ...]:
        ask: tuple[Callable[[datetime], object], ...] = (
            roster.on_duty,
            roster.previous_shift,
            roster.next_change,
        )
        return tuple(each(at) for each in ask)

    for days, seconds in jumps:
        at = begin + timedelta(days=days, seconds=seconds)
        assert all_of(used, at) == all_of(compiled(plan), at)
