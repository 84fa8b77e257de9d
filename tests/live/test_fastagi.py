"""A dialplan that keeps its calls rings whom the daemon names: the one of docs/fastagi.md."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sandbox.behaviour import Answer, Decline
from sandbox.caller import Caller
from sandbox.port import free_tcp_port
from sandbox.system import CALLER_TONE_HZ, System
from tests.live.centre import (
    LAST_RESORT,
    METRO,
    OUTSIDE,
    alarms,
    assert_talk,
    quick_settings,
    recorded,
    records,
)

pytestmark = pytest.mark.live

PAGE = Path(__file__).parents[2] / "docs" / "fastagi.md"
FENCE = re.compile(r"```asterisk\n(.*?)```", re.DOTALL)
NUMBER = "1191"
"""What the page lets a phone dial to try it."""
GLUE = f"""
[siaga-from-seluler]
exten => {NUMBER},1,Set(SIAGA_TRUNK=seluler)
 same => n,Goto(from-internal-custom,{NUMBER},1)
"""
"""The sandbox's callers come by a trunk; on FreePBX the context is every phone's."""
FUSE_S = 3.0
"""As the page says: longer than a frozen daemon is waited for."""


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[System]:
    """A centre whose Asterisk has the page's dialplan, and whose daemon answers it."""
    settings = quick_settings(tmp_path / "settings")
    port = free_tcp_port()
    yaml, path = YAML(), settings / "siaga.yaml"
    tree = yaml.load(path)
    tree["agi"] = {"host": "127.0.0.1", "port": port}
    yaml.dump(tree, path)
    async with System(tmp_path, settings) as system:
        await install(system, port)
        yield system
        await system.empty()


async def install(system: System, port: int) -> None:
    """Puts the page's dialplan below that of the centre; only the port is another."""
    (text,) = FENCE.findall(PAGE.read_text())
    assert text.count("agi://127.0.0.1:4573/") == 1
    file = system.pbx.workdir / "etc" / "extensions.conf"
    file.write_text(file.read_text() + text.replace(":4573/", f":{port}/") + GLUE)
    for module in ("res_speech.so", "res_agi.so"):
        assert "Loaded" in await system.pbx.cli(f"module load {module}")
    await system.pbx.cli("dialplan reload")


async def dial(system: System, number: str = METRO) -> Caller:
    """A citizen who has come to the medical service of the page's dialplan."""
    caller = await system.caller(number)
    await caller.dial(NUMBER)
    await caller.established(5.0)
    return caller


def refused(system: System) -> list[str]:
    """Asterisk's complaints, but for those that are about the connection."""
    return [line for line in system.pbx.complaints() if "res_agi.c" not in line]


async def test_the_operator_on_duty_is_rung_and_talks(asking: System) -> None:
    """With the service's name on the phone, and the decision in the journal, reasons included."""
    medis = await asking.register("medis-1", Answer(0.2))
    damkar = await asking.register("damkar-1", Answer(0.2))
    caller = await dial(asking)
    offer = await medis.offered(5.0)
    assert (offer.name, offer.number) == ("112 MEDIS", METRO)
    await medis.established(3.0)
    await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert damkar.offers == []
    record = await recorded(asking, "advised")
    assert record.detail["dial"] == "PJSIP/siaga-medis-1"
    assert (record.detail["verdict"], record.detail["trunk"]) == ("inside", "seluler")
    assert any(ground.where.startswith("services.yaml:") for ground in record.because)
    assert asking.pbx.complaints() == []


