"""The rule between `zones.yaml` and the numbers that are dialled: no call comes back here.

A chain cannot refer to a chain, and each of its steps rings somebody (`routing.service`), so the
only way to write a loop is a number outside that leads in here again.
"""

from collections.abc import Iterator

from routing.number import normalise_prefix
from routing.service import Catalogue, OutsideStep
from routing.zone import Zones
from siaga.problem import SettingsPath
from siaga.rule.finding import Findings


def check(zones: Zones, catalogue: Catalogue, findings: Findings) -> None:
    """Adds outside numbers and neighbours' numbers that are numbers of this centre."""
    own: dict[str, SettingsPath] = {}
    for trunk_id, trunk in zones.trunks.items():
        for number in trunk.dids:
            path: SettingsPath = ("zones", "trunks", trunk_id, "dids", number)
            own.setdefault(_as_dialled(number, zones.country), path)
    for path, number in _dialled(zones, catalogue):
        did = own.get(_as_dialled(number, zones.country))
        if did is not None:
            message = (
                f"{number!r} is a number of this centre (zones.yaml, line {findings.line(did)}): "
                "the call would come back; expected a phone that somebody answers"
            )
            findings.error(path, message)


def _dialled(zones: Zones, catalogue: Catalogue) -> Iterator[tuple[SettingsPath, str]]:
    for id_, neighbour in zones.neighbours.items():
        if neighbour.number is not None:
            yield ("zones", "neighbours", id_, "number"), neighbour.number
    for chain_id, chain in catalogue.overflow.items():
        for index, step in enumerate(chain):
            if isinstance(step, OutsideStep):
                yield ("services", "overflow", chain_id, index, "number"), step.number


def _as_dialled(number: str, country: str) -> str:
    """One form for the ways to write a number; what is no number stays itself."""
    try:
        return normalise_prefix(number, country)
    except ValueError:
        return number
