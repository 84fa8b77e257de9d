"""The look ahead: what it finds in the roster, where, and what it rightly leaves alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from routing.operator import Agency, AgencyId, PersonId
from siaga.roster.coverage import shortages
from siaga.roster.inspection import Finding, Kind, Level, folded, inspect
from siaga.roster.staffing import Staffing
from tests.siaga.roster.centre import OVERRIDES, ROSTER, centre, settings_of

MONDAY = datetime(2026, 12, 21, tzinfo=UTC)
"""Seven in the morning at Kota Metro: pagi begins."""
FAIR = """\
timezone: Asia/Jakarta
shifts:
  sehari: {start: 07:00, end: 07:00}
weekly:
  - {days: [mon, wed, fri], shift: sehari, people: [sri, agus]}
  - {days: [tue, thu], shift: sehari, people: [bayu, hendra]}
  - {days: [sat, sun], shift: sehari, people: [ratna, yudi]}
staffing: {rest_h: 0}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of the small centre; only read."""
    return centre(tmp_path_factory.mktemp("centre"))


def found(folder: Path, roster: str, kind: Kind, weeks: int = 1) -> tuple[Finding, ...]:
    """What of this kind is found in the weeks from Monday."""
    findings = inspect(settings_of(folder, roster), MONDAY, weeks)
    return tuple(finding for finding in findings if finding.kind is kind)


def test_a_sound_roster_has_no_findings(folder: Path) -> None:
    """Rest is enough, the load is even within a turn, nobody is missing or idle."""
    assert inspect(settings_of(folder, FAIR), MONDAY, 1) == ()


def test_a_gap_is_an_error_with_agency_and_times(folder: Path) -> None:
    """From the end of one turn to the start of the next, by the site's clock."""
    roster = ROSTER.replace("siang, people: [bayu, hendra]", "siang, people: [hendra]")
    first, *more = found(folder, roster, Kind.NOBODY)
    assert first.level is Level.ERROR
    assert first.message == (
        "nobody of 'dinkes' is on duty from Mon 21 Dec 14:00 to Mon 21 Dec 21:00"
    )
    assert first.place.file.endswith("operators.yaml")
    assert len(more) == 6


def test_a_leave_that_leaves_a_shift_empty_is_where_it_is_written(folder: Path) -> None:
    """The administrator is led to the line of the override."""
    roster = ROSTER + "overrides:\n  - {date: 2026-12-22, kind: leave, person: sri}\n"
    (gap,) = found(folder, roster, Kind.NOBODY)
    assert gap.message.endswith("to Tue 22 Dec 14:00: because of the leave here")
    assert (Path(gap.place.file).name, gap.place.line) == ("roster.yaml", 13)


def test_a_minimum_is_held_by_shift_and_agency(folder: Path) -> None:
    """That for one shift goes before that for all; an agency that is not named needs one."""
    rows = "[{agency: dinkes, people: 2}, {agency: dinkes, shift: malam, people: 1}]"
    roster = f"{ROSTER}staffing:\n  minimum: {rows}\n"
    findings = found(folder, roster, Kind.UNDERSTAFFED)
    assert len(findings) == 7
    assert findings[0].message == (
        "1 of 'dinkes' on duty from Mon 21 Dec 07:00 to Mon 21 Dec 21:00; expected 2"
    )


def test_an_agency_may_need_nobody(folder: Path) -> None:
    """A minimum of none silences what is meant so."""
    roster = ROSTER.replace("[bayu, hendra]", "[hendra]")
    roster += "staffing:\n  minimum: [{agency: dinkes, shift: siang, people: 0}]\n"
    assert found(folder, roster, Kind.NOBODY) == ()


def test_a_person_in_two_places_is_an_error(folder: Path) -> None:
    """Shifts that overlap cannot be worked by one person; both are told, with the second's line."""
    roster = ROSTER.replace("malam: {start: 21:00", "malam: {start: 20:00")
    roster += "overrides:\n  - {date: 2026-12-22, kind: extra, person: bayu, shift: malam}\n"
    (double,) = found(folder, roster, Kind.DOUBLE)
    assert double.message == (
        "Bayu Pratama (bayu) is on siang Tue 22 Dec 14:00-21:00 and "
        "malam Tue 22 Dec 20:00-Wed 07:00 at the same time"
    )
    assert double.place.line == 13


