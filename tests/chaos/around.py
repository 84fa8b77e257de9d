"""Faults of what stands around daemon and Asterisk: broker, database, disk, clock, machine."""

import asyncio
import os
import resource
import signal
from pathlib import Path

from tests.chaos.fault import Fault, Ground, Scene

STANDS_S = 6.0
"""So long a fault is there; people call and talk meanwhile."""
PAUSE_S = 2.0
HOUR_S = 3600
HALF_OF = "services.yaml"
"""The settings file that a full disk or a lost connection cut off."""


async def _broker_killed(scene: Scene) -> None:
    assert scene.broker is not None
    scene.broker.kill()
    await asyncio.sleep(STANDS_S)
    scene.broker.start()


async def _broker_hung(scene: Scene) -> None:
    assert scene.broker is not None
    with scene.broker.frozen():
        await asyncio.sleep(STANDS_S)


async def _database_stopped(scene: Scene) -> None:
    assert scene.database is not None
    await asyncio.to_thread(scene.database.stop)
    await asyncio.sleep(STANDS_S)
    await asyncio.to_thread(scene.database.start)


async def _database_hung(scene: Scene) -> None:
    assert scene.database is not None
    with scene.database.frozen():
        await asyncio.sleep(STANDS_S)


async def _limited(scene: Scene, what: int, soft: int) -> None:
    """The daemon has no more of something for a while."""
    pid = scene.system.daemon.pid
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (soft, before[1]))
    try:
        await asyncio.sleep(STANDS_S)
    finally:
        resource.prlimit(pid, what, before)


async def _disk_full(scene: Scene) -> None:
    """No file of the daemon can grow, its log neither."""
    await _limited(scene, resource.RLIMIT_FSIZE, 0)


async def _no_descriptors(scene: Scene) -> None:
    """The daemon can open nothing any more."""
    await _limited(scene, resource.RLIMIT_NOFILE, _open_files(scene.system.daemon.pid))


def _open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def _spool_gone(scene: Scene) -> None:
    """The folder of the records cannot be written: a file is in its place."""
    spool = scene.system.spool
    aside = spool.with_name("aside")
    spool.rename(aside)
    spool.write_text("in the way")
    await asyncio.sleep(STANDS_S)
    spool.unlink()
    aside.rename(spool)


async def _forward(scene: Scene) -> None:
    scene.system.step_clock(HOUR_S)
    await asyncio.sleep(STANDS_S)


async def _back(scene: Scene) -> None:
    scene.system.step_clock(-HOUR_S)
    await asyncio.sleep(STANDS_S)


async def _paused(scene: Scene) -> None:
    """A virtual machine is moved: nothing of the centre runs."""
    pids = (scene.system.pbx.pid, scene.system.daemon.pid)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(PAUSE_S)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def _half_written(scene: Scene) -> None:
    """Half a file is read twice: by a reload, and by a daemon that starts."""
    daemon, path = scene.system.daemon, scene.system.config / HALF_OF
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    daemon.reload()
    await asyncio.sleep(1.0)
    await daemon.kill()
    await daemon.start()
    path.write_bytes(whole)
    daemon.reload()


PHONE_IS_GONE = (
    "Is endpoint registered and reachable?",
    "Failed to create outgoing session to endpoint",
)
"""Every registration has expired at once."""
STALE_SOUND = "Exceptionally long voice queue length"
"""What would have been played in the pause is thrown away after it."""
BROKER, DATABASE, STEPPED = (
    Ground(has_broker=True),
    Ground(has_database=True),
    Ground(stepped=True),
)
FAULTS = {
    "broker-killed": Fault(
        "broker killed, back after 6 s", _broker_killed, in_place=True, ground=BROKER
    ),
    "broker-hung": Fault("broker hangs for 6 s", _broker_hung, in_place=True, ground=BROKER),
    "database-away": Fault(
        "PostgreSQL away for 6 s", _database_stopped, in_place=True, ground=DATABASE
    ),
    "database-hung": Fault(
        "PostgreSQL hangs for 6 s", _database_hung, in_place=True, ground=DATABASE
    ),
    "disk-full": Fault("no file of the daemon can grow for 6 s", _disk_full, in_place=True),
    "spool-gone": Fault("the folder of records is away for 6 s", _spool_gone, in_place=True),
    "descriptors": Fault(
        "the daemon can open no file or socket for 6 s", _no_descriptors, in_place=True
    ),
    "clock-forward": Fault(
        "the clock is put forward an hour", _forward, ground=STEPPED, complaints=PHONE_IS_GONE
    ),
    "clock-back": Fault("the clock is put back an hour", _back, ground=STEPPED),
    "machine-paused": Fault(
        "the whole machine is paused for 2 s", _paused, in_place=True, complaints=(STALE_SOUND,)
    ),
    "half-written": Fault("a settings file is cut off in its middle", _half_written, in_place=True),
}
