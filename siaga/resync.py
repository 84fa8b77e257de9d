"""Learns what happened while the event stream was away, and what there is at the start.

Events wait in their order while it is learnt: what they tell is then known not to be in the look
already, or comes after it. Until all is known this process is blind, and says so.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

import structlog

from routing.offer import Sighted, Unsighted
from siaga import survey
from siaga.adoption import Difference, FoundCall, Held, Seen, differ
from siaga.caller import Caller
from siaga.echo import Echo
from siaga.feature import Features
from siaga.leg import Leg
from siaga.recorder import Recorder
from switch.asterisk import Asterisk
from switch.error import SwitchError
from switch.event import EndpointView, Event, StasisStart

log = structlog.get_logger(__name__)

PAUSE_S = 1.0
"""Between two tries to learn what Asterisk has."""
BLIND_LIMIT_S = 10.0
"""So long the floor's deadlines wait for what happened in a cut; by then the fuses have burnt."""


class House(Protocol):
    """What is known here, and who is told."""

    @property
    def callers(self) -> Mapping[str, Caller]:
        """By channel."""

    @property
    def legs(self) -> Mapping[str, Leg]:
        """By channel."""

    features: Features
    """Phones that have dialled a code."""
    recorder: Recorder
    """Recordings of talks."""

    def give(self, event: Event) -> None:
        """An event, to whom it concerns."""

    def know_seat(self, endpoint: str, state: str) -> None:
        """A phone's state, by Asterisk's device states."""

    def know_spoken(self, playback_id: str, *, failed: bool) -> None:
        """A playback has ended, to its end or not."""

    def last_playbacks(self, calls: tuple[FoundCall, ...]) -> list[str]:
        """Of calls that were found, what each caller heard last."""

    def tell_floor(self, event: Unsighted | Sighted) -> None:
        """Steps the floor and sends out what it wants done."""

    def adopt(self, calls: tuple[FoundCall, ...], playing: frozenset[str]) -> None:
        """Takes up calls that were not known; `playing` are the playbacks that are still heard."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs a task."""


