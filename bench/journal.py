"""What the journal costs: records a second, processor time for each, and the calls' event loop.

    python -m bench.journal [--records 20000] [--rate 1000] [--seconds 10] [--store URL]

A record is sealed, the keeper catches up with a long spool, a publisher with a long store, and an
event loop ticks every 5 ms while records come at the rate: without a keeper beside it, with one,
and with one that publishes. What the ticks are late by is what a call would be.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Final

import structlog

from journal.address import Address, find
from journal.broker import Broker, Secret
from journal.keeper import Keeper
from journal.publisher import Publisher
from journal.record import Ground, Record
from journal.seal import seal
from journal.spool import Spool
from sandbox.broker import HOST, Mosquitto
from sandbox.toolbox import open_toolbox
from siaga.clerk import Clerk
from siaga.clock import SystemClock

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
TICK_S: Final = 0.005
POLL_S: Final = 0.01
LOADED_S: Final = 3.0
"""For the keeper's process to start."""
LATE_S: Final = 0.02
"""A call that is late by more than this is told apart from one that is not (DESIGN §12)."""
NAMES: Final = ("arrived", "zone", "answered", "prompt", "digit", "chosen", "queued", "offered")


def records() -> Iterator[Record]:
    """Records as a call makes them, one of eight with a caller's number."""
    for number, what in zip(count(1), cycle(NAMES), strict=False):
        detail = {"offer": f"a1b2c3-{number}", "target": "person:sri"}
        if what == "arrived":
            detail = {"trunk": "seluler", "did": "112", "ani": f"0812{number:08d}", "how": "new"}
        yield Record(
            id=f"20260101T000000-a1b2c3-{number:08d}",
            at=START + timedelta(milliseconds=number),
            what=what,
            call=f"{number // len(NAMES)}.0",
            offset_s=number / 1000,
            detail=detail,
            because=(Ground("a short clause of why", "services.hunt_groups", "services.yaml:12"),),
        )


def rss_mib() -> float:
    """What this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure_seal(number: int) -> None:
    """Time to seal a record."""
    some = [record for _, record in zip(range(number), records(), strict=False)]
    began = time.process_time()
    for record in some:
        seal(record)
    each_us = (time.process_time() - began) / number * 1e6
    print(f"seal           {each_us:8.1f} µs a record, chain and commitment included")


def measure_backlog(folder: Path, address: Address, number: int) -> None:
    """How fast a long spool comes into the store."""
    spool = Spool(folder, START)
    for _, record in zip(range(number), records(), strict=False):
        spool.append(record)
    spool.close(60)
    before_mib = rss_mib()
    ours = Keeper(folder, address, folder / "anchors", lambda: START)
    began, cpu = time.monotonic(), time.process_time()
    ours.start()
    while ours.stored < number and ours.fault is None:
        time.sleep(POLL_S)
    took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu
    print(f"backlog        {ours.stored / took_s:8.0f} records/s, resting half of the time")
    each_us = cpu_s / number * 1e6
    print(f"               {each_us:8.1f} µs of processor a record, loading libraries included")
    print(f"               {rss_mib() - before_mib:8.1f} MiB more memory; fault: {ours.fault}")
    ours.close()


async def ticks(spool: Spool, rate: int, seconds: float) -> list[float]:
    """How late each tick was while records came at that rate."""
    late: list[float] = []
    source, sent = records(), 0
    began = due = time.monotonic()
    while due - began < seconds:
        due += TICK_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        late.append(time.monotonic() - due)
        while sent < (time.monotonic() - began) * rate:
            spool.append(next(source))
            sent += 1
    return late


def broker_of(mosquitto: Mosquitto) -> Broker:
    """How that broker is reached."""
    return Broker(host=HOST, port=mosquitto.port, client="siaga112", prefix="siaga112")


def measure_publishing(folder: Path, number: int) -> None:
    """How fast a store that was not published comes to a broker nearby."""
    address = find(None, folder)
    ours = Keeper(folder, address, folder / "anchors", lambda: START, has_outbox=True)
    with Mosquitto(open_toolbox()) as mosquitto:
        ours.start()
        until(lambda: ours.behind == 0)
        spool = Spool(folder, START)
        for _, record in zip(range(number), records(), strict=False):
            spool.append(record)
        spool.close(60)
        until(lambda: ours.stored == number)
        ours.close()
        publisher = Publisher(
            broker_of(mosquitto), Secret(None, "nowhere"), address, SystemClock().now
        )
        began, cpu = time.monotonic(), time.process_time()
        publisher.start()
        until(lambda: publisher.report.published == number)
        took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu
        publisher.close()
    print(f"publishing     {number / took_s:8.0f} records/s confirmed by mosquitto")
    print(f"               {cpu_s / number * 1e6:8.1f} µs of processor a record")


def until(holds: Callable[[], bool]) -> None:
    """Returns when it holds."""
    while not holds():
        time.sleep(POLL_S)


async def measure_loop(
    folder: Path, rate: int, seconds: float, *, stores: bool, broker: Broker | None = None
) -> None:
    """What the store, and the broker, cost who waits for the event loop."""
    spool = Spool(folder, START)
    clerk = Clerk(folder, None, folder / "anchors", broker)
    running = asyncio.create_task(clerk.run()) if stores else None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    await asyncio.sleep(LOADED_S if stores else 0)
    cpu = time.process_time()
    late = sorted(await ticks(spool, rate, seconds))
    share = (time.process_time() - cpu) / seconds * 100
    spool.close()
    if running is not None:
        running.cancel()
        await clerk.close()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent_s = children.ru_utime + children.ru_stime - before.ru_utime - before.ru_stime
    others = spent_s / seconds * 100
    with_ = "with MQTT " if broker is not None else "with store" if stores else "spool only"
    p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    print(
        f"{with_}     {rate} records/s: ticks late by "
        f"p50 {p50 * 1e3:.2f}, p99 {p99 * 1e3:.2f}, at most {late[-1] * 1e3:.1f} ms; "
        f"{sum(each > LATE_S for each in late)} of {len(late)} above {LATE_S * 1e3:.0f} ms; "
        f"{share:.0f} % of a core"
        + (f", the keeper {others:.0f} %, {children.ru_maxrss // 1024} MiB" if stores else "")
    )


def main() -> None:
    """Measures one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--store", help="an empty PostgreSQL, for the backlog")
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    measure_seal(wanted.records)
    with tempfile.TemporaryDirectory() as name:
        names = ("backlog", "bare", "kept", "waiting", "told")
        folders = [Path(name) / each for each in names]
        measure_backlog(folders[0], find(wanted.store, folders[0]), wanted.records)
        asyncio.run(measure_loop(folders[1], wanted.rate, wanted.seconds, stores=False))
        asyncio.run(measure_loop(folders[2], wanted.rate, wanted.seconds, stores=True))
        measure_publishing(folders[3], wanted.records)
        with Mosquitto(open_toolbox()) as mosquitto:
            told = measure_loop(
                *(folders[4], wanted.rate, wanted.seconds),
                stores=True,
                broker=broker_of(mosquitto),
            )
            asyncio.run(told)


if __name__ == "__main__":
    main()
