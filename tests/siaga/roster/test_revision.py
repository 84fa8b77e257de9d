"""An import: afterwards the roster says what the file says, and nothing else is touched."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from routing.operator import PersonId
from siaga.roster import calendar, table
from siaga.roster.revision import Revision, Scope, revise
from siaga.roster.schedule import Dates, Schedule, ScheduleError
from siaga.roster.turn import Post, turns
from siaga.settings import Settings, load
from tests.siaga.roster.centre import (
    DECEMBER,
    OVERRIDES,
    PEOPLE,
    ROSTER,
    SHIFTS,
    centre,
    settings_of,
    works,
)

AT = datetime(2026, 11, 25, tzinfo=UTC)
FILE = Path("duty.csv")
SRI = frozenset([PersonId("sri")])
WIB = "Asia/Jakarta"
ROTATION = (
    ROSTER.partition("weekly:")[0]
    + """\
teams:
  a: [sri, agus]
  b: [bayu, hendra]
  c: [ratna, yudi]
rotations:
  biasa:
    anchor: 2026-12-01
    cycle: [pagi, pagi, siang, siang, malam, libur]
    teams: {a: 1, b: 3, c: 5}
holidays:
  calendar: ID
  rows: [{shift: malam, people: [sri]}]
"""
)
ZONES = {
    WIB: date(2026, 12, 24),
    "Europe/Berlin": date(2026, 10, 25),
    "America/New_York": date(2027, 3, 14),
    "Australia/Lord_Howe": date(2027, 4, 4),
}
"""Each with a date near which its clock changes; Jakarta's never does."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of the small centre; only read."""
    return centre(tmp_path_factory.mktemp("centre"))


def exported(settings: Settings, days: Dates, form: str) -> Schedule:
    """What the import reads of what the export writes."""
    zone = ZoneInfo(settings.roster.timezone)
    told = turns(settings, settings.plan().roster, days)
    if form == "csv":
        return table.read(table.write(told).encode(), FILE, zone)
    people = settings.operators.people
    return calendar.read(calendar.write(told, days, people, AT).encode(), FILE, zone, None)


def imported(
    folder: Path, roster: str, told: Schedule, scope: Scope | None = None
) -> tuple[Revision, Settings]:
    """The change that the schedule makes to this roster, and the settings after it."""
    settings = settings_of(folder, roster)
    revision = revise(settings, folder, FILE, told, scope or Scope())
    return revision, load(folder, {"roster": revision.new})


def csv(*rows: str) -> Schedule:
    """The schedule of these rows of a table: who, date, hours."""
    lines = ["person,start,end"]
    for row in rows:
        who, day, hours = row.split()
        start, _, end = hours.partition("-")
        last = day if start < end else str(date.fromisoformat(day).replace(day=int(day[-2:]) + 1))
        lines.append(f"{who},{day}T{start},{last}T{end}")
    return table.read("\n".join(lines).encode(), FILE, ZoneInfo("Asia/Jakarta"))


def duties(settings: Settings, days: Dates) -> list[tuple[str, datetime, datetime]]:
    """Who is on duty, from when, until when, on these dates."""
    found = settings.plan().roster.duties(days.first, days.last + timedelta(days=1))
    return sorted((duty.person, duty.start, duty.end) for duty in found)


def told_by(error: pytest.ExceptionInfo[ScheduleError]) -> str:
    """Everything that is wrong, as one text."""
    return str(error.value)


Rule: TypeAlias = Callable[[date], str]
"""The text of an override, by the first date that it may be about."""


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """An override of any kind that the settings know."""
    kind = draw(st.sampled_from(["leave", "extra", "swap", "closed"]))
    offset, days = draw(st.integers(-1, 4)), draw(st.integers(0, 2))
    person, partner = draw(st.permutations(list(PEOPLE)))[:2]
    shift = draw(st.sampled_from(SHIFTS if kind == "extra" else [None, *SHIFTS]))
    words = [f"kind: {kind}"]
    words += [] if kind == "closed" else [f"person: {person}"]
    words += [f"partner: {partner}"] if kind == "swap" else []
    words += [] if shift is None else [f"shift: {shift}"]
    words += ["note: imported"] if draw(st.booleans()) else []

    def text(first: date) -> str:
        day = first + timedelta(days=offset)
        until = [f"until: {day + timedelta(days=days)}"] if days else []
        return f"  - {{{', '.join([f'date: {day}', *until, *words])}}}"

    return text


