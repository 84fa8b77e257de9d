"""From the caller's INVITE to the operator's, and what a call costs: a bare Dial() and the daemon.

Three flows alternate on one Asterisk, with SIPp at both ends and one operator who answers at once:

    dial    the dialplan's bare Dial(), nothing else
    direct  the daemon without a menu: answer, bridge, offer
    menu    the daemon's menu, one key by SIP INFO, which Asterisk takes as a whole: from the key

CPU is that of the processes' own accounts, less what they use in the same time without calls.
"""

import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench import trunk
from bench.usage import cpu_s
from sandbox import scenario
from sandbox.mark import Mark, latencies
from sandbox.sipp import SippOperators
from sandbox.system import System
from tests.live.centre import quick_settings

ROUNDS = 2
CALLS = 50
"""Of each flow in each round."""
RATE_PER_S = 2.0
TALK_S = 0.15
IDLE_S = 10.0
MENU_S = 0.2
"""The caller listens so long before the key."""
SEAT = "siaga-medis-1"
EXTENSIONS = {
    "7001": ("Dial(PJSIP/siaga-medis-1)",),
    "7002": (
        "Set(SIAGA_TRUNK=seluler)",
        "Set(TIMEOUT(absolute)=10)",
        "Stasis(siaga,handback,medis)",
    ),
}


@dataclass(slots=True)
class Flow:
    """One flow, and what was measured of it."""

    name: str
    text: str
    begins: str
    seconds: list[float] = field(default_factory=list)
    daemon_cpu_s: float = 0.0
    asterisk_cpu_s: float = 0.0
    calls: int = 0
    took_s: float = 0.0


FLOWS = (
    Flow("dial", scenario.caller("7001", talk_s=TALK_S), "invite"),
    Flow("direct", scenario.caller("7002", talk_s=TALK_S), "invite"),
    Flow(
        "menu",
        scenario.caller("112", digit="1", press_after_s=MENU_S, talk_s=TALK_S + scenario.KEY_S),
        "press",
    ),
)


async def _idle(system: System) -> tuple[float, float]:
    """Processor seconds per second of daemon and Asterisk without calls."""
    before = cpu_s(system.daemon.pid), cpu_s(system.pbx.pid)
    await asyncio.sleep(IDLE_S)
    after = cpu_s(system.daemon.pid), cpu_s(system.pbx.pid)
    return (after[0] - before[0]) / IDLE_S, (after[1] - before[1]) / IDLE_S


async def _round(system: System, flow: Flow, number: int) -> tuple[Mark, ...]:
    """One flow's calls of one round."""
    clock = asyncio.get_running_loop().time
    daemon, asterisk, began = cpu_s(system.daemon.pid), cpu_s(system.pbx.pid), clock()
    marks = await trunk.calls(system, flow.text, number, count=CALLS, rate_per_s=RATE_PER_S)
    flow.daemon_cpu_s += cpu_s(system.daemon.pid) - daemon
    flow.asterisk_cpu_s += cpu_s(system.pbx.pid) - asterisk
    flow.took_s += clock() - began
    flow.calls += CALLS
    return marks


def _line(flow: Flow, idle: tuple[float, float], base: Flow) -> str:
    ordered = sorted(flow.seconds)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    base_p50 = statistics.median(base.seconds)
    daemon = (flow.daemon_cpu_s - idle[0] * flow.took_s) / flow.calls
    asterisk = (flow.asterisk_cpu_s - idle[1] * flow.took_s) / flow.calls
    return (
        f"{flow.name:<7} {len(ordered):>5} {p50 * 1e3:>8.2f} {p99 * 1e3:>8.2f} "
        f"{p50 / base_p50:>7.2f} {daemon * 1e3:>10.2f} {asterisk * 1e3:>12.2f}"
    )


async def _measure() -> None:
    with tempfile.TemporaryDirectory(prefix="siaga-") as folder:
        config = quick_settings(Path(folder) / "settings")
        async with System(Path(folder), config) as system:
            await trunk.extend(system, EXTENSIONS)
            operators = SippOperators(
                system.toolbox,
                system.workdir / "operators",
                server=(system.pbx.sip_host, system.pbx.sip_port),
                passwords={SEAT: system.pbx.password_of(SEAT)},
                text=scenario.operator(),
            )
            async with operators:
                idle = await _idle(system)
                for number in range(ROUNDS * len(FLOWS)):
                    flow = FLOWS[number % len(FLOWS)]
                    marks = await _round(system, flow, number)
                    found = latencies(flow.begins, marks, "offer", operators.marks)
                    flow.seconds += found
                    print(
                        f"  round {number // len(FLOWS) + 1} of {ROUNDS}: {flow.name}", flush=True
                    )
            await system.empty()
    print(f"{'flow':<7} {'calls':>5} {'p50 ms':>8} {'p99 ms':>8} {'x dial':>7} ", end="")
    print(f"{'daemon ms':>10} {'asterisk ms':>12}")
    for flow in FLOWS:
        print(_line(flow, idle, FLOWS[0]))


def main() -> int:
    """Measures and prints; 0 when every call got through."""
    asyncio.run(_measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