def test_too_little_rest_is_a_warning(folder: Path) -> None:
    """A night and then the morning; the hours are those of the settings."""
    extra = "overrides:\n  - {date: 2026-12-22, kind: extra, person: agus, shift: malam}\n"
    short = found(folder, ROSTER + extra, Kind.REST)
    assert {finding.message.partition(" between")[0] for finding in short} == {
        "Agus Setiawan (agus) has 7 h of rest",
        "Agus Setiawan (agus) has 0 h of rest",
    }
    assert all(finding.level is Level.WARNING for finding in short)
    assert found(folder, ROSTER + extra + "staffing: {rest_h: 0}\n", Kind.REST) == ()


def test_an_uneven_load_is_a_warning(folder: Path) -> None:
    """Who always has the nights has more of them than the others, who have none."""
    findings = found(folder, ROSTER, Kind.LOAD, weeks=4)
    nights = {finding.subject: finding.message for finding in findings}
    assert nights["ratna"] == (
        "Ratna Dewi (ratna) has more nights than the others of 'dinkes': 28, "
        "where the average is 9.3"
    )
    assert found(folder, ROSTER + "staffing: {uneven: 3}\n", Kind.LOAD, weeks=4) == ()


def test_one_turn_more_is_no_unfairness(folder: Path) -> None:
    """Seven turns cannot be shared evenly by three people."""
    assert found(folder, FAIR, Kind.LOAD) == ()


def test_who_is_on_no_shift_is_a_note(folder: Path) -> None:
    """Unless they are a supervisor, who is rung whether on duty or not."""
    roster = ROSTER.replace("[sri, agus]", "[bayu, agus]")
    (idle,) = found(folder, roster, Kind.IDLE)
    assert (idle.subject, idle.level) == ("sri", Level.NOTE)
    supervised = settings_of(folder, roster)
    agencies = dict(supervised.operators.agencies)
    agencies[AgencyId("dinkes")] = Agency(name="Dinkes", supervisor=PersonId("sri"))
    operators = replace(supervised.operators, agencies=agencies)
    findings = inspect(replace(supervised, operators=operators), MONDAY, 1)
    assert all(finding.kind is not Kind.IDLE for finding in findings)


def test_what_repeats_is_folded(folder: Path) -> None:
    """Two lines, and the last of them says how many follow and until when."""
    roster = ROSTER.replace("siang, people: [bayu, hendra]", "siang, people: [hendra]")
    findings = inspect(settings_of(folder, roster), MONDAY, 1)
    lines = [line for line in folded(findings, 2) if "nobody" in line]
    assert len(lines) == 2
    assert lines[1].endswith("to Tue 22 Dec 21:00; and 5 more until Sun 27 Dec 21:00")


def test_each_finding_is_for_machines_too(folder: Path) -> None:
    """Kind, level, subject, place and times, without parsing a sentence."""
    roster = ROSTER + OVERRIDES.replace("kind: extra", "kind: leave")
    gap = found(folder, roster, Kind.NOBODY)[0].as_json()
    assert (gap["kind"], gap["level"], gap["subject"]) == ("nobody", "error", "dinkes")
    assert gap["start"] == "2026-12-24T21:00:00+07:00"


@bounded(deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["mon", "tue", "wed"]),
            st.sampled_from(["pagi", "siang", "malam"]),
            st.sampled_from(["sri", "bayu", "agus"]),
        ),
        min_size=1,
        max_size=8,
        unique=True,
    ),
    needed=st.integers(0, 2),
    minutes=st.integers(0, 7 * 24 * 60),
)
def test_a_shortage_is_when_too_few_are_on_duty(
    folder: Path, rows: list[tuple[str, str, str]], needed: int, minutes: int
) -> None:
    """At every moment: an agency is told to be short exactly when the roster has too few people."""
    lines = [f"  - {{days: [{day}], shift: {shift}, people: [{who}]}}" for day, shift, who in rows]
    minimum = f"[{{agency: dinkes, people: {needed}}}, {{agency: bpbd, people: {needed}}}]"
    roster = ROSTER.partition("weekly:")[0] + "weekly:\n" + "\n".join(lines)
    settings = settings_of(folder, f"{roster}\nstaffing: {{minimum: {minimum}}}\n")
    plan, staffing = settings.plan(), settings.roster.staffing
    at = MONDAY + timedelta(minutes=minutes)
    told = shortages(plan, staffing, MONDAY, MONDAY + timedelta(days=7, minutes=1))
    people = settings.operators.people
    for agency in settings.operators.agencies:
        present = sum(people[d.person].agency == agency for d in plan.roster.on_duty(at))
        now = [short for short in told if short.agency == agency and short.start <= at < short.end]
        assert len(now) == (present < needed)
        assert all((short.present, short.needed) == (present, needed) for short in now)


def test_the_default_minimum_is_one() -> None:
    """Without `staffing` an agency needs somebody at every moment."""
    assert Staffing().needed(AgencyId("dinkes"), None) == 1
