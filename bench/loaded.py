"""Are calls late while a thousand records a second are written, stored and published?

Two flows on a real Asterisk, with SIPp at both ends and one operator who answers at once, each by
turns without and with the load beside them. The daemon's records go to SQLite and to a mosquitto.

    direct  answer, bridge, offer: from the caller's INVITE to the operator's
    menu    the menu and one key: from the key to the operator's INVITE

The load (sandbox/loaded.py) is appended on the daemon's event loop. Before each round without it
everything is stored and published. At the end all must be in the store once, and none was shed.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench import first_call, trunk
from bench.usage import cpu_s
from journal import address
from journal.archive import Archive
from journal.spool import read
from sandbox import scenario
from sandbox.broker import HOST, Mosquitto
from sandbox.daemon import loaded
from sandbox.loaded import PREFIX
from sandbox.mark import latencies
from sandbox.sipp import SippOperators
from sandbox.system import System
from sandbox.toolbox import open_toolbox
from tests.live.centre import lay_over, quick_settings

RATE_PER_S: Final = 2.0
LATE_S: Final = 0.02
"""DESIGN §12: 99 of 100 calls are earlier than that."""
FOLLOW_S: Final = 120.0
"""For what has happened to be stored and published."""
LEAD_S: Final = 2.0
"""The load runs for so long before the first call."""
EXTENSIONS: Final = {"7002": first_call.EXTENSIONS["7002"]}


@dataclass(slots=True)
class Flow:
    """One flow, and seconds that its calls took, without and with the load.

    Attributes:
        name: For people.
        text: SIPp's scenario.
        begins: The mark that the time counts from.
        seconds: By whether there was load.
    """

    name: str
    text: str
    begins: str
    seconds: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})


@dataclass(slots=True)
class Use:
    """What all rounds of one kind have used.

    Attributes:
        daemon_s: Processor time of the daemon.
        keeper_s: Of the process that stores and publishes.
        took_s: How long the rounds were.
        waited_s: How long the daemon's loop was ready and had no processor.
        turns: How often it got one.
    """

    daemon_s: float = 0.0
    keeper_s: float = 0.0
    took_s: float = 0.0
    waited_s: float = 0.0
    turns: int = 0


def flows() -> tuple[Flow, ...]:
    """Those that are measured."""
    menu = scenario.caller(
        "112", digit="1", press_after_s=first_call.MENU_S, talk_s=first_call.TALK_S + scenario.KEY_S
    )
    return (
        Flow("direct", scenario.caller("7002", talk_s=first_call.TALK_S), "invite"),
        Flow("menu", menu, "press"),
    )


def keeper_of(daemon: int) -> int:
    """The process that stores and publishes for a daemon.

    Raises:
        ValueError: There is none.
    """
    children = Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split()
    for child in map(int, children):
        if b"siaga.clerk" in Path(f"/proc/{child}/cmdline").read_bytes():
            return child
    raise ValueError("the daemon has no keeper")


def queued(process: int) -> tuple[float, int]:
    """Seconds that a process's first thread was ready without a processor, and turns that it had.

    Linux counts them in nanoseconds (proc_pid_schedstat, Documentation/scheduler/sched-stats.rst).
    """
    _, waited_ns, turns = Path(f"/proc/{process}/schedstat").read_text().split()
    return int(waited_ns) / 1e9, int(turns)


async def settled(system: System) -> dict[str, Any]:
    """The status, once no call goes on, and all records are stored and published.

    Raises:
        TimeoutError: They are not in time.
    """
    async with asyncio.timeout(FOLLOW_S):
        while True:
            status = await system.daemon.status()
            broker = status["broker"] or {}
            left = status["calls"] or status["spool"]["waiting"] or status["spool"]["behind"]
            if not left and broker.get("state") == "up" and not broker["waiting"]:
                return status
            await asyncio.sleep(0.5)


class Measurement:
    """Rounds of calls on one system, with one operator.

    Args:
        system: What is measured; it can be loaded.
        operators: The phone that answers.
        calls: In each round.
    """

    def __init__(self, system: System, operators: SippOperators, calls: int) -> None:
        self.flows = flows()
        self.use = {False: Use(), True: Use()}
        self._system = system
        self._operators = operators
        self._calls = calls
        self._round = 0

    async def both(self) -> None:
        """Each flow once without and once with the load."""
        for flow in self.flows:
            await self._calls_of(flow, is_loaded=False)
            self._system.daemon.load()
            await asyncio.sleep(LEAD_S)
            await self._calls_of(flow, is_loaded=True)
            self._system.daemon.unload()
            await settled(self._system)

    async def _calls_of(self, flow: Flow, *, is_loaded: bool) -> None:
        pid, loop = self._system.daemon.pid, asyncio.get_running_loop()
        keeper = keeper_of(pid)
        before = cpu_s(pid), cpu_s(keeper), loop.time(), *queued(pid)
        marks = await trunk.calls(
            self._system, flow.text, self._round, count=self._calls, rate_per_s=RATE_PER_S
        )
        use = self.use[is_loaded]
        use.daemon_s += cpu_s(pid) - before[0]
        use.keeper_s += cpu_s(keeper) - before[1]
        use.took_s += loop.time() - before[2]
        waited_s, turns = queued(pid)
        use.waited_s += waited_s - before[3]
        use.turns += turns - before[4]
        found = latencies(flow.begins, marks, "offer", self._operators.marks)
        if len(found) != self._calls:
            raise RuntimeError(f"{len(found)} of {self._calls} callers came to the operator")
        flow.seconds[is_loaded] += found
        self._round += 1
        print(f"  {flow.name}, {'loaded' if is_loaded else 'quiet'}: {_told(found)}", flush=True)


def _told(seconds: Sequence[float]) -> str:
    """Times of some calls in a line, in ms."""
    ordered = sorted(seconds)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    late = sum(each > LATE_S for each in ordered)
    return (
        f"p50 {p50 * 1e3:6.2f}, p99 {p99 * 1e3:6.2f}, at most {ordered[-1] * 1e3:6.2f} ms; "
        f"{late} of {len(ordered)} above {LATE_S * 1e3:.0f} ms"
    )


def _compared(flow: Flow) -> str:
    quiet, beside = (sorted(flow.seconds[is_loaded]) for is_loaded in (False, True))
    ratio = statistics.median(beside) / statistics.median(quiet)
    tail = beside[int(len(beside) * 0.99)] / quiet[int(len(quiet) * 0.99)]
    return (
        f"{flow.name:<7} quiet   {_told(quiet)}\n"
        f"{flow.name:<7} loaded  {_told(beside)}\n"
        f"{flow.name:<7} loaded / quiet: p50 x {ratio:.2f}, p99 x {tail:.2f}"
    )


def _used(name: str, use: Use) -> str:
    daemon, keeper = use.daemon_s / use.took_s, use.keeper_s / use.took_s
    return (
        f"{name:<7} daemon {daemon:.1%} of a core, its keeper {keeper:.1%}; whenever its loop had "
        f"something to do it waited {use.waited_s / use.turns * 1e3:.2f} ms for a processor"
    )


async def _lost(system: System) -> list[str]:
    """What is wrong with the records of the whole run, and how many there were."""
    shed = (await settled(system))["spool"]["shed"]
    store = address.find(system.settings.daemon.journal.store, system.spool)
    async with Archive(store) as archive:
        stored = [record.id async for record in archive.records()]
    spooled = await asyncio.to_thread(lambda: list(read(system.spool)))
    load = sum((record.call or "").startswith(PREFIX) for record in spooled)
    print(f"records {len(stored)} stored, {load} of them of the load")
    wanted = {record.id for record in spooled}
    found = {
        f"shed: {shed}": bool(shed),
        f"{len(wanted - set(stored))} records are not in the store": wanted > set(stored),
        "records are in the store twice": len(set(stored)) < len(stored),
    }
    return [fault for fault, is_so in found.items() if is_so]


async def _measure(rounds: int, calls: int, load_per_s: int) -> list[str]:
    """Prints what was measured; returns what is wrong."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siaga-")))
        broker = stack.enter_context(Mosquitto(open_toolbox()))
        config = quick_settings(folder / "settings")
        lay_over(config, {"mqtt": {"host": HOST, "port": broker.port}})
        system = await stack.enter_async_context(System(folder, config, program=loaded(load_per_s)))
        await trunk.extend(system, EXTENSIONS)
        operators = SippOperators(
            system.toolbox,
            system.workdir / "operators",
            server=(system.pbx.sip_host, system.pbx.sip_port),
            passwords={first_call.SEAT: system.pbx.password_of(first_call.SEAT)},
            text=scenario.operator(),
        )
        measured = Measurement(system, await stack.enter_async_context(operators), calls)
        await settled(system)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            await measured.both()
        for flow in measured.flows:
            print(_compared(flow))
        print(_used("quiet", measured.use[False]))
        print(_used("loaded", measured.use[True]))
        faults = await _lost(system)
        await system.empty()
    return faults


def main() -> int:
    """Measures and prints; 0 when every call got through and no record was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--calls", type=int, default=20, help="of each kind in each round")
    parser.add_argument("--rate", type=int, default=1000, help="records a second of the load")
    given = parser.parse_args()
    faults = asyncio.run(_measure(given.rounds, given.calls, given.rate))
    print("\n".join(faults) or "no record was lost, none is there twice")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
