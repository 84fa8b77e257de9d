"""What Asterisk has, held against what this process knows: what ended, is new, or is nobody's.

Pure: the two sides come in, the differences go out, and the conductor acts on them. It serves after
a cut of the event stream, when all is known but what happened meanwhile, and after a restart of the
daemon, when nothing is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from routing.cause import Cause
from routing.offer import Offer
from siaga.arrival import FEATURE, LEG, TAKE
from siaga.line import call_of_bridge
from siaga.memory import LEG_CAUSE, LEGS, OFFER, STATE, KeptCall, KeptOffer, read, rung_of
from switch.event import BridgeView, ChannelView


@dataclass(frozen=True, slots=True)
class Seen:
    """What Asterisk has: its channels and bridges by id, all read after the same events."""

    channels: Mapping[str, ChannelView]
    bridges: Mapping[str, BridgeView]


@dataclass(frozen=True, slots=True)
class Held:
    """What this process knows of.

    Attributes:
        callers: Their channels.
        legs: Channels, with their callers'.
        features: Channels of phones that have dialled a code.
    """

    callers: frozenset[str] = frozenset()
    legs: Mapping[str, str] = field(default_factory=dict)
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LostLeg:
    """A leg that has ended unseen; `cause` is Q.850, or 0 where nobody noted it."""

    channel: str
    cause: int


@dataclass(frozen=True, slots=True)
class FoundLeg:
    """A leg of an earlier run, with its offer; `talks`: it is in the caller's bridge."""

    channel: ChannelView
    offer: Offer
    talks: bool

    def age_s(self, wall: datetime) -> float:
        """Seconds since the leg was made, by the wall clock; 0 if that cannot be told."""
        return age_s(self.channel, wall)


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A caller of an earlier run.

    Attributes:
        channel: The caller's.
        kept: What was remembered; None where nothing was, or it cannot be read.
        bridged: In a bridge of their own; who is not has not been served yet.
        legs: The caller's, the talking one first.
        rung: Keys of the targets that were rung in this round of the chain.
    """

    channel: ChannelView
    kept: KeptCall | None
    bridged: bool
    legs: tuple[FoundLeg, ...] = ()
    rung: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the operator has hung up after a real talk: the caller is to be let go too."""
        return self.bridged and not self.legs and _cause(self.channel) == Cause.NORMAL_CLEARING

    @property
    def talks(self) -> bool:
        """Whether the caller and a human hear each other."""
        return any(leg.talks for leg in self.legs)


