"""Faults of the daemon: its process ends, hangs, or is starved."""

import asyncio
import resource
from pathlib import Path

from sandbox.breakable import BLOCK_S, FAIL_S
from tests.chaos.fault import Fault, Ground, Scene

BREAKABLE = Ground(breakable=True)
STARVED_S = 5.0
DYING_S, POLL_S = 5.0, 0.1
"""A process that ends of a fault may take so long for it."""
BRIEF_S, SHORT_S, LONG_S = 0.2, 2.0, 20.0
NAP_S, SLEEP_S, COMA_S = 1.0, 5.0, 60.0


def _killed(away_s: float) -> Fault:
    """Started again after a time, as systemd does."""

    async def strike(scene: Scene) -> None:
        await scene.system.daemon.kill()
        await asyncio.sleep(away_s)
        await scene.system.daemon.launch()

    return Fault(f"kill -9, started again after {away_s:g} s", strike, in_place=away_s <= SHORT_S)


def _frozen(for_s: float) -> Fault:
    """Its process stands still, as on a machine that swaps."""

    async def strike(scene: Scene) -> None:
        scene.system.daemon.freeze()
        try:
            await asyncio.sleep(for_s)
        finally:
            scene.system.daemon.thaw()

    return Fault(f"SIGSTOP for {for_s:g} s", strike, in_place=for_s <= SLEEP_S)


async def _stop(scene: Scene) -> None:
    await scene.system.daemon.stop()
    await scene.system.daemon.launch()


async def _blocked(scene: Scene) -> None:
    """One step of the daemon takes five seconds."""
    scene.system.daemon.block()
    await asyncio.sleep(BLOCK_S)


async def _failing(scene: Scene) -> None:
    """Every third step of calls and floor raises an exception."""
    scene.system.daemon.fail()
    await asyncio.sleep(FAIL_S)


async def _starved(scene: Scene) -> None:
    """No more memory is to be had; a process that ends of it is started again, as by systemd."""
    daemon = scene.system.daemon
    pid = daemon.pid
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (_address_space(pid), before[1]))
    try:
        await asyncio.sleep(STARVED_S)
    finally:
        if daemon.is_running:
            resource.prlimit(pid, resource.RLIMIT_AS, before)
    for _ in range(round(DYING_S / POLL_S)):
        if not daemon.is_running:
            await daemon.launch()
            return
        await asyncio.sleep(POLL_S)


def _address_space(pid: int) -> int:
    """In bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * resource.getpagesize()


FAULTS = {
    "terminated": Fault("SIGTERM, and started again", _stop),
    "killed-0.2": _killed(BRIEF_S),
    "killed-2": _killed(SHORT_S),
    "killed-20": _killed(LONG_S),
    "frozen-1": _frozen(NAP_S),
    "frozen-5": _frozen(SLEEP_S),
    "frozen-60": _frozen(COMA_S),
    "blocked": Fault("the event loop blocked for 5 s", _blocked, in_place=True, ground=BREAKABLE),
    "failing": Fault("every third step raises for 3 s", _failing, ground=BREAKABLE),
    "starved": Fault("no memory to be had for 5 s", _starved),
}
