"""A hundred new sets of settings, good and bad, under fifty calls: nothing lost, nothing mixed.

Four callers talk, others wait, twenty are in the menu and press a key at some time. Meanwhile an
administrator saves set after set, every second one broken, and has each read (SIGHUP). Each good
set gives the keys to other services and puts other people on duty.
"""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from journal.record import Record
from journal.spool import read
from sandbox import scenario
from sandbox.behaviour import Answer
from sandbox.crowd import silence
from sandbox.sipp import SippCallers
from sandbox.site import TRUNK_ADDRESS, Site
from sandbox.system import System
from siaga.settings import load
from tests.live.centre import quick_settings, recorded, sipp_operators

pytestmark = pytest.mark.live

RELOADS, SEED = 100, 112
TEAMS = (
    ("sri", "agus", "dian", "nurul"),
    ("bayu", "hendra", "rizky", "made"),
    ("ratna", "yudi", "eko", "joko"),
)
"""On duty by each set; the first team talks, and goes on talking when the next set takes over."""
SERVICES = ("medis", "damkar", "lalin", "tibum")
PLACES = ("medis", "damkar", "dishub", "satpol")
SILENT = [f"{place}-{number}" for place in PLACES for number in (2, 3)]
"""Seats at which phones ring and nobody answers: those of the other two teams."""
PRESS_S = {0.2: 30, 6.0: 7, 12.0: 7, 18.0: 6}
"""How many press their key so long after they were answered."""
ARRIVE_PER_S = 20.0
CALLERS = sum(PRESS_S.values())
RTP_PORTS = 1200
"""Two for each leg: a ring-all rings four phones for a caller."""
TOLD_S, END_S = 5.0, 20.0
WARM = 20
"""Reloads before memory counts."""
BLOCKS = 15_000
"""A set takes some 3,000 blocks of the interpreter's memory: of forty not five may stay."""
LOST = ("pulled_out", "resumed", "handed_back", "call_failed", "operator_lost", "let_go")


def keys(number: int) -> dict[str, str]:
    """Where each key leads by a set."""
    return {str(key + 1): SERVICES[(key + number) % len(SERVICES)] for key in range(len(SERVICES))}


def targets(number: int) -> set[str]:
    """Whom a set can ring; supervisor, post and the number outside are the same in all."""
    same = {"person:siti", "seat:pos", "outside:0725000113@telkom"}
    return same | {f"person:{name}" for name in TEAMS[number]}


def write(folder: Path, number: int) -> None:
    """Turns a set into another one."""
    yaml = YAML()
    roster, services = yaml.load(folder / "roster.yaml"), yaml.load(folder / "services.yaml")
    roster["weekly"][0]["people"] = list(TEAMS[number])
    services["menu"] |= {"keys": keys(number), "first_digit_s": 15, "repeats": 5}
    for chain in services["overflow"].values():
        chain[:] = [step for step in chain if step["to"] != "previous_shift"]
    yaml.dump(roster, folder / "roster.yaml")
    yaml.dump(services, folder / "services.yaml")


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[System]:
    """Asterisk and the daemon on the first set; no sounds, so that menus cost nothing."""
    config = quick_settings(tmp_path / "settings", TEAMS[0])
    write(config, 0)
    site = Site(rtp_ports=RTP_PORTS)
    async with System(tmp_path, config, site, silence(tmp_path / "sounds")) as running:
        yield running
        await running.empty()


def _cut(folder: Path, draw: random.Random) -> None:
    path = folder / "services.yaml"
    text = path.read_text()
    path.write_text(text[: draw.randrange(text.index("\noverflow:"))])


def _remove(folder: Path, draw: random.Random) -> None:
    draw.choice(sorted(folder.glob("*.yaml"))).unlink()


def _misspell(folder: Path, draw: random.Random) -> None:
    path = draw.choice(sorted(folder.glob("*.yaml")))
    path.write_text(f"{path.read_text()}\nsudah: makan\n")


def _name_nobody(folder: Path, _: random.Random) -> None:
    path = folder / "roster.yaml"
    path.write_text(path.read_text().replace("shift: penuh", "shift: penoh"))


def _scribble(folder: Path, draw: random.Random) -> None:
    draw.choice(sorted(folder.glob("*.yaml"))).write_bytes(draw.randbytes(300))


BREAKS: tuple[Callable[[Path, random.Random], None], ...] = (
    _cut,
    _remove,
    _misspell,
    _name_nobody,
    _scribble,
)


