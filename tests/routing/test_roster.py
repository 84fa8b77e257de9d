"""Roster: at each instant exactly those are on duty whom the rules put there, to the second."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.operator import PersonId
from routing.override import Extra, Leave, Override
from routing.roster import Roster, RosterError, RosterPlan
from routing.rotation import Weekday, WeeklyRow
from routing.shift import Duty, Shift, ShiftId

PAGI, SIANG, MALAM = ShiftId("pagi"), ShiftId("siang"), ShiftId("malam")
SHIFTS = {
    PAGI: Shift(start=time(7), end=time(15)),
    SIANG: Shift(start=time(15), end=time(23)),
    MALAM: Shift(start=time(23), end=time(7)),
}
SARI, BUDI, DEWI, AGUS = (PersonId(name) for name in ("sari", "budi", "dewi", "agus"))
EVERY_DAY = tuple(Weekday)
WEEKLY = (
    WeeklyRow(days=EVERY_DAY, shift=PAGI, people=(SARI,)),
    WeeklyRow(days=EVERY_DAY, shift=SIANG, people=(BUDI,)),
    WeeklyRow(days=EVERY_DAY, shift=MALAM, people=(DEWI,)),
)
TUESDAY = date(2026, 11, 24)
DST_DAYS = {
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 3, 22)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Sao_Paulo": (date(2018, 2, 17), date(2018, 11, 4)),
    "America/St_Johns": (date(2006, 4, 2), date(2006, 10, 29)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Jakarta": (TUESDAY,),
}


def roster(
    *overrides: Override,
    weekly: tuple[WeeklyRow, ...] = WEEKLY,
    timezone: str = "Asia/Jakarta",
    shifts: dict[ShiftId, Shift] = SHIFTS,
) -> Roster:
    """Three shifts in Metro, one person each, and these overrides."""
    plan = RosterPlan(timezone=timezone, shifts=shifts, weekly=weekly, overrides=overrides)
    return Roster(plan)


def leave(person: PersonId, shift: ShiftId | None = None, day: date = TUESDAY) -> Leave:
    """Off duty on that day."""
    return Leave(date=day, kind="leave", person=person, shift=shift)


def extra(person: PersonId, shift: ShiftId, day: date = TUESDAY, note: str = "") -> Extra:
    """On duty on that day."""
    return Extra(date=day, kind="extra", person=person, shift=shift, note=note)


def at(text: str, day: date = TUESDAY) -> datetime:
    """A time of that day on Metro's clock."""
    return datetime.combine(day, time.fromisoformat(text), ZoneInfo("Asia/Jakarta"))


def names(duties: Iterable[Duty]) -> list[str]:
    """Who, in order."""
    return [duty.person for duty in duties]


@pytest.mark.parametrize(
    ("clock", "person"),
    [
        ("00:00:00", DEWI),
        ("06:59:59.999999", DEWI),
        ("07:00:00", SARI),
        ("14:59:59.999999", SARI),
        ("15:00:00", BUDI),
        ("22:59:59.999999", BUDI),
        ("23:00:00", DEWI),
    ],
)
def test_a_shift_changes_at_its_very_second(clock: str, person: PersonId) -> None:
    """At the end of one shift its people are off, and those of the next are on."""
    assert names(roster().on_duty(at(clock))) == [person]


def test_a_duty_tells_its_turn_and_its_rule() -> None:
    """The night shift of Tuesday ends on Wednesday, by Metro's clock and the third weekly row."""
    (duty,) = roster().on_duty(at("23:30"))
    assert (duty.person, duty.shift) == (DEWI, MALAM)
    assert duty.start.isoformat() == "2026-11-24T23:00:00+07:00"
    assert duty.end.isoformat() == "2026-11-25T07:00:00+07:00"
    assert str(duty.because) == "works malam by the weekly roster (roster.weekly.2)"


def test_the_plan_can_be_asked_for() -> None:
    """The compiled roster knows its settings."""
    assert roster().plan.weekly == WEEKLY


