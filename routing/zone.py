"""Where the caller is: evidence that came with the call, weighed by the rules of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Literal, NewType

from routing.operator import STRICT
from routing.reason import Reason
from routing.service import TrunkId

NeighbourId = NewType("NeighbourId", str)


class Finding(StrEnum):
    """What the evidence shows. Unknown is served as inside is: only evidence puts a caller outside."""

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
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: str
    policy: Policy
    number: str | None = None
    trunk: TrunkId | None = None
    ring_time_s: float = 25.0
    confirm: bool = True


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
    """

    trunk: str
    did: str
    ani: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The zone's finding, whose zone it is when outside, and why."""

    finding: Finding
    neighbour: NeighbourId | None
    because: tuple[Reason, ...]
