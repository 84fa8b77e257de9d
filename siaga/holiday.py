"""The public holidays of a country, for the roster: computed by the `holidays` library, offline.

CalendarUnknown    there is no calendar of that name
"""

from collections.abc import Collection

import holidays

from routing.holiday import Calendar, Holiday, HolidayKind
from routing.operator import Operators
from routing.roster import Roster, RosterPlan


class CalendarUnknown(Exception):
    """There is no calendar of that name.

    Attributes:
        known: The names that there are: countries, or the subdivisions of the country.
    """

    def __init__(self, message: str, known: Collection[str]) -> None:
        super().__init__(message)
        self.known = known


def calendar_of(code: str, kinds: Collection[HolidayKind]) -> Calendar:
    """The calendar of a country or of a part of it, named in the country's own language.

    Dates that depend on the moon are computed for years which the government has not announced
    yet, and say so in their names; `holidays.add` and `remove` in the settings correct them.
    Loading the first calendar takes some 0.2 s and 8 MB.

    Args:
        code: ISO 3166-1 alpha-2, or ISO 3166-2 such as `DE-BY`.
        kinds: What counts; a kind that the country does not have is none of its holidays.

    Raises:
        CalendarUnknown: No such country or subdivision.
    """
    country, _, part = code.partition("-")
    if country not in (countries := holidays.list_supported_countries(include_aliases=False)):
        # The library also knows alpha-3, which looks like another country's alpha-2: IDN like IN.
        aliases = holidays.list_supported_countries(include_aliases=True)
        meant = country.upper()
        known = [holidays.country_holidays(meant).country] if meant in aliases else countries
        raise CalendarUnknown(f"unknown country {country!r}", sorted(known))
    if part and part not in countries[country]:
        known = [f"{country}-{name}" for name in countries[country]]
        raise CalendarUnknown(f"unknown part of a country {code!r}", known)
    about = holidays.country_holidays(country)
    categories = tuple(kind for kind in kinds if kind in about.supported_categories)

    def of_year(year: int) -> tuple[Holiday, ...]:
        if not categories:
            return ()  # to the library it would mean the country's public ones
        found = holidays.country_holidays(
            country,
            subdiv=part or None,
            years=year,
            categories=categories,
            language=about.default_language,
        )
        return tuple(Holiday(date=day, name=name) for day, name in sorted(found.items()))

    return of_year


def roster_of(plan: RosterPlan, operators: Operators) -> Roster:
    """The roster, compiled with its public holidays and with everybody's agency.

    Raises:
        CalendarUnknown: There is no such calendar.
        RosterError: The plan cannot be compiled.
    """
    agency_of = {person_id: person.agency for person_id, person in operators.people.items()}
    code = plan.holidays.calendar
    calendar = None if code is None else calendar_of(code, plan.holidays.kinds)
    return Roster(plan, agency_of, calendar)