def test_weekly_rows_are_for_the_day_on_which_the_shift_starts() -> None:
    """Sunday's night shift still works on Monday morning."""
    sunday = date(2026, 11, 29)
    rows = (WeeklyRow(days=(Weekday.SUN,), shift=MALAM, people=(DEWI,)),)
    weekly = roster(weekly=rows)
    assert names(weekly.on_duty(at("23:00", sunday))) == [DEWI]
    assert names(weekly.on_duty(at("06:59", sunday + timedelta(days=1)))) == [DEWI]
    assert weekly.on_duty(at("06:59", sunday)) == ()
    assert weekly.next_change(at("12:00", sunday)) == at("23:00", sunday)
    assert weekly.next_change(at("12:00", TUESDAY)) == at("23:00", sunday)


def test_people_come_in_the_order_of_the_settings_extras_last() -> None:
    """Linear hunting follows the rows and the people in them, however the shifts are called."""
    rows = (
        WeeklyRow(days=EVERY_DAY, shift=MALAM, people=(DEWI, AGUS)),
        WeeklyRow(days=EVERY_DAY, shift=PAGI, people=(BUDI,)),
        WeeklyRow(days=EVERY_DAY, shift=MALAM, people=(AGUS, SARI)),
    )
    duties = roster(extra(BUDI, MALAM, note="fire season"), weekly=rows).on_duty(at("23:30"))
    assert names(duties) == [DEWI, AGUS, SARI, BUDI]
    assert duties[1].because.path == ("roster", "weekly", 0)
    assert str(duties[3].because) == "works malam as an extra: fire season (roster.overrides.0)"


def test_the_order_of_the_settings_holds_across_midnight() -> None:
    """Who began yesterday does not come before those written first."""
    shifts = {PAGI: SHIFTS[PAGI], MALAM: Shift(start=time(20), end=time(12))}
    assert names(roster(weekly=(WEEKLY[0], WEEKLY[2]), shifts=shifts).on_duty(at("09:00"))) == [
        SARI,
        DEWI,
    ]


def test_a_shift_that_ends_as_it_starts_lasts_a_day() -> None:
    """07:00 to 07:00 is a day and a night, not nothing."""
    round_the_clock = roster(weekly=(WEEKLY[0],), shifts={PAGI: Shift(start=time(7), end=time(7))})
    (duty,) = round_the_clock.on_duty(at("06:59"))
    assert (duty.start, duty.end) == (at("07:00", TUESDAY - timedelta(days=1)), at("07:00"))


def test_overlapping_shifts_name_a_person_once() -> None:
    """Somebody on two shifts at once has one phone; the rule written first is told."""
    shifts = {**SHIFTS, ShiftId("kantor"): Shift(start=time(8), end=time(16))}
    rows = (*WEEKLY, WeeklyRow(days=EVERY_DAY, shift=ShiftId("kantor"), people=(SARI, AGUS)))
    overlapping = roster(weekly=rows, shifts=shifts)
    assert names(overlapping.on_duty(at("09:00"))) == [SARI, AGUS]
    assert [d.shift for d in overlapping.on_duty(at("09:00"))] == [PAGI, "kantor"]
    assert names(overlapping.on_duty(at("15:30"))) == [BUDI, SARI, AGUS]


def test_leave_of_one_shift_takes_off_that_shift() -> None:
    """Only that shift of that date; who is not on it already stays as they are."""
    rows = (*WEEKLY, WeeklyRow(days=EVERY_DAY, shift=SIANG, people=(SARI,)))
    absent = roster(leave(SARI, PAGI), leave(AGUS, PAGI), weekly=rows)
    assert absent.on_duty(at("09:00")) == ()
    assert names(absent.on_duty(at("16:00"))) == [BUDI, SARI]
    assert names(absent.on_duty(at("09:00", TUESDAY + timedelta(days=1)))) == [SARI]


def test_leave_of_a_date_takes_off_all_shifts_that_start_on_it() -> None:
    """The night that began the day before is still worked to its end."""
    absent = roster(leave(DEWI))
    assert names(absent.on_duty(at("06:59"))) == [DEWI]
    assert absent.on_duty(at("23:00")) == ()
    assert absent.on_duty(at("06:59", TUESDAY + timedelta(days=1))) == ()
    assert names(absent.on_duty(at("23:00", TUESDAY + timedelta(days=1)))) == [DEWI]


