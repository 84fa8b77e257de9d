"""A performance as it can be compared: who heard what in which order, without ids and times.

What is compared is split into tracks, since Asterisk keeps an order only within one topic:

* a channel's own events (entered, state, digits, hang-up, left, destroyed),
* its `Dial` events, which come from the dialling thread: the first two may change places,
* its joining and leaving of bridges, which come from the bridge,
* playbacks, by whom they are played to,
* device states, by endpoint; devices inside Asterisk (its announcers) are nobody's phone,
* records of one call; those of one ringing leg apart, since two phones ring side by side.

Five things are left to chance by Asterisk itself and are told the same way here:

* a hang-up request of the other side has its cause (16) already or not yet,
* a prompt that a caller hung up on fails before or after its bridge is gone, and is told of only
  before,
* the legs of a caller who hung up are ended by the centre, or first by the caller's hangup handler
  in the dialplan, which sends no request,
* who wins when two answer in one instant: they are called winner and loser,
* whether such a loser's answer still came in.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from journal.record import Record
from siaga.memory import OFFER, KeptOffer, read
from switch.event import (
    BridgeDestroyed,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelLeftBridge,
    ChannelStateChange,
    DeviceStateChanged,
    Dial,
    Event,
    PlaybackFinished,
    PlaybackStarted,
    PlaybackView,
    StasisEnd,
    StasisStart,
)
from tests.scenario.tape import Tape

Tracks = dict[str, list[str]]
TIMES = frozenset({"waited_s", "talked_s", "until", "version"})
"""Details that differ from one performance to the next."""
OF_LEG = frozenset({"ringing", "withdrawn", "offer_failed"})
EXTENSION = 4
"""Digits of the seats' numbers."""
BRIDGE, LEG, CONFIRM = "siaga-bridge-", "siaga-leg-", "-confirm"


class Cast:
    """Names instead of ids.

    Args:
        tape: Whose.
        by_outcome: Legs are called winner and loser instead of by their target.

    Attributes:
        caller_of: By a leg's name, whom it rings for.
    """

    def __init__(self, tape: Tape, *, by_outcome: bool) -> None:
        self._names: dict[str, str] = {}
        self._targets: dict[str, str] = {}
        self.caller_of: dict[str, str] = {}
        won = {r.detail["offer"] for r in tape.records if r.what == "operator_answered"}
        for record in tape.records:
            if record.what == "arrived" and record.call not in self._names:
                self._names[str(record.call)] = f"caller {self._count('caller') + 1}"
            elif record.what == "offered":
                offer, target = record.detail["offer"], record.detail["target"]
                if by_outcome:
                    self._targets[target] = "winner" if offer in won else "loser"
                target = self.target(target)
                leg = self._names[LEG + offer] = f"{target} #{self._count(target) + 1}"
                self.caller_of[leg] = self._names[str(record.call)]

        for _, event in tape.events:
            if isinstance(event, StasisStart) and event.args[:1] == ("feature",):
                self._names[event.channel.id] = f"code {self._count('code') + 1}"

    def _count(self, begin: str) -> int:
        return sum(name.startswith(begin) for name in self._names.values())

    def name(self, id_: str) -> str:
        """The role that an id belongs to."""
        bare = id_.removeprefix(BRIDGE).removesuffix(CONFIRM)
        return self._names.get(bare) or self._names.get(LEG + bare, id_)

    def number(self, number: str) -> str:
        """A phone's own number; that of an extension says which target it is."""
        return "its seat" if self._targets and len(number) == EXTENSION else number

    def target(self, target: str) -> str:
        """A target's name."""
        return self._targets.get(target, target)


def trace(tape: Tape, *, by_outcome: bool = False) -> Tracks:
    """The tracks of a performance."""
    cast, tracks = Cast(tape, by_outcome=by_outcome), defaultdict[str, list[str]](list)
    for _, event in tape.events:
        track, text = _told(event, cast)
        if track:
            tracks[track].append(text)
    for record in tape.records:
        track, text = _recorded(record, cast)
        tracks[track].append(text)
    for track in [track for track in tracks if track.endswith(" dial")]:
        tracks[track][:2] = sorted(tracks[track][:2])
    for track in [track for track in tracks if track.endswith(" hears")]:
        if tracks[track][-1].endswith(" failed"):
            tracks[track].pop()
    _forgive_handler(tracks, tape, cast)
    if by_outcome:
        _forgive_late_answer(tracks)
    return dict(sorted(tracks.items()))


