"""What people do in many scripts, and how long they take for it."""

from tests.live.centre import MOBILE
from tests.scenario.stage import Handset, Stage

TALK_S, SLIP_S = 4.0, 0.5
"""A talk that is one, and one that is not: the limit is 3 s."""
SOON_S, MENU_S, CHAIN_S = 5.0, 25.0, 30.0


async def call(stage: Stage, keys: str = "1", number: str = MOBILE) -> Handset:
    """A citizen who has dialled 112 and pressed these keys."""
    caller = await stage.citizen(number, "seluler")
    await dial(stage, caller, keys)
    return caller


async def dial(stage: Stage, caller: Handset, keys: str = "1") -> None:
    """A citizen with a phone in hand dials 112, and presses these keys."""
    await caller.dial("112")
    await caller.established(SOON_S)
    await stage.recorded("prompt", 1, SOON_S)
    await stage.pause(0.5)
    if keys:
        await caller.press(keys)


async def talk(stage: Stage, caller: Handset, operator: Handset) -> None:
    """The two talk for a while; the caller hangs up."""
    await operator.established(CHAIN_S)
    await stage.pause(1.0)
    await caller.hangup()
    await operator.closed(SOON_S)
