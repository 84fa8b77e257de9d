"""A caller who hangs up leaves nothing behind, whatever was going on."""

import asyncio
from collections.abc import Awaitable

import pytest

from journal.record import ENDINGS
from journal.spool import read
from sandbox.behaviour import Answer, Ignore
from sandbox.cancel import give_up
from sandbox.site import TRUNK_ADDRESS
from sandbox.system import System
from tests.live.centre import MOBILE, outside_rung, recorded, records

pytestmark = pytest.mark.live

LATER_S = (0.0, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012)
"""From the first sign of life to the CANCEL: the daemon answers within these milliseconds."""


async def test_before_the_answer(system: System) -> None:
    """A CANCEL that the daemon has not been quick enough for: the call is recorded all the same."""
    system.daemon.freeze()
    answered = await _give_up(system, _in_stasis(system))
    system.daemon.thaw()
    assert not answered
    assert (await recorded(system, "abandoned")).detail["where"] == "in the menu"


async def test_around_the_answer(system: System) -> None:
    """A CANCEL that crosses dialplan or answer: whoever arrived is recorded as abandoned, once."""
    for later_s in LATER_S:
        await _give_up(system, asyncio.sleep(later_s))
    await system.empty()
    arrived = {record.call for record in records(system, "arrived")}
    await recorded(system, "abandoned", count=len(arrived))
    endings = [record for record in read(system.spool) if record.what in ENDINGS]
    assert {record.call for record in endings} == arrived
    assert [record.what for record in endings] == ["abandoned"] * len(arrived)


async def _give_up(system: System, when: Awaitable[None]) -> bool:
    address, server = TRUNK_ADDRESS["seluler"], (system.pbx.sip_host, system.pbx.sip_port)
    return await give_up(address, server, MOBILE, when)


async def _in_stasis(system: System) -> None:
    """Returns when a caller is with the daemon, or with what is left of it."""
    while "!Stasis!" not in await system.pbx.cli("core show channels concise"):  # noqa: ASYNC110 - another process knows
        await asyncio.sleep(0.02)


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
