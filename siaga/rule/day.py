"""The rules of dates and ranges of dates."""

from datetime import date
from typing import Final

from siaga.problem import SettingsPath
from siaga.rule.finding import Findings

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
"""Dates outside are slips; a bare number would be read as seconds since 1970."""
LONGEST_DAYS: Final = 366
"""No leave goes on for more than a year; a longer range is a slip in the year."""


def check_day(findings: Findings, path: SettingsPath, day: date | None) -> None:
    """An error for a date that nobody means."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        findings.error(path, f"expected a date such as 2026-12-31, found {day}")


def check_range(
    findings: Findings,
    path: SettingsPath,
    days: tuple[tuple[str, date | None], tuple[str, date | None]],
    longest: int | None = None,
) -> None:
    """Errors for the two ends of a range, both of which belong to it.

    Args:
        findings: Takes the errors.
        path: Of what has the range.
        days: The key and the date of either end.
        longest: How many days it may have.
    """
    for key, day in days:
        check_day(findings, (*path, key), day)
    (_, first), (last_key, last) = days
    if first is None or last is None:
        return
    if last < first:
        findings.error((*path, last_key), f"{last} is before {first}: no day is left")
    elif longest is not None and (last - first).days >= longest:
        message = f"from {first} these are {(last - first).days + 1} days; expected {longest}"
        findings.error((*path, last_key), f"{message} at most")
