"""Rotations: teams that work through a cycle of days, each at its own day of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roster import Roster, RosterError, RosterPlan
from routing.rotation import Rotation, RotationId, WeeklyRow
from routing.shift import DAY_OFF, ShiftId
from tests.routing.watch import (
    AGUS,
    BUDI,
    CYCLE,
    DEWI,
    EVERY_DAY,
    MALAM,
    MERAH,
    PAGI,
    PUTIH,
    SARI,
    SHIFTS,
    SIANG,
    TUESDAY,
    at,
    duties_on,
    on,
    rotation,
    watch,
    why,
)

TEAMS = {MERAH: (SARI, BUDI), PUTIH: (DEWI,)}


def test_a_team_works_through_the_cycle_from_its_day_on_the_anchor() -> None:
    """Red is on day 1 on the anchor date, white on day 4; a day off is a day without a turn."""
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation({MERAH: 1, PUTIH: 4}))
    days = [on(TUESDAY + timedelta(days=number), jaga) for number in range(5)]
    assert days == [
        [(PAGI, SARI), (PAGI, BUDI), (MALAM, DEWI)],
        [(PAGI, SARI), (PAGI, BUDI)],
        [(PAGI, DEWI), (SIANG, SARI), (SIANG, BUDI)],
        [(PAGI, DEWI), (MALAM, SARI), (MALAM, BUDI)],
        [(SIANG, DEWI)],
    ]


def test_a_cycle_goes_on_before_its_anchor() -> None:
    """The day before day 1 is the last of the cycle, and the one before that the last but one."""
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation({PUTIH: 1}))
    assert on(TUESDAY - timedelta(days=1), jaga) == []
    assert on(TUESDAY - timedelta(days=2), jaga) == [(MALAM, DEWI)]


def test_the_rule_is_told_with_the_day_of_the_cycle() -> None:
    """A supervisor can count after it."""
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation({PUTIH: 4}))
    assert why(jaga.on_duty(at("23:30")), DEWI) == (
        "works malam by rotation jaga, team putih, day 4 of 5 (roster.rotations.jaga.teams.putih)"
    )


def test_rotations_and_weekly_rows_hold_side_by_side() -> None:
    """Each agency can have its own; rotations come first in the order of hunting."""
    weekly = (WeeklyRow(days=EVERY_DAY, shift=PAGI, people=(AGUS, SARI)),)
    two = {
        **rotation({MERAH: 1}),
        RotationId("malam"): Rotation(anchor=TUESDAY, cycle=(MALAM, DAY_OFF), teams={PUTIH: 1}),
    }
    jaga = watch(weekly=weekly, teams=TEAMS, rotations=two)
    assert on(TUESDAY, jaga) == [(PAGI, SARI), (PAGI, BUDI), (PAGI, AGUS), (MALAM, DEWI)]
    assert "rotation jaga" in why(duties_on(TUESDAY, jaga), SARI)


@pytest.mark.parametrize(("days", "works"), [(-1, False), (0, True), (2, True), (3, False)])
def test_rules_hold_from_their_first_date_to_their_last(days: int, works: bool) -> None:  # noqa: FBT001 - a row of a table
    """Both dates belong to the rule: a new pattern can follow an old one without a gap."""
    since, until = TUESDAY, TUESDAY + timedelta(days=2)
    cycle = rotation({MERAH: 1}, cycle=(PAGI,), since=since, until=until)
    row = WeeklyRow(days=EVERY_DAY, shift=SIANG, people=(AGUS,), since=since, until=until)
    jaga = watch(weekly=(row,), teams=TEAMS, rotations=cycle)
    assert bool(on(TUESDAY + timedelta(days=days), jaga)) is works


def test_the_next_change_is_found_however_long_the_cycle() -> None:
    """A team that works one night in two years is announced two years before."""
    cycle = (*([DAY_OFF] * 729), MALAM)
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation({PUTIH: 1}, cycle=cycle))
    assert jaga.next_change(at("12:00")) == at("23:00", TUESDAY + timedelta(days=729))


def test_a_rotation_that_begins_in_years_is_the_next_change() -> None:
    """Nothing happens until then."""
    begin = date(2033, 1, 1)
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation({MERAH: 1}, (PAGI,), since=begin))
    assert jaga.next_change(at("12:00")) == at("07:00", begin)


def test_what_cannot_be_compiled_is_refused_with_its_path() -> None:
    """An unknown team, an unknown shift in a cycle, and a cycle without days."""
    with pytest.raises(RosterError, match="unknown team 'putih'; there are merah") as caught:
        watch(teams={MERAH: (SARI,)}, rotations=rotation({PUTIH: 1}))
    assert caught.value.path == ("roster", "rotations", "jaga", "teams", "putih")
    with pytest.raises(RosterError, match="unknown shift 'subuh'") as caught:
        watch(teams=TEAMS, rotations=rotation({PUTIH: 1}, (DAY_OFF, ShiftId("subuh"))))
    assert caught.value.path == ("roster", "rotations", "jaga", "cycle", 1)
    with pytest.raises(RosterError, match="rotation jaga has no days") as caught:
        watch(teams=TEAMS, rotations=rotation({PUTIH: 1}, ()))
    assert caught.value.path == ("roster", "rotations", "jaga", "cycle")


def test_a_roster_of_rotations_needs_no_agencies() -> None:
    """Who belongs to which agency is asked for only by rules that name one."""
    plan = RosterPlan(
        timezone="Asia/Jakarta", shifts=SHIFTS, teams=TEAMS, rotations=rotation({MERAH: 1})
    )
    assert on(TUESDAY, Roster(plan)) == [(PAGI, SARI), (PAGI, BUDI)]


@given(
    cycle=st.lists(st.sampled_from((*SHIFTS, DAY_OFF)), min_size=1, max_size=12).map(tuple),
    starts=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    day=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    times=st.integers(1, 20),
)
def test_a_rotation_repeats_with_its_period(
    cycle: tuple[ShiftId, ...], starts: tuple[int, int], day: date, times: int
) -> None:
    """Everybody works the same shift so many cycles later, and each team every day of the cycle."""
    teams = dict(zip(TEAMS, (1 + start % len(cycle) for start in starts), strict=True))
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation(teams, cycle))
    assert on(day, jaga) == on(day + timedelta(days=times * len(cycle)), jaga)
    end = day + timedelta(days=len(cycle))
    worked = sorted(duty.shift for duty in jaga.duties(day, end) if duty.person == DEWI)
    assert worked == sorted(shift for shift in cycle if shift != DAY_OFF)


@given(day=st.dates(date(2020, 1, 1), date(2035, 1, 1)), start=st.integers(1, len(CYCLE)))
def test_a_day_later_a_team_is_a_day_further(day: date, start: int) -> None:
    """What one team has today, a team that is a day behind has tomorrow."""
    behind = (start - 2) % len(CYCLE) + 1
    jaga = watch(weekly=(), teams=TEAMS, rotations=rotation({MERAH: start, PUTIH: behind}))
    today = {shift for shift, person in on(day, jaga) if person == SARI}
    tomorrow = {shift for shift, person in on(day + timedelta(days=1), jaga) if person == DEWI}
    assert today == tomorrow