async def test_who_does_not_answer_is_followed_by_the_next_step(asking: System) -> None:
    """The dialplan asks again, and is led along the overflow chain."""
    medis = await asking.register("medis-1", Decline())
    coordinator = await asking.register("koordinator", Decline())
    damkar = await asking.register("damkar-1", Answer(0.2))
    caller = await dial(asking)
    await damkar.established(8.0)
    await assert_talk(caller, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    assert [len(phone.offers) for phone in (medis, coordinator)] == [1, 1]
    steps = [record.detail["step"] for record in records(asking, "advised")]
    assert steps == ["group", "supervisor", "other_agencies"]


async def test_a_phone_in_use_is_not_rung(asking: System) -> None:
    """By Asterisk's own states: the second caller gets another agency's operator."""
    medis = await asking.register("medis-1", Answer(0.1))
    damkar = await asking.register("damkar-1", Answer(0.1))
    first = await dial(asking)
    await medis.established(5.0)
    second = await dial(asking)
    await damkar.established(5.0)
    await assert_talk(second, damkar, (CALLER_TONE_HZ, damkar.tone_hz))
    await assert_talk(first, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert len(medis.offers) == 1


async def test_with_nobody_at_the_post_the_number_outside_presses_1(asking: System) -> None:
    """A voicemail out there would not be a human."""
    outside = await asking.outside(OUTSIDE, Answer(0.2))
    caller = await dial(asking)
    await outside.established(15.0)
    await asyncio.sleep(0.5)  # into the announcement
    await outside.send_dtmf("1")
    await asyncio.sleep(0.5)
    await assert_talk(caller, outside, (CALLER_TONE_HZ, outside.tone_hz))
    assert records(asking, "advised")[-1].detail["step"] == "outside"


async def test_without_a_daemon_the_last_resort_rings_at_once(asking: System) -> None:
    """The connection is refused; the service is known, so that no menu is heard."""
    medis = await asking.register("medis-1", Answer(0.2))
    await recorded(asking, "daemon_started")
    await asking.daemon.kill()
    caller = await dial(asking)
    assert (await medis.offered(3.0)).name == LAST_RESORT
    await medis.established(3.0)
    await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))
    assert refused(asking) == []


async def test_a_frozen_daemon_costs_three_seconds(asking: System) -> None:
    """It takes the connection and says nothing: the page's own fuse leads to the last resort."""
    medis = await asking.register("medis-1", Answer(0.2))
    asking.daemon.freeze()
    caller = await dial(asking)
    await medis.established(FUSE_S + 5.0)
    assert medis.offers[-1].name == LAST_RESORT
    await assert_talk(caller, medis, (CALLER_TONE_HZ, medis.tone_hz))
    asking.daemon.thaw()


PROBE = """
[siaga-from-seluler]
exten => 1192,1,Answer(,i)
 same => n,AGI(agi://127.0.0.1:4573/nothing)
 same => n,Set(GLOBAL(PROBE_NOTHING)=${AGISTATUS})
 same => n,AGI(agi://127.0.0.1:4573/route?service=damkar)
 same => n,Set(GLOBAL(PROBE_URL)=${AGISTATUS} ${SIAGA_DIAL} ${SIAGA_ZONE} ${SIAGA_RING})
 same => n,AGI(agi://127.0.0.1:4573/route?service=am%22bu%5Clans)
 same => n,Set(GLOBAL(PROBE_UNKNOWN)=${SIAGA_SERVICE} ${SIAGA_BECAUSE})
 same => n,Set(GLOBAL(PROBE_OVER)=1)
 same => n,Wait(60)
"""


async def test_asterisk_understands_every_answer(asking: System) -> None:
    """Failure for an unknown script, a URL's query, and text with quotes and backslashes."""
    file = asking.pbx.workdir / "etc" / "extensions.conf"
    port = re.search(r"agi://127.0.0.1:(\d+)/", file.read_text())
    assert port is not None
    file.write_text(file.read_text() + PROBE.replace(":4573/", f":{port[1]}/"))
    await asking.pbx.cli("dialplan reload")
    caller = await asking.caller(METRO)
    await caller.dial("1192")
    async with asyncio.timeout(5.0):
        while "PROBE_OVER" not in (shown := await asking.pbx.cli("dialplan show globals")):  # noqa: ASYNC110 - another process sets it
            await asyncio.sleep(0.05)
    await caller.hangup()
    probes = dict(line.strip().split("=", 1) for line in shown.splitlines() if "PROBE" in line)
    assert probes["PROBE_NOTHING"] == "FAILURE"
    assert probes["PROBE_URL"] == f"SUCCESS PJSIP/{OUTSIDE}@siaga-telkom inside 3"
    assert probes["PROBE_UNKNOWN"].startswith("umum ")
    assert "there is no service 'am\"bu\\\\lans': the default one" in probes["PROBE_UNKNOWN"]


async def test_a_caller_who_gives_up_leaves_nothing(asking: System) -> None:
    """No phone rings on, and the daemon holds no connection."""
    medis = await asking.register("medis-1", Answer(20.0))
    caller = await dial(asking)
    await medis.offered(5.0)
    await caller.hangup()
    await medis.closed(3.0)
    await asking.empty()
    assert await alarms(asking) == []
