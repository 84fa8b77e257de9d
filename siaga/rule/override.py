"""The rules of the overrides in `roster.yaml`."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from routing.amendment import days_of
from routing.operator import Operators, PersonId
from routing.override import Leave, Override, Swap
from routing.roster import Roster, RosterError, RosterPlan
from siaga.holiday import CalendarUnknown, roster_of
from siaga.problem import SettingsPath
from siaga.rule.day import LONGEST_DAYS, check_day, check_range
from siaga.rule.finding import Findings

PATH: SettingsPath = ("roster", "overrides")


def check(overrides: Sequence[Override], findings: Findings) -> None:
    """Adds what is wrong with each override by itself."""
    for index, override in enumerate(overrides):
        path = (*PATH, index)
        ends = (("date", override.date), ("until", override.until))
        check_range(findings, path, ends, LONGEST_DAYS)
        if isinstance(override, Swap):
            _check_swap(override, path, findings)
    for index in _with_themselves(overrides):
        findings.error((*PATH, index, "partner"), "nobody can swap with themselves")


def _with_themselves(overrides: Sequence[Override]) -> set[int]:
    return {
        index
        for index, override in enumerate(overrides)
        if isinstance(override, Swap) and override.person == override.partner
    }


def _check_swap(swap: Swap, path: SettingsPath, findings: Findings) -> None:
    check_day(findings, (*path, "partner_date"), swap.partner_date)
    if swap.until is not None and swap.partner_date is not None:
        message = "'until' and 'partner_date' exclude each other; expected one row for each swap"
        findings.error((*path, "partner_date"), message, of_key=True)


def check_effect(plan: RosterPlan, operators: Operators, findings: Findings) -> None:
    """Adds warnings for overrides that change nothing of what the roster says without them."""
    if any(_is_too_long(override) for override in plan.overrides):
        return  # an error already, and there would be no end of its days
    told = _check_overlap(plan.overrides, findings) | _with_themselves(plan.overrides)
    try:
        roster = roster_of(plan, operators)
    except (RosterError, CalendarUnknown):
        return  # an error already
    misfits = _misfits(roster)
    for index, override in enumerate(plan.overrides):
        found = misfits.get(index, {})
        enough = 1 if override.until is None else sum(1 for _ in days_of(override))
        if index not in told and found and len(found) >= enough:
            day, text = next(iter(found.items()))
            findings.warning((*PATH, index), f"on {day} {text}")


def _is_too_long(override: Override) -> bool:
    return override.until is not None and (override.until - override.date).days >= LONGEST_DAYS


def _misfits(roster: Roster) -> dict[int, dict[date, str]]:
    """By the override's index: the dates on which it does not fit, and why."""
    found: dict[int, dict[date, str]] = defaultdict(dict)
    for day in roster.overridden:
        for reason in roster.misfits(day):
            found[int(reason.path[-1])].setdefault(day, reason.text)
    return found


def _check_overlap(overrides: Sequence[Override], findings: Findings) -> set[int]:
    """Warnings for leaves of one person that share a day; the indexes of those it tells."""
    by_person: dict[PersonId, list[tuple[date, date, int, Leave]]] = defaultdict(list)
    for index, override in enumerate(overrides):
        if isinstance(override, Leave):
            last = override.until or override.date
            by_person[override.person].append((override.date, last, index, override))
    told: set[int] = set()
    for person, leaves in by_person.items():
        leaves.sort(key=lambda leave: leave[:3])
        for (_, last, index, one), (first, _, other, two) in pairwise(leaves):
            if first <= last and (one.shift == two.shift or None in {one.shift, two.shift}):
                earlier, later = sorted((index, other))
                line = findings.line((*PATH, earlier))
                message = f"{person!r} is on leave then already, by line {line}"
                findings.warning((*PATH, later), message)
                told.add(later)
    return told
