"""The store follows from the spool: nothing lost, nothing twice, whatever dies in between."""

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from journal import anchor, keeper
from journal.address import Address
from journal.keeper import Keeper
from journal.seal import Head
from journal.spool import Spool
from sandbox.database import Database
from tests.journal.conftest import new_database
from tests.journal.sample import NOON, files, record, until
from tests.journal.shelf import ids, proof

QUICK_S = 0.01


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks and tries follow each other fast."""
    monkeypatch.setattr(keeper, "LOOK_S", QUICK_S)
    monkeypatch.setattr(keeper, "FIRST_PAUSE_S", QUICK_S)
    monkeypatch.setattr(keeper, "LONGEST_PAUSE_S", 5 * QUICK_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the spool will be; not made yet."""
    return tmp_path / "spool"


@contextmanager
def keeping(folder: Path, address: Address, at: datetime = NOON) -> Iterator[Keeper]:
    """A keeper at work; at the end it has taken what was there."""
    ours = Keeper(folder, address, folder.parent / anchor.FILE_NAME, lambda: at)
    ours.start()
    try:
        yield ours
    finally:
        ours.close()


def spool_of(folder: Path, *numbers: range, started: datetime = NOON) -> list[str]:
    """A closed spool with these records, a file for each range; their ids."""
    for count, each in enumerate(numbers):
        spool = Spool(folder, started + timedelta(seconds=count))
        for number in each:
            spool.append(record(number, detail={"ani": f"0812{number}"}))
        assert spool.close()
    return [record(number).id for each in numbers for number in each]


def test_what_is_in_the_spool_comes_into_the_store(folder: Path, address: Address) -> None:
    """In order, over several files, and what is written meanwhile."""
    wanted = spool_of(folder, range(1, 500), range(500, 1000))
    with keeping(folder, address) as ours:
        until(lambda: ours.stored == 999)
        wanted += spool_of(folder, range(1000, 1010), started=NOON + timedelta(seconds=9))
        until(lambda: ours.stored == 1009)
        assert ours.behind == 0
    assert ids(address) == wanted
    assert proof(address, folder.parent / anchor.FILE_NAME) == []


def test_the_next_process_goes_on_where_the_last_one_was(folder: Path, address: Address) -> None:
    """It reads nothing again that the store has."""
    wanted = spool_of(folder, range(1, 10))
    with keeping(folder, address):
        pass
    wanted += spool_of(folder, range(10, 20), started=NOON + timedelta(seconds=9))
    with keeping(folder, address) as ours:
        until(lambda: ours.behind == 0)
    assert ours.stored == 10
    assert ids(address) == wanted


def test_a_new_store_begins_at_the_front_of_the_spool(folder: Path, tmp_path: Path) -> None:
    """Another URL, or a store that was lost: what is still in the files comes into it."""
    wanted = spool_of(folder, range(1, 10))
    for name in ("one", "two"):
        address = Address(f"sqlite:///{tmp_path}/{name}.sqlite")
        with keeping(folder, address):
            pass
        assert ids(address) == wanted


def test_while_the_store_is_away_the_records_wait(folder: Path, database: Database) -> None:
    """PostgreSQL stops in the middle: a fault says so; what came meanwhile follows in order."""
    address = new_database(database)
    wanted = spool_of(folder, range(1, 300))
    with keeping(folder, address) as ours:
        until(lambda: ours.stored == 299)
        database.stop()
        try:
            wanted += spool_of(folder, range(300, 600), started=NOON + timedelta(seconds=9))
            until(lambda: ours.fault is not None)
            assert ours.behind > 0
        finally:
            database.start()
        until(lambda: ours.stored == 599)
        assert ours.fault is None
    assert ids(address) == wanted
    assert proof(address) == []


def test_a_fault_is_told_once_and_so_is_its_end(folder: Path, tmp_path: Path) -> None:
    """However often it is tried, the log has two lines."""
    spool_of(folder, range(1, 10))
    (tmp_path / "state").write_text("in the way")
    with (
        capture_logs() as logs,
        keeping(folder, Address(f"sqlite:///{tmp_path}/state/a.sqlite")) as ours,
    ):
        until(lambda: ours.fault is not None)
        time.sleep(10 * QUICK_S)
        (tmp_path / "state").unlink()
        until(lambda: ours.stored == 9)
    told = [entry["event"] for entry in logs if entry["event"] != "journal_anchor"]
    assert told == ["store_away", "store_takes_again"]


