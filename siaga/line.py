"""The caller's line in Asterisk: the channel, a bridge of its own, and what is played in it.

Prompts are played to the bridge, never to the channel: a prompt on a channel blocks all other
requests for it until it ends, the fuse's renewal among them.
"""

import asyncio
from collections.abc import Iterable

import structlog

from ivr.adoption import Memory
from ivr.command import Answer, HangUp, Play, RenewFuse
from routing.note import CallId
from siaga.leg import RETRY_S, Leg
from siaga.memory import LEG_CAUSE, LEGS, SERVICE, STATE, KeptCall, legs_text, text_of
from switch.asterisk import Asterisk
from switch.error import Refused, SwitchError, is_passing
from switch.handle import Playback

FUSE = "TIMEOUT(absolute)"
"""The channel's function that is the fuse."""
FUSE_S = 10
"""Length of the caller's fuse; the dialplan sets the same before Stasis."""
BRIDGE = "siaga-bridge-"
"""Begins the id of each caller's bridge; the call's id follows."""
PLAYBACK = "siaga-play-"
"""Begins the id of each caller's playback; the call's id and a number follow."""
LAST_RESORT = "siaga-last-resort"
"""The dialplan's context that serves callers without the daemon."""

log = structlog.get_logger(__name__)


def call_of_bridge(id_: str) -> str | None:
    """Whose bridge it is, if it was made by a line, of this process or one before."""
    return id_.removeprefix(BRIDGE) if id_.startswith(BRIDGE) else None


def playback_id(call: str, number: int) -> str:
    """The id of a call's so many-eth playback."""
    return f"{PLAYBACK}{call}-{number}"


def call_of_playback(id_: str) -> str:
    """Whose playback it is; empty if none of a call's."""
    return id_.removeprefix(PLAYBACK).rpartition("-")[0] if id_.startswith(PLAYBACK) else ""


class Line:
    """Performs what a call wants on its caller's channel; every method may raise SwitchError.

    Args:
        switch: Asterisk.
        call: The caller's channel.
        number: The caller's, as received.
        kept: What the channel carries already, or what counts as kept while nothing is.
        plays: How many playbacks there were before.
        bridged: An earlier run has made the bridge.
        playing: The last of those playbacks is still heard.
    """

    def __init__(
        self,
        switch: Asterisk,
        call: CallId,
        number: str,
        kept: KeptCall,
        *,
        plays: int = 0,
        bridged: bool = False,
        playing: bool = False,
    ) -> None:
        self.call = call
        self.number = number
        self.channel = switch.channel(call)
        self.bridge = switch.bridge(f"{BRIDGE}{call}")
        self.pulled_out = False
        self._switch = switch
        self._kept = kept
        self._plays = plays
        self._bridged = self._inside = bridged
        self._playback: Playback | None = None
        if playing:
            self._playback = switch.playback(playback_id(call, plays))

    @property
    def channel_id(self) -> str:
        """The caller's channel."""
        return self.channel.id

    @property
    def playback(self) -> Playback | None:
        """What the caller hears now, as far as is known."""
        return self._playback

    async def perform(self, command: Answer | Play | RenewFuse | HangUp) -> None:
        """Does one thing in Asterisk.

        Raises:
            SwitchError: Asterisk is not there, does not know the channel, or refuses.
        """
        match command:
            case Answer():
                await self._answer()
            case Play():
                await self._play(command)
            case RenewFuse():
                await self.set_fuse(FUSE_S)
            case HangUp():
                await self.channel.hangup()

    async def _answer(self) -> None:
        """Answers the caller and brings them into a bridge of their own."""
        # A caller who is gone already cannot be answered, but the bridge may be there.
        is_again, self._bridged = self._bridged, True
        for failed in await asyncio.gather(
            self.channel.answer(), self._make_bridge(is_again=is_again), return_exceptions=True
        ):
            if isinstance(failed, BaseException):
                raise failed
        await self.bridge.add(self.channel)
        self._inside = True

    async def _be_inside(self) -> None:
        """Who could not be answered on arrival is answered now: an empty bridge hears nothing."""
        if not self._inside:
            await self._answer()

    async def _make_bridge(self, *, is_again: bool) -> None:
        """A new one, in place of one that an earlier stay may have left; of its own there is one.

        Who was not seen to come into it may be there all the same, and talk.
        """
        try:
            await self.bridge.create(name=self.call)
        except Refused:
            if not is_again:
                await self.bridge.destroy()
                await self.bridge.create(name=self.call)

    async def set_fuse(self, seconds: int) -> None:
        """Sets when Asterisk takes the caller back; 0 takes the fuse off."""
        await self.channel.set_variable(FUSE, str(seconds))

    async def set_legs(self, legs: Iterable[str], rung: Iterable[str]) -> None:
        """Leaves the ids of the operators' legs with the caller, and whom they rang."""
        await self.channel.set_variable(LEGS, legs_text(legs, rung))

    async def remember(self, memory: Memory) -> None:
        """Keeps with the channel what another run would need, if that is not kept already."""
        kept = KeptCall(memory, self._plays)
        if kept == self._kept:
            return
        writes = [self.channel.set_variable(STATE, text_of(kept))]
        if memory.service not in {None, self._kept.memory.service}:
            writes.append(self.channel.set_variable(SERVICE, str(memory.service)))
        if memory.head:  # why the last operator's leg ended is no reason for the next one's
            writes.append(self.channel.set_variable(LEG_CAUSE, ""))
        await asyncio.gather(*writes)
        self._kept = kept

    async def join(self, leg: Leg) -> None:
        """Bridges the caller and an operator's leg that has answered.

        Raises:
            SwitchError: They are not in one bridge; one of them may have gone.
        """
        await self._be_inside()
        playback, self._playback = self._playback, None
        await leg.to_be_joined()
        if leg.joined:
            await _hush(playback)
        else:
            await asyncio.gather(_hush(playback), self.bridge.add(leg.channel))
            leg.joined = True

    async def guard(self, leg: Leg, since: float) -> None:
        """Takes the fuse off: from now on the end of either side ends the talk.

        Args:
            leg: The operator's, which is in the bridge.
            since: When the talk began, in seconds since 1970.

        Raises:
            SwitchError: One of the two may have gone.
        """
        await leg.guard(since)
        await self.set_fuse(0)

    async def hand_back(self) -> None:
        """Gives the caller to the dialplan's last resort."""
        await self.channel.continue_in_dialplan(LAST_RESORT)

    async def close(self) -> None:
        """Leaves nothing of this line in Asterisk but the channel itself, once that obeys."""
        while self._bridged:
            try:
                await self.bridge.destroy()
            except SwitchError as error:
                if not is_passing(error):
                    raise
                log.info("bridge_not_ended", error=str(error))
                await asyncio.sleep(RETRY_S)
            else:
                self._bridged = False

    async def _play(self, command: Play) -> None:
        """Queues the new prompts behind the old ones, then ends the old ones: no gap is heard."""
        await self._be_inside()
        self._plays += 1
        id_ = playback_id(self.call, self._plays)
        media = [f"sound:siaga/{command.language}/{prompt}" for prompt in command.prompts]
        before, self._playback = self._playback, self._switch.playback(id_)
        await self.bridge.play(media, playback_id=id_)
        if before is not None:
            await before.stop()


async def _hush(playback: Playback | None) -> None:
    """Ends what is heard; if that fails, it is heard a little longer."""
    try:
        if playback is not None:
            await playback.stop()
    except SwitchError as error:
        log.info("playback_not_ended", error=str(error))
