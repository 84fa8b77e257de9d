"""Why somebody is not on duty, by the rule that took them off or gives them their next turn."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from routing.holiday import Holidays
from routing.operator import AgencyId, PersonId
from routing.override import Closed, Extra, Leave, Override, Swap
from routing.shift import ShiftId
from siaga.explain.absence import Absence
from siaga.settings import Settings, load
from tests.siaga.folder import KOTA_METRO

DAY: Final = date(2026, 12, 1)
PAGI: Final = ShiftId("pagi")
SRI, BAYU, SITI, RATNA = (PersonId(name) for name in ("sri", "bayu", "siti", "ratna"))
AT: Final = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
NIGHT: Final = datetime(2026, 12, 2, 3, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Those that are shipped, without their overrides."""
    shipped = load(KOTA_METRO)
    return replace(shipped, roster=replace(shipped.roster, overrides=()))


def told(
    settings: Settings, person: PersonId, *overrides: Override, at: datetime = AT
) -> tuple[str, tuple[str | int, ...]]:
    """The reason, and its settings path."""
    roster = replace(settings.roster, overrides=overrides)
    reason = Absence(replace(settings, roster=roster), at).because(person)
    return reason.text, reason.path


def test_who_works_another_shift_has_a_next_turn(settings: Settings) -> None:
    """When it begins, and by which rule."""
    text, path = told(settings, BAYU)
    assert text == "off duty until Tue 01 Dec 14:00: works siang by the weekly roster"
    assert path == ("roster", "weekly", 1)


def test_who_is_on_no_shift_is_told_so(settings: Settings) -> None:
    """The coordinator is rung in the overflow only."""
    assert told(settings, SITI) == ("off duty: on no shift in the next 14 days", ())


@pytest.mark.parametrize(
    ("override", "why"),
    [
        (Leave(kind="leave", date=DAY, person=SRI, note="flu"), "off duty: on leave: flu"),
        (Leave(kind="leave", date=DAY, person=SRI, shift=PAGI), "off duty: on leave"),
        (Closed(kind="closed", date=DAY, agency=AgencyId("dinkes")), "off duty: closed"),
        (
            Swap(kind="swap", date=DAY, person=SRI, partner=BAYU),
            "off duty: has swapped with bayu",
        ),
        (
            Swap(kind="swap", date=DAY, person=BAYU, partner=SRI),
            "off duty: has swapped with bayu",
        ),
        (
            Swap(
                kind="swap",
                date=date(2026, 12, 5),
                person=BAYU,
                partner=SRI,
                partner_date=DAY,
            ),
            "off duty: has swapped with bayu",
        ),
    ],
)
def test_an_override_that_took_somebody_off_is_named(
    settings: Settings, override: Override, why: str
) -> None:
    """By its place among others that have nothing to do with it."""
    extra = Extra(kind="extra", date=DAY, person=RATNA, shift=PAGI)
    other = Leave(kind="leave", date=date(2027, 1, 1), person=SRI)
    found = told(settings, SRI, other, extra, override)
    assert found == (why, ("roster", "overrides", 2))


def test_a_night_shift_belongs_to_the_day_before(settings: Settings) -> None:
    """A leave of the first of December is one of the night that follows."""
    leave = Leave(kind="leave", date=DAY, person=RATNA)
    assert told(settings, RATNA, leave, at=NIGHT)[1] == ("roster", "overrides", 0)


def test_a_leave_from_an_extra_is_no_absence_of_the_pattern(settings: Settings) -> None:
    """Who would not have worked anyway has a next turn."""
    leave = Leave(kind="leave", date=DAY, person=BAYU, shift=PAGI)
    assert told(settings, BAYU, leave)[1] == ("roster", "weekly", 1)


def test_the_holiday_roster_is_named(settings: Settings) -> None:
    """Who works on a weekday and not on a holiday that is like a Sunday."""
    weekly = tuple(
        replace(row, days=tuple(day for day in row.days if day.value != "sun"))
        if row.shift == PAGI
        else row
        for row in settings.roster.weekly
    )
    roster = replace(settings.roster, weekly=weekly)
    christmas = datetime(2026, 12, 25, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
    text, path = told(replace(settings, roster=roster), SRI, at=christmas)
    assert text == "off duty by the holiday roster: Hari Raya Natal"
    assert path == ("roster", "holidays")
    plain = replace(roster, holidays=Holidays())
    assert told(replace(settings, roster=plain), BAYU, at=christmas)[1] == ("roster", "weekly", 1)
