"""The rules of `roster.yaml`: shifts, teams, rotations and weekly rows."""

from dataclasses import replace
from typing import Final

from routing.operator import PersonId
from routing.override import Extra
from routing.roster import Roster, RosterError, RosterPlan
from routing.rotation import Rotation, RotationId, TeamId
from routing.shift import DAY_OFF
from siaga.problem import SettingsPath, suggestion
from siaga.rule.day import check_day, check_range
from siaga.rule.finding import Findings

LONGEST_CYCLE: Final = 366
"""Of days; rotations of centres have 4 to 56."""


def check(plan: RosterPlan, findings: Findings) -> None:
    """Adds what is wrong with the patterns; who is missing on them is another question."""
    findings.ids(("roster", "shifts"), plan.shifts)
    if DAY_OFF in plan.shifts:
        message = f"{DAY_OFF!r} is a day off in every cycle; expected another name for a shift"
        findings.error(("roster", "shifts", DAY_OFF), message, of_key=True)
    extras = any(isinstance(override, Extra) for override in plan.overrides)
    if not plan.weekly and not plan.rotations and not extras:
        message = "nobody ever works: expected at least one row here, or a rotation"
        findings.error(("roster", "weekly"), message)
    _check_teams(plan, findings)
    for rotation_id, rotation in plan.rotations.items():
        _check_rotation(rotation_id, rotation, plan, findings)
    _check_weekly(plan, findings)
    _check_compiled(plan, findings)


def _check_weekly(plan: RosterPlan, findings: Findings) -> None:
    for index, row in enumerate(plan.weekly):
        path: SettingsPath = ("roster", "weekly", index)
        if not row.days:
            findings.error((*path, "days"), "expected at least one day")
        if not row.people:
            findings.error((*path, "people"), "expected at least one person")
        findings.once((*path, "days"), row.days)
        findings.once((*path, "people"), row.people)
        check_range(findings, path, (("since", row.since), ("until", row.until)))


def _check_teams(plan: RosterPlan, findings: Findings) -> None:
    if plan.teams:
        findings.ids(("roster", "teams"), plan.teams)
    if plan.rotations:
        findings.ids(("roster", "rotations"), plan.rotations)
    used = {team for rotation in plan.rotations.values() for team in rotation.teams}
    for team, people in plan.teams.items():
        path: SettingsPath = ("roster", "teams", team)
        findings.once(path, people)
        if team not in used:
            message = f"team {team!r} is in no rotation: its people do not work by it"
            findings.warning(path, message, of_key=True)
        elif not people:
            findings.warning(path, f"nobody is in team {team!r}", of_key=True)


def _check_rotation(
    rotation_id: RotationId, rotation: Rotation, plan: RosterPlan, findings: Findings
) -> None:
    path: SettingsPath = ("roster", "rotations", rotation_id)
    length = len(rotation.cycle)
    if all(shift == DAY_OFF for shift in rotation.cycle):
        findings.error((*path, "cycle"), "expected at least one day with a shift")
    if length > LONGEST_CYCLE:
        message = f"a cycle of {length} days; expected {LONGEST_CYCLE} at most"
        findings.error((*path, "cycle"), message)
    if not any(plan.teams.get(team) for team in rotation.teams):
        findings.error((*path, "teams"), f"nobody is in rotation {rotation_id!r}")
    for team, day in rotation.teams.items():
        if team not in plan.teams:
            message = f"unknown team {team!r}{suggestion(team, plan.teams, 'teams')}"
            findings.error((*path, "teams", team), message, of_key=True)
        if length:
            findings.within((*path, "teams", team), day, (1, length))
    check_day(findings, (*path, "anchor"), rotation.anchor)
    check_range(findings, path, (("since", rotation.since), ("until", rotation.until)))
    _check_members(rotation_id, rotation, plan, findings)


def _check_members(
    rotation_id: RotationId, rotation: Rotation, plan: RosterPlan, findings: Findings
) -> None:
    """Who is in two teams of a rotation would work two shifts on one day."""
    team_of: dict[PersonId, TeamId] = {}
    for team in rotation.teams:
        for index, person in enumerate(plan.teams.get(team, ())):
            first = team_of.setdefault(person, team)
            if first != team:
                message = f"{person!r} is in team {first!r} already, also of rotation"
                findings.error(("roster", "teams", team, index), f"{message} {rotation_id!r}")


def _check_compiled(plan: RosterPlan, findings: Findings) -> None:
    """What only the roster's own compiler knows: time zones."""
    try:
        Roster(replace(plan, overrides=()), {}, lambda _: ())
    except RosterError as error:
        keys = [key for key in error.path if isinstance(key, str)]
        if keys[1:2] in (["timezone"], ["shifts"]):
            findings.error(error.path, str(error))
