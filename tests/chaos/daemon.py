"""Faults of the daemon: its process ends, hangs, or is starved."""

import asyncio

from tests.chaos.fault import Fault, Scene

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


FAULTS = {
    "terminated": Fault("SIGTERM, and started again", _stop),
    "killed-0.2": _killed(BRIEF_S),
    "killed-2": _killed(SHORT_S),
    "killed-20": _killed(LONG_S),
    "frozen-1": _frozen(NAP_S),
    "frozen-5": _frozen(SLEEP_S),
    "frozen-60": _frozen(COMA_S),
}
