"""Operators dial feature codes."""

from sandbox.behaviour import Answer, Ignore
from tests.scenario.act import CHAIN_S, SOON_S, TALK_S, call, talk
from tests.scenario.stage import Handset, Stage


async def dial(stage: Stage, phone: Handset, code: str, count: int) -> None:
    """A code is told to its end; it is the `count`-th."""
    await phone.dial(code)
    await phone.established(SOON_S)
    await stage.recorded("feature", count, SOON_S)
    await phone.closed(CHAIN_S)
    await stage.pause(0.5)


async def mark(stage: Stage) -> None:
    """The last call is marked, and the mark is changed."""
    operator = await stage.operator("medis-1", Answer(0.5))
    await talk(stage, await call(stage), operator)
    await dial(stage, operator, "*23", 1)
    await dial(stage, operator, "*21", 2)


async def pause(stage: Stage) -> None:
    """Who has paused is passed over, and rung again when ready."""
    operator = await stage.operator("medis-1", Answer(0.5))
    supervisor = await stage.operator("koordinator", Answer(0.5))
    await dial(stage, operator, "*13", 1)
    await talk(stage, await call(stage), supervisor)
    await dial(stage, operator, "*14", 2)
    caller = await call(stage)
    await stage.recorded("bridged", 2, SOON_S)
    await talk(stage, caller, operator)


async def sign_on(stage: Stage) -> None:
    """Number and PIN are asked for; nobody has a PIN here, and that is told, also after a call."""
    operator = await stage.operator("medis-1", Answer(0.5))
    await talk(stage, await call(stage), operator)
    shared = await stage.operator("bersama-1", Ignore())
    await shared.dial("*11")
    await shared.established(SOON_S)
    await stage.pause(1.0)
    await shared.press("101#")
    await stage.pause(TALK_S)
    await shared.press("2468#")
    await stage.recorded("feature", 1, SOON_S)
    await shared.closed(CHAIN_S)


async def hangs_up(stage: Stage) -> None:
    """In the middle of what is told, after a call."""
    operator = await stage.operator("medis-1", Answer(0.5))
    await talk(stage, await call(stage), operator)
    await operator.dial("*15")
    await operator.established(SOON_S)
    await stage.recorded("feature", 1, SOON_S)
    await stage.pause(1.0)
    await operator.hangup()
    await operator.closed(SOON_S)