@pytest.mark.parametrize("swap", [(0, 1), (1, 0)])
def test_a_leave_of_the_date_and_an_extra_make_a_swap(swap: tuple[int, int]) -> None:
    """In whichever order they are written, the extra stands."""
    both = (leave(SARI), extra(SARI, MALAM))
    swapped = roster(*(both[index] for index in swap))
    assert swapped.on_duty(at("09:00")) == ()
    assert names(swapped.on_duty(at("23:30"))) == [DEWI, SARI]


def test_of_leave_and_extra_for_one_shift_the_later_stands() -> None:
    """Who was called in and then fell ill is off; who withdrew the leave is on."""
    assert names(roster(extra(AGUS, PAGI), leave(AGUS, PAGI)).on_duty(at("09:00"))) == [SARI]
    assert names(roster(leave(SARI, PAGI), extra(SARI, PAGI)).on_duty(at("09:00"))) == [SARI]


def test_the_previous_shift_are_those_who_went_last() -> None:
    """They may still be at their phones; who stayed on is not among them."""
    assert names(roster().previous_shift(at("07:00"))) == [DEWI]
    assert names(roster().previous_shift(at("14:59"))) == [DEWI]
    assert names(roster().previous_shift(at("15:00"))) == [SARI]
    stays = roster(extra(SARI, SIANG), extra(AGUS, PAGI))
    assert names(stays.previous_shift(at("15:00"))) == [AGUS]
    assert names(roster(extra(SARI, SIANG)).previous_shift(at("15:00"))) == []


def test_nobody_is_looked_for_a_day_after_their_turn() -> None:
    """An empty roster does not ring the people of last week."""
    once = roster(extra(AGUS, PAGI), weekly=())
    assert names(once.previous_shift(at("15:00", TUESDAY + timedelta(days=1)))) == [AGUS]
    assert once.previous_shift(at("15:00:01", TUESDAY + timedelta(days=1))) == ()
    assert once.previous_shift(at("09:00", TUESDAY + timedelta(days=30))) == ()
    night = roster(extra(AGUS, MALAM), weekly=())
    assert names(night.previous_shift(at("06:59", TUESDAY + timedelta(days=2)))) == [AGUS]


def test_the_next_change_may_be_far_away_or_never_come() -> None:
    """It is found over weeks of leave and years without turns; after the last one there is none."""
    new_year = date(2031, 1, 1)
    once = roster(extra(AGUS, PAGI, new_year), leave(AGUS, PAGI, date(2028, 1, 1)), weekly=())
    assert once.next_change(at("09:00")) == at("07:00", new_year)
    assert once.next_change(at("07:00", new_year)) == at("15:00", new_year)
    assert once.next_change(at("15:00", new_year)) is None
    rows = (WeeklyRow(days=(Weekday.TUE,), shift=PAGI, people=(SARI,)),)
    weeks = [TUESDAY + timedelta(weeks=week) for week in range(6)]
    absent = roster(*(leave(SARI, None, week) for week in weeks), weekly=rows)
    assert absent.next_change(at("09:00")) == at("07:00", TUESDAY + timedelta(weeks=6))


def test_the_end_of_the_calendar_is_no_error() -> None:
    """A typing slip in a year hurts nobody."""
    slip = roster(extra(AGUS, MALAM, date.max), extra(AGUS, MALAM, date.min), weekly=())
    assert slip.next_change(at("09:00")) is None


def test_duties_are_told_day_by_day() -> None:
    """Of the dates `[start, end)`, in the order in which they begin."""
    days = list(roster(extra(AGUS, PAGI)).duties(TUESDAY, TUESDAY + timedelta(days=2)))
    assert names(days) == [SARI, AGUS, BUDI, DEWI, SARI, BUDI, DEWI]
    assert list(roster().duties(TUESDAY, TUESDAY)) == []


def test_a_naive_instant_is_refused() -> None:
    """A wall time without a zone is no instant: it would be read differently on each machine."""
    with pytest.raises(TypeError, match="offset-naive"):
        roster().on_duty(datetime(2026, 11, 24))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize("timezone", ["Asia/Metro", "../etc/passwd", "Asia", ""])
def test_an_unknown_zone_is_refused(timezone: str) -> None:
    """Whatever zoneinfo makes of a bad name, the administrator reads one kind of error."""
    with pytest.raises(RosterError, match="is no time zone known here") as caught:
        roster(timezone=timezone)
    assert caught.value.path == ("roster", "timezone")


