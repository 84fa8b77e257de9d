"""Where a caller is: evidence that came with the call, weighed by the rules of the settings.

Evidence of the kinds in `order` is looked at, strongest first; the first that shows anything
decides. So two kinds are never of equal strength. Evidence of one kind that contradicts itself (two
cells of one call, two names in one address) shows nothing. Whoever is not shown to be outside is
served.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from routing import cell
from routing.cell import Access, CellTable
from routing.clue import PLACE, Clue, Path, noted, nothing
from routing.locator import Locator
from routing.number import NumberKind, identify, normalise_prefix, shown
from routing.range import NumberRange, RangeSheet, RangeTable, number_range
from routing.reason import Reason
from routing.service import TrunkId
from routing.shape import Atlas
from routing.zone import (
    DEFAULT_TRUST,
    Evidence,
    Finding,
    Neighbour,
    NeighbourId,
    Row,
    Source,
    Trunk,
    Trusted,
    Verdict,
    Zones,
)


@dataclass(frozen=True, slots=True)
class Tables:
    """What the files beside the settings say.

    Attributes:
        cells: Zones by cell.
        ranges: More rules for the caller's number.
        atlas: The boundaries; None without any.
    """

    cells: CellTable = field(default_factory=CellTable)
    ranges: RangeSheet = field(default_factory=RangeSheet)
    atlas: Atlas | None = None


class ZoneMap:
    """The rules of the settings, compiled, so that a call is judged without searching them.

    Args:
        zones: The accepted settings. Of two rules for the same numbers the first one stands.
        tables: The files that they name.

    Raises:
        ValueError: A prefix or the country cannot be read (`routing.number.normalise_prefix`), or
            two ranges cross (`routing.range.RangeTable`).
    """

    def __init__(self, zones: Zones, tables: Tables | None = None) -> None:
        self._zones = zones
        self._tables = Tables() if tables is None else tables
        self._ranges = RangeTable([*prefix_ranges(zones), *self._tables.ranges])
        self._locator = Locator(zones, self._tables.atlas)
        self._looks: dict[Source, Callable[[Evidence], Clue]] = {
            "location": self._look_at_location,
            "cell": self._look_at_cell,
            "trunk": self._look_at_trunk,
            "number": self._look_at_number,
        }

    @property
    def zones(self) -> Zones:
        """The settings that this was made of."""
        return self._zones

    def neighbour(self, id_: NeighbourId | None) -> Neighbour | None:
        """The neighbour of that id; None when there is none."""
        return None if id_ is None else self._zones.neighbours.get(id_)

    def judge(self, evidence: Evidence) -> Verdict:
        """Where the caller is, and why; whatever came with the call, this answers and never raises.

        The strongest evidence that shows anything decides. All the other evidence is told after it,
        contradictions by name. Reasons hold neither the caller's full number nor the location.
        """
        clues = [self._looks[source](evidence) for source in self._zones.order]
        telling = [clue for clue in clues if clue.finding is not Finding.UNKNOWN]
        if not telling:
            nothing = Reason("no kind of evidence is looked at", ("zones", "order"))
            return Verdict(Finding.UNKNOWN, None, tuple(c.reason for c in clues) or (nothing,))
        winner = telling[0]
        because = (winner.reason, *(_beside(winner, clue) for clue in clues if clue is not winner))
        if winner.finding is Finding.INSIDE:
            return Verdict(Finding.INSIDE, None, because)
        neighbour = _neighbour_of(telling)
        by_number_only = all(clue.is_number for clue in _saying(telling, neighbour))
        return Verdict(Finding.OUTSIDE, neighbour, because, by_number_only)

    def _look_at_location(self, evidence: Evidence) -> Clue:
        """What the location shows, if the trunk that it came over is trusted for it."""
        if not evidence.location:
            return nothing("no location came with the call")
        if "location" not in self._trust(evidence):
            return self._distrusted("a location came with the call", evidence)
        return self._locator.look(evidence.location)

    def _look_at_cell(self, evidence: Evidence) -> Clue:
        """What the table says of the cell; the network's word goes before the phone's."""
        if not evidence.access:
            return nothing("no access network came with the call")
        named = cell.read(evidence.access)
        if not named:
            return nothing("caller's access network names no cell that can be read")
        trust = self._trust(evidence)
        trusted = [each for each in named if _trust_of(each) in trust]
        if not trusted:
            who = "" if named[0].is_checked else ", which only the phone names,"
            return self._distrusted(f"a cell{who} came with the call", evidence)
        for is_checked in (True, False):
            rows = [
                row
                for access in trusted
                if access.is_checked is is_checked
                and (row := self._tables.cells.find(access.cell)) is not None
            ]
            if rows:
                return self._cell_clue(rows)
        return nothing("caller's cell is not in the table")

    def _cell_clue(self, rows: list[tuple[Row, int]]) -> Clue:
        """One finding of all of a call's cells."""
        (row, line), *others = rows
        path = (str(self._zones.cells), line)
        if any((row.zone, row.neighbour) != (other.zone, other.neighbour) for other, _ in others):
            return nothing("caller's cells are of different areas", path)
        text = f"caller's cell is {PLACE[row.zone]}{noted(row.note)}"
        return Clue(row.zone, row.neighbour, Reason(text, path))

    def _look_at_trunk(self, evidence: Evidence) -> Clue:
        """What the trunk says, or rather the number that was dialled on it."""
        trunk = self._trunk(evidence)
        if trunk is None:
            text = f"trunk {shown(evidence.trunk)!r} is not in the settings"
            return nothing(text, ("zones", "trunks"))
        path = ("zones", "trunks", evidence.trunk)
        did = trunk.dids.get(evidence.did)
        if did is None:
            text = f"calls on trunk {evidence.trunk} come from {PLACE[trunk.zone]}"
            return Clue(trunk.zone, None, Reason(text, (*path, "zone")))
        text = f"calls to {evidence.did} on trunk {evidence.trunk} come from {PLACE[did.zone]}"
        return Clue(did.zone, did.neighbour, Reason(text, (*path, "dids", evidence.did)))

    def _look_at_number(self, evidence: Evidence) -> Clue:
        """What the most specific rule says that the caller's number fits.

        Only a fixed line proves that its caller is outside: people travel with mobile phones, and
        of other numbers nobody knows. An inside rule counts for any number: it takes nothing away.
        """
        zones = self._zones
        number = identify(evidence.ani, country=zones.country, area_code=zones.area_code)
        found = None if number.e164 is None else self._ranges.find(number.e164)
        if found is None:
            return nothing(_UNMATCHED[number.kind])
        if "number" not in self._trust(evidence):
            return self._distrusted("there is a rule for the caller's number", evidence)
        row, text, path = self._rule(found)
        finding = row.zone
        if finding is Finding.OUTSIDE and number.kind is not NumberKind.FIXED:
            finding = Finding.UNKNOWN
            text = f"{text}; but {_MOVABLE[number.kind]}, so it proves nothing"
        return Clue(finding, row.neighbour, Reason(text, path), is_number=True)

    def _rule(self, index: int) -> tuple[Row, str, Path]:
        """What a rule for numbers says, and where it is written."""
        prefixes = self._zones.prefixes
        if index < len(prefixes):
            rule = prefixes[index]
            row = Row(rule.zone, rule.neighbour, rule.note)
            text = f"caller's number begins with {rule.prefix}: {PLACE[row.zone]}"
            return row, f"{text}{noted(row.note)}", ("zones", "prefixes", index)
        row, line = self._tables.ranges.row(index - len(prefixes))
        text = f"caller's number is in a range that is {PLACE[row.zone]}{noted(row.note)}"
        return row, text, (str(self._zones.ranges), line)

    def _trunk(self, evidence: Evidence) -> Trunk | None:
        return self._zones.trunks.get(TrunkId(evidence.trunk))

    def _trust(self, evidence: Evidence) -> tuple[Trusted, ...]:
        """What is believed of that which came over the call's trunk."""
        trunk = self._trunk(evidence)
        return DEFAULT_TRUST if trunk is None else trunk.trust

    def _distrusted(self, what: str, evidence: Evidence) -> Clue:
        text = f"{what}, but trunk {shown(evidence.trunk)!r} is not trusted for it"
        path: Path = ("zones", "trunks")
        if self._trunk(evidence) is not None:
            path = (*path, evidence.trunk, "trust")
        return nothing(text, path)


