"""Public holidays as computed, and the roster of the shipped settings on them."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from routing.holiday import Holiday, HolidayKind
from siaga.holiday import CalendarUnknown, calendar_of
from siaga.settings import load
from tests.siaga.folder import KOTA_METRO, edited, laid_over

BOTH = tuple(HolidayKind)
NATAL = date(2026, 12, 25)
INACTIVE = re.compile(r"^( *)# ( *(?:- \{|\w+: *(?:[\[{\d#]|$)))", re.MULTILINE)
"""A line of settings behind a comment sign; sentences have no such beginning."""


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


def test_the_shipped_roster_knows_its_holidays() -> None:
    """Christmas is worked like a Sunday, and the reason says why; Metro's own day is one too."""
    roster = load(KOTA_METRO).plan().roster
    duty = next(iter(roster.duties(NATAL, NATAL + timedelta(days=1))))
    assert str(duty.because) == (
        "works pagi by the weekly roster of sun: Hari Raya Natal (roster.weekly.0)"
    )
    metro = date(2027, 6, 9)
    assert roster.holiday(metro) == Holiday(date=metro, name="Hari jadi Kota Metro")


def test_what_the_shipped_roster_only_shows_is_right_as_well(tmp_path: Path) -> None:
    """Taking the comment signs away from rotation, holiday rows and overrides makes no error."""
    folder = laid_over(tmp_path, KOTA_METRO)
    written = (folder / "roster.yaml").read_text()
    shown = INACTIVE.sub(r"\1\2", written)
    (folder / "roster.yaml").write_text(shown)
    plan = load(folder).roster
    assert {str(override.kind) for override in plan.overrides} == {
        "leave",
        "extra",
        "swap",
        "closed",
    }
    assert (len(plan.rotations), len(plan.teams), len(plan.holidays.rows)) == (1, 4, 1)


HARMLESS = """overrides:
  - {date: 2026-12-01, until: 2026-12-03, kind: leave, person: sri}
  - {date: 2026-12-03, until: 2026-12-05, kind: leave, person: sri}
  - {date: 2026-12-08, kind: extra, person: sri, shift: sehari}
holidays:
  calendar: ID
  remove: [2026-12-02]
weekly:"""


def test_what_does_not_fit_is_a_warning_and_the_rest_is_used(tmp_path: Path) -> None:
    """Overrides and holidays that change nothing never keep settings from being used."""
    settings = load(edited(tmp_path, "roster.yaml", "weekly:", HARMLESS))
    assert [(problem.line, problem.message) for problem in settings.warnings] == [
        (6, "'sri' is on leave then already, by line 5"),
        (7, "on 2026-12-08 sri works sehari anyway"),
        (8, "holidays change nothing: expected 'like' or 'rows' to say who works on them"),
        (10, "2026-12-02 is no holiday anyway"),
    ]
    assert settings.plan().roster.on_duty(datetime(2026, 12, 4, 12, tzinfo=UTC)) == ()


def test_a_leave_of_days_is_no_warning_where_it_takes_off_one(tmp_path: Path) -> None:
    """Nobody counts days off before going on leave."""
    leave = "{date: 2026-12-01, until: 2026-12-09, kind: leave, person: sri}"
    folder = edited(tmp_path, "roster.yaml", "weekly:", f"overrides:\n  - {leave}\nweekly:")
    (folder / "roster.yaml").write_text(
        (folder / "roster.yaml").read_text().replace("mon, tue, wed, thu, fri, sat, sun", "mon")
    )
    assert load(folder).warnings == ()
