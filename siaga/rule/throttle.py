"""The rules of `services.yaml`, `throttle`: everybody reaches a human, and within bounds."""

from typing import Final

from routing.number_list import meant
from routing.service import Catalogue
from routing.throttle import RULE
from routing.zone import Zones
from siaga.rule.finding import Findings

AFTER: Final = (2, 10)
"""One mark may be a slip of the finger; `routing.throttle.MARKS` has room for the most."""
WITHIN_S: Final = (60.0, 604_800.0)
"""From a minute to a week."""
LASTS_S: Final = (1.0, 604_800.0)
"""A week at most: numbers are given to other people."""
PRIORITY: Final = (-10, -1)
HANDICAP_S: Final = 600.0
"""Nobody waits behind who comes more than ten minutes later, whatever their number has done."""


def check(catalogue: Catalogue, findings: Findings) -> None:
    """Adds what is wrong with the throttle by itself."""
    rule = catalogue.throttle
    if rule is None:
        return
    findings.within((*RULE, "after"), rule.after, AFTER)
    findings.within((*RULE, "within_s"), rule.within_s, WITHIN_S)
    findings.within((*RULE, "lasts_s"), rule.lasts_s, LASTS_S)
    findings.within((*RULE, "priority"), rule.priority, PRIORITY)
    findings.once((*RULE, "allow"), rule.allow)
    handicap_s = -rule.priority * catalogue.ageing_s
    if rule.priority >= PRIORITY[0] and handicap_s > HANDICAP_S:
        message = (
            f"who is slowed down would wait behind callers who come {handicap_s:g} s later "
            f"({-rule.priority} times ageing_s); expected at most {HANDICAP_S:g} s"
        )
        findings.error((*RULE, "priority"), message)


def check_allowed(catalogue: Catalogue, zones: Zones, findings: Findings) -> None:
    """Adds numbers that cannot be read as the country of `zones.yaml` writes them."""
    for index, entry in enumerate(() if catalogue.throttle is None else catalogue.throttle.allow):
        try:
            meant(entry, country=zones.country, area_code=zones.area_code)
        except ValueError as error:
            findings.error((*RULE, "allow", index), str(error))
