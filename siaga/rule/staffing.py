"""The rules of `staffing` in `roster.yaml`."""

from typing import Final

from siaga.problem import SettingsPath
from siaga.roster.staffing import Staffing
from siaga.rule.finding import Findings

REST_H: Final = (0.0, 48.0)
UNEVEN: Final = (0.0, 10.0)
PEOPLE: Final = (0, 1000)


def check(staffing: Staffing, findings: Findings) -> None:
    """Adds what cannot be asked of a roster."""
    path: SettingsPath = ("roster", "staffing")
    findings.within((*path, "rest_h"), staffing.rest_h, REST_H)
    findings.within((*path, "uneven"), staffing.uneven, UNEVEN)
    first: dict[tuple[str, str | None], int] = {}
    for index, row in enumerate(staffing.minimum):
        here = (*path, "minimum", index)
        findings.within((*here, "people"), row.people, PEOPLE)
        other = first.setdefault((row.agency, row.shift), index)
        if other != index:
            line = findings.line((*path, "minimum", other))
            findings.error(here, f"this minimum is set already, in line {line}")
