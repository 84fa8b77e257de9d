"""A small watch for tests of the roster: four people of two agencies, three shifts, in Metro."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from routing.holiday import Calendar, Holiday, Holidays
from routing.operator import AgencyId, PersonId
from routing.override import Closed, Extra, Leave, Override, Swap
from routing.roster import Roster, RosterPlan
from routing.rotation import Rotation, RotationId, TeamId, Weekday, WeeklyRow
from routing.shift import DAY_OFF, Duty, Shift, ShiftId

PAGI, SIANG, MALAM = ShiftId("pagi"), ShiftId("siang"), ShiftId("malam")
SHIFTS: Final = {
    PAGI: Shift(start=time(7), end=time(15)),
    SIANG: Shift(start=time(15), end=time(23)),
    MALAM: Shift(start=time(23), end=time(7)),
}
SARI, BUDI, DEWI, AGUS = (PersonId(name) for name in ("sari", "budi", "dewi", "agus"))
DINKES, BPBD = AgencyId("dinkes"), AgencyId("bpbd")
AGENCY_OF: Final = {SARI: DINKES, BUDI: DINKES, DEWI: BPBD, AGUS: BPBD}
EVERY_DAY = tuple(Weekday)
WEEKLY: Final = (
    WeeklyRow(days=EVERY_DAY, shift=PAGI, people=(SARI, DEWI)),
    WeeklyRow(days=EVERY_DAY, shift=SIANG, people=(BUDI,)),
)
TUESDAY = date(2026, 11, 24)
NATAL = Holiday(date=date(2026, 12, 25), name="Hari Raya Natal")
MERAH, PUTIH = TeamId("merah"), TeamId("putih")
CYCLE: Final = (PAGI, PAGI, SIANG, MALAM, DAY_OFF)


def calendar(year: int) -> tuple[Holiday, ...]:
    """Christmas, and nothing else."""
    return (Holiday(date=date(year, 12, 25), name="Hari Raya Natal"),)


def rotation(
    teams: dict[TeamId, int],
    cycle: tuple[ShiftId, ...] = CYCLE,
    since: date | None = None,
    until: date | None = None,
) -> dict[RotationId, Rotation]:
    """One rotation, anchored on that Tuesday."""
    one = Rotation(anchor=TUESDAY, cycle=cycle, teams=teams, since=since, until=until)
    return {RotationId("jaga"): one}


def watch(
    *overrides: Override,
    weekly: tuple[WeeklyRow, ...] = WEEKLY,
    teams: dict[TeamId, tuple[PersonId, ...]] | None = None,
    rotations: dict[RotationId, Rotation] | None = None,
    holidays: Holidays | None = None,
    of_year: Calendar = calendar,
    timezone: str = "Asia/Jakarta",
    shifts: dict[ShiftId, Shift] = SHIFTS,
) -> Roster:
    """The roster of the watch."""
    plan = RosterPlan(
        timezone=timezone,
        shifts=shifts,
        teams=teams or {},
        rotations=rotations or {},
        weekly=weekly,
        holidays=holidays or Holidays(),
        overrides=overrides,
    )
    return Roster(plan, AGENCY_OF, of_year)


def on(day: date, roster: Roster) -> list[tuple[ShiftId, PersonId]]:
    """Who works which shift that starts on a date, in the order in which they come."""
    return [(duty.shift, duty.person) for duty in duties_on(day, roster)]


def duties_on(day: date, roster: Roster) -> Sequence[Duty]:
    """The turns of the shifts that start on a date."""
    return list(roster.duties(day, day + timedelta(days=1)))


def why(duties: Iterable[Duty], person: PersonId) -> str:
    """The rule by which a person works, as it is told."""
    return next(str(duty.because) for duty in duties if duty.person == person)


def at(text: str, day: date = TUESDAY) -> datetime:
    """A time of that day on Metro's clock."""
    return datetime.combine(day, time.fromisoformat(text), ZoneInfo("Asia/Jakarta"))


def leave(
    person: PersonId, shift: ShiftId | None = None, day: date = TUESDAY, until: date | None = None
) -> Leave:
    """Off duty on that day, or from that day on."""
    return Leave(kind="leave", date=day, until=until, person=person, shift=shift)


def extra(
    person: PersonId, shift: ShiftId, day: date = TUESDAY, until: date | None = None
) -> Extra:
    """On duty on that day, or from that day on."""
    return Extra(kind="extra", date=day, until=until, person=person, shift=shift)


def swap(
    person: PersonId,
    partner: PersonId,
    shift: ShiftId | None = None,
    partner_shift: ShiftId | None = None,
    partner_date: date | None = None,
    note: str = "",
) -> Swap:
    """Two people exchange shifts of that Tuesday."""
    return Swap(
        kind="swap",
        date=TUESDAY,
        person=person,
        partner=partner,
        shift=shift,
        partner_shift=partner_shift,
        partner_date=partner_date,
        note=note,
    )


def closed(shift: ShiftId | None = None, agency: AgencyId | None = None) -> Closed:
    """Nobody works by pattern on that Tuesday."""
    return Closed(kind="closed", date=TUESDAY, shift=shift, agency=agency)
