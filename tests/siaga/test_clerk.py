"""The keeper's process works beside the daemon, is replaced when it dies, and goes with it."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from journal import anchor
from journal.spool import Spool
from siaga import clerk as module
from siaga.clerk import Clerk
from tests.journal.sample import NOON, record

LIMIT_S = 20.0
"""For a process to start on a busy machine; it takes half a second."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins at once."""
    monkeypatch.setattr(module, "HEAD_START_S", 0.0)
    monkeypatch.setattr(module, "AGAIN_S", 0.05)


@asynccontextmanager
async def working(folder: Path, store: str | None = None) -> AsyncIterator[Clerk]:
    """A clerk at work, and none afterwards."""
    clerk = Clerk(folder, store, folder.parent / anchor.FILE_NAME)
    running = asyncio.create_task(clerk.run())
    try:
        yield clerk
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await clerk.close()


async def until(holds: Callable[[], object]) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 - another process works
            await asyncio.sleep(0.02)


def spool_of(folder: Path, *numbers: int) -> None:
    """A closed spool with these records."""
    spool = Spool(folder, NOON)
    for number in numbers:
        spool.append(record(number))
    assert spool.close()


def count(folder: Path) -> int:
    """How many records the store has."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
        (number,) = connection.execute("SELECT count(*) FROM record").fetchone()
    return int(number)


async def test_records_come_into_the_store_and_are_told_of(tmp_path: Path) -> None:
    """What is left at the end comes too, and the chains are anchored."""
    folder = tmp_path / "spool"
    spool_of(folder, 1, 2, 3)
    async with working(folder) as clerk:
        await until(lambda: clerk.report.stored == 3)
        assert (clerk.report.fault, clerk.report.behind) == (None, 0)
        spool_of(folder, 4, 5)
    assert count(folder) == 5
    assert [each.number for each in anchor.read(tmp_path / anchor.FILE_NAME)][-1] == 5


async def test_a_fault_of_the_store_is_told(tmp_path: Path) -> None:
    """Until it is over."""
    spool_of(tmp_path / "spool", 1)
    (tmp_path / "state").write_text("in the way")
    async with working(tmp_path / "spool", f"sqlite:///{tmp_path}/state/a.sqlite") as clerk:
        await until(lambda: clerk.report.fault)
        assert clerk.report.behind > 0
        (tmp_path / "state").unlink()
        await until(lambda: clerk.report.stored == 1)
        assert clerk.report.fault is None


async def test_a_process_that_dies_is_followed_by_another(tmp_path: Path) -> None:
    """Meanwhile it is a fault; the next one goes on where the store is."""
    folder = tmp_path / "spool"
    spool_of(folder, 1)
    async with working(folder) as clerk:
        await until(lambda: clerk.report.stored == 1)
        assert clerk._process is not None
        os.kill(clerk._process.pid, signal.SIGKILL)
        await until(lambda: clerk.report.fault)
        assert "exit status -9" in str(clerk.report.fault)
        spool_of(folder, 2)
        await until(lambda: clerk.report.fault is None and clerk.report.stored == 1)
    assert count(folder) == 2


async def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that is to stop stops."""
    monkeypatch.setattr(module, "CLOSE_LIMIT_S", 0.2)
    (tmp_path / "spool").mkdir()
    async with working(tmp_path / "spool") as clerk:
        await until(lambda: clerk._process)
        process = clerk._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
    assert process.returncode == -signal.SIGKILL


async def test_no_process_is_a_fault_and_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried for ever."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    async with working(tmp_path / "spool") as clerk:
        await until(lambda: clerk.report.fault)
        assert "nothing" in str(clerk.report.fault)


async def test_it_goes_with_the_daemon_and_not_with_a_signal(tmp_path: Path) -> None:
    """A service manager's SIGTERM is for the daemon, which has records left to be taken."""
    folder = tmp_path / "spool"
    spool_of(folder, 1)
    words = (str(folder), str(tmp_path / "anchors"), "")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "siaga.clerk", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        while b'"stored":1' not in await process.stdout.readline():
            pass
        process.terminate()
        spool_of(folder, 2)
        process.stdin.close()
        assert await process.wait() == 0
    assert count(folder) == 2
