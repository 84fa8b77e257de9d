"""ARI's events, typed. What is not known is counted and skipped, whatever it is.

Source: Asterisk's `rest-api/api-docs/events.json`, branch 22, without what nobody reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import msgspec


class CallerId(msgspec.Struct, frozen=True):
    """A party's number and name, as received; empty when not given."""

    number: str = ""
    name: str = ""


class DialplanPlace(msgspec.Struct, frozen=True):
    """Where a channel is in the dialplan."""

    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


class ChannelView(msgspec.Struct, frozen=True):
    """A channel as Asterisk tells of it; `channelvars` are those that ari.conf names."""

    id: str
    name: str = ""
    state: str = ""
    caller: CallerId = CallerId()
    connected: CallerId = CallerId()
    dialplan: DialplanPlace = DialplanPlace()
    creationtime: str = ""
    language: str = ""
    channelvars: dict[str, str] = {}


class BridgeView(msgspec.Struct, frozen=True):
    """A bridge and the channels in it."""

    id: str
    bridge_type: str = ""
    name: str = ""
    channels: tuple[str, ...] = ()


class PlaybackView(msgspec.Struct, frozen=True):
    """A playback; `state` ends as `done` or `failed`."""

    id: str
    media_uri: str = ""
    target_uri: str = ""
    state: str = ""

    @property
    def has_failed(self) -> bool:
        """Of one that has ended: whether it was not heard to its end."""
        return self.state != "done"


class RecordingView(msgspec.Struct, frozen=True):
    """A recording in progress, or one that has ended; `cause` says why one has failed."""

    name: str
    state: str = ""
    cause: str = ""


class EndpointView(msgspec.Struct, frozen=True):
    """A PJSIP endpoint; `state` is online, offline or unknown."""

    technology: str
    resource: str
    state: str = "unknown"
    channel_ids: tuple[str, ...] = ()


class DeviceStateView(msgspec.Struct, frozen=True):
    """A device's state by Asterisk's names, such as NOT_INUSE, RINGING, UNAVAILABLE."""

    name: str
    state: str


class StasisStart(msgspec.Struct, frozen=True):
    """A channel has entered the application."""

    channel: ChannelView
    args: tuple[str, ...] = ()


class StasisEnd(msgspec.Struct, frozen=True):
    """A channel has left the application: hung up, moved, or back in the dialplan."""

    channel: ChannelView
    timestamp: str = ""

    def age_s(self) -> float | None:
        """Seconds since the channel was made, by Asterisk's clock; None when it does not tell."""
        try:
            now, made = map(datetime.fromisoformat, (self.timestamp, self.channel.creationtime))
            return (now - made).total_seconds()
        except (ValueError, TypeError):
            return None


class ChannelDtmfReceived(msgspec.Struct, frozen=True):
    """A digit has ended."""

    channel: ChannelView
    digit: str
    duration_ms: int = 0


class ChannelStateChange(msgspec.Struct, frozen=True):
    """A channel's state is another, such as Ringing or Up."""

    channel: ChannelView


class ChannelDestroyed(msgspec.Struct, frozen=True):
    """A channel does not exist any more; `cause` is of ITU-T Q.850."""

    channel: ChannelView
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None


class ChannelHangupRequest(msgspec.Struct, frozen=True):
    """A hang-up was asked for, by the other side or by Asterisk."""

    channel: ChannelView
    cause: int | None = None
    soft: bool | None = None


class ChannelHold(msgspec.Struct, frozen=True):
    """The phone put its partner on hold."""

    channel: ChannelView


class ChannelUnhold(msgspec.Struct, frozen=True):
    """The phone took its partner from hold."""

    channel: ChannelView


class ChannelEnteredBridge(msgspec.Struct, frozen=True):
    """A channel has joined a bridge."""

    bridge: BridgeView
    channel: ChannelView | None = None


class ChannelLeftBridge(msgspec.Struct, frozen=True):
    """A channel has left a bridge."""

    bridge: BridgeView
    channel: ChannelView


class BridgeDestroyed(msgspec.Struct, frozen=True):
    """A bridge does not exist any more."""

    bridge: BridgeView


class Dial(msgspec.Struct, frozen=True):
    """Progress of a dialled channel; `dialstatus` is empty at its begin."""

    peer: ChannelView
    dialstatus: str = ""


class PlaybackStarted(msgspec.Struct, frozen=True):
    """A playback has begun."""

    playback: PlaybackView


class PlaybackFinished(msgspec.Struct, frozen=True):
    """A playback has ended, or failed."""

    playback: PlaybackView


class RecordingStarted(msgspec.Struct, frozen=True):
    """A recording has begun."""

    recording: RecordingView


class RecordingFinished(msgspec.Struct, frozen=True):
    """A recording has ended; its file is complete, unless the disk took less."""

    recording: RecordingView


class RecordingFailed(msgspec.Struct, frozen=True):
    """A recording could not begin."""

    recording: RecordingView


class DeviceStateChanged(msgspec.Struct, frozen=True):
    """A device's state is another."""

    device_state: DeviceStateView


class EndpointStateChange(msgspec.Struct, frozen=True):
    """An endpoint went on- or offline."""

    endpoint: EndpointView


class ChannelUserevent(msgspec.Struct, frozen=True):
    """An event that was made by a user of ARI or the dialplan, with its variables."""

    eventname: str
    userevent: dict[str, Any] = {}


class ApplicationReplaced(msgspec.Struct, frozen=True):
    """Another connection has taken the application; this one gets nothing any more."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a type that this layer does not read, or that it cannot read."""

    type: str
    malformed: bool = False


Event: TypeAlias = (
    StasisStart
    | StasisEnd
    | ChannelDtmfReceived
    | ChannelStateChange
    | ChannelDestroyed
    | ChannelHangupRequest
    | ChannelHold
    | ChannelUnhold
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | BridgeDestroyed
    | Dial
    | PlaybackStarted
    | PlaybackFinished
    | RecordingStarted
    | RecordingFinished
    | RecordingFailed
    | DeviceStateChanged
    | EndpointStateChange
    | ChannelUserevent
    | ApplicationReplaced
)


class _Envelope(msgspec.Struct):
    type: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_DECODERS: Mapping[str, msgspec.json.Decoder[Event]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in Event.__args__
}


def decode(raw: str | bytes) -> Event | Unknown:
    """The event in one WebSocket message; never raises, whatever the message is."""
    try:
        kind = _ENVELOPE.decode(raw).type
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Unknown("", malformed=True)
    decoder = _DECODERS.get(kind)
    if decoder is None:
        return Unknown(kind)
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Unknown(kind, malformed=True)
