"""Why somebody is not on duty: an exception or a holiday took them off, or it is not their turn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, assert_never

from routing.assignment import noted
from routing.holiday import Holidays
from routing.operator import PersonId
from routing.override import Closed, Extra, Leave, Override, Swap
from routing.reason import Reason
from routing.roster import Roster
from routing.shift import Duty
from siaga.holiday import roster_of
from siaga.settings import Settings

AHEAD: Final = timedelta(days=14)
"""So far the roster is searched for somebody's next turn."""
NEAR: Final = timedelta(days=2)
"""A shift that is on now began so long ago at most, whatever clocks and zones do."""


class Absence:
    """Those who are not on duty at an instant.

    What took somebody off is found by leaving it out: whoever is on duty without a rule, and not
    with it, was taken off by it.

    Args:
        settings: The accepted ones.
        at: The instant, as the site's clock shows it.
    """

    def __init__(self, settings: Settings, at: datetime) -> None:
        self._settings = settings
        self._at = at
        self._roster = roster_of(settings.roster, settings.operators)
        self._normal = self._with(())
        self._plain = self._with((), is_plain=True)
        self._next: dict[PersonId, Duty] = {}
        today = at.date()
        for duty in self._roster.duties(today - NEAR, today + AHEAD):
            if duty.start > at:
                self._next.setdefault(duty.person, duty)

    def because(self, person: PersonId) -> Reason:
        """Why that person, who is not on duty, is not."""
        if _works(self._normal, person, self._at):
            return self._taken_off(person)
        if _works(self._plain, person, self._at):
            names = (self._roster.holiday(day) for day in self._days())
            name = next((holiday.name for holiday in names if holiday is not None), "")
            return Reason(noted("off duty by the holiday roster", name), ("roster", "holidays"))
        duty = self._next.get(person)
        if duty is None:
            return Reason(f"off duty: on no shift in the next {AHEAD.days} days")
        text = f"off duty until {duty.start:%a %d %b %H:%M}: {duty.because.text}"
        return Reason(text, duty.because.path)

    def _taken_off(self, person: PersonId) -> Reason:
        """By the last override that does it alone; all of them together did."""
        found = Reason("off duty by overrides", ("roster", "overrides"))
        for index, override in self._overrides():
            if not _works(self._with((override,)), person, self._at):
                found = Reason(_told(override, person), ("roster", "overrides", index))
        return found

    def _overrides(self) -> Iterator[tuple[int, Override]]:
        """Those of the days around."""
        days = self._days()
        for index, override in enumerate(self._settings.roster.overrides):
            dates = {override.date, override.until or override.date}
            if isinstance(override, Swap) and override.partner_date is not None:
                dates.add(override.partner_date)
            if min(dates) <= days[0] and max(dates) >= days[-1]:
                yield index, override

    def _days(self) -> tuple[date, ...]:
        """On which a shift may have begun that is on now, the newest first."""
        today = self._at.date()
        return tuple(today - timedelta(days=ago) for ago in range(NEAR.days + 1))

    def _with(self, overrides: tuple[Override, ...], *, is_plain: bool = False) -> Roster:
        roster = replace(self._settings.roster, overrides=overrides)
        if is_plain:
            roster = replace(roster, holidays=Holidays())
        return roster_of(roster, self._settings.operators)


def _works(roster: Roster, person: PersonId, at: datetime) -> bool:
    return any(duty.person == person for duty in roster.on_duty(at))


def _told(override: Override, person: PersonId) -> str:
    match override:
        case Leave():
            return noted("off duty: on leave", override.note)
        case Swap():
            other = override.partner if person == override.person else override.person
            return noted(f"off duty: has swapped with {other}", override.note)
        case Closed():
            return noted("off duty: closed", override.note)
        case Extra():
            return "off duty"  # an extra takes nobody off
        case _:
            assert_never(override)
