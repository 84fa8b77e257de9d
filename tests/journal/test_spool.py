"""Records reach the disk in order and off the caller's path, whatever the disk does."""

import asyncio
import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from journal import reader
from journal import spool as module
from journal.record import encode
from journal.spool import Spool, follow, read
from tests.journal.sample import LIMIT_S, NOON, files, record, until
from tests.journal.writer import COUNT

STEM = f"20261124T120000-{os.getpid()}"
LOSS_LIMIT_S = 0.5
"""`kill -9` costs GATHER_S and one fdatasync; on a busy machine threads wait for their turn."""
APPEND_LIMIT_S = 0.05
"""An append takes a microsecond; the machine may give its time to others meanwhile."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the spool will be; not made yet."""
    return tmp_path / "state" / "spool"


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A folder that cannot be made, since a file is in its way."""
    (tmp_path / "state").write_text("in the way")
    return tmp_path / "state" / "spool"


def unblock(folder: Path) -> None:
    """The disk takes again."""
    folder.parent.unlink()


def numbers(folder: Path) -> list[int]:
    """The records of a folder, by their numbers."""
    return [int(found.id.removeprefix("w-")) for found in read(folder)]


def settled(folder: Path, count: int) -> None:
    """Returns when so many records can be read."""
    until(lambda: len(numbers(folder)) == count)


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A writer in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - the tests' own program
        [sys.executable, "-m", "tests.journal.writer", str(folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that refuses is tried again soon."""
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    return iter(())


