"""What can happen in a scenario, one dataclass for each kind: people, phones, settings, and faults.

To add a kind: a dataclass here with `perform`, and a line in `KINDS` of `tests.simulation.chance`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from routing.offer import Paused, Ready, SignedOff, SignedOn
from siaga.simulation import Simulation
from switch.fake.behaviour import Behaviour, Citizen
from switch.fake.channel import FakeChannel, Place
from switch.fake.phone import Call, FakeCaller, FakePhone
from switch.fake.wire import Wire


@dataclass(frozen=True, slots=True)
class Cue:
    """The moment `later_s` after something has happened for the `nth` time.

    Attributes:
        what: The name of a record, or of an event's class.
    """

    what: str
    nth: int
    later_s: float = 0.0


FROZEN_S = 3.0
"""After so long it is noticed that a stream is half-open."""
ALL_LOST = 2.0
"""Half of the losses are on the way there: the whole of it is twice as much."""
When: TypeAlias = float | Cue
"""Seconds after the scenario's begin, or a cue."""


class Play(Protocol):
    """What an act acts on."""

    @property
    def simulation(self) -> Simulation:
        """The Asterisk in memory, with or without a centre."""

    @property
    def wire(self) -> Wire:
        """Between the two."""

    def called(self, caller: FakeCaller) -> None:
        """A citizen has dialled."""

    def manned(self, phone: FakePhone, name: str) -> None:
        """Somebody is at a phone."""

    def phone_at(self, seat: str) -> FakePhone | None:
        """Who was there last."""

    def troubled(self, since: float, *, known: bool = False) -> None:
        """From `since` until now, in the loop's time, something was broken.

        Args:
            since: When it began.
            known: The centre knew that it saw nothing.
        """

    def use(self, number: int) -> None:
        """Another set of settings is accepted."""

    def crash(self) -> None:
        """Asterisk dies."""

    async def replace(
        self, end: Callable[[], Awaitable[None]], for_s: float, *, killed: bool
    ) -> None:
        """The centre ends, if one runs, and after a while another one begins."""


class Act(Protocol):
    """Something that happens."""

    @property
    def when(self) -> When:
        """When it does."""

    async def perform(self, play: Play) -> None:
        """Does it."""


@dataclass(frozen=True, slots=True)
class Calls:
    """A citizen dials 112, or another number of the centre's."""

    when: When
    number: str
    citizen: Citizen
    trunk: str = "seluler"
    did: str = "112"

    async def perform(self, play: Play) -> None:
        """Dials."""
        caller = play.simulation.asterisk.caller(self.number, self.trunk, self.citizen)
        if not play.simulation.asterisk.away:
            caller.call(self.did)
            play.called(caller)


@dataclass(frozen=True, slots=True)
class GivesUp:
    """A citizen who loses patience, and dials 112 again after a while; as patient as `then`."""

    when: When
    number: str
    key: str
    patience_s: float
    pause_s: float
    then: Citizen

    async def perform(self, play: Play) -> None:
        """Dials, and dials again."""
        citizen = Citizen(keys=((1.0, self.key),), patience_s=self.patience_s)
        await Calls(self.when, self.number, citizen).perform(play)
        await asyncio.sleep(self.patience_s + self.pause_s)
        await Calls(self.when, self.number, self.then).perform(play)


@dataclass(frozen=True, slots=True)
class Sits:
    """A phone registers at a seat; its user does the next of `acts` at each ring, then `then`."""

    when: When
    seat: str
    acts: tuple[Behaviour, ...]
    then: Behaviour

    async def perform(self, play: Play) -> None:
        """Registers."""
        phone = play.simulation.asterisk.register(self.seat, self.then)
        phone.following.extend(self.acts)
        play.manned(phone, self.seat)


@dataclass(frozen=True, slots=True)
class Answers:
    """Who answers for a number behind a trunk."""

    when: When
    number: str
    trunk: str
    acts: tuple[Behaviour, ...]

    async def perform(self, play: Play) -> None:
        """Is there."""
        phone = play.simulation.asterisk.outside(self.number, self.trunk)
        phone.following.extend(self.acts)
        play.manned(phone, self.number)


@dataclass(frozen=True, slots=True)
class Vanishes:
    """The phone at a seat loses its power."""

    when: When
    seat: str

    async def perform(self, play: Play) -> None:
        """Dies."""
        phone = play.phone_at(self.seat)
        if phone is not None:
            phone.die()


@dataclass(frozen=True, slots=True)
class Unregisters:
    """The phone at a seat takes back its registration, and registers again after a while."""

    when: When
    seat: str
    for_s: float

    async def perform(self, play: Play) -> None:
        """Flaps."""
        phone, asterisk = play.phone_at(self.seat), play.simulation.asterisk
        endpoint = asterisk.exchange.endpoints[self.seat]
        if phone is None or endpoint.phone is not phone:
            return
        asterisk.unregister(self.seat)
        await asyncio.sleep(self.for_s)
        if play.phone_at(self.seat) is phone:  # nobody else has sat down meanwhile
            asterisk.exchange.endpoints[self.seat].phone = phone
            asterisk.exchange.tell_device(self.seat)


