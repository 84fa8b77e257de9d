"""What `siaga112 explain` says and what the daemon does on a real Asterisk are one thing.

A few hundred callers of SIPp, drawn at random: trunk, numbers, place, cell and key, over rosters,
strategies and people on a call. Most hang up as soon as phones ring, some stay to the end of the
chain.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import aiohttp
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from journal.record import ENDINGS, Record
from routing.operator import PersonId
from routing.zone import Evidence
from sandbox import scenario
from sandbox.audio import write_tone
from sandbox.pidf import GEOLOCATION, Point, document, voice
from sandbox.scenario import VOICE, Origin, Voice
from sandbox.system import System
from siaga.cli import app
from siaga.clock import SystemClock
from siaga.explain.foresight import Foresight, Question, foresee
from siaga.settings import Settings, load
from tests.live.centre import (
    DISMISSED,
    quick_settings,
    recorded,
    records,
    sipp_callers,
    sipp_centre,
    sipp_operators,
)
from tests.siaga.explain.call import begun, foreseen
from tests.siaga.explain.call import recorded as told_by

pytestmark = pytest.mark.live

SEED: Final = 112
CALLS: Final = 22
"""Of a lane, one after the other."""
RUNG: Final = 200
"""So many of all calls, at least, have to reach a phone before they hang up."""
PROMPT_S: Final = 0.2
PRESS_S: Final = 0.25
"""The phones of the caller before are free by then."""
STAY_S: Final = 0.3
"""From the key to the hang-up: phones ring after some 10 ms, and the next step is far away."""
RING_S, SHORT_RING_S = 4, 1
LIMIT_S: Final = 60.0
BUSY_LIMIT_S: Final = 5.0
EVERYBODY: Final = ("sri", "bayu", "agus", "hendra", "dian", "rizky", "nurul", "made")
SEATS: Final = (
    *("medis-1", "medis-2", "damkar-1", "damkar-2", "dishub-1", "dishub-2"),
    *("satpol-1", "satpol-2", "koordinator", "pos"),
)
BEGINNINGS: Final = ("0812", "0812", "07254", "07256", "07214", "07217", "0999")
TRANSFERRED: Final = "07255"
"""Only one caller at a time can ring the neighbour's centre, and does so on arrival: no two such
callers come one right after the other."""
DIALLED: Final = {"seluler": ("112", "0725112"), "telkom": ("112", "0725112", DISMISSED)}
CELLS: Final = ("510991A2B0C0FF01", "510992F010C0FF01", "5101012345678901")
PLACES: Final = ("-5.1131 105.307", "-5.42 105.09", "-5.6 105.6")
DRAWN: Final = Point(-5.1131, 105.307)
"""In the scenario's document, where each caller's own place is put in."""


@dataclass(frozen=True, slots=True)
class Round:
    """What holds for some calls.

    Attributes:
        on_duty: Who, round the clock.
        strategy: Of all hunt groups.
        busy: Who is on a call that has nothing to do with 112.
        penalties: Of people.
    """

    on_duty: tuple[str, ...]
    strategy: str
    busy: tuple[str, ...] = ()
    penalties: Mapping[str, int] | None = None


ROUNDS: Final = (
    Round(EVERYBODY, "ringall"),
    Round(EVERYBODY, "linear", ("sri", "made")),
    Round(tuple(reversed(EVERYBODY)), "leastrecent", ("dian",), {"bayu": 3, "agus": 1}),
)


@dataclass(frozen=True, slots=True)
class Lane:
    """Callers one after the other, who do the same but for what is drawn."""

    trunk: str
    key: str
    located: bool = False
    transferred: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call, and what it brings."""

    evidence: Evidence
    key: str
    line: str


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """A centre whose prompts are short tones, with phones that ring on, at the post and outside."""
    settings = quick_settings(tmp_path / "settings", EVERYBODY, ring_s=RING_S)
    async with System(tmp_path, settings, sounds=make_sounds(tmp_path / "sounds")) as running:
        rings = scenario.operator(ring_s=None)
        # A trunk that is down keeps the leg of who has hung up for a while, as is right.
        async with sipp_operators(running, SEATS, rings), sipp_centre(running, rings):
            yield running
            await running.empty()
        assert running.pbx.complaints() == []


def make_sounds(folder: Path) -> Path:
    """Every prompt and every tone of the settings, as a short tone."""
    prompts = load(Path(__file__).parents[2] / "config").prompts
    for language in prompts.voices:
        (folder / language).mkdir(parents=True)
        for name in (*prompts.texts, *prompts.tones):
            write_tone(folder / language / f"{name}.wav", 1000.0, PROMPT_S)
    return folder