class Resync:
    """Whether what is known here is of now, and the way to it.

    Args:
        switch: Asterisk.
        echo: Marks which events the look has in it already.
        house: What is known here, and who is told.
    """

    def __init__(self, switch: Asterisk, echo: Echo, house: House) -> None:
        self._switch = switch
        self._echo = echo
        self._house = house
        self._task: asyncio.Task[None] | None = None
        self._unread: list[Event] | None = None
        self._sighted = asyncio.Event()
        self._sighted.set()

    @property
    def is_blind(self) -> bool:
        """Whether events are missing: the connection is cut, or what it brings is not known yet."""
        return not self._sighted.is_set()

    async def sighted(self) -> None:
        """Returns when all is known, or when it has taken too long to be waited for."""
        try:
            async with asyncio.timeout(BLIND_LIMIT_S):
                await self._sighted.wait()
        except TimeoutError:
            log.warning("acts_blindly", after_s=BLIND_LIMIT_S)

    def lose_sight(self) -> None:
        """The event stream is gone."""
        self._sighted.clear()

    def begin(self) -> None:
        """The event stream is new."""
        self._sighted.clear()
        if self._task is not None:
            self._task.cancel()
        self._task = self._house.spawn(self._run(), "resync")

    def close(self) -> None:
        """What waits to be read is nobody's any more."""
        self._unread = None

    def take(self, event: Event) -> bool:
        """Keeps an event that has to wait; whether it has."""
        if self._unread is None:
            return False
        self._unread.append(event)
        return True

    async def _run(self) -> None:
        """Tries until it is done; whatever goes wrong, events flow on between two tries."""
        while self.is_blind:
            unread: list[Event] = []
            self._unread = unread
            try:
                await self._learn(unread)
                self._sighted.set()
            except (SwitchError, TimeoutError) as error:
                log.warning("not_resynced", error=repr(error))
            except Exception:
                log.exception("not_resynced")
            finally:
                if self._unread is unread:
                    self._unread = None
                    for event in unread:
                        self._house.give(event)
            if self.is_blind:
                await asyncio.sleep(PAUSE_S)

    async def _learn(self, unread: list[Event]) -> None:
        """Holds what Asterisk has against what is known here, and acts on the differences."""
        house = self._house
        seen, endpoints = await survey.look(self._switch, self._echo)
        legs = {id_: leg.offer.call for id_, leg in house.legs.items()}
        held = Held(frozenset(house.callers), legs, frozenset(house.features.calls))
        difference = differ(seen, held, self._switch.app)
        heard = {c.line.playback.id for c in house.callers.values() if c.line.playback is not None}
        _, playing = await asyncio.gather(
            survey.renew(self._switch, difference.calls),
            survey.still_playing(self._switch, (*heard, *house.last_playbacks(difference.calls))),
        )
        # All of it at once: a phone that is told of last must not be rung for what is told first.
        house.tell_floor(Unsighted())
        try:
            self._tell(seen, endpoints, difference, heard, playing, unread)
        finally:
            house.tell_floor(Sighted())

    def _tell(
        self,
        seen: Seen,
        endpoints: list[EndpointView],
        difference: Difference,
        heard: set[str],
        playing: frozenset[str],
        unread: list[Event],
    ) -> None:
        """Acts on the differences, without a pause in which anything else could happen."""
        house = self._house
        self._end_unseen(difference)
        in_use = frozenset(id_ for id_, view in seen.channels.items() if view.state != "Down")
        for endpoint in endpoints:
            self._know_seat(endpoint, in_use)
        for id_ in heard - playing:
            house.know_spoken(id_, failed=True)  # nobody saw how
        # Whose arrival is still to be read is not to be adopted.
        coming = {event.channel.id for event in unread if isinstance(event, StasisStart)}
        house.recorder.know(difference.takes)
        house.adopt(
            tuple(call for call in difference.calls if call.channel.id not in coming), playing
        )
        for id_ in (id_ for id_ in difference.features if id_ not in coming):
            house.spawn(house.features.apologise(id_), f"apology {id_}")
        for id_ in difference.orphans:
            house.spawn(self.end_orphan(id_), f"orphan {id_}")
        for id_ in difference.bridges:
            house.spawn(self._end_bridge(id_), f"bridge {id_}")

    def _end_unseen(self, difference: Difference) -> None:
        """Tells those whom it concerns, as far as they are still here."""
        callers, legs = self._house.callers, self._house.legs
        for id_ in callers.keys() & set(difference.ended):
            callers[id_].vanish()
        for id_ in callers.keys() & set(difference.left):
            callers[id_].pulled_out()
        for lost in difference.lost:
            if lost.channel in legs:
                legs[lost.channel].lost(lost.cause)
        for view in difference.legs:
            if view.id in legs:
                legs[view.id].know(view.state)
        for id_ in legs.keys() & set(difference.joined):
            legs[id_].leave()

    def _know_seat(self, endpoint: EndpointView, in_use: frozenset[str]) -> None:
        """A channel that is not dialled yet is no device state: nothing would tell of its end."""
        if endpoint.technology == "PJSIP":
            idle = "NOT_INUSE" if endpoint.state == "online" else "UNAVAILABLE"
            is_in_use = not in_use.isdisjoint(endpoint.channel_ids)
            self._house.know_seat(endpoint.resource, "INUSE" if is_in_use else idle)

    async def end_orphan(self, channel_id: str) -> None:
        """A leg that this process does not know rings for nobody."""
        try:
            await self._switch.channel(channel_id).hangup()
        except SwitchError as error:
            log.info("orphan_not_ended", channel=channel_id, error=str(error))

    async def _end_bridge(self, bridge_id: str) -> None:
        """A bridge that is left of a call which ended while no daemon was there."""
        try:
            await self._switch.bridge(bridge_id).destroy()
        except SwitchError as error:
            log.info("bridge_not_ended", bridge=bridge_id, error=str(error))