class Administrator:
    """Saves sets into the running daemon's folder, and knows how many were taken and refused."""

    def __init__(self, system: System, sets: Sequence[Path]) -> None:
        self._system = system
        self._sets = sets
        self._draw = random.Random(SEED)  # noqa: S311 - the same sets again
        self.accepted = [0]
        self.refused = 0
        self.blocks: list[int] = []

    async def work(self, turns: int) -> None:
        """So many reloads, every second one of a broken set; each is told before the next one."""
        for turn in range(turns):
            following = self._draw.randrange(len(self._sets))
            is_bad = turn % 2 == 1
            self._save(following, is_bad=is_bad)
            if is_bad:
                self.refused += 1
            else:
                self.accepted.append(following)
            self._system.daemon.reload()
            await self._told()

    def _save(self, number: int, *, is_bad: bool) -> None:
        config = self._system.config
        for path in self._sets[number].glob("*.yaml"):
            shutil.copy(path, config)
        if is_bad:
            self._draw.choice(BREAKS)(config, self._draw)

    async def _told(self) -> None:
        """The daemon has said what became of it."""
        wanted = len(self.accepted) - 1, self.refused
        async with asyncio.timeout(TOLD_S):
            while True:
                status = await self._system.daemon.status()
                counts = status["counts"]
                told = counts.get("settings_reloaded", 0), counts.get("settings_refused", 0)
                if told == wanted:
                    self.blocks.append(status["process"]["memory_blocks"])
                    return
                assert told <= wanted
                await asyncio.sleep(0.02)


def assert_nothing_mixed(spool: Path, accepted: Sequence[int]) -> None:
    """Each call chose by the menu that it began with; each offer is by the newest accepted set."""
    began: dict[str | None, int] = {}
    sets = iter(accepted)
    number = next(sets)
    chosen = 0
    for record in read(spool):
        match record.what:
            case "settings_reloaded":
                number = next(sets)
            case "arrived":
                began[record.call] = number
            case "chosen":
                digit = record.because[0].text.removeprefix("pressed ")
                assert record.detail["service"] == keys(began[record.call])[digit], record
                chosen += 1
            case "offered":
                assert record.detail["target"] in targets(number), record
            case what if what in LOST:
                pytest.fail(f"{record}")
            case _:
                pass
    assert next(sets, None) is None
    assert chosen == CALLERS


def named(spool: Path, what: str) -> list[Record]:
    """The records of that name."""
    return [record for record in read(spool) if record.what == what]


async def test_a_hundred_reloads_under_fifty_calls(busy: System, tmp_path: Path) -> None:
    """Nobody is lost; each call keeps its menu; each refusal says why; memory stays flat."""
    sets = []
    for number in range(len(TEAMS)):
        sets.append(shutil.copytree(busy.config, tmp_path / f"set-{number}"))
        write(sets[-1], number)
        load(sets[-1])
    administrator = Administrator(busy, sets)
    ringing = scenario.operator(ring_s=None)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(sipp_operators(busy, SILENT, ringing))
        phones = [await busy.register(f"{place}-1", Answer(0.2)) for place in PLACES]
        crowds = [
            await stack.enter_async_context(_crowd(busy, press_s, count, first))
            for first, (press_s, count) in enumerate(PRESS_S.items())
        ]
        await recorded(busy, "arrived", CALLERS, limit_s=15.0)
        await recorded(busy, "bridged", len(TEAMS[0]))
        await administrator.work(RELOADS)
        await recorded(busy, "chosen", CALLERS, limit_s=30.0)
        status = await busy.daemon.status()
        stages = [call["stage"] for call in status["calls"].values()]
        assert len(stages) == CALLERS
        assert stages.count("talking") == len(phones)
        outcomes = []
        for crowd, count in zip(crowds, PRESS_S.values(), strict=True):
            for call in range(count):
                crowd.cue(call + 1)
            outcomes.append(await crowd.finished(END_S))
    assert [(outcome.succeeded, outcome.failed) for outcome in outcomes] == [
        (count, 0) for count in PRESS_S.values()
    ]
    assert_nothing_mixed(busy.spool, administrator.accepted)
    refusals = named(busy.spool, "settings_refused")
    assert len(refusals) == administrator.refused == RELOADS // 2
    assert all(str(busy.config) in str(record.detail["problems"]) for record in refusals)
    assert administrator.blocks[-1] <= administrator.blocks[WARM] + BLOCKS


def _crowd(system: System, press_s: float, count: int, place: int) -> SippCallers:
    """Callers who press key 1 so long after they were answered, and stay until they are cued."""
    return SippCallers(
        system.toolbox,
        system.workdir / f"crowd-{place}",
        trunk_ip=TRUNK_ADDRESS["seluler"],
        server=(system.pbx.sip_host, system.pbx.sip_port),
        lines=[f"08123400{place}0{number:02}" for number in range(count)],
        text=scenario.caller("112", digit="1", press_after_s=press_s, cued=True),
        rate_per_s=ARRIVE_PER_S,
    )