async def test_the_daemon_does_what_was_explained(system: System) -> None:
    """The same zone, service and phones in the same order, for the same reasons, line by line."""
    draw, rung, number = Random(SEED), 0, 0  # noqa: S311 - the same each time
    for round_ in ROUNDS:
        settings = await use(system, round_)
        async with on_calls(system, settings, round_.busy):
            placed: list[Call] = []
            lanes = lanes_of(draw)
            calls = []
            for lane in lanes:
                calls.append([drawn(draw, lane, number + place) for place in range(CALLS)])
                number += CALLS
                placed += calls[-1]
            await asyncio.gather(*map(place_calls, [system] * len(lanes), lanes, calls))
            own = await recorded_all(system, placed)
            for call in placed:
                seen = foreseen(explained(settings, call, round_.busy), placed=True)
                live = told_by(own[call.evidence.ani])
                assert live == begun(seen, live), (round_, call)
                rung += bool(live.targets)
    assert rung >= RUNG


async def test_who_stays_goes_along_the_whole_chain_that_was_explained(system: System) -> None:
    """Silent, with a wrong key or a right one, of a neighbour: to the last number outside."""
    busy = ("bayu", "agus", "hendra")
    round_ = Round(EVERYBODY, "ringall", busy)
    settings = await use(system, round_, ring_s=SHORT_RING_S)
    draw = Random(SEED)  # noqa: S311 - the same each time
    async with on_calls(system, settings, busy):
        for number, lane in enumerate(
            (
                Lane("seluler", "1"),
                Lane("seluler", ""),
                Lane("telkom", "7"),
                Lane("seluler", "2", located=True),
                Lane("seluler", "", transferred=True),
            )
        ):
            call = drawn(draw, lane, number)
            seen = explained(settings, call, busy)
            assert seen.over_s is not None
            await place_calls(system, lane, [call], stay_s=seen.over_s + 1.0)
            own = await recorded_all(system, [call])
            live = told_by(own[call.evidence.ani])
            assert live == foreseen(seen, placed=True), call
            assert [key for key, _ in live.targets] == commanded(system, call, busy)
            assert live.targets[-1][0].startswith("outside:")


def commanded(system: System, call: Call, busy: Sequence[str]) -> list[str]:
    """Whom the command's JSON names, from the first to the last of the chain."""
    evidence = call.evidence
    words = ["--trunk", evidence.trunk, "--did", evidence.did, "--from", evidence.ani]
    words += ["--cell", call.line.split(";")[2], "--press", call.key]
    if evidence.location:
        words.append(f"--geo={call.line.split(';')[3]}")
    words += [word for person in busy for word in ("--busy", person)]
    said = CliRunner().invoke(app, ["explain", "--config", str(system.config), "--json", *words])
    assert said.exit_code == 0, said.stderr
    told = json.loads(said.stdout)
    steps = [told["targets"], *(step["targets"] for step in told["overflow"])]
    return [_key(target) for targets in steps for target in targets]


def _key(target: dict[str, str | None]) -> str:
    """As the journal names it."""
    if target["operator"] is not None:
        return f"person:{target['operator']}"
    if target["seat"] is not None:
        return f"seat:{target['seat']}"
    return f"outside:{target['endpoint']}".replace("@siaga-", "@")


def lanes_of(draw: Random) -> list[Lane]:
    """One for each key, so that no two callers want the same phones."""
    trunks = ["seluler", "telkom", "seluler", "seluler"]
    draw.shuffle(trunks)
    transferred = trunks.index("seluler")
    return [
        Lane(trunk, key, located=draw.random() < 0.5, transferred=place == transferred)
        for place, (trunk, key) in enumerate(zip(trunks, "1234", strict=True))
    ]


def drawn(draw: Random, lane: Lane, number: int) -> Call:
    """A call; no two have the same number."""
    others = (TRANSFERRED,) * 4 if lane.transferred and number % 2 == 0 else ()
    beginning = draw.choice((*BEGINNINGS, *others))
    if lane.transferred and not lane.key:
        beginning = TRANSFERRED
    ani = f"{beginning}{number:0{11 - len(beginning)}}"
    did, cell, place = (draw.choice(each) for each in (DIALLED[lane.trunk], CELLS, PLACES))
    if lane.transferred and not lane.key:
        did, cell = "112", CELLS[-1]
    evidence = Evidence(
        lane.trunk,
        did,
        ani,
        f'GML:shape="Point",crs="2d",pos="{place}"' if lane.located else "",
        f"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={cell};network-provided",
    )
    return Call(evidence, lane.key, f"{ani};{did};{cell};{place}")


def explained(settings: Settings, call: Call, busy: Sequence[str]) -> Foresight:
    """What is foreseen of a call."""
    question = Question(
        evidence=call.evidence,
        at=SystemClock().now().wall,
        keys=call.key,
        busy=frozenset(map(PersonId, busy)),
    )
    return foresee(settings, question)


