"""Thousands of mixed calls on a real Asterisk, and then: nothing left, and no memory gone.

Callers and operators are SIPp's. Callers press a key, press a wrong one or none, hang up in the
menu, while phones ring or in the talk; operators answer, decline, do not answer, hang up at once or
after a talk. After each round of calls the system comes to rest and is looked at: channels,
bridges, playbacks (a channel each), recordings, tasks, timers, open descriptors, memory. The first
rounds warm up caches; from there to the end the daemon's memory must not grow.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.usage import cpu_s, descriptors, memory_kib
from journal.record import Record
from journal.spool import read
from sandbox import scenario
from sandbox.sipp import SippOperators, place_calls
from sandbox.site import Site
from sandbox.system import System
from switch.rest import CONNECTIONS
from tests.live.centre import quick_settings

CALLS, ROUNDS, SEED = 2000, 8, 112
WARM_UP = 4
"""Rounds before memory counts: caches of URLs and the free lists are full by then."""
RATE_PER_S = 10.0
RTP_PORTS = 1200
"""Two per leg: at this rate some thirty callers are there at once, who ring up to five phones."""
GROWTH_PER_CALL = {"blocks": 1.0, "memory_kib": 1.0}
"""Of the daemon after the warm-up; a caller who is not let go of holds about a hundred blocks."""
GROWTH = {"blocks": 5000, "memory_kib": 2048}
"""Besides, however few the calls: cycles that wait for the collector; two arenas of the heap."""
REST_LIMIT_S = 10.0
"""To come to rest after a round, which takes some milliseconds."""
SIP_LIMIT_S = 45.0
"""At the end, for Asterisk's sockets: a BYE without answer is repeated for 32 s (RFC 3261)."""
POLL_S = 0.5
WOBBLE = {"asterisk_files": 3}
"""Asterisk's database opens a journal now and then; a console connection may be closing."""
RING_S = 1
EVERYBODY = (
    *("sri", "bayu", "ratna", "agus", "hendra", "yudi"),
    *("dian", "rizky", "eko", "nurul", "made", "joko"),
)
TRUNK_IP = "127.0.0.12"
FIRST_NUMBER = 81_200_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """Calls of one kind.

    Attributes:
        name: What the caller does.
        weight: Its share of all calls.
        text: SIPp's scenario.
        part: In which part of the round they all begin: long ones early, so that it ends soon.
    """

    name: str
    weight: int
    text: str
    part: float = 1.0


def _pressed(key: str, talk_s: float | None) -> str:
    return scenario.caller("112", digit=key, press_after_s=0.1, talk_s=talk_s)


KINDS = (
    Kind("talks shortly", 14, _pressed("1", 0.7)),
    Kind("talks longer", 14, _pressed("1", 2.0)),
    Kind("is declined, then rings others", 14, _pressed("2", 2.5)),
    Kind("hangs up while phones ring", 14, _pressed("2", 0.3)),
    Kind("loses the operator", 14, _pressed("3", 2.0)),
    Kind("talks until the operator ends", 6, _pressed("4", None), 0.8),
    Kind("wants any human", 4, _pressed("0", 1.5)),
    Kind("presses a wrong key, hangs up", 8, _pressed("7", 0.5)),
    Kind("hangs up in the menu", 8, scenario.caller("112", talk_s=0.4)),
    Kind("hangs up at once", 2, scenario.caller("112", talk_s=0.0)),
    Kind("is silent", 2, scenario.caller("112", talk_s=None), 0.2),
)
"""Who is silent is not many: the menu is spoken to its end before a phone rings."""
OPERATORS = {
    "answers, ends after 3.2 s": (
        ("medis-1", "satpol-1", "satpol-2", "satpol-3", "pos"),
        scenario.operator(ring_s=0.2, talk_s=3.2),
    ),
    "answers a little later": (("medis-2",), scenario.operator(ring_s=0.4, talk_s=3.2)),
    "does not answer": (("medis-3", "damkar-3", "koordinator"), scenario.operator(ring_s=None)),
    "declines": (("damkar-1", "damkar-2"), scenario.operator(ring_s=0.1, code=603)),
    "hangs up at once": (("dishub-1",), scenario.operator(ring_s=0.1, talk_s=0.3)),
    "answers after that one": (("dishub-2", "dishub-3"), scenario.operator(ring_s=0.3, talk_s=3.2)),
}
"""What operators do, and at which seats."""


