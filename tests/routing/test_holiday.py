"""Holidays: which dates they are, and that their roster wins over the patterns."""

from datetime import date, timedelta

import pytest

from routing.holiday import Holiday, HolidayBook, HolidayRow, Holidays
from routing.roster import Roster, RosterError
from routing.rotation import Weekday, WeeklyRow
from routing.shift import ShiftId
from tests.routing.watch import (
    AGUS,
    BPBD,
    BUDI,
    DEWI,
    MALAM,
    MERAH,
    NATAL,
    PAGI,
    SARI,
    SIANG,
    calendar,
    duties_on,
    extra,
    leave,
    on,
    rotation,
    watch,
    why,
)

LOCAL = Holiday(date=date(2026, 6, 9), name="Hari jadi Kota Metro")
FRIDAY = NATAL.date


def only(*rows: HolidayRow, like: Weekday | None = None) -> Holidays:
    """Christmas is a holiday, with this roster."""
    return Holidays(calendar="ID", rows=rows, like=like)


def test_holidays_are_those_of_the_calendar_and_those_added() -> None:
    """Each with its name, in whatever year is asked for."""
    book = HolidayBook(Holidays(calendar="ID", add=(LOCAL,)), calendar)
    assert book.on(FRIDAY) == NATAL
    assert book.on(date(2031, 12, 25)) == Holiday(date=date(2031, 12, 25), name=NATAL.name)
    assert book.on(LOCAL.date) == LOCAL
    assert book.on(date(2026, 12, 24)) is None


def test_a_holiday_can_be_moved_and_renamed() -> None:
    """What is removed is none, what is added goes by its own name."""
    moved = Holiday(date=date(2026, 12, 26), name="Natal (digeser)")
    book = HolidayBook(Holidays(calendar="ID", remove=(FRIDAY,), add=(moved,)), calendar)
    assert (book.on(FRIDAY), book.on(moved.date)) == (None, moved)
    renamed = Holiday(date=FRIDAY, name="Natal")
    assert HolidayBook(Holidays(add=(renamed,)), calendar).on(FRIDAY) == renamed


def test_without_a_calendar_only_what_is_added_is_a_holiday() -> None:
    """A site may keep its own list."""
    book = HolidayBook(Holidays(add=(LOCAL,)), None)
    assert (book.on(LOCAL.date), book.on(FRIDAY)) == (LOCAL, None)


def test_without_a_holiday_roster_a_holiday_is_a_day_like_others() -> None:
    """Its name can be asked for all the same."""
    plain = watch(holidays=only())
    assert on(FRIDAY, plain) == [(PAGI, SARI), (PAGI, DEWI), (SIANG, BUDI)]
    assert plain.holiday(FRIDAY) == NATAL
    assert plain.holiday(FRIDAY + timedelta(days=1)) is None


def test_a_row_replaces_all_who_work_that_shift_by_the_pattern() -> None:
    """Other shifts go on; the rule is told with the holiday's name."""
    reduced = watch(holidays=only(HolidayRow(shift=PAGI, people=(AGUS,))))
    assert on(FRIDAY, reduced) == [(PAGI, AGUS), (SIANG, BUDI)]
    assert on(FRIDAY - timedelta(days=1), reduced) == [(PAGI, SARI), (PAGI, DEWI), (SIANG, BUDI)]
    assert why(duties_on(FRIDAY, reduced), AGUS) == (
        "works pagi by the holiday roster: Hari Raya Natal (roster.holidays.rows.0)"
    )


def test_a_row_of_an_agency_replaces_the_people_of_that_agency() -> None:
    """Those of others work as always, before those of the row."""
    reduced = watch(holidays=only(HolidayRow(shift=PAGI, people=(AGUS,), agency=BPBD)))
    assert on(FRIDAY, reduced) == [(PAGI, SARI), (PAGI, AGUS), (SIANG, BUDI)]


def test_a_row_without_people_closes_its_shift() -> None:
    """A traffic post may have no night on holidays."""
    assert on(FRIDAY, watch(holidays=only(HolidayRow(shift=PAGI, people=())))) == [(SIANG, BUDI)]