def prefix_ranges(zones: Zones) -> Iterator[NumberRange]:
    """The numbers of each prefix of the settings.

    Raises:
        ValueError: A prefix or the country cannot be read.
    """
    for rule in zones.prefixes:
        prefix = normalise_prefix(rule.prefix, zones.country)
        yield number_range(prefix, prefix)


def _trust_of(access: Access) -> Trusted:
    return "cell" if access.is_checked else "phone-cell"


def _beside(winner: Clue, clue: Clue) -> Reason:
    """What evidence that did not decide adds to the verdict."""
    if clue.finding is Finding.UNKNOWN:
        return clue.reason
    text, path = clue.reason.text, clue.reason.path
    if clue.finding is not winner.finding:
        return Reason(f"weaker evidence contradicts: {text}", path)
    if None not in {clue.neighbour, winner.neighbour} and clue.neighbour != winner.neighbour:
        return Reason(f"weaker evidence is of another neighbour: {text}", path)
    return clue.reason


def _neighbour_of(telling: list[Clue]) -> NeighbourId | None:
    """Whose zone it is: as the strongest evidence says that names one which nothing disproves."""
    disproved: frozenset[NeighbourId] = frozenset()
    for clue in telling:
        if clue.finding is Finding.OUTSIDE:
            disproved |= clue.disproved
            if clue.neighbour is not None and clue.neighbour not in disproved:
                return clue.neighbour
    return None


def _saying(telling: list[Clue], neighbour: NeighbourId | None) -> list[Clue]:
    """The evidence that says outside, and of this neighbour."""
    outside = [clue for clue in telling if clue.finding is Finding.OUTSIDE]
    return [clue for clue in outside if neighbour in {None, clue.neighbour}]


_UNMATCHED: Final = {
    NumberKind.MOBILE: "caller's number is a mobile one: it may be anywhere",
    NumberKind.FIXED: "no rule for the caller's fixed-line number",
    NumberKind.OTHER: "no rule for the caller's number",
    NumberKind.UNKNOWN: "caller's number is withheld or unreadable",
}
_MOVABLE: Final = {
    NumberKind.MOBILE: "it is a mobile one, and people travel",
    NumberKind.OTHER: "it is not known to be a fixed line",
}