@dataclass(frozen=True, slots=True)
class Dials:
    """Who sits at a seat makes a call of their own, which has nothing to do with 112."""

    when: When
    seat: str
    for_s: float

    async def perform(self, play: Play) -> None:
        """Talks for so long, unless a call is there already."""
        phone, exchange = play.phone_at(self.seat), play.simulation.asterisk.exchange
        is_there = phone is not None and exchange.endpoints[self.seat].phone is phone
        if phone is None or not is_there or not phone.alive or any(exchange.on(self.seat)):
            return
        id_, name = exchange.next_name(self.seat)
        call = Call(phone, id_, incoming=False)
        exchange.channels[id_] = FakeChannel(
            id=id_,
            name=name,
            endpoint=self.seat,
            place=Place("siaga-operator"),
            created=exchange.machine.stamp(),
            call=call,
            state="Up",
            dialled=True,
        )
        phone.calls.append(call)
        call.answered()
        exchange.tell_device(self.seat)
        await asyncio.sleep(self.for_s)
        phone.end(call)


@dataclass(frozen=True, slots=True)
class Says:
    """An operator tells the floor something; without a centre that serves nobody hears it."""

    when: When
    event: Paused | Ready | SignedOn | SignedOff

    async def perform(self, play: Play) -> None:
        """Tells."""
        if play.simulation.is_running and play.simulation.centre.conductor.serves:
            play.simulation.centre.conductor.tell_floor(self.event)


@dataclass(frozen=True, slots=True)
class Reloads:
    """Another set of settings is accepted."""

    when: When
    number: int

    async def perform(self, play: Play) -> None:
        """Uses it."""
        play.use(self.number)


@dataclass(frozen=True, slots=True)
class Cut:
    """The event stream breaks; what was on its way is lost."""

    when: When

    async def perform(self, play: Play) -> None:
        """Breaks it."""
        since = asyncio.get_running_loop().time()
        play.simulation.asterisk.cut()
        play.troubled(since, known=True)


@dataclass(frozen=True, slots=True)
class Partition:
    """For a while nothing goes between Asterisk and the centre, and the centre knows it."""

    when: When
    for_s: float

    async def perform(self, play: Play) -> None:
        """Parts the two."""
        since = asyncio.get_running_loop().time()
        play.wire.lost = ALL_LOST
        play.simulation.asterisk.cut()
        try:
            await asyncio.sleep(self.for_s)
        finally:
            play.wire.clear()
            play.troubled(since, known=True)


@dataclass(frozen=True, slots=True)
class Freezes:
    """The event stream is half-open: what is told is lost, until that is noticed."""

    when: When

    async def perform(self, play: Play) -> None:
        """Freezes it."""
        since = asyncio.get_running_loop().time()
        play.simulation.asterisk.freeze_stream()
        await asyncio.sleep(FROZEN_S)
        play.troubled(since)


@dataclass(frozen=True, slots=True)
class Weather:
    """For a while things are late, lost or refused on the wire (`switch.fake.wire`)."""

    when: When
    for_s: float
    events_late_s: float = 0.0
    requests_late_s: float = 0.0
    lost: float = 0.0
    refused: float = 0.0

    async def perform(self, play: Play) -> None:
        """Sets it, and clears it again."""
        wire, since = play.wire, asyncio.get_running_loop().time()
        wire.events_late_s, wire.requests_late_s = self.events_late_s, self.requests_late_s
        wire.lost, wire.refused = self.lost, self.refused
        try:
            await asyncio.sleep(self.for_s)
        finally:
            wire.clear()
            play.troubled(since)


@dataclass(frozen=True, slots=True)
class Repeats:
    """From now on each device state is told twice."""

    when: When

    async def perform(self, play: Play) -> None:
        """Repeats."""
        play.simulation.asterisk.app.device_tells = 2


@dataclass(frozen=True, slots=True)
class Kills:
    """The daemon dies, and another one is started after a while."""

    when: When
    for_s: float

    async def perform(self, play: Play) -> None:
        """Kills, waits and starts."""
        await play.replace(play.simulation.kill, self.for_s, killed=True)


@dataclass(frozen=True, slots=True)
class Restarts:
    """The daemon is stopped in order, and started again."""

    when: When
    drain_s: float
    for_s: float

    async def perform(self, play: Play) -> None:
        """Stops, waits and starts."""
        await play.replace(lambda: play.simulation.stop(self.drain_s), self.for_s, killed=False)


@dataclass(frozen=True, slots=True)
class Crashes:
    """Asterisk dies with all its calls, and is back after a while."""

    when: When
    for_s: float

    async def perform(self, play: Play) -> None:
        """Crashes, waits and boots."""
        asterisk, since = play.simulation.asterisk, asyncio.get_running_loop().time()
        if asterisk.away:
            return
        play.crash()
        play.troubled(since)
        await asyncio.sleep(self.for_s)
        asterisk.boot()
        play.troubled(since)