def age_s(view: ChannelView, wall: datetime) -> float:
    """Seconds since the channel was made, by the wall clock; 0 if that cannot be told."""
    try:
        return max(0.0, (wall - datetime.fromisoformat(view.creationtime)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be done so that this process knows what Asterisk has.

    Attributes:
        ended: Callers known here whose channel does not exist any more.
        left: Callers known here whose channel is in the dialplan.
        lost: Legs known here that have ended.
        legs: Legs known here that are still there, as they are now.
        joined: Those of them that the dialplan has joined with a caller.
        calls: Callers in the application who are not known here, first come first.
        orphans: Legs that ring or wait for nobody.
        bridges: Bridges of calls that are over.
        features: Phones in the application that have dialled a code and are not known here.
        takes: All channels in the application that record talks.
    """

    ended: tuple[str, ...]
    left: tuple[str, ...]
    lost: tuple[LostLeg, ...]
    legs: tuple[ChannelView, ...]
    joined: tuple[str, ...]
    calls: tuple[FoundCall, ...]
    orphans: tuple[str, ...]
    bridges: tuple[str, ...]
    features: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


def differ(seen: Seen, held: Held, app: str) -> Difference:
    """The differences between what Asterisk has and what this process knows.

    Args:
        seen: Asterisk's side.
        held: This process's side.
        app: The Stasis application whose channels are ours.
    """
    ours = {id_: view for id_, view in seen.channels.items() if _is_in(view, app)}
    rooms = {call_of_bridge(id_): bridge.channels for id_, bridge in seen.bridges.items()}
    features = {id_ for id_, view in ours.items() if _kind(view) == FEATURE}
    takes = {id_ for id_, view in ours.items() if _kind(view) == TAKE}
    strange = [view for id_, view in ours.items() if id_ not in held.legs and _is_leg(view)]
    others = features | takes | held.callers
    callers = [view for id_, view in ours.items() if id_ not in others and not _is_leg(view)]
    legs = _legs_by_call(strange, rooms)
    calls = [_found(view, rooms.get(view.id, ()), legs.get(view.id, [])) for view in callers]
    adopted = {leg.channel.id for call in calls for leg in call.legs}
    joined = _joined_elsewhere(seen.bridges.values())
    # A talk that cannot be read is nobody's to end: it goes on by itself.
    talking = {id_ for caller, room in rooms.items() if caller in room for id_ in room}
    known = {None, *held.callers, *(view.id for view in callers)}
    return Difference(
        ended=tuple(id_ for id_ in held.callers if id_ not in seen.channels),
        left=tuple(id_ for id_ in held.callers if id_ in seen.channels and id_ not in ours),
        lost=tuple(
            LostLeg(leg, _cause(seen.channels.get(caller)))
            for leg, caller in held.legs.items()
            if leg not in seen.channels
        ),
        legs=tuple(seen.channels[leg] for leg in held.legs if leg in seen.channels),
        calls=tuple(sorted(calls, key=lambda call: call.channel.creationtime)),
        joined=tuple(leg for leg in held.legs if leg in joined),
        orphans=tuple(leg.id for leg in strange if leg.id not in adopted | talking | joined),
        bridges=tuple(id_ for id_ in seen.bridges if call_of_bridge(id_) not in known),
        features=tuple(sorted(features - held.features)),
        takes=tuple(sorted(takes)),
    )


def _is_in(view: ChannelView, app: str) -> bool:
    """Whether the channel is in the application now, not back in the dialplan."""
    return view.dialplan.app_name == "Stasis" and view.dialplan.app_data.split(",")[0] == app


def _kind(view: ChannelView) -> str:
    return "".join(view.dialplan.app_data.split(",")[1:2])


def _joined_elsewhere(bridges: Iterable[BridgeView]) -> set[str]:
    """Channels in talks of the dialplan's own; a leg there still looks as if it were in Stasis."""
    foreign = (bridge for bridge in bridges if call_of_bridge(bridge.id) is None)
    return {id_ for bridge in foreign if len(bridge.channels) > 1 for id_ in bridge.channels}


def _is_leg(view: ChannelView) -> bool:
    return _kind(view) == LEG


def _legs_by_call(
    strange: list[ChannelView], rooms: Mapping[str | None, tuple[str, ...]]
) -> dict[str, list[FoundLeg]]:
    """The legs that say whose they are, the talking ones first; not those yet to be dialled."""
    legs: dict[str, list[FoundLeg]] = {}
    for view in strange:
        kept = read(view.channelvars.get(OFFER, ""), KeptOffer)
        offer = None if kept is None else kept.restored()
        if offer is not None and view.state != "Down":
            found = FoundLeg(view, offer, talks=view.id in rooms.get(offer.call, ()))
            legs.setdefault(offer.call, []).append(found)
    for own in legs.values():
        own.sort(key=lambda leg: not leg.talks)
    return legs


def _found(caller: ChannelView, room: tuple[str, ...], legs: list[FoundLeg]) -> FoundCall:
    kept = read(caller.channelvars.get(STATE, ""), KeptCall)
    bridged = caller.id in room
    rung = rung_of(caller.channelvars.get(LEGS, ""))
    return FoundCall(caller, kept, bridged, tuple(legs) if bridged else (), rung)


def _cause(caller: ChannelView | None) -> int:
    text = "" if caller is None else caller.channelvars.get(LEG_CAUSE, "")
    return int(text) if text.isascii() and text.isdecimal() else 0
