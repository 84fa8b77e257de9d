"""A carrier chooses what a caller is called, and each output shows it as the text that it is.

What of it reaches the operator's phone, the zone and the last resort is in test_identity.py and
test_evidence.py.
"""

import asyncio
import csv
import io
import json
import unicodedata
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.site import TRUNK_ADDRESS
from sandbox.stranger import SDP, Request, Stranger
from sandbox.system import System
from siaga import remedy
from siaga.clock import SystemClock
from siaga.formula import BEGINS
from tests.journal.follower import Follower
from tests.live.centre import alarmed, recorded, records
from tests.live.test_journal import stored
from tests.live.test_mqtt import until
from tests.live.test_privacy import told_of

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]
"""Eight commands are run, which begin slowly on a machine that has other things to do."""

NUMBERS = (
    "08[/b]1234567",
    "[red]081234567[/red]",
    "0812\x1b[2J\x1b]0;x\x07345",
    "0812\x9b2J34567",
    "0812\r\n\t567890",
    "=cmd|'/C calc'!A0",
    "\uff1dSUM(1)23456",
    "@SUM(1+1)*cmd",
    "-2+3+cmd()",
    "0812,;|&<b>x</b>",
    "${SHELL(id)}$[1+1]",
    "{0.__class__}%s%n",
    "\u202e0987654321\u2066",
    "08\U0001f6921234567",
    "'\"\\`$(id)`;--",
)
"""What a From header may have as its user, before it is escaped."""
STEERS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of what moves a cursor, turns the writing around, or ends a line."""
TAKEN = [number.partition(";")[0] for number in NUMBERS]
"""What Asterisk takes for the number of it."""


class Whole(json.JSONDecoder):
    """A decoder that takes no control characters inside of texts."""

    def __init__(self) -> None:
        super().__init__(strict=True)


async def called(system: System) -> None:
    """One call of each, which ends in the menu."""
    server = (system.pbx.sip_host, system.pbx.sip_port)
    async with Stranger(TRUNK_ADDRESS["seluler"], server) as carrier:
        for number in NUMBERS:
            call = Request("INVITE", "112", sender=quote(number, safe=""), body=SDP)
            await carrier.throw(call.data(carrier))
            told = await carrier.heard(call.call)
            assert told.startswith(b"SIP/2.0 200"), (number, told[:60])
            await carrier.throw(call.then("ACK", told).data(carrier))
            assert await carrier.ask(call.then("BYE", told)) == 200
    await recorded(system, "abandoned", count=len(NUMBERS))


def is_plain(text: str) -> bool:
    """Whether nothing in it steers a terminal, or ends a line that is none."""
    return not any(unicodedata.category(char) in STEERS for char in text.replace("\n", ""))


def today() -> tuple[str, ...]:
    """The days around now, for a report."""
    at = SystemClock().now().wall
    days = (at - timedelta(days=1), at + timedelta(days=1))
    return tuple(
        f"{name}={day:%Y-%m-%d}" for name, day in zip(("--from", "--to"), days, strict=True)
    )


async def commands(system: System) -> list[str]:
    """What each command shows to people, with numbers and without."""
    calls = [str(record.call) for record in records(system, "arrived")]
    asked: tuple[tuple[str, ...], ...] = (
        ("calls",),
        ("calls", calls[2], "--numbers"),
        ("report", *today()),
    )
    told = await asyncio.gather(*(system.daemon.look_up(*words) for words in asked))
    assert [said.exit for said in told] == [0] * len(asked)
    found = [said.out + said.err for said in told]
    found.append((await system.daemon.command("status", "--numbers")).out)
    return found


async def test_what_a_caller_is_called_is_text_wherever_it_is_shown(
    talkative: System, kota: Follower
) -> None:
    """Commands, CSV, JSON, the page of a report, the log, MQTT, and the program for alarms."""
    await called(talkative)
    await stored(talkative)
    assert [record.detail["ani"] for record in records(talkative, "arrived")] == TAKEN

    for shown in await commands(talkative):
        assert is_plain(shown), shown
    table = (await talkative.daemon.look_up("calls", "--numbers")).out.splitlines()
    assert len(table) == len(NUMBERS) + 1
    assert NUMBERS[0] in table[1]
    cells = (await talkative.daemon.look_up("calls", "--csv", "--numbers")).out
    rows = list(csv.DictReader(io.StringIO(cells)))
    assert len(rows) == len(NUMBERS)
    for row in rows:
        assert all(cell.isprintable() and not cell.startswith(BEGINS) for cell in row.values())
    told = (await talkative.daemon.look_up("calls", "--json", "--numbers")).out
    assert [row["number"] for row in Whole().decode(told)] == TAKEN
    page = (await talkative.daemon.look_up("report", "--html", *today())).out
    assert not any(number in page for number in NUMBERS)

    await until(lambda: len([each for each in kota.told if "/call/" in each.topic]) >= len(NUMBERS))
    for each in kota.told:
        assert is_plain(each.topic)
        if each.payload:
            Whole().decode(each.payload.decode())
    await talkative.pbx.stop()
    await alarmed(talkative, remedy.ASTERISK_DOWN)
    await told_of(talkative.workdir / "alarms")
    await talkative.pbx.start()
    await talkative.daemon.served()
    assert_logged(talkative.daemon.log, talkative.workdir / "alarms")


def assert_logged(log: Path, alarms: Path) -> None:
    """Each line of the log is one event as JSON; the program got texts without control."""
    for line in log.read_bytes().decode().splitlines():
        assert is_plain(line)
        assert isinstance(Whole().decode(line), dict), line
    assert all(is_plain(line) for line in alarms.read_text().split("\n"))
