"""The rules of `zones.yaml`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from routing.judge import Tables
from routing.location import folded
from routing.number import normalise_prefix
from routing.range import NumberRange, clashes, number_range
from routing.zone import (
    Did,
    Finding,
    Neighbour,
    NeighbourId,
    Policy,
    PrefixRule,
    Source,
    Trunk,
    Zones,
)
from siaga.problem import SettingsPath
from siaga.rule.finding import DIALLED, RING_S, Findings

AREA_CODE: Final = re.compile(r"[0-9]{1,5}")
ENDPOINT: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Characters of an endpoint's name that mean nothing else in a dial string."""


MARGIN_M: Final = (0.0, 5_000.0)
"""Of a boundary: a kilometre is coarse already."""
REACH_M: Final = (10.0, 50_000.0)
"""Of a location: GPS finds ten metres; fifty kilometres are further than any cell reaches."""


def check(zones: Zones, tables: Tables, findings: Findings) -> None:
    """Adds what is wrong with the zones, and with the tables beside them."""
    if not AREA_CODE.fullmatch(zones.area_code):
        message = f"{zones.area_code!r} is no area code; expected digits such as 0725"
        findings.error(("zones", "area_code"), message)
    if not zones.order:
        findings.error(
            ("zones", "order"), "expected at least one of: location, cell, trunk, number"
        )
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
    findings.within(("zones", "location", "margin_m"), zones.location.margin_m, MARGIN_M)
    findings.within(("zones", "location", "max_reach_m"), zones.location.max_reach_m, REACH_M)
    _check_names(zones, findings)
    _check_prefixes(zones, tables, findings)
    _check_order(zones, findings)
    _check_neighbours(zones, tables, findings)


def _check_trunk(trunk: Trunk, path: SettingsPath, findings: Findings) -> None:
    if not ENDPOINT.fullmatch(trunk.endpoint):
        message = f"{trunk.endpoint!r} cannot be an endpoint; expected letters, digits, - and _"
        findings.error((*path, "endpoint"), message)
    for number, did in trunk.dids.items():
        if not DIALLED.fullmatch(number):
            message = f"{number!r} is no dialled number; expected digits such as 112"
            findings.error((*path, "dids", number), message, of_key=True)
        _check_place(did, (*path, "dids", number), findings)
    if len(set(trunk.trust)) < len(trunk.trust):
        findings.error((*path, "trust"), "each kind of evidence can be named once")


def _check_place(rule: Did | PrefixRule, path: SettingsPath, findings: Findings) -> None:
    """A neighbour belongs to what is outside, and only there."""
    if rule.zone is Finding.OUTSIDE and rule.neighbour is None:
        message = "outside, but no neighbour is named: such callers are served here"
        findings.warning((*path, "zone"), message)
    if rule.zone is not Finding.OUTSIDE and rule.neighbour is not None:
        message = f"a neighbour can only be named with zone: outside, not {rule.zone}"
        findings.error((*path, "neighbour"), message)


def _check_names(zones: Zones, findings: Findings) -> None:
    """A name in an address is that of one area."""
    first_at: dict[str, SettingsPath] = {}
    for path, name in _names(zones):
        if not folded(name):
            findings.error(path, "expected a name, found nothing")
            continue
        first = first_at.setdefault(folded(name), path)
        if first != path:
            message = f"{name!r} is the name in line {findings.line(first)} already"
            findings.error(path, message)


def _names(zones: Zones) -> Iterator[tuple[SettingsPath, str]]:
    for index, name in enumerate(zones.city.names):
        yield ("zones", "city", "names", index), name
    for id_, neighbour in zones.neighbours.items():
        for index, name in enumerate(neighbour.names):
            yield ("zones", "neighbours", id_, "names", index), name


def _check_prefixes(zones: Zones, tables: Tables, findings: Findings) -> None:
    """Each prefix can be read, and no two rules are for the same numbers, in whatever file."""
    paths: list[SettingsPath] = []
    ranges: list[NumberRange] = []
    for index, rule in enumerate(zones.prefixes):
        path = ("zones", "prefixes", index)
        _check_place(rule, path, findings)
        try:
            prefix = normalise_prefix(rule.prefix, zones.country)
            ranges.append(number_range(prefix, prefix))
        except ValueError as error:
            is_country = "ISO 3166" in str(error)
            findings.error(("zones", "country") if is_country else (*path, "prefix"), str(error))
            if is_country:
                return
        else:
            paths.append((*path, "prefix"))
    lines = (tables.ranges.row(index)[1] for index in range(len(tables.ranges)))
    paths += [(str(zones.ranges), line) for line in lines]
    ranges += tables.ranges
    _check_clashes(paths, ranges, findings)


