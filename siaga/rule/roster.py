"""The rules of `roster.yaml`."""

from routing.roster import Roster, RosterError, RosterPlan
from siaga.problem import SettingsPath
from siaga.rule.finding import Findings

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Dates outside are slips; a bare number would be read as seconds since 1970."""


def check(plan: RosterPlan, findings: Findings) -> None:
    """Adds what is wrong with the roster; who is missing on it is another question."""
    findings.ids(("roster", "shifts"), plan.shifts)
    if not plan.weekly and not plan.overrides:
        findings.error(("roster", "weekly"), "nobody ever works: expected at least one row")
    for index, row in enumerate(plan.weekly):
        path: SettingsPath = ("roster", "weekly", index)
        if not row.days or not row.people:
            findings.error(path, "this row has no days or no people")
        for key, names in (("days", row.days), ("people", row.people)):
            if len(set(names)) < len(names):
                findings.error((*path, key), "something is here twice")
    for index, override in enumerate(plan.overrides):
        path = ("roster", "overrides", index)
        if not FIRST_YEAR <= override.date.year <= LAST_YEAR:
            message = f"expected a date such as 2026-12-31, found {override.date}"
            findings.error((*path, "date"), message)
    _check_compiled(plan, findings)


def _check_compiled(plan: RosterPlan, findings: Findings) -> None:
    """What only the roster's own compiler knows: time zones."""
    try:
        Roster(plan)
    except RosterError as error:
        keys = [key for key in error.path if isinstance(key, str)]
        if keys[1:2] in (["timezone"], ["shifts"]):
            findings.error(error.path, str(error))
