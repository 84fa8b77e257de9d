"""The rules of the holidays in `roster.yaml`."""

from datetime import date

from routing.holiday import Calendar, Holidays
from routing.operator import Operators
from siaga.holiday import CalendarUnknown, calendar_of
from siaga.problem import SettingsPath, suggestion
from siaga.rule.day import check_day
from siaga.rule.finding import Findings

PATH: SettingsPath = ("roster", "holidays")


def check(holidays: Holidays, findings: Findings) -> None:
    """Adds what is wrong with the dates, and with the roster that holds on them."""
    calendar = _check_calendar(holidays, findings)
    for index, holiday in enumerate(holidays.add):
        path = (*PATH, "add", index)
        check_day(findings, (*path, "date"), holiday.date)
        if holiday.date in holidays.remove:
            findings.error((*path, "date"), f"{holiday.date} is in 'remove' as well")
    findings.once((*PATH, "add"), tuple(holiday.date for holiday in holidays.add))
    for index, day in enumerate(holidays.remove):
        check_day(findings, (*PATH, "remove", index), day)
        if calendar is not None and not _is_in(calendar, day):
            findings.warning((*PATH, "remove", index), f"{day} is no holiday anyway")
    findings.once((*PATH, "remove"), holidays.remove)
    _check_effect(holidays, findings)


def check_agencies(holidays: Holidays, operators: Operators, findings: Findings) -> None:
    """Adds an error for each person in a row of another agency: whom they replace is unclear."""
    for index, row in enumerate(holidays.rows):
        path = (*PATH, "rows", index, "people")
        findings.once(path, row.people)
        for place, person_id in enumerate(row.people):
            person = operators.people.get(person_id)
            if row.agency is not None and person is not None and person.agency != row.agency:
                message = f"{person_id!r} is of agency {person.agency!r}; expected {row.agency!r}"
                findings.error((*path, place), message)


def _check_calendar(holidays: Holidays, findings: Findings) -> Calendar | None:
    code = holidays.calendar
    findings.once((*PATH, "kinds"), holidays.kinds)
    if code is None:
        return None
    if not holidays.kinds:
        findings.error((*PATH, "kinds"), "expected at least one kind, or no 'calendar'")
    try:
        return calendar_of(code, holidays.kinds)
    except CalendarUnknown as error:
        meant = suggestion(code.upper(), error.known, "known are")
        findings.error((*PATH, "calendar"), f"{error}{meant}")
        return None


def _is_in(calendar: Calendar, day: date) -> bool:
    return any(holiday.date == day for holiday in calendar(day.year))


def _check_effect(holidays: Holidays, findings: Findings) -> None:
    has_dates = holidays.calendar is not None or bool(holidays.add)
    has_roster = holidays.like is not None or bool(holidays.rows)
    if has_dates and not has_roster:
        message = "holidays change nothing: expected 'like' or 'rows' to say who works on them"
        findings.warning(PATH, message, of_key=True)
    if has_roster and not has_dates:
        message = "no date is a holiday: expected 'calendar' or 'add'"
        findings.warning(PATH, message, of_key=True)
