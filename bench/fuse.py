"""Hundreds of callers wait for a minute, and nobody answers: is one fuse renewed too late?

All have pressed a key; no phone is registered. Each fuse is read from Asterisk itself, every two
seconds for a minute: what is left of it tells when it was lit. At the end all must still be there;
then they hang up, and nothing may be left. Processor time is taken before the fuses are read.

There are no prompts unless they are asked for: mixing them takes Asterisk some 0.35 % of a core for
each caller, a whole core for 300. A prompt that is not there is tried again every 5 s, so without
them the daemon has more to do than with them, and Asterisk much less.
"""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.usage import cpu_s, memory_kib
from ivr.fuse import FUSE_RENEWAL_S
from sandbox.crowd import Crowd, silence
from sandbox.fuse import FuseWatch
from sandbox.site import Site
from sandbox.system import System
from siaga.line import FUSE_S
from tests.live.centre import quick_settings

CALLERS, SECONDS, RATE_PER_S = 300, 60.0, 20.0
IDLE_S, QUIET_S = 5.0, 20.0
"""Without calls, and with all of them, before the fuses are read."""
BAR_MS = 0.15
"""Of the daemon's processor time, for each waiting caller and second (DESIGN §12)."""
MARGIN_S = FUSE_S - 2 * FUSE_RENEWAL_S
"""What must always be left of a fuse: two renewals may be lost before a caller is pulled out."""
FAULTY = ("pulled_out", "resumed", "handed_back", "call_failed")
"""Records of callers who did not wait in peace."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds per second."""

    daemon: float
    asterisk: float


async def _cost(system: System, seconds: float) -> Cost:
    daemon, asterisk = system.daemon.pid, system.pbx.pid
    before = cpu_s(daemon), cpu_s(asterisk)
    await asyncio.sleep(seconds)
    return Cost((cpu_s(daemon) - before[0]) / seconds, (cpu_s(asterisk) - before[1]) / seconds)


async def _measure(callers: int, seconds: float, *, spoken: bool) -> bool:
    with tempfile.TemporaryDirectory(prefix="siaga-") as name:
        folder = Path(name)
        config = quick_settings(folder / "settings")
        site = Site(rtp_ports=2 * callers + 100)
        sounds = None if spoken else silence(folder / "silence")
        async with System(folder, config, site, sounds) as system:
            idle, memory = await _cost(system, IDLE_S), memory_kib(system.daemon.pid)
            stay_s = QUIET_S + seconds + 10.0
            crowd = Crowd(system, callers, rate_per_s=RATE_PER_S, stay_s=stay_s)
            watch = FuseWatch(system.pbx)
            try:
                faults = await _watch(system, crowd, watch, seconds, idle, memory)
            finally:
                await watch.close()
                await crowd.disperse()
    print("\n".join(faults) or "no fuse was late, nobody was lost, nothing is left")
    return not faults


async def _watch(
    system: System, crowd: Crowd, watch: FuseWatch, seconds: float, idle: Cost, memory: int
) -> list[str]:
    """Prints what was measured; returns what is wrong."""
    waiting = await crowd.waiting()
    callers = len(waiting)
    print(f"{callers} callers wait", flush=True)
    cost = await _cost(system, QUIET_S)
    own_ms = (cost.daemon - idle.daemon) / callers * 1e3
    held_kib = (memory_kib(system.daemon.pid) - memory) / callers
    await watch.watch(waiting, seconds)
    lost = waiting - await crowd.still_waiting()
    outcome = await crowd.gone()
    await system.empty()
    counts = (await system.daemon.status())["counts"]
    latest = max(watch.gaps_s, default=0.0)
    print(f"renewals seen        {len(watch.gaps_s)}")
    print(f"latest renewal       {latest:.3f} s after the one before (due at {FUSE_RENEWAL_S:g} s)")
    print(f"least left of a fuse {watch.least_left_s:.3f} s of {FUSE_S} s")
    met = "met" if own_ms <= BAR_MS else "missed"
    print(f"daemon               {cost.daemon:.1%} of a core")
    print(f"                     {own_ms:.3f} ms per caller and second (bar {BAR_MS} ms: {met})")
    print(f"                     {held_kib:.1f} KiB per caller")
    print(f"Asterisk             {cost.asterisk:.1%} of a core, {idle.asterisk:.1%} without calls")
    found = {
        f"{len(lost)} callers did not wait to the end": bool(lost),
        f"{outcome.failed} calls failed": bool(outcome.failed),
        f"a fuse came down to {watch.least_left_s:.3f} s": watch.least_left_s < MARGIN_S,
        **{f"{name}: {counts.get(name)}": bool(counts.get(name)) for name in FAULTY},
    }
    return [fault for fault, is_so in found.items() if is_so]


def main() -> int:
    """Measures and prints; 0 when no fuse was late and nothing is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=CALLERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument(
        "--spoken", action="store_true", help="with the prompts, which cost Asterisk"
    )
    given = parser.parse_args()
    good = asyncio.run(_measure(given.callers, given.seconds, spoken=given.spoken))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
