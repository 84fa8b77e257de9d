"""The rules of `zones.yaml`."""

import re
from typing import Final

from routing.number import normalise_prefix
from routing.zone import Did, Finding, Neighbour, Policy, PrefixRule, Trunk, Zones
from siaga.problem import SettingsPath
from siaga.rule.finding import DIALLED, RING_S, Findings

AREA_CODE: Final = re.compile(r"[0-9]{1,5}")
ENDPOINT: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Characters of an endpoint's name that mean nothing else in a dial string."""


def check(zones: Zones, findings: Findings) -> None:
    """Adds what is wrong with the zones."""
    if not AREA_CODE.fullmatch(zones.area_code):
        message = f"{zones.area_code!r} is no area code; expected digits such as 0725"
        findings.error(("zones", "area_code"), message)
    if not zones.order:
        findings.error(("zones", "order"), "expected at least one of: trunk, number")
    if len(set(zones.order)) < len(zones.order):
        findings.error(("zones", "order"), "each kind of evidence can be named once")
    findings.ids(("zones", "trunks"), zones.trunks)
    endpoints: dict[str, str] = {}
    for id_, trunk in zones.trunks.items():
        path = ("zones", "trunks", id_)
        _check_trunk(trunk, path, findings)
        first = endpoints.setdefault(trunk.endpoint, id_)
        if first != id_:
            message = f"{trunk.endpoint!r} is the endpoint of trunk {first!r} already"
            findings.error((*path, "endpoint"), message)
    _check_prefixes(zones, findings)
    _check_neighbours(zones, findings)


def _check_trunk(trunk: Trunk, path: SettingsPath, findings: Findings) -> None:
    if not ENDPOINT.fullmatch(trunk.endpoint):
        message = f"{trunk.endpoint!r} cannot be an endpoint; expected letters, digits, - and _"
        findings.error((*path, "endpoint"), message)
    for number, did in trunk.dids.items():
        if not DIALLED.fullmatch(number):
            message = f"{number!r} is no dialled number; expected digits such as 112"
            findings.error((*path, "dids", number), message, of_key=True)
        _check_place(did, (*path, "dids", number), findings)


def _check_place(rule: Did | PrefixRule, path: SettingsPath, findings: Findings) -> None:
    """A neighbour belongs to what is outside, and only there."""
    if rule.zone is Finding.OUTSIDE and rule.neighbour is None:
        message = "outside, but no neighbour is named: such callers are served here"
        findings.warning((*path, "zone"), message)
    if rule.zone is not Finding.OUTSIDE and rule.neighbour is not None:
        message = f"a neighbour can only be named with zone: outside, not {rule.zone}"
        findings.error((*path, "neighbour"), message)


def _check_prefixes(zones: Zones, findings: Findings) -> None:
    first_at: dict[str, int] = {}
    for index, rule in enumerate(zones.prefixes):
        path = ("zones", "prefixes", index)
        _check_place(rule, path, findings)
        try:
            prefix = normalise_prefix(rule.prefix, zones.country)
        except ValueError as error:
            is_country = "ISO 3166" in str(error)
            findings.error(("zones", "country") if is_country else (*path, "prefix"), str(error))
            if is_country:
                return
            continue
        first = first_at.setdefault(prefix, index)
        if first != index:
            line = findings.line(("zones", "prefixes", first))
            message = f"{rule.prefix!r} is the prefix of the rule in line {line} already"
            findings.error((*path, "prefix"), message)


def _check_neighbours(zones: Zones, findings: Findings) -> None:
    rules: tuple[Did | PrefixRule, ...] = (
        *zones.prefixes,
        *(did for trunk in zones.trunks.values() for did in trunk.dids.values()),
    )
    named = {rule.neighbour for rule in rules}
    for id_, neighbour in zones.neighbours.items():
        path = ("zones", "neighbours", id_)
        _check_neighbour(neighbour, path, findings)
        if id_ not in named:
            message = f"no prefix and no DID leads to neighbour {id_!r}"
            findings.unused(path, message)


def _check_neighbour(neighbour: Neighbour, path: SettingsPath, findings: Findings) -> None:
    findings.within((*path, "ring_time_s"), neighbour.ring_time_s, RING_S)
    if neighbour.policy is Policy.TRANSFER:
        for key, value in (("number", neighbour.number), ("trunk", neighbour.trunk)):
            if value is None:
                message = f"policy transfer needs {key!r}: where callers are connected to"
                findings.error((*path, "policy"), message)
    if neighbour.number is not None and not DIALLED.fullmatch(neighbour.number):
        message = f"{neighbour.number!r} cannot be dialled; expected digits such as 0721000112"
        findings.error((*path, "number"), message)
