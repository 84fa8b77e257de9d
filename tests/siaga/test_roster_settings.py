"""The roster's settings: what is shipped and what the page shows is right; what is odd is told."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from routing.holiday import Holiday
from siaga.settings import load
from tests.siaga.folder import KOTA_METRO, edited, laid_over

PAGE = Path(__file__).parents[2] / "docs" / "roster.md"
NATAL = date(2026, 12, 25)
INACTIVE = re.compile(r"^( *)# ( *(?:- \{|\w+: *(?:[\[{\d#]|$)))", re.MULTILINE)
"""A line of settings behind a comment sign; sentences have no such beginning."""


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


def test_what_the_page_shows_is_right(tmp_path: Path) -> None:
    """All examples of docs/roster.md, in one file with the shipped shifts, make no error."""
    folder = laid_over(tmp_path, KOTA_METRO)
    shipped = (folder / "roster.yaml").read_text()
    examples = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    start = shipped[: shipped.index("weekly:")]
    (folder / "roster.yaml").write_text(start + "".join(examples))
    plan = load(folder).roster
    assert len(examples) == 4
    assert (len(plan.weekly), len(plan.rotations), len(plan.overrides)) == (1, 1, 7)
