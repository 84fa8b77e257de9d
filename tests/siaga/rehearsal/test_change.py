"""Somebody more or less, on some shifts: who is on duty then, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from routing.operator import AgencyId, PersonId
from routing.rotation import Weekday
from routing.shift import ShiftId
from siaga.rehearsal.change import ChangeError, changed, parsed
from siaga.rehearsal.city import City
from siaga.rehearsal.rehearsal import rehearse
from siaga.rehearsal.report import verdict
from siaga.rehearsal.span import Span
from siaga.roster.slot import NO_SHIFT, SlotId, Slots
from siaga.settings import Settings, load
from tests.siaga.folder import GOOD, KOTA_METRO

START = datetime(2026, 11, 30, tzinfo=UTC)
SPAN = Span(START, START + timedelta(weeks=2))
FRIDAY, SATURDAY = date(2026, 12, 4), date(2026, 12, 5)
MALAM = ShiftId("malam")


@pytest.fixture(scope="module")
def metro() -> Settings:
    """The shipped settings."""
    return load(KOTA_METRO)


def on_duty(settings: Settings, day: date, shift: ShiftId) -> set[str]:
    """Who works that shift."""
    duties = settings.plan().roster.duties(day, day + timedelta(days=1))
    return {str(duty.person) for duty in duties if duty.shift == shift}


def test_one_more_of_an_agency_works_then_and_only_then(metro: Settings) -> None:
    """Friday's malam has a second medical operator at a phone of their own; Saturday's has not."""
    change = parsed("dinkes:fri:malam", metro, adds=True)
    more = changed(metro, [change], SPAN)
    assert on_duty(more, FRIDAY, MALAM) - on_duty(metro, FRIDAY, MALAM) == {"dinkes+1"}
    assert on_duty(more, SATURDAY, MALAM) == on_duty(metro, SATURDAY, MALAM)
    assert more.operators.seats_of(PersonId("dinkes+1")) == ("dinkes+1",)
    assert (str(change), change.when) == ("with one more of dinkes", "fri malam")
    assert change.services(metro) == {"medis"}


def test_two_more_are_two_people(metro: Settings) -> None:
    """The same change twice puts two people there."""
    change = parsed("dinkes:fri:malam", metro, adds=True)
    more = changed(metro, [change, change], SPAN)
    assert {"dinkes+1", "dinkes+2"} <= on_duty(more, FRIDAY, MALAM)


def test_a_person_can_be_put_on_and_taken_off(metro: Settings) -> None:
    """Days and shifts in any order, lists of both; overrides of the settings do not win."""
    change = parsed("bayu:malam:fri,sat", metro, adds=True)
    assert "bayu" in on_duty(changed(metro, [change], SPAN), SATURDAY, MALAM)
    gone = parsed("ratna:fri", metro, adds=False)
    assert "ratna" not in on_duty(changed(metro, [gone], SPAN), FRIDAY, MALAM)
    assert "ratna" in on_duty(changed(metro, [gone], SPAN), SATURDAY, MALAM)
    always = parsed("ratna", metro, adds=False)
    assert always.when == "every day pagi/siang/malam"
    assert "ratna" not in on_duty(changed(metro, [always], SPAN), SATURDAY, MALAM)


@pytest.mark.parametrize(
    ("written", "adds", "message"),
    [
        ("dinkas", True, "unknown person or agency 'dinkas'; did you mean 'dinkes'?"),
        ("dinkes", False, "'dinkes' is an agency; expected a person who is not on duty then"),
        ("sry", False, "unknown person 'sry'; did you mean 'sri'?"),
        ("sri:fre", True, "unknown day or shift 'fre'; did you mean 'fri'?"),
        ("sri:fri,malam", True, "unknown day or shift 'fri,malam'"),
        ("sri:", True, "unknown day or shift ''"),
    ],
)
def test_what_is_no_change_is_told(written: str, adds: bool, message: str, metro: Settings) -> None:  # noqa: FBT001
    """With the word that was probably meant."""
    with pytest.raises(ChangeError) as raised:
        parsed(written, metro, adds=adds)
    assert str(raised.value).startswith(message)


def test_an_agency_that_no_group_rings_has_no_service_to_compare(metro: Settings) -> None:
    """And the verdict says so."""
    groups = {
        id_: replace(group, agencies=(AgencyId("bpbd"),))
        for id_, group in metro.catalogue.hunt_groups.items()
    }
    idle = replace(metro, catalogue=replace(metro.catalogue, hunt_groups=groups))
    change = parsed("dinkes", idle, adds=True)
    assert change.services(idle) == frozenset()
    done = rehearse(idle, City(), SPAN, 20)
    assert verdict(done, done, change) == "no service rings dinkes first: nothing can be told"


def test_a_night_belongs_to_the_day_on_which_it_begins(metro: Settings) -> None:
    """Half past two on Saturday morning is Friday's malam; 07:00 is Saturday's pagi."""
    slots = Slots(metro.roster)
    zone = timedelta(hours=7)
    found = [
        slots.at(datetime(2026, 12, 5, hour, minute, tzinfo=UTC) - zone)
        for hour, minute in ((2, 30), (6, 59), (7, 0), (21, 0))
    ]
    assert found == [
        SlotId(Weekday.FRI, MALAM),
        SlotId(Weekday.FRI, MALAM),
        SlotId(Weekday.SAT, ShiftId("pagi")),
        SlotId(Weekday.SAT, MALAM),
    ]
    assert str(found[0]) == "fri malam"


def test_a_time_without_a_shift_has_a_slot_of_its_own() -> None:
    """The small settings have hours at which nobody works, or every hour is some shift's."""
    settings = load(GOOD)
    slots = Slots(settings.roster)
    found = {slots.at(START + timedelta(hours=hour)) for hour in range(24 * 7)}
    known = {*settings.roster.shifts, NO_SHIFT}
    assert {slot.shift for slot in found} <= known
    assert len({slot.day for slot in found}) == 7
