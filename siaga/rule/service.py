"""The rules of `services.yaml`: menu, services, hunt groups and overflow chains."""

import re
from typing import Final

from ivr.announcer import APART_S
from ivr.menu import Menu
from routing.operator import Operators
from routing.service import (
    Announcements,
    Catalogue,
    HuntGroup,
    OutsideStep,
    OverflowStep,
    PostStep,
    SupervisorStep,
)
from siaga.problem import SettingsPath
from siaga.rule.finding import DIALLED, DTMF, MAX_PENALTY, RING_S, Findings
from siaga.site import DaemonSettings

SERVICE_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
"""Goes into names of Asterisk's variables (SIAGA_DUTY_medis), which have no dashes."""
LABEL: Final = re.compile(r"[ -~]{1,24}")
"""Shown by every phone: ASCII, and short enough for a small display."""
NEVER_LABEL: Final = frozenset('"<>,;&|')
"""Have a meaning in SIP names and in Asterisk's dial options."""
FIRST_DIGIT_S: Final = (0.5, 15.0)
REPEATS: Final = (0, 5)
BUSY_WAIT_S: Final = (0.0, 300.0)
PRIORITY: Final = (-100, 100)
MAX_WAIT_S: Final = (10.0, 3600.0)
"""Less than a ring time would make the chain meaningless."""
WRAP_UP_S: Final = (0.0, 1800.0)
AUTO_PAUSE_AFTER: Final = (0, 100)
LIMIT_AT_S: Final = (0.0, 3600.0)
AGEING_S: Final = (1.0, 3600.0)
"""Never 0: priority alone would let callers of a quiet service starve."""
REDIAL_CREDIT_S: Final = (0.0, 3600.0)
FIRST_AFTER_S: Final = (10.0, 300.0)
"""Sooner would cut off the words that say who is being called."""
ANNOUNCE_EVERY_S: Final = (APART_S, 600.0)


def check_menu(menu: Menu, findings: Findings) -> None:
    """Adds what is wrong with the menu by itself."""
    path: SettingsPath = ("services", "menu")
    if not menu.languages:
        findings.error((*path, "languages"), "expected at least one language")
    findings.once((*path, "languages"), menu.languages)
    if not menu.keys:
        findings.error((*path, "keys"), "expected at least one key that leads to a service")
    for digit in menu.keys:
        if digit not in DTMF:
            _not_a_key((*path, "keys", digit), digit, findings, of_key=True)
    special = {"human_key": menu.human_key, "language_key": menu.language_key}
    for name, digit in special.items():
        if digit not in DTMF:
            _not_a_key((*path, name), digit, findings)
        if digit in menu.keys:
            message = f"key {digit} is the {name}; expected another key here, or another {name}"
            findings.error((*path, "keys", digit), message, of_key=True)
    if menu.human_key == menu.language_key and menu.human_key in DTMF:
        message = f"key {menu.language_key} is the human_key; expected another key"
        findings.error((*path, "language_key"), message)
    findings.within((*path, "first_digit_s"), menu.first_digit_s, FIRST_DIGIT_S)
    findings.within((*path, "repeats"), menu.repeats, REPEATS)
    findings.within((*path, "wrong_key_repeats"), menu.wrong_key_repeats, REPEATS)


def check_catalogue(catalogue: Catalogue, findings: Findings) -> None:
    """Adds what is wrong with services, hunt groups and overflow chains."""
    findings.ids(("services", "services"), catalogue.services)
    findings.ids(("services", "hunt_groups"), catalogue.hunt_groups)
    findings.ids(("services", "overflow"), catalogue.overflow)
    for id_, service in catalogue.services.items():
        path: SettingsPath = ("services", "services", id_)
        if not SERVICE_ID.fullmatch(id_):
            message = f"{id_!r} cannot be a service's id; expected small letters, digits and _"
            findings.error(path, message, of_key=True)
        if not LABEL.fullmatch(service.label) or NEVER_LABEL & set(service.label):
            message = f"{service.label!r} cannot be shown by phones; expected 1 to 24 plain letters"
            findings.error((*path, "label"), message)
        findings.within((*path, "priority"), service.priority, PRIORITY)
        if service.max_wait_s is not None:
            findings.within((*path, "max_wait_s"), service.max_wait_s, MAX_WAIT_S)
    for group_id, group in catalogue.hunt_groups.items():
        _check_group(("services", "hunt_groups", group_id), group, findings)
    _check_queue(catalogue, findings)
    _check_announcements(catalogue.announcements, findings)
    for chain_id, chain in catalogue.overflow.items():
        _check_chain(("services", "overflow", chain_id), chain, findings)
    _check_unused(catalogue, findings)


def check_recording(catalogue: Catalogue, daemon: DaemonSettings, findings: Findings) -> None:
    """Adds services whose talks are to be recorded when no folder for recordings is written."""
    if daemon.recording is None:
        for id_ in sorted(catalogue.recorded):
            message = "siaga.yaml has no recording: expected its folder there"
            findings.error(("services", "services", id_, "record"), message)


