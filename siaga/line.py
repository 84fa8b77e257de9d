"""The caller's line in Asterisk: the channel, a bridge of its own, and what is played in it.

Prompts are played to the bridge, never to the channel: a prompt on a channel blocks all other
requests for it until it ends, the fuse's renewal among them.
"""

import asyncio
from itertools import count

from ivr.command import Answer, HangUp, Play, Remember, RenewFuse
from routing.note import CallId
from siaga.leg import Leg
from switch.asterisk import Asterisk
from switch.handle import Playback

FUSE_S = 10
"""Length of the caller's fuse; the dialplan sets the same before Stasis."""
_NUMBERS = count(1)
"""Of playbacks: a caller who comes back has another line, and none of its ids were used before."""
BRIDGE = "siaga-bridge-"
"""Begins the id of each caller's bridge."""
LAST_RESORT = "siaga-last-resort"
"""The dialplan's context that serves callers without the daemon."""


def is_bridge_of_call(id_: str) -> bool:
    """Whether a bridge was made by a line, of this process or one before."""
    return id_.startswith(BRIDGE)


class Line:
    """Performs what a call wants on its caller's channel; every method may raise SwitchError."""

    def __init__(self, switch: Asterisk, call: CallId, number: str) -> None:
        self.call = call
        self.number = number
        self.channel = switch.channel(call)
        self.bridge = switch.bridge(f"{BRIDGE}{call}")
        self._switch = switch
        self._bridged = False
        self._playback: Playback | None = None

    @property
    def channel_id(self) -> str:
        """The caller's channel."""
        return self.channel.id

    def is_playing(self, playback_id: str) -> bool:
        """Whether this is the playback that the caller hears now."""
        return self._playback is not None and self._playback.id == playback_id

    async def perform(self, command: Answer | Play | RenewFuse | Remember | HangUp) -> None:
        """Does one thing in Asterisk.

        Raises:
            SwitchError: Asterisk is not there, does not know the channel, or refuses.
        """
        match command:
            case Answer():
                # A caller who has gone in the same moment leaves a bridge that is being made.
                self._bridged = True
                made = asyncio.ensure_future(self.bridge.create(name=self.call))
                try:
                    await self.channel.answer()
                finally:
                    await made
                await self.bridge.add(self.channel)
            case Play():
                await self._play(command)
            case RenewFuse():
                await self.set_fuse(FUSE_S)
            case Remember():
                await self.channel.set_variable("SIAGA_SERVICE", command.service)
            case HangUp():
                await self.channel.hangup()

    async def set_fuse(self, seconds: int) -> None:
        """Sets when Asterisk takes the caller back; 0 takes the fuse off."""
        await self.channel.set_variable("TIMEOUT(absolute)", str(seconds))

    async def set_legs(self, legs: list[str]) -> None:
        """Leaves the ids of the operators' legs with the caller, for the dialplan's use."""
        await self.channel.set_variable("SIAGA_LEGS", "&".join(legs))

    async def join(self, leg: Leg) -> None:
        """Bridges caller and operator; the fuse comes off when both hear each other."""
        playback, self._playback = self._playback, None
        await leg.to_be_joined()
        stop = asyncio.sleep(0) if playback is None else playback.stop()
        await asyncio.gather(stop, self.bridge.add(leg.channel))
        await leg.guard()
        await self.set_fuse(0)

    async def hand_back(self) -> None:
        """Gives the caller to the dialplan's last resort."""
        await self.channel.continue_in_dialplan(LAST_RESORT)

    async def close(self) -> None:
        """Leaves nothing of this line in Asterisk but the channel itself."""
        if self._bridged:
            await self.bridge.destroy()

    async def _play(self, command: Play) -> None:
        """Queues the new prompts behind the old ones, then ends the old ones: no gap is heard."""
        id_ = f"siaga-play-{self.call}-{next(_NUMBERS)}"
        media = [f"sound:siaga/{command.language}/{prompt}" for prompt in command.prompts]
        before, self._playback = self._playback, self._switch.playback(id_)
        await self.bridge.play(media, playback_id=id_)
        if before is not None:
            await before.stop()
