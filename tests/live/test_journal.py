"""What happened is in the journal: of real calls, while its store is away, after `kill -9`."""

import asyncio
import json
from typing import Any

import pytest

from journal import address
from journal.address import Address
from journal.archive import Archive
from journal.fault import StoreError
from journal.record import Record
from journal.spool import read
from sandbox.behaviour import Answer
from sandbox.database import Database
from sandbox.system import CALLER_TONE_HZ, System
from siaga import remedy
from tests.live.centre import MOBILE, assert_talk, dial_112, recorded

pytestmark = pytest.mark.live

FOLLOW_S = 30.0
"""For the store to have what is in the spool: the tries after an outage are up to 10 s apart."""
SOUND_S = 20.0
"""For an alarm to stand: two looks, on a busy machine."""


def store_of(system: System) -> Address:
    """Where the daemon keeps its records."""
    return address.find(system.settings.daemon.journal.store, system.spool)


async def stored(system: System) -> list[Record]:
    """All records of the store, as soon as the whole spool is in it."""
    async with asyncio.timeout(FOLLOW_S):
        while True:
            spooled = [record.id for record in read(system.spool)]
            try:
                async with Archive(store_of(system)) as archive:
                    found = [record async for record in archive.records()]
            except StoreError:
                found = []
            if {record.id for record in found} >= set(spooled):
                return found
            await asyncio.sleep(0.1)


async def assert_whole(system: System) -> None:
    """The store has what the spool has, each writer's records in order, once; and it is proved."""
    found, spooled = await stored(system), list(read(system.spool))
    assert sorted(found, key=lambda record: record.id) == sorted(
        spooled, key=lambda record: record.id
    )
    writers = {record.id.rpartition("-")[0] for record in found}
    for writer in writers:
        ids = [record.id for record in found if record.id.startswith(writer)]
        assert ids == sorted(set(ids))
    said = await system.daemon.look_up("journal", "verify")
    assert said.exit == 0, said.err


async def calls(system: System, *words: str) -> Any:
    """What `siaga112 calls` says for machines."""
    said = await system.daemon.look_up("calls", "--json", *words)
    assert said.exit == 0, said.err
    return json.loads(said.out)


async def reported(system: System) -> Any:
    """What `siaga112 report` says for machines of all that has ever been."""
    said = await system.daemon.look_up("report", "--json", "--from", "2026-01-01")
    assert said.exit == 0, said.err
    assert MOBILE[1:] not in said.out
    return json.loads(said.out)


async def test_a_call_is_told_as_it_was(system: System) -> None:
    """A row with zone, service, operator and times; all of it on one screen; the proof holds."""
    phone = await system.register("medis-1", Answer(0.1))
    caller = await dial_112(system, "1")
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    await recorded(system, "ended")
    await stored(system)
    (row,) = await calls(system)
    assert row["outcome"] == "answered"
    assert (row["service"], row["operator"], row["by"]) == ("medis", "person:sri", "caller")
    assert row["zone"] == "unknown"
    assert row["number"] == "0812***890"
    assert 0 < row["answered_s"] < row["talked_s"] + 10
    report = await reported(system)
    whole, sri = report["all"], report["operator"]["person:sri"]
    assert (whole["calls"], whole["answered"], whole["queued"]) == (1, 1, 1)
    assert (whole["mean_s"], whole["talk_s"]) == (round(row["answered_s"], 3), row["talked_s"])
    assert (sri["offers"], sri["talks"], sri["talk_s"]) == (1, 1, row["talked_s"])
    assert report["service"]["medis"] == report["agency"]["dinkes"] == whole
    (row,) = await calls(system, "--number", MOBILE, "--numbers")
    assert row["number"] == MOBILE
    said = await system.daemon.look_up("calls", row["call"])
    for word in ("ring", "zone", "offer", "bridge", "why: "):
        assert word in said.out
    await assert_whole(system)


async def test_a_database_that_is_away_costs_a_call_nothing(
    archived: System, database: Database
) -> None:
    """PostgreSQL stops: calls talk on and new ones are served, an alarm stands, all follows."""
    phone = await archived.register("medis-1", Answer(0.1))
    caller = await dial_112(archived, "1")
    await recorded(archived, "bridged")
    await stored(archived)
    await asyncio.to_thread(database.stop)
    try:
        await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
        other = await dial_112(archived, "1")
        await recorded(archived, "bridged", count=2)
        await assert_talk(other, phone, (CALLER_TONE_HZ, phone.tone_hz))
        alarm = await sounded(archived)
        assert "rahasia" not in json.dumps(alarm)
    finally:
        await asyncio.to_thread(database.start)
    await assert_whole(archived)
    assert [row["outcome"] for row in await calls(archived)] == ["answered", "answered"]
    assert "rahasia" not in archived.daemon.log.read_text()


async def sounded(system: System) -> dict[str, Any]:
    """The alarm of the store, once it stands."""
    async with asyncio.timeout(SOUND_S):
        while True:
            for alarm in (await system.daemon.status())["alarms"]:
                if alarm["what"] == remedy.STORE:
                    found: dict[str, Any] = alarm
                    return found
            await asyncio.sleep(0.1)


async def test_kill_9_in_a_talk_leaves_one_whole_story(patient: System) -> None:
    """The next daemon takes the call up; the store has both daemons' records, each once."""
    phone = await patient.register("medis-1", Answer(0.1))
    caller = await dial_112(patient, "1")
    await recorded(patient, "bridged")
    await patient.daemon.kill()
    await patient.daemon.start()
    await recorded(patient, "adopted")
    await assert_talk(caller, phone, (CALLER_TONE_HZ, phone.tone_hz))
    await recorded(patient, "ended")
    await assert_whole(patient)
    (row,) = await calls(patient)
    assert (row["outcome"], row["operator"], row["by"]) == ("answered", "person:sri", "caller")
    assert row["answered_s"] is not None
    report = await reported(patient)
    told = tuple(report["all"][name] for name in ("calls", "answered", "adopted", "open"))
    assert told == (1, 1, 1, 0)
    assert report["operator"]["person:sri"]["talks"] == 1


async def test_who_hung_up_is_listed_until_somebody_has_rung(system: System) -> None:
    """The list of abandoned calls; `called-back` closes one, and is a record like any other."""
    caller = await dial_112(system, "1")
    await recorded(system, "queued")
    await caller.hangup()
    await recorded(system, "abandoned")
    await stored(system)
    (row,) = await calls(system, "--abandoned")
    assert row["sequel"] == "open"
    runtime = str(system.daemon.runtime)
    words = ("called-back", row["call"], "--by", "sri", "--runtime", runtime)
    said = await system.daemon.look_up(*words)
    assert said.exit == 0, said.err
    await recorded(system, "called_back")
    await stored(system)
    (row,) = await calls(system, "--abandoned")
    assert (row["sequel"], row["sequel_by"]) == ("called_back", "sri")
    whole = (await reported(system))["all"]
    assert (whole["calls"], whole["abandoned"], whole["called_back"]) == (1, 1, 1)
    said = await system.daemon.look_up("called-back", "no-such-call", "--by", "sri")
    assert said.exit == 1
