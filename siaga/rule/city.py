"""The rules of a city's assumptions (`siaga112 rehearse --city FILE`)."""

from dataclasses import fields
from typing import Final

from routing.service import ServiceId
from siaga.problem import SettingsPath, suggestion
from siaga.rehearsal.city import City, Habit, Spread, Staff
from siaga.rule.finding import Findings

HOURS_A_DAY: Final = 24
CALLS_PER_DAY: Final = (0.1, 1_000_000.0)
WEIGHT: Final = (0.0, 1_000_000.0)
SHARE: Final = (0.0, 1.0)
SECONDS: Final = (0.1, 86_400.0)


def check(city: City, stem: str, findings: Findings) -> None:
    """Adds what no city can be.

    Args:
        city: What the file says.
        stem: The file's name without `.yaml`.
        findings: Takes what is wrong.
    """
    root: SettingsPath = (stem,)
    findings.within((*root, "calls_per_day"), city.calls_per_day, CALLS_PER_DAY)
    if len(city.hours) != HOURS_A_DAY:
        message = f"expected the weights of {HOURS_A_DAY} hours, found {len(city.hours)}"
        findings.error((*root, "hours"), message)
    _weights((*root, "hours"), dict(enumerate(city.hours)), findings)
    weekdays = {str(day): weight for day, weight in city.weekdays.items()}
    _weights((*root, "weekdays"), weekdays, findings, is_whole=False)
    for name in ("wrong_key", "other_language"):
        findings.within((*root, name), getattr(city, name), SHARE)
    kinds: dict[str, Habit] = {
        kind: getattr(city.callers, kind) for kind in ("genuine", "information", "prank", "ghost")
    }
    for kind, habit in kinds.items():
        _habit((*root, "callers", kind), habit, findings)
    if sum(habit.share for habit in kinds.values()) <= 0:
        findings.error((*root, "callers"), "nobody calls: expected a share above 0")
    for service, demand in city.services.items():
        here = (*root, "services", str(service))
        findings.within((*here, "weight"), demand.weight, WEIGHT)
        _spread((*here, "talk"), demand.talk, findings)
        _spread((*here, "desk"), demand.desk, findings)
    _staff((*root, "operators"), city.operators, findings)


def check_services(
    written: tuple[str, ...], stem: str, services: tuple[ServiceId, ...], findings: Findings
) -> None:
    """Adds each service that the settings do not have."""
    for service in written:
        if service not in services:
            meant = suggestion(service, services, "services")
            message = f"unknown service {service!r}{meant}"
            findings.error((stem, "services", service), message, of_key=True)


def _weights(
    path: SettingsPath,
    weights: dict[int, float] | dict[str, float],
    findings: Findings,
    *,
    is_whole: bool = True,
) -> None:
    for key, weight in weights.items():
        findings.within((*path, key), weight, WEIGHT)
    if is_whole and sum(weights.values()) <= 0:
        findings.error(path, "nobody ever calls: expected a weight above 0")


def _habit(path: SettingsPath, habit: Habit, findings: Findings) -> None:
    findings.within((*path, "share"), habit.share, WEIGHT)
    for name in ("silent", "stays"):
        findings.within((*path, name), getattr(habit, name), SHARE)
    for name in ("decide", "patience", "talk"):
        _spread((*path, name), getattr(habit, name), findings)


def _staff(path: SettingsPath, staff: Staff, findings: Findings) -> None:
    _spread((*path, "answer"), staff.answer, findings)
    for each in fields(Staff):
        if each.name != "answer":
            findings.within((*path, each.name), getattr(staff, each.name), SHARE)


def _spread(path: SettingsPath, spread: Spread, findings: Findings) -> None:
    findings.within((*path, "median_s"), spread.median_s, SECONDS)
    findings.within((*path, "p90_s"), spread.p90_s, SECONDS)
    if spread.p90_s < spread.median_s:
        message = f"is less than median_s: expected {spread.median_s:g} or more"
        findings.error((*path, "p90_s"), f"{spread.p90_s:g} {message}")