@dataclass(frozen=True, slots=True)
class Look:
    """The system at rest.

    Attributes:
        calls: How many there were before.
        left: What is still in progress; empty at true rest.
        tasks: All of the daemon's event loop.
        blocks: Of memory that its interpreter holds; not changed by how the heap is cut up.
        pool: The daemon's connections to Asterisk: they stay open while the heartbeat uses them
            by turns, as many as were ever wanted at once.
        files: Other descriptors that the daemon has open.
        asterisk_files: Those that Asterisk has open, without the other ends of the pool.
        recordings: Files in Asterisk's spool.
        memory_kib: The daemon's.
        asterisk_kib: Asterisk's.
        daemon_cpu_s: Processor time so far.
        asterisk_cpu_s: The same of Asterisk.
    """

    calls: int
    left: str
    tasks: int
    blocks: int
    pool: int
    files: int
    asterisk_files: int
    recordings: int
    memory_kib: int
    asterisk_kib: int
    daemon_cpu_s: float
    asterisk_cpu_s: float


HEAD = (
    f"{'calls':>6} {'tasks':>6} {'pool':>5} {'files':>6} {'a. files':>8} {'blocks':>7} "
    f"{'own KiB':>9} {'a. own KiB':>11} {'ms/call':>8} {'a. ms/call':>10}  left"
)


def _line(look: Look, before: Look | None) -> str:
    daemon = asterisk = 0.0
    if before is not None:
        calls = look.calls - before.calls
        daemon = (look.daemon_cpu_s - before.daemon_cpu_s) / calls * 1e3
        asterisk = (look.asterisk_cpu_s - before.asterisk_cpu_s) / calls * 1e3
    return (
        f"{look.calls:>6} {look.tasks:>6} {look.pool:>5} {look.files:>6} "
        f"{look.asterisk_files:>8} {look.blocks:>7} {look.memory_kib:>9} "
        f"{look.asterisk_kib:>11} {daemon:>8.2f} {asterisk:>10.2f}  "
        f"{look.left.replace(chr(10), '; ') or 'nothing'}"
    )


async def _look(system: System, calls: int) -> Look:
    left = await system.left()
    status = await system.daemon.status()
    daemon, asterisk = system.daemon.pid, system.pbx.pid
    port = system.pbx.site.http_port
    pool, files = descriptors(daemon, port)
    recordings = system.pbx.workdir / "spool" / "recording"
    return Look(
        calls=calls,
        left=left,
        blocks=status["process"]["memory_blocks"],
        tasks=status["process"]["tasks"],
        pool=pool,
        files=files,
        asterisk_files=descriptors(asterisk, port)[1],
        recordings=sum(1 for path in recordings.rglob("*") if path.is_file()),
        memory_kib=memory_kib(daemon),
        asterisk_kib=memory_kib(asterisk),
        daemon_cpu_s=cpu_s(daemon),
        asterisk_cpu_s=cpu_s(asterisk),
    )


async def _at_rest(
    system: System, calls: int, first: Look | None, *, limit_s: float, names: Sequence[str]
) -> Look:
    """The system once it holds no more than at first, or when it has had its time for that."""
    end = time.monotonic() + limit_s
    while True:
        look = await _look(system, calls)
        if time.monotonic() > end or not _faults(look, first, names):
            return look
        await asyncio.sleep(POLL_S)


OWN = ("tasks", "files", "recordings")
ALL = (*OWN, "asterisk_files")


def _faults(look: Look, first: Look | None, names: Sequence[str]) -> list[str]:
    """What is there now and was not before the first call."""
    found = [f"left over: {look.left}"] if look.left else []
    for name in names if first is not None else ():
        was, now = getattr(first, name), getattr(look, name)
        if now > was + WOBBLE.get(name, 0):
            found.append(f"{name}: {now}, before the first call {was}")
    if look.pool > CONNECTIONS + 1:
        found.append(f"pool: {look.pool}, expected at most {CONNECTIONS} and the event stream")
    return found


async def _place(system: System, round_: int, kinds: Counter[Kind], first: int) -> Counter[str]:
    """One round: every kind by a SIPp of its own, all of them side by side."""
    seconds = kinds.total() / RATE_PER_S
    placed = []
    for kind, count in kinds.items():
        numbers = [f"0{first + call}" for call in range(count)]
        first += count
        placed.append(
            place_calls(
                system.toolbox,
                system.workdir / f"round-{round_}" / kind.name.replace(" ", "-").replace(",", ""),
                trunk_ip=TRUNK_IP,
                server=(system.pbx.sip_host, system.pbx.sip_port),
                numbers=numbers,
                text=kind.text,
                rate_per_s=count / (seconds * kind.part),
                limit_s=seconds + 90.0,
            )
        )
    outcomes = await asyncio.gather(*placed)
    return Counter(
        {kind.name: outcome.failed for kind, outcome in zip(kinds, outcomes, strict=True)}
    )


