"""Brings each of Asterisk's events to whom it concerns: a caller, a leg, a code, a recording."""

from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

from routing.moment import Moment
from siaga.arrival import FEATURE, LEG, NEW, TAKE, kind_of
from siaga.caller import Caller
from siaga.clock import Clock
from siaga.feature import Features
from siaga.leg import Leg
from siaga.recorder import Recorder
from siaga.takeover import arrival_of
from switch.event import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    ChannelStateChange,
    DeviceStateChanged,
    Event,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisEnd,
    StasisStart,
)


class House(Protocol):
    """Those whom events can concern."""

    @property
    def callers(self) -> Mapping[str, Caller]:
        """By channel."""

    @property
    def legs(self) -> Mapping[str, Leg]:
        """By channel."""

    features: Features
    """Phones that have dialled a code."""
    recorder: Recorder
    """Talks that are recorded."""

    def welcome(self, event: StasisStart, arrived: Moment) -> None:
        """A caller begins a stay."""

    def know_seat(self, endpoint: str, state: str) -> None:
        """A phone's state, by Asterisk's device states."""

    def know_spoken(self, playback_id: str, *, failed: bool) -> None:
        """A playback has ended, to its end or not."""

    def end_orphan(self, channel_id: str) -> Coroutine[Any, Any, None]:
        """Ends a leg that is nobody's."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> object:
        """Runs a task."""


class Delivery:
    """Knows whom an event concerns; never waits.

    Args:
        house: Those whom events can concern.
        clock: The only clock.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        self._house = house
        self._clock = clock

    def give(self, event: Event) -> None:
        """An event, to whom it concerns; most concern nobody."""
        house = self._house
        match event:
            case StasisStart():
                self._enter(event)
            case DeviceStateChanged():
                technology, _, endpoint = event.device_state.name.partition("/")
                if technology == "PJSIP" and endpoint:
                    house.know_seat(endpoint, event.device_state.state)
            case PlaybackFinished():
                house.features.know_spoken(event.playback.id, failed=event.playback.has_failed)
                house.know_spoken(event.playback.id, failed=event.playback.has_failed)
            case (
                StasisEnd()
                | ChannelDtmfReceived()
                | ChannelStateChange()
                | ChannelDestroyed()
                | ChannelHangupRequest()
            ):
                id_ = event.channel.id
                party = (
                    house.legs.get(id_)
                    or house.callers.get(id_)
                    or house.features.calls.get(id_)
                    or house.recorder.takes.get(id_)
                )
                if party is not None:
                    party.take(event)
            case RecordingFinished() | RecordingFailed():
                house.recorder.take(event)
            case _:
                pass

    def _enter(self, event: StasisStart) -> None:
        house, id_ = self._house, event.channel.id
        if id_ in house.legs:
            house.legs[id_].take(event)
        elif kind_of(event) == LEG:
            house.spawn(house.end_orphan(id_), f"orphan {id_}")
        elif kind_of(event) == FEATURE:
            house.features.welcome(event)
        elif kind_of(event) == TAKE:
            house.recorder.enter(event)
        else:
            at = self._clock.now()
            # Who comes back from the dialplan keeps the place of the arrival.
            came = at if kind_of(event) == NEW else arrival_of(event.channel, at)
            house.welcome(event, came)
