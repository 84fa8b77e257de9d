"""Public holidays: which dates they are, and who works on them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from routing.operator import STRICT, AgencyId, PersonId
from routing.rotation import Weekday
from routing.shift import ShiftId
from routing.window import Window

YEARS_KEPT: Final = 20
"""Nobody looks at more years at once."""


class HolidayKind(StrEnum):
    """What a country's calendar tells apart.

    Source: the categories of the `holidays` library; Indonesia's cuti bersama are `government`.
    """

    PUBLIC = "public"
    GOVERNMENT = "government"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A date on which the holiday roster holds, and what people call it."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    date: date
    name: str


Calendar: TypeAlias = Callable[[int], Iterable[Holiday]]
"""The public holidays of a year. It only computes; the shell brings one for a country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRow:
    """These people work this shift on holidays, in place of those whom the pattern puts there.

    Attributes:
        shift: Which.
        people: Who; an empty list closes the shift on holidays.
        agency: Only people of this agency are replaced; None: all.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    shift: ShiftId
    people: tuple[PersonId, ...]
    agency: AgencyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The holidays of the site, and the roster that holds on them.

    Attributes:
        calendar: ISO 3166 code of the country, such as `ID`, with a subdivision where they differ
            (`DE-BY`); None: only the dates in `add` are holidays.
        kinds: What counts of that calendar.
        add: More holidays: local ones, and days to which others were moved; they also rename.
        remove: Dates that are none, whatever the calendar says.
        like: Weekly rows of this day hold instead of those of the date's own; rotations go on.
        rows: Who works on holidays; a row wins over the pattern for its shift and agency.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    calendar: str | None = None
    kinds: tuple[HolidayKind, ...] = tuple(HolidayKind)
    add: tuple[Holiday, ...] = ()
    remove: tuple[date, ...] = ()
    like: Weekday | None = None
    rows: tuple[HolidayRow, ...] = ()


def _no_holidays(_: int) -> tuple[Holiday, ...]:
    return ()


class HolidayBook:
    """Which dates are holidays: those of the calendar, without `remove`, with `add`.

    Args:
        holidays: The settings.
        calendar: That of `holidays.calendar`; without one there it is not asked.
    """

    def __init__(self, holidays: Holidays, calendar: Calendar | None) -> None:
        self._added = {each.date: each for each in holidays.add}
        self._removed = frozenset(holidays.remove)
        named = None if holidays.calendar is None else calendar
        self._calendar: Calendar = named or _no_holidays
        self._years: Window[int, dict[date, Holiday]] = Window(YEARS_KEPT, self._year, lambda _: 1)

    def on(self, day: date) -> Holiday | None:
        """The holiday of a date; None on all others."""
        added = self._added.get(day)
        if added is not None or day in self._removed:
            return added
        return self._years.at(day.year).get(day)

    def _year(self, year: int) -> dict[date, Holiday]:
        return {each.date: each for each in self._calendar(year)}