async def place_calls(
    system: System, lane: Lane, calls: Sequence[Call], stay_s: float = STAY_S
) -> None:
    """SIPp's callers, one after the other; each hangs up so long after the key."""
    access = "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=[field2];network-provided"
    origin = Origin(extra=f"{GEOLOCATION if lane.located else ''}{access}\n")
    text = scenario.caller(
        "[field1]",
        digit=lane.key,
        press_after_s=PRESS_S,
        talk_s=stay_s,
        origin=origin,
        voice=located_voice() if lane.located else VOICE,
    )
    lines = [call.line for call in calls]
    folder = f"lane-{lane.key or 'silent'}-{lane.trunk}-{calls[0].evidence.ani}"
    callers = sipp_callers(system, lines, text, trunk=lane.trunk, folder=folder)
    async with callers:
        outcome = await callers.finished(LIMIT_S)
    assert (outcome.succeeded, outcome.failed) == (len(calls), 0), "a call was not served"


def located_voice() -> Voice:
    """An offer with a place, each caller's own."""
    whole = voice(document(DRAWN.xml))
    written = f"{DRAWN.latitude:g} {DRAWN.longitude:g}"
    assert written in whole.sdp
    return replace(whole, sdp=whole.sdp.replace(written, "[field3]"))


async def recorded_all(system: System, calls: Sequence[Call]) -> dict[str, list[Record]]:
    """The records of each call by its number, once the ends of all of these are in the spool."""
    async with asyncio.timeout(BUSY_LIMIT_S):
        while True:
            by_call: dict[str | None, list[Record]] = {}
            for record in records(system):
                by_call.setdefault(record.call, []).append(record)
            own = {
                str(story[0].detail["ani"]): story
                for story in by_call.values()
                if story[0].what == "arrived" and story[-1].what in ENDINGS
            }
            if all(call.evidence.ani in own for call in calls):
                return own
            await asyncio.sleep(0.05)


async def use(system: System, round_: Round, ring_s: int = RING_S) -> Settings:
    """The daemon and the explanations have these settings from now on."""
    yaml = YAML()
    roster = yaml.load(system.config / "roster.yaml")
    roster["weekly"][0]["people"] = list(round_.on_duty)
    yaml.dump(roster, system.config / "roster.yaml")
    services = yaml.load(system.config / "services.yaml")
    for group in services["hunt_groups"].values():
        group["strategy"], group["ring_time_s"] = round_.strategy, ring_s
    for chain in services["overflow"].values():
        for step in chain:
            step["ring_time_s"] = ring_s
    yaml.dump(services, system.config / "services.yaml")
    zones = yaml.load(system.config / "zones.yaml")
    zones["neighbours"]["lampung-tengah"]["ring_time_s"] = ring_s
    yaml.dump(zones, system.config / "zones.yaml")
    operators = yaml.load(system.config / "operators.yaml")
    for person, penalty in (round_.penalties or {}).items():
        operators["people"][person]["penalty"] = penalty
    yaml.dump(operators, system.config / "operators.yaml")
    before = len(records(system, "settings_reloaded"))
    system.daemon.reload()
    await recorded(system, "settings_reloaded", before + 1)
    return load(system.config)


@asynccontextmanager
async def on_calls(
    system: System, settings: Settings, people: Sequence[str]
) -> AsyncIterator[None]:
    """These people's phones are used for something else, and the daemon knows it."""
    seats = settings.operators.seats.values()
    phones = [seat.endpoint for seat in seats if seat.person in people]
    url = f"{system.pbx.ari_url}/ari/channels"
    pair = f"{system.pbx.ari_user}:{system.pbx.ari_password}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for phone in phones:
            query = {
                "endpoint": f"PJSIP/{phone}",
                "channelId": f"elsewhere-{phone}",
                "extension": "s",
                "context": "none",
                "timeout": "120",
            }
            async with session.post(url, params=query) as reply:
                assert reply.status == 200, await reply.text()
        try:
            await busy_are(system, set(phones))
            yield
        finally:
            for phone in phones:
                async with session.delete(f"{url}/elsewhere-{phone}") as reply:
                    assert reply.status == 204, await reply.text()
        await busy_are(system, set())


async def busy_are(system: System, wanted: set[str]) -> None:
    """Returns when the daemon knows exactly these phones of those on duty to be in use."""
    async with asyncio.timeout(BUSY_LIMIT_S):
        while True:
            status = await system.daemon.status()
            found = {
                phone["endpoint"]
                for agency in status["agencies"].values()
                for operator in agency["operators"]
                for phone in operator["phones"]
                if phone["state"] == "busy"
            }
            if found == wanted:
                return
            await asyncio.sleep(0.05)