async def _soak(calls: int, rounds: int, seed: int) -> bool:
    draw = random.Random(seed)  # noqa: S311 - the same calls again
    weights = [kind.weight for kind in KINDS]
    with tempfile.TemporaryDirectory(prefix="siaga-") as folder:
        config = quick_settings(Path(folder) / "settings", EVERYBODY, ring_s=RING_S)
        async with AsyncExitStack() as stack:
            system = System(Path(folder), config, Site(rtp_ports=RTP_PORTS))
            await stack.enter_async_context(system)
            for number, (seats, text) in enumerate(OPERATORS.values()):
                endpoints = [f"siaga-{seat}" for seat in seats]
                operators = SippOperators(
                    system.toolbox,
                    system.workdir / f"operators-{number}",
                    server=(system.pbx.sip_host, system.pbx.sip_port),
                    passwords={name: system.pbx.password_of(name) for name in endpoints},
                    text=text,
                )
                await stack.enter_async_context(operators)
            looks = [await _look(system, 0)]
            print(f"{HEAD}\n{_line(looks[0], None)}", flush=True)
            failed: Counter[str] = Counter()
            for round_ in range(rounds):
                done = looks[-1].calls
                count = calls * (round_ + 1) // rounds - done
                kinds = Counter(draw.choices(KINDS, weights, k=count))
                failed += await _place(system, round_, kinds, FIRST_NUMBER + done)
                last = round_ + 1 == rounds
                looks.append(
                    await _at_rest(
                        system,
                        done + count,
                        looks[0],
                        limit_s=SIP_LIMIT_S if last else REST_LIMIT_S,
                        names=ALL if last else OWN,
                    )
                )
                print(_line(looks[-1], looks[-2]), flush=True)
            status = await system.daemon.status()
            good = _verdict(looks, status, failed, system.pbx.complaints())
            print("\n".join(_stories(system.spool)), end="")
            return good


def _verdict(
    looks: list[Look], status: dict[str, Any], failed: Counter[str], complaints: list[str]
) -> bool:
    """Prints what was found; whether nothing is wrong."""
    first, last = looks[0], looks[-1]
    warm = looks[min(WARM_UP, len(looks) - 2)]
    calls, counts = last.calls - warm.calls, status["counts"]
    names = ("arrived", "bridged", "ended", "abandoned", "operator_lost", "offer_failed")
    print("  ".join(f"{name} {counts.get(name, 0)}" for name in names))
    faults = _faults(last, first, ALL)
    for name, per_call in GROWTH_PER_CALL.items():
        grown, bar = getattr(last, name) - getattr(warm, name), GROWTH[name] + per_call * calls
        print(f"{name}: {grown:+d} in the last {calls} calls (bar {bar:+.0f})")
        if grown > bar:
            faults.append(f"the daemon's memory grows: {name} {grown:+d}")
    faults += [f"{count} calls failed: {name}" for name, count in failed.items() if count]
    faults += [f"{name}: {counts[name]}" for name in FAULTY if counts.get(name)]
    if counts.get("arrived") != last.calls:
        faults.append(f"{counts.get('arrived')} of {last.calls} calls arrived")
    faults += complaints[:10]
    print("\n".join(faults) or "nothing left, memory flat")
    return not faults


def _stories(spool: Path) -> list[str]:
    """All that was recorded of the first callers who were not served to their end."""
    calls: dict[str, list[Record]] = {}
    for record in read(spool):
        if record.call is not None:
            calls.setdefault(record.call, []).append(record)
    lines = []
    for story in calls.values():
        if any(record.what in FAULTY for record in story):
            lines += [f"{r.at:%T.%f} {r.call} {r.what} {r.detail}" for r in story]
    return lines[:STORY_LINES]


STORY_LINES = 100
FAULTY = ("pulled_out", "resumed", "handed_back", "call_failed")
"""Records of callers whom the daemon did not serve to their end."""


def main() -> int:
    """Places the calls and prints what is left; 0 when nothing is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    return 0 if asyncio.run(_soak(given.calls, given.rounds, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
