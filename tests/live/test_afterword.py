"""What the last resort did while no daemon was there is told afterwards: once, and rightly."""

import asyncio
import json
from typing import Any

import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import System
from siaga.belated import FINAL
from siaga.chronicler import PLACE_FILE
from tests.live.centre import LAST_RESORT, METRO, MOBILE, dial_112, recorded, records

pytestmark = pytest.mark.live

FUSE_S = 10.0
LONG_TALK_S = 3.3
"""Longer than a slip of the hand (DESIGN §4.7)."""
HEARTBEAT_S = 4.5
"""After this the last heartbeat is stale: it is of whole seconds, and 3 of them are let pass."""
TOLD_LIMIT_S = 15.0
"""For the daemon to be there, the rows to settle, and the store to have all."""


async def settled(system: System) -> None:
    """Returns when all that Asterisk has written down is in the store."""
    place = system.daemon.state / PLACE_FILE
    async with asyncio.timeout(TOLD_LIMIT_S):
        while (  # noqa: ASYNC110 - another process writes
            not place.exists()
            or json.loads(place.read_bytes())["offset"] < system.pbx.event_log.stat().st_size
        ):
            await asyncio.sleep(0.05)


async def stories(system: System) -> list[dict[str, Any]]:
    """The rows of `siaga112 calls`, when all is told."""
    await settled(system)
    said = await system.daemon.look_up("calls", "--json", "--numbers")
    assert said.exit == 0, said.err
    found: list[dict[str, Any]] = json.loads(said.out)
    return found


def of_calls(system: System) -> list[str]:
    """The ids of all records of calls."""
    return [record.id for record in records(system) if record.call is not None]


async def assert_nothing_more(system: System) -> None:
    """A start that reads all again adds nothing; no call has two ends, and the chains hold."""
    await assert_same_after_restart(system, without=PLACE_FILE)
    endings = [record.call for record in records(system) if record.what in FINAL]
    assert len(endings) == len(set(endings)), "a call has two endings"
    said = await system.daemon.look_up("journal", "verify", "--state", str(system.daemon.state))
    assert said.exit == 0, said.err


async def assert_same_after_restart(system: System, without: str = "") -> None:
    """Another start adds nothing, even if it lacks that file of its state."""
    before = of_calls(system)
    await system.daemon.kill()
    if without:
        (system.daemon.state / without).unlink()
    await system.daemon.start()
    await settled(system)
    assert of_calls(system) == before


async def away(system: System) -> None:
    """The daemon is dead, and Asterisk knows: its last heartbeat is old."""
    await system.daemon.kill()
    await asyncio.sleep(HEARTBEAT_S)


async def test_a_caller_of_the_last_resort_is_told_of(system: System) -> None:
    """Who came while the daemon was dead, and was served, has a row as any other."""
    phone = await system.register("medis-1", Answer(0.1))
    await away(system)
    caller = await dial_112(system, "1")
    assert (await phone.offered(8.0)).name == LAST_RESORT
    await phone.established(3.0)
    await asyncio.sleep(LONG_TALK_S)
    await phone.hangup()
    await caller.closed(3.0)
    await system.daemon.start()
    (story,) = await stories(system)
    assert (story["number"], story["trunk"], story["did"]) == (MOBILE, "seluler", "112")
    assert (story["outcome"], story["operator"], story["by"]) == (
        "answered",
        "person:sri",
        "operator",
    )
    assert story["service"] == "medis"
    assert LONG_TALK_S - 0.5 < story["talked_s"] < LONG_TALK_S + 2.0
    await assert_same_after_restart(system)
    await assert_nothing_more(system)


async def test_a_caller_who_gives_up_in_the_last_resort_is_to_be_rung(system: System) -> None:
    """An abandoned call, in the list of those, with the number."""
    phone = await system.register("medis-1", Ignore())
    await away(system)
    caller = await dial_112(system, "1")
    await phone.offered(8.0)
    await caller.hangup()
    await phone.closed(3.0)
    await system.daemon.start()
    (story,) = await stories(system)
    assert (story["outcome"], story["operator"]) == ("abandoned", None)
    said = await system.daemon.look_up("calls", "--abandoned", "--json", "--numbers")
    (abandoned,) = json.loads(said.out)
    assert (abandoned["number"], abandoned["sequel"]) == (MOBILE, "open")
    day = story["arrived"][:10]
    said = await system.daemon.look_up("report", "--json", "--from", day, "--to", day)
    assert said.exit == 0, said.err
    figures = json.loads(said.out)["all"]
    assert (figures["abandoned"], figures["reconstructed"]) == (1, 1)
    await assert_nothing_more(system)


async def test_who_was_pulled_out_of_the_menu_and_served_has_an_ending(system: System) -> None:
    """Known to a daemon that was killed; the last resort's operator and the end are told after."""
    phone = await system.register("medis-1", Answer(0.1))
    caller = await dial_112(system)
    await recorded(system, "prompt")
    await system.daemon.kill()
    assert (await phone.offered(FUSE_S + 30.0)).name == LAST_RESORT
    await phone.established(3.0)
    await asyncio.sleep(LONG_TALK_S)
    await caller.hangup()
    await phone.closed(3.0)
    await system.daemon.start()
    (story,) = await stories(system)
    assert (story["number"], story["outcome"]) == (MOBILE, "answered")
    assert (story["operator"], story["by"]) == ("person:sri", "caller")
    assert [record.what for record in records(system)].count("arrived") == 1
    await assert_nothing_more(system)


async def test_who_is_handed_back_to_a_living_daemon_has_one_story(system: System) -> None:
    """The last resort's part is told beside the daemon's, which has the ending."""
    phone = await system.register("damkar-1", Ignore())
    await away(system)
    caller = await dial_112(system, "2", METRO)
    await phone.offered(8.0)
    await system.daemon.start()
    phone.behaviour = Answer(0.1)
    await phone.established(25.0)
    await asyncio.sleep(LONG_TALK_S)
    await caller.hangup()
    await phone.closed(3.0)
    await recorded(system, "ended")
    (story,) = await stories(system)
    assert (story["number"], story["outcome"]) == (METRO, "answered")
    assert (story["operator"], story["by"]) == ("person:agus", "caller")
    assert (story["ending"], story["service"]) == ("ended", "damkar")
    assert [r.detail.get("how") for r in records(system, "arrived")] == ["handback", "new"]
    assert story["answered_s"] > HEARTBEAT_S - 4.0
    await assert_nothing_more(system)
