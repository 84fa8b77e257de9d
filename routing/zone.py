"""Where the caller is: evidence that came with the call, weighed by the rules of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Literal, NewType, assert_never

from routing.number import NumberKind, identify, normalise_prefix, shown
from routing.operator import STRICT
from routing.reason import Reason
from routing.service import TrunkId

NeighbourId = NewType("NeighbourId", str)


class Finding(StrEnum):
    """What the evidence shows; unknown is served as inside is: only evidence puts one outside."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Policy(StrEnum):
    """What a caller from a neighbour's zone gets."""

    SERVE = "serve"
    TRANSFER = "transfer"
    ANNOUNCE = "announce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """What the dialled number of a trunk says about the origin.

    Attributes:
        zone: Where calls to it come from.
        neighbour: Whose zone it is, when outside.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    zone: Finding
    neighbour: NeighbourId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A carrier's trunk.

    Attributes:
        name: The carrier.
        endpoint: Its PJSIP endpoint in Asterisk.
        zone: Where its calls come from, when no DID below says more.
        dids: Zone by dialled number.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    endpoint: str
    zone: Finding = Finding.UNKNOWN
    dids: Mapping[str, Did] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixRule:
    """What the beginning of the caller's number says about the origin; the longest match wins.

    Attributes:
        prefix: National (`0721…`) or international (`+62721…`) beginning.
        zone: Where such callers are.
        neighbour: Whose zone it is, when outside.
        note: Why, for the administrator.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    prefix: str
    zone: Finding
    neighbour: NeighbourId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another centre, and what its callers get here.

    Attributes:
        name: As told to people.
        policy: What they get.
        number: Of its centre, as dialled on `trunk`; needed for a transfer.
        trunk: The trunk that carries the transfer.
        ring_time_s: Seconds until a transfer counts as not answered.
        confirm: The transfer counts as answered only when the callee presses 1.
        hang_up: The announcement is all they get: the one exception to "a caller reaches a human".
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    policy: Policy
    number: str | None = None
    trunk: TrunkId | None = None
    ring_time_s: float = 25.0
    confirm: bool = True
    hang_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The rules of the origin zone (`zones.yaml`).

    Attributes:
        country: ISO 3166 code that tells how national numbers are read.
        area_code: Of the city, without the trunk prefix, for numbers dialled locally.
        order: Evidence that is looked at, strongest first.
        trunks: By id.
        prefixes: Rules for the caller's number.
        neighbours: By id.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    country: str
    area_code: str
    order: tuple[Literal["trunk", "number"], ...]
    trunks: Mapping[TrunkId, Trunk]
    prefixes: tuple[PrefixRule, ...]
    neighbours: Mapping[NeighbourId, Neighbour]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came with the call; the caller's number and name may be missing, anonymous or hostile.

    Attributes:
        trunk: The trunk's id as the dialplan tagged it.
        did: The number that was dialled.
        ani: The caller's number as received.
        location: As Asterisk's geolocation hands it over: the format, a colon, and the effective
            location (`GML:shape="Circle",crs="2d",pos="-5.11 105.30",radius="500"`); empty if none.
        access: The header P-Access-Network-Info as received (RFC 7315, clause 5.4); empty if none.
    """

    trunk: str
    did: str
    ani: str
    location: str = ""
    access: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The zone's finding, whose zone it is when outside, and why.

    Attributes:
        finding: Inside, outside or unknown.
        neighbour: Whose zone it is, when outside and known.
        because: What decided comes first.
        by_number_only: Nothing but the caller's number says outside.
    """

    finding: Finding
    neighbour: NeighbourId | None
    because: tuple[Reason, ...]
    by_number_only: bool = False


@dataclass(frozen=True, slots=True)
class _Clue:
    """What one kind of evidence shows."""

    finding: Finding
    neighbour: NeighbourId | None
    reason: Reason


class ZoneMap:
    """The rules of the settings, compiled, so that a call is judged without searching them.

    Args:
        zones: The accepted settings. Of two rules for one prefix the first one stands.

    Raises:
        ValueError: A prefix or the country cannot be read (`routing.number.normalise_prefix`).
    """

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._rules: dict[str, tuple[int, PrefixRule]] = {}
        for index, rule in enumerate(zones.prefixes):
            prefix = normalise_prefix(rule.prefix, zones.country)
            self._rules.setdefault(prefix, (index, rule))
        self._lengths = sorted({len(prefix) for prefix in self._rules}, reverse=True)

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
        contradictions by name. Reasons never hold the caller's full number.
        """
        clues = [self._look(source, evidence) for source in self._zones.order]
        telling = [clue for clue in clues if clue.finding is not Finding.UNKNOWN]
        if not telling:
            nothing = Reason("no kind of evidence is looked at", ("zones", "order"))
            return Verdict(Finding.UNKNOWN, None, tuple(c.reason for c in clues) or (nothing,))
        winner = telling[0]
        others = (_beside(winner, clue) for clue in clues if clue is not winner)
        return Verdict(winner.finding, _neighbour_of(telling), (winner.reason, *others))

    def _look(self, source: Literal["trunk", "number"], evidence: Evidence) -> _Clue:
        match source:
            case "trunk":
                return self._look_at_trunk(evidence)
            case "number":
                return self._look_at_number(evidence)
            case _:
                assert_never(source)

    def _look_at_trunk(self, evidence: Evidence) -> _Clue:
        """What the trunk says, or rather the number that was dialled on it."""
        trunk = self._zones.trunks.get(TrunkId(evidence.trunk))
        if trunk is None:
            text = f"trunk {shown(evidence.trunk)!r} is not in the settings"
            return _Clue(Finding.UNKNOWN, None, Reason(text, ("zones", "trunks")))
        path = ("zones", "trunks", evidence.trunk)
        did = trunk.dids.get(evidence.did)
        if did is None:
            text = f"calls on trunk {evidence.trunk} come from {_PLACE[trunk.zone]}"
            return _Clue(trunk.zone, None, Reason(text, (*path, "zone")))
        text = f"calls to {evidence.did} on trunk {evidence.trunk} come from {_PLACE[did.zone]}"
        return _Clue(did.zone, did.neighbour, Reason(text, (*path, "dids", evidence.did)))

    def _look_at_number(self, evidence: Evidence) -> _Clue:
        """What the longest rule says that the caller's number begins with.

        Only a fixed line proves that its caller is outside: people travel with mobile phones, and
        of other numbers nobody knows. An inside rule counts for any number: it takes nothing away.
        """
        zones = self._zones
        number = identify(evidence.ani, country=zones.country, area_code=zones.area_code)
        found = None if number.e164 is None else self._longest(number.e164)
        if found is None:
            return _Clue(Finding.UNKNOWN, None, Reason(_UNMATCHED[number.kind]))
        index, rule = found
        text = f"caller's number begins with {rule.prefix}: {_PLACE[rule.zone]}"
        if rule.note:
            text = f"{text}, {rule.note}"
        finding = rule.zone
        if finding is Finding.OUTSIDE and number.kind is not NumberKind.FIXED:
            finding = Finding.UNKNOWN
            text = f"{text}; but {_MOVABLE[number.kind]}, so it proves nothing"
        return _Clue(finding, rule.neighbour, Reason(text, ("zones", "prefixes", index)))

    def _longest(self, e164: str) -> tuple[int, PrefixRule] | None:
        for length in self._lengths:
            found = self._rules.get(e164[:length])
            if found is not None:
                return found
        return None


