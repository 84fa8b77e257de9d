"""Overrides: leave, extra, swap and closed win over everything, and act in a stated order."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.amendment import days_of
from routing.operator import PersonId
from routing.override import Closed, Override, Swap
from routing.roster import Roster, RosterError
from routing.rotation import WeeklyRow
from routing.shift import ShiftId
from tests.routing.watch import (
    AGUS,
    BPBD,
    BUDI,
    DEWI,
    EVERY_DAY,
    MALAM,
    PAGI,
    SARI,
    SHIFTS,
    SIANG,
    TUESDAY,
    at,
    calendar,
    closed,
    duties_on,
    extra,
    leave,
    on,
    swap,
    watch,
    why,
)

WEDNESDAY = TUESDAY + timedelta(days=1)
FRIDAY = TUESDAY + timedelta(days=3)
EARLY, LATE = (PAGI, SARI), (SIANG, BUDI)
NORMAL = [EARLY, (PAGI, DEWI), LATE]


def misfits(*overrides: Override) -> list[str]:
    """What is said of overrides that do not fit."""
    return [str(reason) for reason in watch(*overrides).misfits(TUESDAY)]


def test_a_leave_can_last_for_days() -> None:
    """From its date to its last day, both included."""
    away = watch(leave(SARI, until=FRIDAY))
    days = [EARLY in on(TUESDAY + timedelta(days=n), away) for n in range(-1, 5)]
    assert days == [True, False, False, False, False, True]


def test_an_extra_can_last_for_days() -> None:
    """A fire season, say; and it says so on each of them."""
    season = watch(replace(extra(AGUS, MALAM, until=WEDNESDAY), note="fire season"))
    assert (MALAM, AGUS) in on(TUESDAY, season)
    assert (MALAM, AGUS) not in on(FRIDAY, season)
    assert why(duties_on(WEDNESDAY, season), AGUS) == (
        "works malam as an extra: fire season (roster.overrides.0)"
    )


def test_a_swap_exchanges_two_people_in_one_row() -> None:
    """Each takes the other's place, also in the order of hunting, and the row is told."""
    swapped = watch(swap(SARI, BUDI, note="wedding"))
    assert on(TUESDAY, swapped) == [(PAGI, BUDI), (PAGI, DEWI), (SIANG, SARI)]
    assert on(WEDNESDAY, swapped) == NORMAL
    assert why(duties_on(TUESDAY, swapped), SARI) == (
        "works siang in exchange with budi: wedding (roster.overrides.0)"
    )


def test_a_swap_can_be_of_one_shift_of_several() -> None:
    """Who works two shifts gives away the one that is named."""
    rows = (WeeklyRow(days=EVERY_DAY, shift=MALAM, people=(SARI,)),)
    normal = watch(*(extra(SARI, PAGI), extra(BUDI, SIANG)), weekly=rows)
    assert on(TUESDAY, normal) == [EARLY, LATE, (MALAM, SARI)]
    part = watch(swap(SARI, BUDI, MALAM, SIANG), weekly=(*rows, *watch().plan.weekly))
    assert sorted(on(TUESDAY, part)) == [(MALAM, BUDI), (PAGI, DEWI), EARLY, (SIANG, SARI)]


def test_a_swap_can_be_over_two_dates() -> None:
    """Your Friday for my Tuesday: on each date one stands in for the other."""
    swapped = watch(swap(SARI, BUDI, partner_date=FRIDAY))
    assert on(TUESDAY, swapped) == [(PAGI, BUDI), (PAGI, DEWI), LATE]
    assert on(WEDNESDAY, swapped) == NORMAL
    assert on(FRIDAY, swapped) == [EARLY, (PAGI, DEWI), (SIANG, SARI)]


def test_a_swap_can_last_for_days() -> None:
    """Two people exchange a week."""
    swapped = watch(replace(swap(SARI, BUDI), until=WEDNESDAY))
    assert on(WEDNESDAY, swapped) == [(PAGI, BUDI), (PAGI, DEWI), (SIANG, SARI)]
    assert on(FRIDAY, swapped) == NORMAL


def test_two_people_on_one_shift_exchange_places() -> None:
    """Nothing else changes: neither is lost."""
    assert on(TUESDAY, watch(swap(SARI, DEWI, PAGI, PAGI))) == [(PAGI, DEWI), EARLY, LATE]


@pytest.mark.parametrize(
    ("override", "left"),
    [
        (closed(), []),
        (closed(PAGI), [LATE]),
        (closed(agency=BPBD), [EARLY, LATE]),
        (closed(SIANG, BPBD), NORMAL),
    ],
)
def test_closed_takes_off_whom_the_pattern_puts_on(
    override: Closed, left: list[tuple[ShiftId, PersonId]]
) -> None:
    """The whole post, a shift, an agency, or a shift of an agency."""
    assert on(TUESDAY, watch(override)) == left


def test_extras_work_where_it_is_closed() -> None:
    """Whichever is written first."""
    both: tuple[Override, ...] = (closed(), extra(DEWI, PAGI))
    for order in permutations(both):
        assert on(TUESDAY, watch(*order)) == [(PAGI, DEWI)]


