"""How a call of an earlier run goes on: its state as far as the channel remembers it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from ivr import adoption, release
from ivr.adoption import Memory
from ivr.call import CallFlow
from ivr.command import Command, Join
from ivr.dialogue import MenuDialogue
from ivr.menu import Menu
from ivr.state import Call, Step
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.number import presented
from routing.offer import Enqueue
from routing.plan import Plan
from routing.service import ServiceId
from siaga.adoption import FoundCall, age_s
from siaga.line import playback_id
from siaga.memory import SERVICE, KeptCall
from switch.event import ChannelView


@dataclass(frozen=True, slots=True)
class Takeover:
    """A found call, ready to go on.

    Attributes:
        kept: What its channel carries, or would if anything had to be carried.
        playing: Its last prompt is still heard.
        arrived: When the caller came to Asterisk.
        state: Where the call is.
        commands: What is to be done first.
        place: The caller's in the queue, for who waits.
    """

    kept: KeptCall
    playing: bool
    arrived: Moment
    state: Call
    commands: tuple[Command, ...]
    place: Enqueue | None = None

    def begin(self, _flow: CallFlow, _at: Moment) -> Step:
        """The call's first step in this run (`siaga.arrival.Begin`)."""
        return self.state, self.commands


def arrival_of(channel: ChannelView, at: Moment) -> Moment:
    """When the caller came to Asterisk, by both clocks."""
    age = age_s(channel, at.wall)
    return Moment(Instant(at.instant - age), at.wall - timedelta(seconds=age))


def kept_or_first(found: FoundCall, menu: Menu) -> KeptCall:
    """What the channel carries; a caller in the first menu has nothing to be carried."""
    if found.kept is not None:
        return found.kept
    chosen = found.channel.channelvars.get(SERVICE, "")
    return KeptCall(Memory(menu.languages[0], ServiceId(chosen) if chosen else None))


def last_playback(found: FoundCall, menu: Menu) -> str:
    """The id of what the caller heard last."""
    return playback_id(found.channel.id, kept_or_first(found, menu).plays)


def take_over(
    found: FoundCall, plan: Plan, menu: Menu, playing: frozenset[str], at: Moment
) -> Takeover:
    """The call as it goes on: it talks, waits or is in the menu.

    Args:
        found: The call, which is in a bridge of its own.
        plan: The accepted settings; a service that is not in them any more is the default one.
        menu: The accepted menu.
        playing: Ids of the playbacks that are still heard.
        at: Now.
    """
    call, kept = CallId(found.channel.id), kept_or_first(found, menu)
    memory, arrived = kept.memory, arrival_of(found.channel, at)
    is_playing = last_playback(found, menu) in playing
    service = memory.service
    if service not in {None, *plan.catalogue.services}:
        service = plan.catalogue.default_service
    if found.talks:
        leg = found.legs[0]
        offer = leg.offer
        state: Call = adoption.talking(
            memory,
            service or plan.catalogue.default_service,
            arrived,
            offer=offer.offer,
            target=offer.target,
            since=Instant(at.instant - leg.age_s(at.wall)),
        )
        return Takeover(
            kept,
            is_playing,
            arrived,
            state,
            (_adopted(call, "talking", service, offer.target.key), Join(offer.offer)),
        )
    if found.is_over:
        ended = Note(call, "ended", {"by": "operator", "reconstructed": True})
        state, commands = release.begin(ended, at=at)
        commands = (_adopted(call, "talking", service), *commands)
        return Takeover(kept, is_playing, arrived, state, commands)
    if service is None:
        dialogue = MenuDialogue(menu, plan.catalogue.default_service)
        state = adoption.menu(memory, arrived, dialogue, at=at, playing=is_playing)
        return Takeover(kept, is_playing, arrived, state, (_adopted(call, "menu", None),))
    state, place = adoption.waiting(
        memory,
        call,
        service,
        arrived,
        at=at,
        playing=is_playing,
        number=presented(found.channel.caller.number),
        announcements=plan.catalogue.announcements,
    )
    place = replace(place, skip=found.rung)
    return Takeover(kept, is_playing, arrived, state, (_adopted(call, "waiting", service),), place)


def _adopted(
    call: CallId, stage: str, service: ServiceId | None, target: str | None = None
) -> Note:
    return Note(call, "adopted", {"stage": stage, "service": service, "target": target})