def _beside(winner: _Clue, clue: _Clue) -> Reason:
    """What evidence that did not decide adds to the verdict."""
    if clue.finding in {winner.finding, Finding.UNKNOWN}:
        return clue.reason
    return Reason(f"weaker evidence contradicts: {clue.reason.text}", clue.reason.path)


def _neighbour_of(telling: list[_Clue]) -> NeighbourId | None:
    """Whose zone it is, when outside: as the strongest evidence says that names a neighbour."""
    if telling[0].finding is not Finding.OUTSIDE:
        return None
    named = (clue.neighbour for clue in telling if clue.finding is Finding.OUTSIDE)
    return next((neighbour for neighbour in named if neighbour is not None), None)


_PLACE = {
    Finding.INSIDE: "inside",
    Finding.OUTSIDE: "outside",
    Finding.UNKNOWN: "anywhere",
}
_UNMATCHED = {
    NumberKind.MOBILE: "caller's number is a mobile one: it may be anywhere",
    NumberKind.FIXED: "no rule for the caller's fixed-line number",
    NumberKind.OTHER: "no rule for the caller's number",
    NumberKind.UNKNOWN: "caller's number is withheld or unreadable",
}
_MOVABLE = {
    NumberKind.MOBILE: "it is a mobile one, and people travel",
    NumberKind.OTHER: "it is not known to be a fixed line",
}