def test_overrides_of_a_date_act_in_their_order_however_they_are_written() -> None:
    """Closed, swaps, leaves of the date, then extras: who swapped and is away all day is off."""
    away: tuple[Override, ...] = (swap(SARI, BUDI), leave(SARI), extra(SARI, MALAM))
    for order in permutations(away):
        assert on(TUESDAY, watch(*order)) == [(PAGI, BUDI), (PAGI, DEWI), (MALAM, SARI)]


def test_what_is_closed_cannot_be_swapped() -> None:
    """The shift that is still there goes over; nothing comes back."""
    both: tuple[Override, ...] = (closed(agency=BPBD), swap(BUDI, DEWI))
    for order in permutations(both):
        assert on(TUESDAY, watch(*order)) == [EARLY, (SIANG, DEWI)]


def test_of_leave_and_extra_for_one_shift_the_later_stands() -> None:
    """Who was called in and then fell ill is off; who withdrew the leave is on."""
    assert (MALAM, AGUS) not in on(TUESDAY, watch(extra(AGUS, MALAM), leave(AGUS, MALAM)))
    assert EARLY in on(TUESDAY, watch(leave(SARI, PAGI), extra(SARI, PAGI)))


def test_an_override_that_ends_before_it_begins_has_no_days() -> None:
    """The settings' rules refuse it; here it does nothing."""
    assert list(days_of(leave(SARI, until=TUESDAY - timedelta(days=1)))) == []


def test_what_does_not_fit_is_told() -> None:
    """Harmless, but hardly what was meant."""
    path = "(roster.overrides.0)"
    assert misfits(leave(AGUS)) == [f"agus does not work anyway {path}"]
    assert misfits(leave(SARI, MALAM)) == [f"sari does not work anyway {path}"]
    assert misfits(extra(SARI, PAGI)) == [f"sari works pagi anyway {path}"]
    assert misfits(closed(MALAM)) == [f"nobody would work anyway {path}"]
    assert misfits(swap(AGUS, SARI)) == [
        f"agus does not work at all, so there is nothing to take over {path}"
    ]
    assert misfits(swap(SARI, BUDI, MALAM)) == [
        f"sari does not work malam, so there is nothing to take over {path}"
    ]
    assert misfits(extra(BUDI, PAGI), swap(SARI, DEWI, PAGI, SIANG)) == [
        "dewi does not work siang, so there is nothing to take over (roster.overrides.1)",
        "dewi works pagi anyway (roster.overrides.1)",
    ]


def test_what_fits_is_not_told() -> None:
    """Nor is a date without overrides."""
    assert misfits(leave(SARI), extra(AGUS, MALAM), swap(DEWI, BUDI)) == []
    assert watch(leave(SARI)).misfits(WEDNESDAY) == ()
    assert watch(leave(SARI, until=WEDNESDAY)).overridden == (TUESDAY, WEDNESDAY)


def test_unknown_shifts_and_agencies_are_refused_with_their_path() -> None:
    """In a swap, and in what is closed."""
    with pytest.raises(RosterError, match="unknown shift 'subuh'") as caught:
        watch(swap(SARI, BUDI, PAGI, ShiftId("subuh")))
    assert caught.value.path == ("roster", "overrides", 0, "partner_shift")
    with pytest.raises(RosterError, match="who belongs to bpbd is not known here") as caught:
        Roster(watch(closed(), closed(agency=BPBD)).plan, None, calendar)
    assert caught.value.path == ("roster", "overrides", 1, "agency")


PEOPLE = st.sampled_from((SARI, BUDI, DEWI, AGUS))
ROWS = st.lists(
    st.builds(
        WeeklyRow,
        days=st.just(EVERY_DAY),
        shift=st.sampled_from(tuple(SHIFTS)),
        people=st.lists(PEOPLE, max_size=3).map(tuple),
    ),
    max_size=4,
).map(tuple)
SWAPS = st.builds(swap, PEOPLE, PEOPLE).filter(lambda one: one.person != one.partner)


@given(ROWS, SWAPS)
def test_a_swap_is_undone_by_itself(rows: tuple[WeeklyRow, ...], one: Swap) -> None:
    """Twice the same exchange leaves everybody where they were."""
    assert on(TUESDAY, watch(one, one, weekly=rows)) == on(TUESDAY, watch(weekly=rows))


@given(ROWS, st.lists(SWAPS, max_size=4))
def test_swaps_keep_the_number_of_people_on_each_shift(
    rows: tuple[WeeklyRow, ...], swaps: list[Swap]
) -> None:
    """However many there are, nobody is missing and nobody is too much."""
    before = [shift for shift, _ in on(TUESDAY, watch(weekly=rows))]
    assert [shift for shift, _ in on(TUESDAY, watch(*swaps, weekly=rows))] == before


@given(ROWS, st.lists(SWAPS, max_size=3), PEOPLE)
def test_a_leave_of_the_date_leaves_nothing_but_extras(
    rows: tuple[WeeklyRow, ...], swaps: list[Swap], person: PersonId
) -> None:
    """Whatever is exchanged: who is away works only what they are called in for."""
    away = watch(leave(person), *swaps, extra(person, MALAM), weekly=rows)
    assert [shift for shift, who in on(TUESDAY, away) if who == person] == [MALAM]
    assert person in {duty.person for duty in away.on_duty(at("23:30"))}
