"""The scripts of callers whose centre is another one: they ring there, or are told so.

Where that comes to nothing, they are served here.
"""

from sandbox.behaviour import Answer, Behaviour
from tests.live.centre import DISMISSED, GUNUNG_SUGIH, MOBILE, NEIGHBOUR
from tests.scenario.act import MENU_S, SLIP_S, SOON_S, talk
from tests.scenario.stage import Handset, Script, Stage


async def transferred(stage: Stage) -> Handset:
    """A caller from the neighbour's exchange, whose centre is being rung."""
    caller = await stage.citizen(GUNUNG_SUGIH, "seluler")
    await caller.dial("112")
    await caller.established(SOON_S)
    return caller


async def takes(stage: Stage) -> None:
    """A caller from the neighbour's exchange talks to the neighbour's centre."""
    centre = await stage.outside(NEIGHBOUR, Answer(0.5))
    caller = await stage.citizen(GUNUNG_SUGIH, "seluler")
    await caller.dial("112")
    await stage.recorded("asked_to_confirm", 1, SOON_S)
    await stage.pause(1.0)
    await centre.press("1")
    await stage.recorded("bridged", 1, SOON_S)
    await talk(stage, caller, centre)


def fails(behaviour: Behaviour) -> Script:
    """The neighbour's centre takes nobody: an operator here does."""

    async def script(stage: Stage) -> None:
        operator = await stage.operator("medis-1", Answer(0.5))
        await stage.outside(NEIGHBOUR, behaviour)
        await talk(stage, await transferred(stage), operator)

    return script


async def hangs_up(stage: Stage) -> None:
    """Whoever picked up at the neighbour's centre did not want the call."""
    operator = await stage.operator("medis-1", Answer(0.5))
    centre = await stage.outside(NEIGHBOUR, Answer(0.5))
    caller = await transferred(stage)
    await stage.recorded("asked_to_confirm", 1, SOON_S)
    await stage.pause(1.0)
    await centre.hangup()
    await talk(stage, caller, operator)


async def slips(stage: Stage) -> None:
    """They hang up at once after pressing 1: no answer either."""
    operator = await stage.operator("medis-1", Answer(0.5))
    centre = await stage.outside(NEIGHBOUR, Answer(0.5))
    caller = await transferred(stage)
    await stage.recorded("asked_to_confirm", 1, SOON_S)
    await stage.pause(1.0)
    await centre.press("1")
    await stage.recorded("bridged", 1, SOON_S)
    await stage.pause(SLIP_S)
    await centre.hangup()
    await talk(stage, caller, operator)


async def in_vain(stage: Stage) -> None:
    """The caller gives up while the neighbour's centre is asked to press 1."""
    centre = await stage.outside(NEIGHBOUR, Answer(0.5))
    caller = await transferred(stage)
    await stage.recorded("asked_to_confirm", 1, SOON_S)
    await stage.pause(1.0)
    await caller.hangup()
    await centre.closed(SOON_S)


async def dismissed(stage: Stage) -> None:
    """Nobody is rung: the caller is told of another centre, and hung up on."""
    caller = await stage.citizen(MOBILE, "telkom")
    await caller.dial(DISMISSED)
    await stage.recorded("dismissed", 1, MENU_S)
    await caller.closed(SOON_S)


async def dismissed_in_danger(stage: Stage) -> None:
    """A caller who is told so presses 0, and reaches a human."""
    operator = await stage.operator("medis-1", Answer(0.5))
    caller = await stage.citizen(MOBILE, "telkom")
    await caller.dial(DISMISSED)
    await caller.established(SOON_S)
    await stage.recorded("prompt", 1, SOON_S)
    await stage.pause(1.0)
    await caller.press("0")
    await talk(stage, caller, operator)