def with_overrides(pattern: str, chosen: Iterable[Rule], first: date) -> str:
    """The roster of this pattern with these overrides."""
    lines = [rule(first) for rule in chosen]
    return pattern + "\n".join(["overrides:", *lines] if lines else []) + "\n"


RULES = st.lists(rules(), max_size=12)
PATTERNS = st.sampled_from([ROSTER, ROTATION])


@bounded(deadline=None, max_examples=40)  # each reads six files four times
@given(
    before=RULES,
    after=RULES,
    pattern=PATTERNS,
    zone=st.sampled_from(list(ZONES)),
    form=st.sampled_from(["ics", "csv"]),
)
def test_what_was_exported_comes_back(
    folder: Path, before: list[Rule], after: list[Rule], pattern: str, zone: str, form: str
) -> None:
    """Whatever overrides there were: who, from and to are the same, to the second, in any zone.

    A second import changes nothing.
    """
    first = ZONES[zone]
    days = Dates.of(first, 4)
    source = settings_of(folder, with_overrides(pattern, after, first).replace(WIB, zone))
    told = exported(source, days, form)
    scope = Scope(dates=days, everyone=True)
    target = with_overrides(pattern, before, first).replace(WIB, zone)
    revision, result = imported(folder, target, told, scope)
    assert duties(result, days) == duties(source, days)
    again, _ = imported(folder, revision.new.decode(), told, scope)
    assert again.new == revision.new
    assert (again.on, again.off) == ((), ())


@bounded(deadline=None, max_examples=40)  # the same
@given(before=RULES, after=RULES, pattern=PATTERNS)
def test_nothing_outside_of_what_was_asked_for_changes(
    folder: Path, before: list[Rule], after: list[Rule], pattern: str
) -> None:
    """Other dates and other people keep their turns, whatever the file says of them."""
    first = ZONES[WIB]
    days, people = Dates.of(first, 2), frozenset(map(PersonId, ["sri", "bayu", "yudi"]))
    target = with_overrides(pattern, before, first)
    source = settings_of(folder, with_overrides(pattern, after, first))
    told = exported(source, Dates.of(first, 4), "csv")
    _, result = imported(folder, target, told, Scope(dates=days, people=people, everyone=True))

    def others(settings: Settings) -> set[Post]:
        found = works(settings, DECEMBER)
        return {post for post in found if post[0] not in days or post[2] not in people}

    assert others(result) == others(settings_of(folder, target))


def test_comments_quotes_and_alignment_stay(folder: Path) -> None:
    """The new file is the old one with lines put in; not a byte of the others is different."""
    told = csv("sri 2026-12-25 14:00-21:00")
    revision, _ = imported(folder, ROSTER + OVERRIDES, told, Scope(people=SRI))
    new = revision.new.decode().splitlines()
    added = [line for line in new if "imported" in line]
    assert added == [
        "  - {date: 2026-12-25, kind: leave, person: sri, shift: pagi, note: imported}",
        "  - {date: 2026-12-25, kind: extra, person: sri, shift: siang, note: imported}",
    ]
    assert [line for line in new if line not in added] == (ROSTER + OVERRIDES).splitlines()


def test_a_mind_changed_twice_leaves_no_trace(folder: Path) -> None:
    """Overrides of an earlier import that are in the way go, those of people stay."""
    scope = Scope(people=SRI)
    there, _ = imported(folder, ROSTER + OVERRIDES, csv("sri 2026-12-25 14:00-21:00"), scope)
    back, _ = imported(folder, there.new.decode(), csv("sri 2026-12-25 07:00-14:00"), scope)
    assert back.new.decode() == ROSTER + OVERRIDES


def test_a_file_of_another_month_empties_no_dates(folder: Path) -> None:
    """With nothing in it from the dates asked for it is refused, unless that is what was meant."""
    told = csv("sri 2026-11-25 07:00-14:00")
    days = Dates(date(2026, 12, 24), date(2026, 12, 25))
    with pytest.raises(ScheduleError) as error:
        imported(folder, ROSTER, told, Scope(dates=days, people=SRI))
    assert "no turns in it from 2026-12-24 to 2026-12-25, where the roster has 2" in told_by(error)
    scope = Scope(dates=days, people=SRI, everyone=True)
    revision, _ = imported(folder, ROSTER, told, scope)
    assert len(revision.off) == 2