class TestWriting:
    """What a healthy disk gets."""

    def test_records_are_read_in_the_order_in_which_they_were_appended(self, folder: Path) -> None:
        """Many batches make one order, and nothing is missing."""
        spool = Spool(folder, NOON)
        for number in range(5_000):
            spool.append(record(number))
        assert spool.close()
        assert numbers(folder) == list(range(5_000))
        assert spool.waiting == 0

    def test_a_record_is_on_the_disk_without_a_close(self, folder: Path) -> None:
        """Nobody has to flush."""
        spool = Spool(folder, NOON)
        spool.append(record(1))
        until(lambda: numbers(folder) == [1])
        assert spool.close()

    def test_only_owner_and_group_can_read(self, folder: Path) -> None:
        """The numbers of callers are for nobody else."""
        before = os.umask(0o022)
        try:
            spool = Spool(folder, NOON)
            spool.append(record(1))
            spool.close()
        finally:
            os.umask(before)
        (file,) = folder.iterdir()
        assert file.stat().st_mode & 0o777 == 0o640
        assert folder.stat().st_mode & 0o777 == 0o750

    def test_no_record_no_file(self, folder: Path) -> None:
        """A spool that has written nothing leaves nothing."""
        assert Spool(folder, NOON).close()
        assert files(folder) == []

    def test_two_writers_never_share_a_file(self, folder: Path) -> None:
        """Even of one process and one second, each has files of its own."""
        first, second = Spool(folder, NOON), Spool(folder, NOON)
        first.append(record(1))
        until(lambda: len(files(folder)) == 1)
        second.append(record(2))
        assert first.close()
        assert second.close()
        assert files(folder) == [f"{STEM}-0001.jsonl", f"{STEM}-0002.jsonl"]

    def test_a_long_file_is_followed_by_the_next(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Files end after a batch that makes them long, and are read in their order."""
        monkeypatch.setattr(module, "FILE_BYTES", 200)
        spool = Spool(folder, NOON)
        for number in range(1, 5):
            spool.append(record(number, detail={"text": "x" * 300}))
            settled(folder, number)
        assert spool.close()
        assert files(folder) == [f"{STEM}-000{number}.jsonl" for number in range(1, 5)]
        assert numbers(folder) == [1, 2, 3, 4]

    def test_a_file_that_is_a_day_old_is_followed_by_the_next(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So no personal fact stays here for as long as a quiet centre needs to fill a file."""
        spool = Spool(folder, NOON)
        for number in (1, 2):
            spool.append(record(number))
            settled(folder, number)
        assert files(folder) == [f"{STEM}-0001.jsonl"]
        monkeypatch.setattr(module, "FILE_S", 0.0)
        spool.append(record(3))
        settled(folder, 3)
        assert spool.close()
        assert files(folder) == [f"{STEM}-000{number}.jsonl" for number in (1, 2)]
        assert numbers(folder) == [1, 2, 3]

    def test_after_the_close_records_are_shed_and_counted(self, folder: Path) -> None:
        """A late record neither raises nor vanishes without a trace."""
        spool = Spool(folder, NOON)
        spool.close()
        spool.append(record(1))
        assert spool.shed == {"other": 1}


class TestKilledProcess:
    """What `kill -9` costs."""

    def test_only_the_last_moment_is_lost(self, folder: Path) -> None:
        """After SIGKILL the records are there without a gap, but for those of the last moment."""
        said: dict[int, float] = {}
        with start(folder, "flood") as process:
            assert process.stdout is not None
            for line in process.stdout:
                number, at = line.split()
                said[int(number)] = float(at)
                if int(number) == 300:
                    process.kill()
        found = numbers(folder)
        assert found == list(range(1, len(found) + 1))
        lost = [at for number, at in said.items() if number > len(found)]
        assert max(said.values()) - min(lost, default=max(said.values())) < LOSS_LIMIT_S

    def test_a_torn_line_is_passed_over(self, folder: Path) -> None:
        """What was being written when the process died hides nothing of what comes after."""
        folder.mkdir(parents=True)
        torn = encode(record(1)) + encode(record(2))[:30]
        (folder / "20261124T110000-1-0001.jsonl").write_bytes(torn)
        spool = Spool(folder, NOON)
        spool.append(record(3))
        spool.close()
        assert numbers(folder) == [1, 3]

    def test_a_line_that_is_no_record_is_named_in_the_log(self, folder: Path) -> None:
        """Damage in the middle costs that line and is told, with the place."""
        folder.mkdir(parents=True)
        file = folder / "20261124T110000-1-0001.jsonl"
        file.write_bytes(encode(record(1)) + b"damage\n" + encode(record(2)))
        with capture_logs() as logs:
            assert numbers(folder) == [1, 2]
        (entry,) = logs
        assert entry["event"] == "not_a_record"
        assert entry["file"] == str(file)
        assert entry["offset"] == len(encode(record(1)))


class TestFullDisk:
    """What happens when the disk takes nothing, or half of it."""

    @pytest.mark.parametrize("room", [0, 1_500])
    def test_a_full_disk_neither_blocks_nor_loses(self, folder: Path, room: int) -> None:
        """Appends take no time, the records wait, no half is left, and all follow in order."""
        with start(folder, "starve", str(room)) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert float(process.stdout.readline()) < APPEND_LIMIT_S
            assert int(process.stdout.readline()) == COUNT
            assert files(folder) == [] or numbers(folder) == []
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "True\n"
            assert process.wait(LIMIT_S) == 0
        assert numbers(folder) == list(range(1, COUNT + 1))
        assert len(files(folder)) == 1

    @pytest.mark.usefixtures("quick")
    def test_what_could_not_be_synced_is_written_again_and_once(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After a failed fdatasync nobody knows what is on the disk: the batch is taken back."""
        sync, failures = os.fdatasync, iter([errno.EIO, errno.ENOSPC])

        def fail(file: int) -> None:
            sync(file)
            for number in failures:
                raise OSError(number, os.strerror(number))

        spool = Spool(folder, NOON)
        spool.append(record(1))
        until(lambda: numbers(folder) == [1])
        monkeypatch.setattr(os, "fdatasync", fail)
        spool.append(record(2))
        until(lambda: spool.waiting == 0)
        assert spool.close()
        assert numbers(folder) == [1, 2]

    @pytest.mark.usefixtures("quick")
    def test_the_fault_is_said_once_and_so_is_its_end(self, blocked: Path) -> None:
        """A disk that refuses for hours fills no log."""
        with capture_logs() as logs:
            spool = Spool(blocked, NOON)
            spool.append(record(1))
            until(lambda: spool.fault is not None)
            time.sleep(5 * module.RETRY_S)
            unblock(blocked)
            assert spool.close()
        assert [entry["event"] for entry in logs] == ["spool_refused", "spool_takes_again"]
        assert spool.fault is None
        assert numbers(blocked) == [1]

    @pytest.mark.usefixtures("quick")
    def test_when_memory_is_full_too_endings_are_shed_last(
        self, blocked: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The newest are shed and counted by class; what ends a call has room of its own."""
        monkeypatch.setattr(module, "WAITING", 10)
        monkeypatch.setattr(module, "WAITING_ENDINGS", 3)
        spool = Spool(blocked, NOON)
        spool.append(record(0))
        until(lambda: spool.fault is not None)
        for number in range(1, 15):
            spool.append(record(number))
        for number in range(15, 20):
            spool.append(record(number, "abandoned"))
        assert spool.shed == {"other": 5, "ending": 2}
        assert spool.waiting == 13
        unblock(blocked)
        assert spool.close()
        assert numbers(blocked) == [*range(10), 15, 16, 17]

    def test_a_close_ends_in_time_and_says_what_it_could_not_do(self, blocked: Path) -> None:
        """A daemon that stops does not wait for a disk for ever."""
        spool = Spool(blocked, NOON)
        spool.append(record(1))
        began = time.monotonic()
        assert not spool.close(limit_s=0.1)
        assert time.monotonic() - began < LIMIT_S / 2
        assert spool.waiting == 1


class TestVanishedDisk:
    """What happens when files go away under the writer."""

    @pytest.mark.usefixtures("quick")
    def test_a_removed_folder_is_made_again(self, folder: Path) -> None:
        """No record is written into a file that nobody can find."""
        spool = Spool(folder, NOON)
        spool.append(record(1))
        until(lambda: numbers(folder) == [1])
        (file,) = folder.iterdir()
        file.unlink()
        folder.rmdir()
        spool.append(record(2))
        until(lambda: numbers(folder) == [2])
        assert spool.close()

    def test_a_file_that_was_moved_away_is_followed_by_another(self, folder: Path) -> None:
        """Whoever takes a file away has it to themselves."""
        spool = Spool(folder, NOON)
        spool.append(record(1))
        until(lambda: numbers(folder) == [1])
        (file,) = folder.iterdir()
        taken = file.rename(folder / "taken.txt")
        spool.append(record(2))
        until(lambda: numbers(folder) == [2])
        assert spool.close()
        assert taken.read_bytes() == encode(record(1))


class TestReading:
    """What readers see."""

    def test_an_absent_folder_has_no_records(self, folder: Path) -> None:
        """Nothing has happened yet: that is no error."""
        assert numbers(folder) == []

    async def test_a_follower_sees_records_as_they_are_written(self, folder: Path) -> None:
        """First what is there, in order, then each new one, across files; from before the first."""
        first, second = (Spool(folder, NOON.replace(hour=hour)) for hour in (12, 13))
        following = follow(folder)
        async with asyncio.timeout(LIMIT_S):
            for number, spool in ((1, first), (2, first), (3, second), (4, second)):
                coming = asyncio.ensure_future(anext(following))
                spool.append(record(number))
                assert await coming == record(number)
        await asyncio.to_thread(first.close)
        await asyncio.to_thread(second.close)

    async def test_a_follower_waits_for_the_end_of_a_line(self, tmp_path: Path) -> None:
        """Half a line is not read; when its other half comes it is, once."""
        file = tmp_path / "20261124T110000-1-0001.jsonl"
        line = encode(record(1))
        file.write_bytes(line[:20])
        following = follow(tmp_path)
        first = asyncio.ensure_future(anext(following))
        done, _ = await asyncio.wait({first}, timeout=4 * module.FOLLOW_S)
        assert not done
        file.write_bytes(line)
        async with asyncio.timeout(LIMIT_S):
            assert await first == record(1)
        await following.aclose()  # type: ignore[attr-defined]

    def test_a_long_folder_is_read_in_steps(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Steps neither lose nor repeat a record, within files and from one to the next."""
        monkeypatch.setattr(reader, "STEP", 3)
        folder.mkdir(parents=True)
        for begin in (0, 4, 8):
            lines = b"".join(encode(record(number)) for number in range(begin, begin + 4))
            (folder / f"{begin}.jsonl").write_bytes(lines)
        assert numbers(folder) == list(range(12))
