"""What the daemon holds and uses, at rest and while it is stormy."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bench.usage import cpu_s, memory_kib
from sandbox.system import System

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Look:
    """The daemon at rest.

    Attributes:
        tasks: Of its event loop.
        blocks: Of memory that its interpreter holds.
        kib: Its own memory.
        connects: Event streams that it has opened so far.
        shed: Records that were shed so far.
        lags: By the upper bound in seconds, how many echoes have taken that long so far.
        requests: The same of requests to Asterisk, the wait for a connection included.
        cpu_s: Processor time of the daemon and of Asterisk so far.
        at: When, `time.monotonic()`.
    """

    tasks: int
    blocks: int
    kib: int
    connects: int
    shed: int
    lags: Counter[float]
    requests: Counter[float]
    cpu_s: tuple[float, float]
    at: float


async def look_at(system: System) -> Look:
    """The daemon now."""
    status, figures = await system.daemon.status(), await _figures(system)
    return Look(
        tasks=status["process"]["tasks"],
        blocks=status["process"]["memory_blocks"],
        kib=memory_kib(system.daemon.pid),
        connects=status["asterisk"]["connects"],
        shed=sum(status["spool"]["shed"].values()),
        lags=_times(figures, "siaga_event_lag_seconds"),
        requests=_times(figures, "siaga_ari_request_seconds"),
        cpu_s=(cpu_s(system.daemon.pid), cpu_s(system.pbx.pid)),
        at=time.monotonic(),
    )


async def _figures(system: System) -> str:
    url = f"http://127.0.0.1:{system.console_port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.text()


def _times(figures: str, histogram: str) -> Counter[float]:
    """How many there were so far, by the bucket that each fell into, whatever the labels."""
    up_to: Counter[float] = Counter()
    for family in text_string_to_metric_families(figures):
        for sample in family.samples:
            if sample.name == f"{histogram}_bucket":
                up_to[float(sample.labels["le"])] += int(sample.value)
    found: Counter[float] = Counter()
    below = 0
    for bound, count in sorted(up_to.items()):
        found[bound], below = count - below, count
    return found


@asynccontextmanager
async def peak_of(system: System) -> AsyncIterator[list[int]]:
    """The daemon's memory in KiB, looked at again and again."""
    seen = [memory_kib(system.daemon.pid)]

    async def watch() -> None:
        while True:
            await asyncio.sleep(POLL_S)
            seen.append(memory_kib(system.daemon.pid))

    task = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
