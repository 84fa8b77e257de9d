"""Names in the settings that stand for something written elsewhere, and whether it is there.

Works on the trees as they were read, so a file that is wrong elsewhere is searched all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from routing.shift import DAY_OFF
from siaga.document import Document, Tree, find
from siaga.problem import Problem, suggestion


@dataclass(frozen=True, slots=True)
class _Reference:
    """Where names are used, where they are defined, and what they are called; `*` is any key.

    `besides` are words that need no definition.
    """

    used: str
    defined: str
    what: str
    plural: str
    besides: tuple[str, ...] = ()


_REFERENCES = (
    _Reference("operators.agencies.*.supervisor", "operators.people", "person", "people"),
    _Reference("operators.people.*.agency", "operators.agencies", "agency", "agencies"),
    _Reference("operators.seats.*.person", "operators.people", "person", "people"),
    _Reference("operators.post", "operators.seats", "seat", "seats"),
    _Reference("services.menu.keys.*", "services.services", "service", "services"),
    _Reference("services.default_service", "services.services", "service", "services"),
    _Reference("services.services.*.group", "services.hunt_groups", "hunt group", "hunt groups"),
    _Reference("services.services.*.overflow", "services.overflow", "overflow chain", "chains"),
    _Reference("services.hunt_groups.*.agencies.*", "operators.agencies", "agency", "agencies"),
    _Reference("services.overflow.*.*.trunk", "zones.trunks", "trunk", "trunks"),
    _Reference("zones.trunks.*.dids.*.neighbour", "zones.neighbours", "neighbour", "neighbours"),
    _Reference("zones.prefixes.*.neighbour", "zones.neighbours", "neighbour", "neighbours"),
    _Reference("zones.neighbours.*.trunk", "zones.trunks", "trunk", "trunks"),
    _Reference("roster.weekly.*.shift", "roster.shifts", "shift", "shifts"),
    _Reference("roster.weekly.*.people.*", "operators.people", "person", "people"),
    _Reference("roster.overrides.*.shift", "roster.shifts", "shift", "shifts"),
    _Reference("roster.staffing.minimum.*.agency", "operators.agencies", "agency", "agencies"),
    _Reference("roster.staffing.minimum.*.shift", "roster.shifts", "shift", "shifts"),
    _Reference("roster.overrides.*.person", "operators.people", "person", "people"),
    _Reference("roster.overrides.*.partner", "operators.people", "person", "people"),
    _Reference("roster.overrides.*.partner_shift", "roster.shifts", "shift", "shifts"),
    _Reference("roster.overrides.*.agency", "operators.agencies", "agency", "agencies"),
    _Reference("roster.teams.*.*", "operators.people", "person", "people"),
    _Reference("roster.rotations.*.cycle.*", "roster.shifts", "shift", "shifts", (DAY_OFF,)),
    _Reference("roster.holidays.rows.*.shift", "roster.shifts", "shift", "shifts"),
    _Reference("roster.holidays.rows.*.people.*", "operators.people", "person", "people"),
    _Reference("roster.holidays.rows.*.agency", "operators.agencies", "agency", "agencies"),
)


def check(documents: Mapping[str, Document]) -> bool:
    """Adds a problem for each name that stands for nothing, to the document where it is used.

    Returns:
        Whether there is none.
    """
    is_whole = True
    for reference in _REFERENCES:
        known = _defined(documents, reference.defined)
        if known is None:
            continue
        words = {**known, **dict.fromkeys(reference.besides)}
        stem, *pattern = reference.used.split(".")
        document = documents[stem]
        for path, name in find(document.tree, tuple(pattern), (stem,)):
            if isinstance(name, str) and name not in words:
                meant = suggestion(name, words, reference.plural)
                message = f"unknown {reference.what} {name!r}{meant}"
                document.problems.append(Problem(*document.place(path), message))
                is_whole = False
    return is_whole


def _defined(documents: Mapping[str, Document], pattern: str) -> dict[str, Tree] | None:
    """What is defined there; None when nothing can be said, because that part cannot be read."""
    stem, *keys = pattern.split(".")
    for _, tree in find(documents[stem].tree, tuple(keys), (stem,)):
        return tree if isinstance(tree, dict) else None
    return None