def _forgive_handler(tracks: Tracks, tape: Tape, cast: Cast) -> None:
    """The centre's hang-up of a leg and the dialplan's are 10 ms apart."""
    hung_up: set[str] = set()
    for _, event in tape.events:
        match event:
            case ChannelHangupRequest() if not event.soft:
                hung_up.add(cast.name(event.channel.id))
            case StasisEnd():
                leg = cast.name(event.channel.id)
                if cast.caller_of.get(leg) in hung_up:
                    tracks[leg] = [text for text in tracks[leg] if text != "hang-up 32 soft"]
            case _:
                pass


def _forgive_late_answer(tracks: Tracks) -> None:
    """The loser's answer and the end of its ringing cross; either of the two is offered first."""
    for track in [track for track in tracks if track.startswith("loser")]:
        tracks[track] = [text for text in tracks[track] if text not in ("state Up", "ANSWER")]
    for track in [track for track in tracks if track.startswith("records of caller")]:
        texts = tracks[track]
        places = [place for place, text in enumerate(texts) if text.startswith("offered ")]
        for place, text in zip(places, sorted(texts[place] for place in places), strict=True):
            texts[place] = text


def _told(event: Event, cast: Cast) -> tuple[str, str]:
    match event:
        case PlaybackStarted():
            return _played(event.playback, cast, "started")
        case PlaybackFinished():
            return _played(event.playback, cast, event.playback.state)
        case DeviceStateChanged():
            device = event.device_state
            pjsip = device.name.startswith("PJSIP/")
            return f"device {device.name}" if pjsip else "", device.state
        case Dial():
            return f"{cast.name(event.peer.id)} dial", event.dialstatus or "begun"
        case ChannelEnteredBridge():
            who = "" if event.channel is None else cast.name(event.channel.id)
            return f"{who} bridge", f"entered that of {cast.name(event.bridge.id)}"
        case ChannelLeftBridge():
            return (
                f"{cast.name(event.channel.id)} bridge",
                f"left that of {cast.name(event.bridge.id)}",
            )
        case BridgeDestroyed():
            return f"bridge of {cast.name(event.bridge.id)}", "destroyed"
        case _:
            return _of_channel(event, cast)


def _of_channel(event: Event, cast: Cast) -> tuple[str, str]:
    match event:
        case StasisStart():
            channel, number = event.channel, event.channel.connected.number
            kind = ",".join(event.args[:1])
            place = channel.dialplan
            own = channel.caller.number or "nobody"
            text = f"entered {kind} {channel.state} of {cast.number(own)}"
            shown = f" showing {channel.connected.name} {number}" if number else ""
            where = f" at {place.context},{place.exten} {place.app_name}"
            return cast.name(channel.id), text + shown + where + f" {_variables(event, cast)}"
        case ChannelStateChange():
            return cast.name(event.channel.id), f"state {event.channel.state}"
        case ChannelDtmfReceived():
            return cast.name(event.channel.id), f"digit {event.digit}"
        case ChannelHangupRequest():
            cause = "" if event.cause in (16, None) and not event.soft else f" {event.cause}"
            return cast.name(event.channel.id), f"hang-up{cause}{' soft' if event.soft else ''}"
        case StasisEnd():
            return cast.name(event.channel.id), "left"
        case ChannelDestroyed():
            tech = "" if event.tech_cause is None else f" ({event.tech_cause})"
            return cast.name(event.channel.id), f"destroyed {event.cause}{tech}"
        case _:
            return "other", type(event).__name__


def _variables(event: StasisStart, cast: Cast) -> str:
    kept = {k: v for k, v in event.channel.channelvars.items() if v and k != "SIAGA_LEGS"}
    memory = read(kept.pop(OFFER, ""), KeptOffer)
    offer = None if memory is None else memory.restored()
    if offer is not None:
        target, whose = cast.target(offer.target.key), cast.name(offer.call)
        kept[OFFER] = f"{target} for {whose}, {offer.ring_time_s:g} s"
    return " ".join(f"{name}={value}" for name, value in sorted(kept.items()))


def _played(playback: PlaybackView, cast: Cast, what: str) -> tuple[str, str]:
    target = playback.target_uri.partition(":")[2]
    return f"{cast.name(target)} hears", f"{playback.media_uri} {what}"


def _recorded(record: Record, cast: Cast) -> tuple[str, str]:
    name: Callable[[Any], str] = lambda value: cast.name(str(value))  # noqa: E731 - used below only
    detail = {
        key: name(value)
        if key == "offer"
        else cast.target(str(value))
        if key == "target"
        else str(value)
        for key, value in record.detail.items()
        if key not in TIMES
    }
    told = " ".join(f"{key}={value}" for key, value in sorted(detail.items()))
    text = f"{record.what} {told}".strip()
    if record.what in OF_LEG:
        return f"records of {detail['offer']}", text
    return f"records of {'the house' if record.call is None else name(record.call)}", text