def test_rows_of_one_shift_add_up() -> None:
    """One for an agency does not take off those of one for all."""
    both = only(
        HolidayRow(shift=PAGI, people=(BUDI,)), HolidayRow(shift=PAGI, people=(AGUS,), agency=BPBD)
    )
    assert on(FRIDAY, watch(holidays=both)) == [(PAGI, BUDI), (PAGI, AGUS), (SIANG, BUDI)]


def test_a_holiday_like_a_sunday_has_the_weekly_rows_of_sunday() -> None:
    """Rotations have no weekdays, and go on."""
    rows = (
        WeeklyRow(days=(Weekday.FRI,), shift=PAGI, people=(SARI,)),
        WeeklyRow(days=(Weekday.SUN,), shift=SIANG, people=(BUDI,)),
        WeeklyRow(days=(Weekday.SUN,), shift=SIANG, people=(AGUS,), until=date(2020, 1, 1)),
        WeeklyRow(days=(Weekday.SUN,), shift=MALAM, people=()),
    )
    sunday = watch(
        weekly=rows,
        holidays=only(like=Weekday.SUN),
        teams={MERAH: (DEWI,)},
        rotations=rotation({MERAH: 1}, cycle=(MALAM,)),
    )
    assert on(FRIDAY, sunday) == [(SIANG, BUDI), (MALAM, DEWI)]
    assert why(duties_on(FRIDAY, sunday), BUDI) == (
        "works siang by the weekly roster of sun: Hari Raya Natal (roster.weekly.1)"
    )
    assert on(FRIDAY + timedelta(days=7), sunday) == [(PAGI, SARI), (MALAM, DEWI)]


def test_overrides_win_over_the_holiday_roster() -> None:
    """Who is on leave is off, who is called in is on."""
    holidays = only(HolidayRow(shift=PAGI, people=(AGUS,)))
    busy = watch(leave(AGUS, day=FRIDAY), extra(SARI, MALAM, FRIDAY), holidays=holidays)
    assert on(FRIDAY, busy) == [(SIANG, BUDI), (MALAM, SARI)]


def test_a_roster_of_holidays_alone_finds_the_next_one() -> None:
    """Nobody works until Christmas; then that is the next change."""
    watch_ = watch(weekly=(), holidays=only(HolidayRow(shift=PAGI, people=(AGUS,))))
    begin = next(iter(duties_on(FRIDAY, watch_))).start
    assert watch_.next_change(begin - timedelta(days=300)) == begin


def test_a_roster_for_another_thread_knows_the_same() -> None:
    """Calendar and agencies as well; asking one of the two changes nothing of the other."""
    one = watch(holidays=only(HolidayRow(shift=PAGI, people=(AGUS,), agency=BPBD)))
    other = one.apart()
    assert on(FRIDAY, other) == on(FRIDAY, one) == [(PAGI, SARI), (PAGI, AGUS), (SIANG, BUDI)]
    assert other is not one


def test_what_is_not_at_hand_is_refused_with_its_path() -> None:
    """A calendar or agencies that a rule asks for are never left out in silence."""
    plan = watch(holidays=only()).plan
    with pytest.raises(RosterError, match="the holidays of ID are not at hand") as caught:
        Roster(plan, {})
    assert caught.value.path == ("roster", "holidays", "calendar")
    row = HolidayRow(shift=PAGI, people=(AGUS,), agency=BPBD)
    plan = watch(holidays=only(HolidayRow(shift=PAGI, people=()), row)).plan
    with pytest.raises(RosterError, match="who belongs to bpbd is not known here") as caught:
        Roster(plan, None, calendar)
    assert caught.value.path == ("roster", "holidays", "rows", 1, "agency")
    with pytest.raises(RosterError, match="unknown shift 'subuh'") as caught:
        watch(holidays=only(HolidayRow(shift=ShiftId("subuh"), people=())))
    assert caught.value.path == ("roster", "holidays", "rows", 0, "shift")
