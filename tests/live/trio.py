"""Three callers, one in each state in which a daemon holds them: talking, ringing, in the menu."""

from dataclasses import dataclass

from sandbox.behaviour import Answer, Ignore
from sandbox.caller import Caller
from sandbox.phone import Softphone
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import assert_talk, dial_112, recorded


@dataclass(frozen=True, slots=True)
class Trio:
    """Three callers, and the two phones that are concerned.

    Attributes:
        talking: Talks to `medis`.
        ringing: Rings `damkar`, who does not pick up by itself.
        in_menu: Has not pressed a key yet.
        medis: The operator's phone at medis-1.
        damkar: That at damkar-1.
    """

    talking: Caller
    ringing: Caller
    in_menu: Caller
    medis: Softphone
    damkar: Softphone

    async def assert_talks(self, dishub: Softphone) -> None:
        """All three talk now, `in_menu` to `dishub`: they are heard, and end one by one."""
        for caller, phone in (
            (self.in_menu, dishub),
            (self.ringing, self.damkar),
            (self.talking, self.medis),
        ):
            await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))


async def trio(system: System) -> Trio:
    """The three, each known to be in its state."""
    medis = await system.register("medis-1", Answer(0.1))
    damkar = await system.register("damkar-1", Ignore())
    talking = await dial_112(system, "1")
    await recorded(system, "bridged")
    ringing = await dial_112(system, "2")
    await damkar.offered(5.0)
    in_menu = await dial_112(system)
    await recorded(system, "prompt", count=3)
    return Trio(talking, ringing, in_menu, medis, damkar)
