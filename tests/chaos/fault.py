"""What a fault is, and what it is done to."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.broker import Mosquitto
from sandbox.caller import Caller
from sandbox.database import Database
from sandbox.phone import Softphone
from sandbox.system import System


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault strikes.

    Attributes:
        system: Asterisk, the daemon and all phones.
        draw: The round's own.
        phones: Those that may be rung, by seat.
        broker: What the daemon publishes to, on ground that has one.
        database: What it stores in, on ground that has one.
        callers: Those who have dialled so far.
    """

    system: System
    draw: random.Random
    phones: dict[str, Softphone]
    broker: Mosquitto | None = None
    database: Database | None = None
    callers: list[Caller] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a fault needs to be there.

    Attributes:
        by_cable: The connection between daemon and Asterisk can be cut.
        by_middleman: What daemon and Asterisk say to each other can be refused, delayed, invented.
        stepped: The clock can be stepped.
        breakable: The daemon can be broken from outside.
        has_broker: There is a broker.
        has_database: There is a PostgreSQL.
    """

    by_cable: bool = False
    by_middleman: bool = False
    stepped: bool = False
    breakable: bool = False
    has_broker: bool = False
    has_database: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks, and is whole again afterwards.

    Attributes:
        about: What happens, for people.
        strike: Breaks it, waits, mends it, and returns.
        ends_calls: Calls that are there cannot outlive it; who calls during or after it is served,
            who dials again is, too, and who does not is on the list for call-back.
        refuses: Asterisk refuses who dials during it; they dial again until it does not.
        in_place: It is shorter than the fuse: nobody falls to the last resort or is rung anew.
        ground: What it needs.
        complaints: Parts of what may be found afterwards, for the fault explains it.
        afterwards: Done once everybody has gone; returns what ought not to be.
    """

    about: str
    strike: Callable[[Scene], Awaitable[None]]
    ends_calls: bool = False
    refuses: bool = False
    in_place: bool = False
    ground: Ground = Ground()
    complaints: tuple[str, ...] = ()
    afterwards: Callable[[Scene], Awaitable[list[str]]] | None = None
