"""What a fault is, and what it is done to."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.phone import Softphone
from sandbox.system import System


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault strikes.

    Attributes:
        system: Asterisk, the daemon and all phones.
        draw: The round's own.
        phones: Those that may be rung, by seat.
    """

    system: System
    draw: random.Random
    phones: dict[str, Softphone]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a fault needs to be there.

    Attributes:
        by_cable: The connection between daemon and Asterisk can be cut.
        stepped: The clock can be stepped.
        siaga: Values laid over `siaga.yaml`.
    """

    by_cable: bool = False
    stepped: bool = False
    siaga: dict[str, dict[str, object] | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks, and is whole again afterwards.

    Attributes:
        about: What happens, for people.
        strike: Breaks it, waits, mends it, and returns.
        ends_calls: Calls that are there cannot outlive it; who calls during or after it is served.
        in_place: It is shorter than the fuse: nobody falls to the last resort or is rung anew.
        ground: What it needs.
        complaints: Parts of Asterisk's complaints that it explains.
    """

    about: str
    strike: Callable[[Scene], Awaitable[None]]
    ends_calls: bool = False
    in_place: bool = False
    ground: Ground = Ground()
    complaints: tuple[str, ...] = ()
