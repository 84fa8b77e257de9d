"""The rules of the origin zone, the evidence that comes with a call, and what is found of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, Literal, NewType, TypeAlias

from routing.operator import STRICT
from routing.reason import Reason
from routing.service import TrunkId

NeighbourId = NewType("NeighbourId", str)
Source: TypeAlias = Literal["location", "cell", "trunk", "number"]
"""A kind of evidence."""
Trusted: TypeAlias = Literal["location", "cell", "phone-cell", "number"]
"""What can be believed of that which came over a trunk; `phone-cell` is a cell that nobody but the
phone itself names."""
DEFAULT_TRUST: Final[tuple[Trusted, ...]] = ("number",)
"""Anybody can write a location or a cell into a call; whether a carrier lets that pass, only those
know who have a contract with it."""


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
        trust: What else that comes over it is believed.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    endpoint: str
    zone: Finding = Finding.UNKNOWN
    dids: Mapping[str, Did] = field(default_factory=dict)
    trust: tuple[Trusted, ...] = DEFAULT_TRUST


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
        names: Of its area in civic addresses.
        boundary: File of the boundary of its area.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    policy: Policy
    number: str | None = None
    trunk: TrunkId | None = None
    ring_time_s: float = 25.0
    confirm: bool = True
    hang_up: bool = False
    names: tuple[str, ...] = ()
    boundary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The area that this centre serves.

    Attributes:
        names: Of it in civic addresses.
        boundary: File of its boundary.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    names: tuple[str, ...] = ()
    boundary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How precise boundaries and locations have to be.

    Attributes:
        margin_m: So near to the city's boundary, in metres, nobody is outside: neither the boundary
            nor a location is exact.
        max_reach_m: A location that goes further than this from its centre proves nothing.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    margin_m: float = 100.0
    max_reach_m: float = 5_000.0


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
        city: The area that this centre serves.
        location: How precise a location has to be.
        cells: File of the cells' zones.
        ranges: File of more rules for the caller's number.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    country: str
    area_code: str
    order: tuple[Source, ...]
    trunks: Mapping[TrunkId, Trunk]
    prefixes: tuple[PrefixRule, ...]
    neighbours: Mapping[NeighbourId, Neighbour]
    city: City = City()
    location: Precision = Precision()
    cells: str | None = None
    ranges: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of a table says of a cell or of a caller's number.

    Attributes:
        zone: Where such callers are.
        neighbour: Whose zone it is, when outside.
        note: Why, for the administrator.
    """

    zone: Finding
    neighbour: NeighbourId | None = None
    note: str = ""


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
        by_number_only: Outside, and only the caller's number says so of this neighbour.
    """

    finding: Finding
    neighbour: NeighbourId | None
    because: tuple[Reason, ...]
    by_number_only: bool = False
