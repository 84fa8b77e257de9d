"""One feature call: a mailbox, a task, and the phone's channel.

Prompts are played on the channel, where they block other requests: each is ended before the next
request, and there is no other channel that could wait for it.
"""

import asyncio
from typing import Final, Protocol, assert_never

import structlog

from ivr.command import Answer, HangUp, Play
from ivr.dialogue import Digit, Silence, Spoken
from ivr.feature import BUSY_LIMIT_S, FUSE_S, FeatureFlow
from ivr.query import (
    Act,
    Done,
    FeatureCommand,
    FeatureEvent,
    Gone,
    Hush,
    Over,
    Prove,
    Proved,
    Verdict,
    deadline,
)
from routing.feature import Feature
from routing.moment import Instant
from routing.note import Note
from routing.offer import Noticed
from routing.operator import PersonId
from siaga.clock import Clock
from siaga.line import FUSE
from switch.asterisk import Asterisk
from switch.error import SwitchError
from switch.event import ChannelDestroyed, ChannelDtmfReceived, Event, StasisEnd
from switch.handle import Playback

log = structlog.get_logger(__name__)

PLAYBACK: Final = "siaga-code-"
"""Begins the id of each playback; the channel's and a number follow."""
MAILBOX: Final = 64
"""Events that one call may have unread; a storm of keys beyond it is shed."""


def channel_of_playback(id_: str) -> str:
    """On which channel it is heard; empty if it is none of a feature call's."""
    return id_.removeprefix(PLAYBACK).rpartition("-")[0] if id_.startswith(PLAYBACK) else ""


class House(Protocol):
    """What a feature call needs of who holds it."""

    def act(self, feature: Feature, endpoint: str, proved: PersonId | None) -> Done:
        """Does what was asked for, at once."""

    async def prove(self, person: PersonId, endpoint: str, pin: str) -> Verdict:
        """Judges a PIN."""

    def tell(self, command: Noticed | Note) -> None:
        """Takes what concerns no phone."""


class FeatureCall:
    """A phone of the post that has dialled a code.

    Args:
        switch: Asterisk.
        clock: The only clock.
        channel: The phone's.
        feature: What was dialled.
        endpoint: The phone, as Asterisk knows it by its password.
        house: Floor, journal and PINs.
    """

    def __init__(
        self,
        switch: Asterisk,
        clock: Clock,
        channel: str,
        feature: Feature,
        endpoint: str,
        house: House,
    ) -> None:
        self.channel = switch.channel(channel)
        self._switch = switch
        self._clock = clock
        self._feature = feature
        self._endpoint = endpoint
        self._house = house
        self._playback: Playback | None = None
        self._plays = 0
        self._mailbox: asyncio.Queue[FeatureEvent] = asyncio.Queue()

    def take(self, event: Event) -> None:
        """An event of the phone's channel."""
        match event:
            case ChannelDtmfReceived():
                self._post(Digit(event.digit))
            case StasisEnd() | ChannelDestroyed():
                self._post(Gone())
            case _:
                pass

    def know_spoken(self, playback_id: str, *, failed: bool) -> None:
        """A prompt has ended; only that of what is heard now counts."""
        if self._playback is not None and self._playback.id == playback_id:
            self._playback = None
            self._post(Spoken(failed))

    def _post(self, event: FeatureEvent) -> None:
        if not isinstance(event, Digit) or self._mailbox.qsize() < MAILBOX:
            self._mailbox.put_nowait(event)

    async def live(self, flow: FeatureFlow) -> None:
        """The call from its first step to its end."""
        state, commands = flow.begin(at=self._now())
        await self._perform(commands)
        while not isinstance(state, Over):
            event = await self._next(deadline(state))
            state, commands = flow.step(state, event, at=self._now())
            await self._perform(commands)

    def _now(self) -> Instant:
        return self._clock.now().instant

    async def _next(self, due: Instant | None) -> FeatureEvent:
        """The next event, or `Silence` when the deadline comes first."""
        if due is None or not self._mailbox.empty():
            return await self._mailbox.get()
        try:
            async with asyncio.timeout(max(0.0, due - self._now())):
                return await self._mailbox.get()
        except TimeoutError:
            return Silence()

    async def _perform(self, commands: tuple[FeatureCommand, ...]) -> None:
        for command in commands:
            match command:
                case Act():
                    self._post(self._house.act(self._feature, self._endpoint, command.proved))
                case Noticed() | Note():
                    self._house.tell(command)
                case Prove():
                    await self._prove(command)
                case Answer() | Play() | Hush() | HangUp():
                    await self._do(command)
                case _:
                    assert_never(command)

    async def _prove(self, command: Prove) -> None:
        """A judge who takes too long is not waited for: the dialogue has its own deadline."""
        judged = self._house.prove(command.person, self._endpoint, command.pin)
        try:
            async with asyncio.timeout(BUSY_LIMIT_S):
                verdict = await judged
        except TimeoutError:
            log.warning("pin_not_judged", person=command.person)
        else:
            self._post(Proved(command.person, verdict))

    async def _do(self, command: Answer | Play | Hush | HangUp) -> None:
        """What fails costs nothing: the phone has gone, or the fuse takes over."""
        try:
            match command:
                case Answer():
                    await self.channel.answer()
                case Play():
                    await self._play(command)
                case Hush():
                    await self._hush()
                case HangUp():
                    await self.channel.hangup()
        except SwitchError as error:
            log.info("not_performed", command=type(command).__name__, error=str(error))
            if isinstance(command, Play):
                self._playback = None
                self._post(Spoken(failed=True))

    async def _play(self, command: Play) -> None:
        await self._hush()
        await self.channel.set_variable(FUSE, str(FUSE_S))
        self._plays += 1
        id_ = f"{PLAYBACK}{self.channel.id}-{self._plays}"
        media = [f"sound:siaga/{command.language}/{prompt}" for prompt in command.prompts]
        self._playback = self._switch.playback(id_)
        await self.channel.play(media, playback_id=id_)

    async def _hush(self) -> None:
        playback, self._playback = self._playback, None
        if playback is not None:
            await playback.stop()