def test_nobody_loses_turns_because_nobody_thought_of_them(folder: Path) -> None:
    """A file of one agency is refused until somebody says whose turns it tells."""
    told = csv("sri 2026-12-25 07:00-14:00")
    with pytest.raises(ScheduleError) as error:
        imported(folder, ROSTER, told)
    assert "agus, bayu, hendra, ratna, yudi have turns from 2026-12-25 to 2026" in told_by(error)
    revision, result = imported(folder, ROSTER, told, Scope(everyone=True))
    assert len(revision.off) == 5
    assert works(result, Dates.of(date(2026, 12, 25), 1)) == {(date(2026, 12, 25), "pagi", "sri")}


def test_what_is_outside_is_counted(folder: Path) -> None:
    """Turns of other dates and people are left out, and that is told."""
    told = csv(
        "sri 2026-12-25 07:00-14:00", "agus 2026-12-25 07:00-14:00", "sri 2026-12-26 07:00-14:00"
    )
    scope = Scope(dates=Dates.of(date(2026, 12, 25), 1), people=SRI)
    revision, _ = imported(folder, ROSTER, told, scope)
    assert revision.left_out == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("sry 2026-12-25 07:00-14:00", "unknown person 'sry'; did you mean 'sri'?"),
        (
            "sri 2026-12-25 07:00-15:00",
            "is no shift; the nearest are pagi Fri 25 Dec 2026 07:00-14:00",
        ),
        ("sri 2026-12-25 22:00-07:00", "malam Fri 25 Dec 2026 21:00-Sat 07:00"),
    ],
)
def test_what_fits_nobody_and_no_shift_is_told(folder: Path, row: str, message: str) -> None:
    """With its line, who may have been meant, and the shifts that are nearest."""
    with pytest.raises(ScheduleError) as error:
        imported(folder, ROSTER, csv(row))
    assert told_by(error).startswith("duty.csv:2:1: the turn of '")
    assert message in told_by(error)


def test_a_shift_that_contradicts_its_times_is_told(folder: Path) -> None:
    """Where the file names the shift, it has to be the one of these times."""
    rows = b"person,shift,start,end\nsri,siang,2026-12-25T07:00,2026-12-25T14:00\n"
    for data, message in (
        (rows, "is not shift 'siang'; the nearest are pagi Fri"),
        (rows.replace(b"siang", b"siangg"), "unknown shift 'siangg'; did you mean 'siang'?"),
    ):
        with pytest.raises(ScheduleError) as error:
            imported(folder, ROSTER, table.read(data, FILE, ZoneInfo("Asia/Jakarta")))
        assert message in told_by(error)


def test_a_file_without_turns_is_refused(folder: Path) -> None:
    """Nothing at all is more often a mistake than a wish; with dates it is taken at its word."""
    with pytest.raises(ScheduleError) as error:
        imported(folder, ROSTER, Schedule(()))
    assert "there are no turns in it" in told_by(error)
    scope = Scope(dates=Dates.of(date(2026, 12, 25), 1), everyone=True)
    _, result = imported(folder, ROSTER, Schedule(()), scope)
    assert works(result, Dates.of(date(2026, 12, 25), 1)) == frozenset()


def test_a_file_that_cannot_be_edited_is_left_alone(folder: Path) -> None:
    """Overrides that are written in an unusual way are for people to change."""
    roster = ROSTER + "overrides:\n  -\n    {date: 2026-12-01, kind: leave, person: sri}\n"
    with pytest.raises(ScheduleError) as error:
        imported(folder, roster, csv("sri 2026-12-25 14:00-21:00"), Scope(everyone=True))
    assert "does not stand in the line of its dash" in told_by(error)


def test_a_roster_that_would_be_invalid_is_not_written(folder: Path) -> None:
    """What a file would make of the settings is judged as a whole, before anything is written."""
    full = ROSTER + "#" * ((1 << 20) - len(ROSTER) - 10) + "\n"
    told = csv("sri 2026-12-25 14:00-21:00")
    with pytest.raises(ScheduleError) as error:
        revise(settings_of(folder, full), folder, FILE, told, Scope(everyone=True))
    assert "this file is larger than 1 MiB" in told_by(error)


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """What an editor saved between reading and writing is not lost."""
    folder = centre(tmp_path)
    told = csv("sri 2026-12-25 14:00-21:00")
    revision = revise(load(folder), folder, FILE, told, Scope(everyone=True))
    (folder / "roster.yaml").write_text(ROSTER + "# saved\n")
    with pytest.raises(ScheduleError) as error:
        revision.write()
    assert "this file was changed meanwhile" in told_by(error)
    assert (folder / "roster.yaml").read_text() == ROSTER + "# saved\n"
