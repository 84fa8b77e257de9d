"""Public holidays, as they are computed for the roster."""

from datetime import date

import pytest

from routing.holiday import HolidayKind
from siaga.holiday import CalendarUnknown, calendar_of

BOTH = tuple(HolidayKind)
NATAL = date(2026, 12, 25)


def test_indonesia_has_its_public_holidays_and_cuti_bersama() -> None:
    """In Indonesian; 2026 has 17 and 8, as its ministers decided."""
    days = {each.date: each.name for each in calendar_of("ID", BOTH)(2026)}
    assert days[NATAL] == "Hari Raya Natal"
    assert days[date(2026, 12, 24)] == "Cuti Bersama Hari Raya Natal"
    assert len(days) == 25


def test_cuti_bersama_can_be_left_out() -> None:
    """A post may count them as working days."""
    days = [each.date for each in calendar_of("ID", (HolidayKind.PUBLIC,))(2026)]
    assert len(days) == 17
    assert date(2026, 12, 24) not in days


def test_parts_of_a_country_have_their_own() -> None:
    """Epiphany is a holiday in Bavaria, and none in Berlin."""
    epiphany = date(2027, 1, 6)
    bavaria, berlin = (calendar_of(code, BOTH)(2027) for code in ("DE-BY", "DE-BE"))
    assert epiphany in {each.date for each in bavaria}
    assert epiphany not in {each.date for each in berlin}


def test_a_kind_that_a_country_has_not_is_empty() -> None:
    """Not, as the library would have it, all of its public holidays."""
    assert calendar_of("JP", ())(2027) == ()
    assert calendar_of("ID", ())(2027) == ()


@pytest.mark.parametrize("year", [1, 1900, 2300, 9999])
def test_years_far_away_are_no_fault(year: int) -> None:
    """There is nothing, or what can be computed."""
    assert all(each.date.year == year for each in calendar_of("ID", BOTH)(year))


@pytest.mark.parametrize(("code", "known"), [("XX", "ID"), ("", "ID"), ("DE-XX", "DE-BY")])
def test_an_unknown_calendar_is_refused_with_those_that_there_are(code: str, known: str) -> None:
    """The settings' rules make a suggestion of them."""
    with pytest.raises(CalendarUnknown) as raised:
        calendar_of(code, BOTH)
    assert known in raised.value.known


@pytest.mark.parametrize(("code", "meant"), [("IDN", "ID"), ("idn", "ID"), ("DEU-BY", "DE")])
def test_a_country_in_three_letters_is_not_taken_for_another(code: str, meant: str) -> None:
    """`IDN` is more like India's `IN` than it looks, and would be suggested as such."""
    with pytest.raises(CalendarUnknown) as raised:
        calendar_of(code, BOTH)
    assert raised.value.known == [meant]