def _check_clashes(
    paths: Sequence[SettingsPath], ranges: Sequence[NumberRange], findings: Findings
) -> None:
    for first, second in clashes(ranges):
        place = findings.place(paths[first])
        is_same_file = paths[first][0] == paths[second][0]
        where = f"line {place.line}" if is_same_file else f"{Path(place.file).name}:{place.line}"
        message = f"these numbers are those of the rule in {where} already"
        if ranges[first][:2] != ranges[second][:2]:
            message = f"these numbers overlap those in {where}, and neither are within the other"
        findings.error(paths[second], message)


def _check_order(zones: Zones, findings: Findings) -> None:
    """What is looked at is there, and what is there is looked at and trusted."""
    has_location = zones.city.boundary is not None or any(True for _ in _names(zones))
    has: dict[Source, tuple[bool, str]] = {
        "location": (has_location, "a boundary, or names"),
        "cell": (zones.cells is not None, "a file of cells"),
    }
    for source, (is_there, lack) in has.items():
        path: SettingsPath = ("zones", "order")
        if source in zones.order and not is_there:
            message = f"{source!r} is looked at, and nothing is there to compare it to: {lack}"
            findings.error(path, message)
        elif source not in zones.order and is_there:
            findings.warning(path, f"{source!r} is not looked at: what is written for it is idle")
        elif source in zones.order and not _is_trusted(source, zones):
            message = f"{source!r} is looked at, but no trunk is trusted for it (trust: [{source}])"
            findings.warning(path, message)
    if zones.city.boundary is None:
        for id_, neighbour in zones.neighbours.items():
            if neighbour.boundary is not None:
                message = "boundaries of neighbours mean nothing without one of the city"
                findings.error(("zones", "neighbours", id_, "boundary"), message)


def _is_trusted(source: Source, zones: Zones) -> bool:
    """Whether any trunk is trusted for that kind of evidence."""
    wanted = {source, "phone-cell"} if source == "cell" else {source}
    return any(wanted & set(trunk.trust) for trunk in zones.trunks.values())


def _check_neighbours(zones: Zones, tables: Tables, findings: Findings) -> None:
    by_number, by_other = _led_to(zones, tables)
    for id_, neighbour in zones.neighbours.items():
        path = ("zones", "neighbours", id_)
        _check_neighbour(neighbour, path, findings)
        if id_ not in by_number | by_other:
            message = f"nothing leads to neighbour {id_!r}: no number, DID, cell, name or boundary"
            findings.unused(path, message)
        if neighbour.hang_up:
            _check_hang_up(neighbour, path, findings, is_only_number=id_ not in by_other)


def _led_to(zones: Zones, tables: Tables) -> tuple[set[NeighbourId], set[NeighbourId]]:
    """The neighbours that a caller's number can lead to, and those that other evidence can."""
    by_number: set[NeighbourId | None] = set()
    by_other: set[NeighbourId | None] = set()
    if "number" in zones.order:
        by_number |= {rule.neighbour for rule in zones.prefixes}
        by_number |= {tables.ranges.row(index)[0].neighbour for index in range(len(tables.ranges))}
    if "trunk" in zones.order:
        by_other |= {did.neighbour for each in zones.trunks.values() for did in each.dids.values()}
    if "cell" in zones.order and _is_trusted("cell", zones):
        by_other |= {row.neighbour for row in tables.cells.rows}
    if "location" in zones.order and _is_trusted("location", zones):
        by_other |= {
            id_ for id_, each in zones.neighbours.items() if each.names or each.boundary is not None
        }
    return (
        {each for each in by_number if each is not None},
        {each for each in by_other if each is not None},
    )


def _check_hang_up(
    neighbour: Neighbour, path: SettingsPath, findings: Findings, *, is_only_number: bool
) -> None:
    """A caller is hung up on only after being told, and never for a number alone (DESIGN §5)."""
    place = (*path, "hang_up")
    if neighbour.policy is not Policy.ANNOUNCE:
        message = f"hang_up needs policy announce, not {neighbour.policy}: callers must be told"
        findings.error(place, message)
    elif is_only_number:
        message = (
            "a caller's number is never enough to hang up, and nothing else leads to this neighbour"
        )
        findings.error(place, message)
    else:
        message = (
            f"callers from {neighbour.name} who are placed by more than their number are told, "
            "and then hung up on: they reach nobody here"
        )
        findings.warning(place, message)


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