def test_a_store_that_never_answers_holds_up_nobody(folder: Path, database: Database) -> None:
    """A frozen PostgreSQL: closing takes its limit and no longer."""
    address = new_database(database)
    with keeping(folder, address) as ours:
        until(lambda: (folder.parent / anchor.FILE_NAME).parent.is_dir() and ours.fault is None)
        with database.frozen():
            spool_of(folder, range(1, 10))
            until(lambda: ours.behind > 0)
            began = time.monotonic()
            assert not ours.close(0.2)
            assert time.monotonic() - began < 1.0
    assert ids(address) == [record(number).id for number in range(1, 10)]


@pytest.mark.parametrize("after_s", [0.35, 0.7])
def test_kill_9_at_any_moment_costs_nothing(after_s: float, folder: Path, address: Address) -> None:
    """A keeper in a process of its own is killed over and over: each record is there once."""
    wanted = spool_of(folder, range(1, 2_000))
    words = [sys.executable, "-m", "tests.journal.shelf", str(folder), address.url]
    for _ in range(3):
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(after_s - 0.3)
            process.send_signal(signal.SIGKILL)
    with keeping(folder, address):
        pass
    assert ids(address) == wanted
    assert proof(address) == []


def test_a_chain_that_grows_is_anchored(folder: Path, address: Address) -> None:
    """At the start and at the end, in the file and in the log; not again while it does not grow."""
    file = folder.parent / anchor.FILE_NAME
    spool_of(folder, range(1, 10))
    with capture_logs() as logs, keeping(folder, address):
        pass
    told = [entry["newest"] for entry in logs if entry["event"] == "journal_anchor"]
    assert [each.number for each in anchor.read(file)] == told == [9]
    with keeping(folder, address):
        pass
    assert len(list(anchor.read(file))) == 1
    spool_of(folder, range(10, 20), started=NOON + timedelta(seconds=9))
    with keeping(folder, address):
        pass
    assert [each.number for each in anchor.read(file)] == [9, 19]


def test_a_torn_anchor_is_passed_over(tmp_path: Path) -> None:
    """The next one begins a line of its own."""
    file = tmp_path / "anchors"
    heads = {"w": Head(1, "one")}
    anchor.drop(file, "s", heads, NOON)
    with file.open("ab") as torn:
        torn.write(b'\n{"at": "2026')
    anchor.drop(file, "s", {"w": Head(2, "two")}, NOON)
    assert [each.link for each in anchor.read(file)] == ["one", "two"]


class TestTidying:
    """Files of the spool that the store has had for a day are removed."""

    LATER = NOON + timedelta(days=365 * 100)

    def test_old_files_go_and_their_places_too(self, folder: Path, address: Address) -> None:
        """What is in the store is not kept twice for ever, nor are callers' numbers."""
        wanted = spool_of(folder, range(1, 10), range(10, 20))
        with keeping(folder, address) as ours:
            until(lambda: ours.stored == 19)
        assert len(files(folder)) == 2
        with keeping(folder, address, self.LATER):
            until(lambda: not files(folder))
        assert ids(address) == wanted

    def test_young_files_stay(self, folder: Path, address: Address) -> None:
        """A mistake of today can be mended from them."""
        spool_of(folder, range(1, 10))
        soon = datetime.fromtimestamp(time.time() + keeper.KEEP_S / 2, tz=NOON.tzinfo)
        for _ in range(2):
            with keeping(folder, address, soon):
                pass
        assert len(files(folder)) == 1

    def test_a_file_that_somebody_writes_to_stays(self, folder: Path, address: Address) -> None:
        """However long nothing has happened: the writer has it open."""
        spool = Spool(folder, NOON)
        spool.append(record(1))
        until(lambda: len(files(folder)) == 1)
        with keeping(folder, address, self.LATER) as ours:
            until(lambda: ours.stored == 1)
        with keeping(folder, address, self.LATER):
            pass
        spool.append(record(2))
        assert spool.close()
        with keeping(folder, address):
            pass
        assert len(ids(address)) == 2

    def test_half_a_line_keeps_no_file(self, folder: Path, address: Address) -> None:
        """Who wrote it was killed: it is no record, and the records before it are stored."""
        wanted = spool_of(folder, range(1, 3))
        (path,) = folder.iterdir()
        with path.open("ab") as file:
            file.write(b'{"id": "torn')
        with keeping(folder, address, self.LATER) as ours:
            until(lambda: ours.stored == 2)
        with keeping(folder, address, self.LATER):
            until(lambda: not files(folder))
        assert ids(address) == wanted


def test_the_spool_holds_its_file(folder: Path) -> None:
    """As long as the process lives nobody else gets the file for himself."""
    spool = Spool(folder, NOON)
    spool.append(record(1))
    until(lambda: files(folder))
    (path,) = folder.iterdir()
    with path.open("rb") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert spool.close()
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
