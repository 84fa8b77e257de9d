"""A caller who hangs up leaves nothing behind, whatever was going on."""

import asyncio

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import System
from tests.live.centre import MOBILE, outside_rung, recorded

pytestmark = pytest.mark.live


async def test_in_the_middle_of_the_prompt(system: System) -> None:
    """The call is recorded as abandoned in the menu."""
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await asyncio.sleep(1.0)
    await caller.hangup()
    assert (await recorded(system, "abandoned")).detail["where"] == "in the menu"


async def test_while_a_phone_rings(system: System) -> None:
    """The phone stops ringing; the call is recorded as abandoned while waiting."""
    phone = await system.register("medis-1", Ignore())
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await phone.offered(5.0)
    await caller.hangup()
    await phone.closed(2.0)
    assert (await recorded(system, "abandoned")).detail["where"] == "waiting"


async def test_while_nobody_can_be_rung(system: System) -> None:
    """The queue is empty again."""
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await outside_rung(system)
    await caller.hangup()
    assert (await recorded(system, "abandoned")).detail["where"] == "waiting"


async def test_in_the_moment_of_the_answer(system: System) -> None:
    """Answer and hang-up cross: the operator's phone is free at once."""
    phone = await system.register("medis-1", Ignore())
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await phone.offered(5.0)
    await asyncio.gather(phone.accept(), caller.hangup())
    await phone.closed(3.0)


async def test_in_a_talk(system: System) -> None:
    """The operator's phone is free at once; the call is recorded as ended by the caller."""
    phone = await system.register("medis-1", Answer(0.1))
    caller = await system.caller(MOBILE)
    await caller.dial("112")
    await caller.established(5.0)
    await caller.press("1")
    await phone.established(5.0)
    await caller.hangup()
    await phone.closed(2.0)
    assert (await recorded(system, "ended")).detail["by"] == "caller"