@pytest.mark.parametrize("wrong", [time(7, tzinfo=UTC), time(15, tzinfo=UTC)])
def test_a_shift_with_an_offset_is_refused(wrong: time) -> None:
    """Shift times are what the site's clock shows."""
    shift = Shift(start=wrong, end=time(15)) if wrong.hour == 7 else Shift(start=time(7), end=wrong)
    with pytest.raises(RosterError, match="without an offset") as caught:
        roster(shifts={**SHIFTS, PAGI: shift})
    assert caught.value.path == ("roster", "shifts", "pagi")


def test_an_unknown_shift_is_refused() -> None:
    """In a weekly row, in an override, and where an extra names none."""
    dawn = ShiftId("subuh")
    row = WeeklyRow(days=EVERY_DAY, shift=dawn, people=(SARI,))
    with pytest.raises(RosterError, match="unknown shift 'subuh'; there are pagi, siang") as caught:
        roster(weekly=(*WEEKLY, row))
    assert caught.value.path == ("roster", "weekly", 3, "shift")
    with pytest.raises(RosterError, match="there are none"):
        roster(weekly=(row,), shifts={})
    with pytest.raises(RosterError, match="unknown shift") as caught:
        roster(leave(SARI), leave(SARI, dawn))
    assert caught.value.path == ("roster", "overrides", 1, "shift")


def test_a_shift_that_the_clock_skips_is_not_worked() -> None:
    """Samoa had no 30 December 2011; the shift before it and the one after still meet."""
    apia = roster(timezone="Pacific/Apia")
    duties = list(apia.duties(date(2011, 12, 29), date(2012, 1, 1)))
    assert names(duties) == [SARI, BUDI, DEWI, DEWI, SARI, BUDI, DEWI]
    assert all(one.end == two.start for one, two in pairwise(duties))


@pytest.mark.parametrize(
    ("day", "start", "hours"), [("2026-03-28", "+01:00", 7), ("2026-10-24", "+02:00", 9)]
)
def test_a_night_with_a_change_of_clocks_is_shorter_or_longer(
    day: str, start: str, hours: int
) -> None:
    """Who works that night works an hour less or more, from and to what the clock shows."""
    night = roster(timezone="Europe/Berlin").duties(
        date.fromisoformat(day), date.fromisoformat(day) + timedelta(days=1)
    )
    (duty,) = (duty for duty in night if duty.shift == MALAM)
    assert duty.start.isoformat() == f"{day}T23:00:00{start}"
    assert duty.end - duty.start == timedelta(hours=hours)


TIMES = st.times().map(lambda moment: moment.replace(microsecond=0))
BOUNDARIES = st.lists(TIMES, min_size=3, max_size=3, unique=True).map(sorted)
PLACE = st.sampled_from([(zone, day) for zone, days in DST_DAYS.items() for day in days])
OFFSET_S = st.integers(-2 * 86400, 2 * 86400)


def adjoining(bounds: list[time], zone: str) -> Roster:
    """Three shifts that share their boundaries, one person each."""
    starts = dict(zip(SHIFTS, zip(bounds, (*bounds[1:], bounds[0]), strict=True), strict=True))
    shifts = {shift: Shift(start=start, end=end) for shift, (start, end) in starts.items()}
    return roster(timezone=zone, shifts=shifts)