def check_reach(menu: Menu, catalogue: Catalogue, findings: Findings) -> None:
    """Adds services that no key leads to, and service names that callers' languages lack."""
    reached = {*menu.keys.values(), catalogue.default_service}
    for id_, service in catalogue.services.items():
        path: SettingsPath = ("services", "services", id_)
        if id_ not in reached:
            findings.unused(path, f"no key of the menu leads to service {id_!r}")
        for language in menu.languages:
            if language not in service.name:
                findings.warning((*path, "name"), f"no name in language {language!r}")


def check_people(catalogue: Catalogue, operators: Operators, findings: Findings) -> None:
    """Adds hunt groups that nobody belongs to: they could never ring a phone."""
    staffed = {person.agency for person in operators.people.values()}
    for id_, group in catalogue.hunt_groups.items():
        if findings.is_whole and group.agencies and staffed.isdisjoint(group.agencies):
            message = (
                f"nobody belongs to {', '.join(group.agencies)}, so this group can ring no phone; "
                "expected people of these agencies in operators.yaml"
            )
            findings.error(("services", "hunt_groups", id_, "agencies"), message)


def check_supervisors(catalogue: Catalogue, operators: Operators, findings: Findings) -> None:
    """Adds supervisor steps of services whose agencies have no supervisor."""
    for id_, service in catalogue.services.items():
        group = catalogue.hunt_groups.get(service.group)
        chain = catalogue.overflow.get(service.overflow, ())
        if group is None or not any(isinstance(step, SupervisorStep) for step in chain):
            continue
        agencies = [operators.agencies.get(agency) for agency in group.agencies]
        if all(agency is None or agency.supervisor is None for agency in agencies):
            message = (
                f"chain {service.overflow!r} rings a supervisor, but there is none for {id_!r}"
            )
            findings.warning(("services", "services", id_, "overflow"), message)


def _check_group(path: SettingsPath, group: HuntGroup, findings: Findings) -> None:
    if not group.agencies:
        findings.error((*path, "agencies"), "expected at least one agency")
    findings.once((*path, "agencies"), group.agencies)
    findings.within((*path, "ring_time_s"), group.ring_time_s, RING_S)
    findings.within((*path, "busy_wait_s"), group.busy_wait_s, BUSY_WAIT_S)
    findings.within((*path, "wrap_up_s"), group.wrap_up_s, WRAP_UP_S)
    findings.within((*path, "auto_pause_after"), group.auto_pause_after, AUTO_PAUSE_AFTER)
    limits = sorted(group.penalty_limit.items())
    path = (*path, "penalty_limit")
    if limits and limits[0][0] > 0:
        findings.error(path, "expected the limit of a caller who has just come, such as 0: 0")
    lowest = 0
    for waited_s, limit in limits:
        at = (*path, f"{waited_s:g}")
        findings.within(at, waited_s, LIMIT_AT_S)
        findings.within(at, limit, (0, MAX_PENALTY))
        if limit < lowest:
            message = f"{limit} is less than the limit before; it must rise with the waiting"
            findings.error(at, message)
        lowest = limit


def _check_queue(catalogue: Catalogue, findings: Findings) -> None:
    findings.within(("services", "ageing_s"), catalogue.ageing_s, AGEING_S)
    findings.within(("services", "redial_credit_s"), catalogue.redial_credit_s, REDIAL_CREDIT_S)
    for index, number in enumerate(catalogue.shared_numbers):
        if not DIALLED.fullmatch(number):
            message = f"{number!r} is no number; expected digits as the trunk presents them"
            findings.error(("services", "shared_numbers", index), message)


def _check_announcements(announcements: Announcements, findings: Findings) -> None:
    path: SettingsPath = ("services", "announcements")
    findings.within((*path, "first_after_s"), announcements.first_after_s, FIRST_AFTER_S)
    for name in ("position_every_s", "apology_every_s"):
        every_s = getattr(announcements, name)
        if every_s is not None:
            findings.within((*path, name), every_s, ANNOUNCE_EVERY_S)


def _not_a_key(path: SettingsPath, digit: str, findings: Findings, *, of_key: bool = False) -> None:
    message = f"{digit!r} is no key of a telephone; expected one of 0 to 9, * or #"
    findings.error(path, message, of_key=of_key)


def _check_chain(path: SettingsPath, chain: tuple[OverflowStep, ...], findings: Findings) -> None:
    for index, step in enumerate(chain):
        findings.within((*path, index, "ring_time_s"), step.ring_time_s, RING_S)
        if isinstance(step, OutsideStep) and not DIALLED.fullmatch(step.number):
            message = f"{step.number!r} cannot be dialled; expected digits such as 081234567890"
            findings.error((*path, index, "number"), message)
    if not chain or not isinstance(chain[-1], PostStep | OutsideStep):
        message = "this chain must end in something that always rings: a step to post or outside"
        findings.error((*path, len(chain) - 1) if chain else path, message)


def _check_unused(catalogue: Catalogue, findings: Findings) -> None:
    services = catalogue.services.values()
    for group in catalogue.hunt_groups.keys() - {service.group for service in services}:
        message = f"no service uses hunt group {group!r}"
        findings.unused(("services", "hunt_groups", group), message)
    for chain in catalogue.overflow.keys() - {service.overflow for service in services}:
        message = f"no service uses overflow chain {chain!r}"
        findings.unused(("services", "overflow", chain), message)
