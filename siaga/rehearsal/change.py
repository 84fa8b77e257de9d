"""Settings as they would be with somebody more, or less, on some shifts.

dinkes:fri:malam    one more operator of the agency dinkes, on Friday's malam
bayu:sat,sun        bayu, on every shift of the weekend
ratna               ratna, always
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from routing.operator import AgencyId, Language, Person, PersonId, Seat, SeatId
from routing.override import Extra, Leave, Override
from routing.rotation import Weekday
from routing.service import ServiceId
from routing.shift import ShiftId
from siaga.problem import suggestion
from siaga.rehearsal.span import Span
from siaga.roster.slot import DAYS, SlotId
from siaga.settings import Settings

DAY: Final = timedelta(days=1)
EVERY: Final = "every day"


class ChangeError(ValueError):
    """What is written is no change of these settings."""


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody is on duty in addition, or is not.

    Attributes:
        written: As it was written.
        person: Who; a person of the settings, or a new one.
        agency: Whose.
        is_new: The person is nobody of the settings: one operator more.
        days: On which the shifts start.
        shifts: Which.
        adds: On duty in addition; else off duty.
    """

    written: str
    person: PersonId
    agency: AgencyId
    is_new: bool
    days: tuple[Weekday, ...]
    shifts: tuple[ShiftId, ...]
    adds: bool

    def __str__(self) -> str:
        who = f"one more of {self.agency}" if self.is_new else self.person
        return f"{'with' if self.adds else 'without'} {who}"

    @property
    def when(self) -> str:
        """The days and shifts, for people."""
        is_always = len(self.days) == len(DAYS)
        return f"{EVERY if is_always else ','.join(self.days)} {'/'.join(self.shifts)}"

    def concerns(self, slot: SlotId) -> bool:
        """Whether it is about that shift."""
        return slot.day in self.days and slot.shift in self.shifts

    def services(self, settings: Settings) -> frozenset[ServiceId]:
        """The services that ring that agency, and the fewest others beside it.

        Where `medis` rings one agency and the default service rings all, `medis` tells more.
        """
        groups = settings.catalogue.hunt_groups
        beside = {
            id_: len(groups[service.group].agencies)
            for id_, service in settings.catalogue.services.items()
            if self.agency in groups[service.group].agencies
        }
        least = min(beside.values(), default=0)
        return frozenset(id_ for id_, number in beside.items() if number == least)


def parsed(written: str, settings: Settings, *, adds: bool) -> Change:
    """A change as people write it: `WHO[:DAYS][:SHIFT]`.

    Raises:
        ChangeError: There is no such person, agency, day or shift.
    """
    who, *rest = written.split(":")
    people, agencies = settings.operators.people, settings.operators.agencies
    is_new = who not in people
    if not adds and is_new and who in agencies:
        raise ChangeError(f"{who!r} is an agency; expected a person who is not on duty then")
    if is_new and who not in agencies:
        known = [*people, *(agencies if adds else ())]
        what = "person or agency" if adds else "person"
        raise ChangeError(f"unknown {what} {who!r}{suggestion(who, known, 'known')}")
    days: tuple[Weekday, ...] = DAYS
    shifts = tuple(settings.roster.shifts)
    for part in rest:
        words = part.split(",")
        if all(word in settings.roster.shifts for word in words):
            shifts = tuple(ShiftId(word) for word in words)
        elif all(word in list(Weekday) for word in words):
            days = tuple(Weekday(word) for word in words)
        else:
            known = [*settings.roster.shifts, *(str(day) for day in Weekday)]
            wrong = next((word for word in words if word not in known), part)
            raise ChangeError(f"unknown day or shift {wrong!r}{suggestion(wrong, known, 'known')}")
    agency = AgencyId(who) if is_new else people[PersonId(who)].agency
    return Change(written, PersonId(who), agency, is_new, days, shifts, adds)


def changed(settings: Settings, changes: Iterable[Change], span: Span) -> Settings:
    """The settings with these changes, in that span of time.

    Extras and leaves are put after all overrides that there are, so they have the last word.
    """
    for change in changes:
        settings, one = _hired(settings, change) if change.is_new else (settings, change)
        overrides = (*settings.roster.overrides, *_overrides(settings, one, span))
        settings = replace(settings, roster=replace(settings.roster, overrides=overrides))
    return settings


def _hired(settings: Settings, change: Change) -> tuple[Settings, Change]:
    """The settings with one person more, at a phone of their own."""
    operators = settings.operators
    ids = {*operators.people, *operators.seats}
    name = next(n for n in (f"{change.agency}+{i}" for i in range(1, len(ids) + 2)) if n not in ids)
    person = Person(
        name=f"one more of {change.agency}",
        agency=change.agency,
        languages=(Language(settings.menu.languages[0]),),
    )
    seat = Seat(endpoint=name, person=PersonId(name))
    people = {**operators.people, PersonId(name): person}
    seats = {**operators.seats, SeatId(name): seat}
    more = replace(operators, people=people, seats=seats)
    return replace(settings, operators=more), replace(change, person=PersonId(name))


def _overrides(settings: Settings, change: Change, span: Span) -> Iterator[Override]:
    zone = ZoneInfo(settings.roster.timezone)
    day = span.start.astimezone(zone).date() - DAY  # its night shift reaches into the span
    while day <= span.end.astimezone(zone).date():
        if DAYS[day.weekday()] in change.days:
            for shift in change.shifts:
                if change.adds:
                    yield Extra(kind="extra", date=day, person=change.person, shift=shift)
                else:
                    yield Leave(kind="leave", date=day, person=change.person, shift=shift)
        day += DAY