def around(day: date, offset_s: int, zone: str) -> datetime:
    """An instant near that day, as that zone shows it."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    return (midnight + timedelta(seconds=offset_s)).astimezone(ZoneInfo(zone))


@given(BOUNDARIES, PLACE, OFFSET_S)
def test_with_adjoining_shifts_exactly_one_is_on(
    bounds: list[time], place: tuple[str, date], offset_s: int
) -> None:
    """At every instant, whatever the boundaries, also when clocks change; it is its turn."""
    zone, day = place
    instant = around(day, offset_s, zone)
    (duty,) = adjoining(bounds, zone).on_duty(instant)
    assert duty.start <= instant < duty.end


@given(BOUNDARIES, PLACE)
def test_the_end_of_one_shift_is_the_start_of_the_next(
    bounds: list[time], place: tuple[str, date]
) -> None:
    """No gap, no overlap, over a week with a change of clocks."""
    zone, day = place
    three = adjoining(bounds, zone)
    duties = list(three.duties(day - timedelta(days=3), day + timedelta(days=4)))
    assert all(one.end == two.start for one, two in pairwise(duties))


@given(BOUNDARIES, PLACE, OFFSET_S)
def test_before_each_shift_there_was_another(
    bounds: list[time], place: tuple[str, date], offset_s: int
) -> None:
    """With three people in turn, the previous one left when the present one came."""
    zone, day = place
    three = adjoining(bounds, zone)
    instant = around(day, offset_s, zone)
    (now,) = three.on_duty(instant)
    before = three.previous_shift(instant)
    assert all(duty.end == now.start for duty in before)
    assert len(before) == 1 or instant - now.start > timedelta(hours=24)


PEOPLE = st.sampled_from((SARI, BUDI, DEWI, AGUS))
SHIFT = st.sampled_from(tuple(SHIFTS))
ROWS = st.lists(
    st.builds(
        WeeklyRow,
        days=st.lists(st.sampled_from(EVERY_DAY), max_size=7).map(tuple),
        shift=SHIFT,
        people=st.lists(PEOPLE, max_size=3).map(tuple),
    ),
    max_size=4,
).map(tuple)
DAYS = st.dates(TUESDAY - timedelta(days=4), TUESDAY + timedelta(days=20))
OVERRIDES = st.lists(
    st.one_of(
        st.builds(leave, PEOPLE, st.one_of(st.none(), SHIFT), DAYS),
        st.builds(extra, PEOPLE, SHIFT, DAYS),
    ),
    max_size=8,
)


@given(ROWS, OVERRIDES, OFFSET_S, st.floats(0, 1, exclude_max=True))
def test_nothing_changes_until_the_next_change(
    rows: tuple[WeeklyRow, ...], overrides: list[Override], offset_s: int, part: float
) -> None:
    """Who is on duty holds from an instant to the next change, whenever that is."""
    asked = roster(*overrides, weekly=rows)
    fresh = roster(*overrides, weekly=rows)
    instant = around(TUESDAY, offset_s, "Asia/Jakarta")
    change = asked.next_change(instant)
    later = (change or instant + timedelta(days=400)) - instant
    between = instant + timedelta(seconds=int(later.total_seconds() * part))
    assert asked.on_duty(instant) == fresh.on_duty(between)
    if change is not None:
        assert change > instant
        turns = asked.duties(change.date() - timedelta(days=2), change.date() + timedelta(days=2))
        assert any(change in (duty.start, duty.end) for duty in turns)


@given(ROWS, OVERRIDES, DAYS, SHIFT, PEOPLE)
def test_the_last_override_of_a_shift_wins(
    rows: tuple[WeeklyRow, ...],
    overrides: list[Override],
    day: date,
    shift: ShiftId,
    person: PersonId,
) -> None:
    """Whatever the other rules say, a leave is off and an extra is on, and says so."""

    def works(override: Override) -> list[Duty]:
        duties = roster(*overrides, override, weekly=rows).duties(day, day + timedelta(days=1))
        return [duty for duty in duties if (duty.person, duty.shift) == (person, shift)]

    assert works(leave(person, shift, day)) == []
    (duty,) = works(extra(person, shift, day))
    assert duty.because.path == ("roster", "overrides", len(overrides))


@given(ROWS, OVERRIDES, OFFSET_S)
def test_who_is_on_duty_has_a_turn_and_who_was_before_has_none(
    rows: tuple[WeeklyRow, ...], overrides: list[Override], offset_s: int
) -> None:
    """The answer at an instant and the list of turns agree; nobody is on duty and gone at once."""
    asked = roster(*overrides, weekly=rows)
    instant = around(TUESDAY, offset_s, "Asia/Jakarta")
    day = instant.date()
    turns = list(asked.duties(day - timedelta(days=3), day + timedelta(days=2)))
    on_duty = set(names(asked.on_duty(instant)))
    assert on_duty == {duty.person for duty in turns if duty.start <= instant < duty.end}
    assert on_duty.isdisjoint(names(asked.previous_shift(instant)))
