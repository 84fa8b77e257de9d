"""A recording on the shelf is whole, has one name, and is never written over."""

import asyncio
import hashlib
import os
import resource
import signal
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from siaga import shelf
from siaga.settings import load
from siaga.shelf import HEADER_BYTES, OURS, STILL_S, FileShelf
from tests.siaga.folder import GOOD, edited

BEGAN = datetime(2026, 11, 30, 22, 49, tzinfo=UTC)
"""Already December in Metro."""
CALL = "1796079324.0"
NAME = f"{OURS}/take"
DAY = "2026/12/01"
SECONDS, RATE = 2, 8000
FILE_MODE, FOLDER_MODE = 0o640, 0o750


class Site:
    """A shelf, and Asterisk's folder of recordings."""

    def __init__(self, base: Path, min_free_mib: int = 1) -> None:
        self.folder, self.spool = base / "talks", base / "recording"
        (self.spool / OURS).mkdir(parents=True)
        self.shelf = FileShelf(
            self.folder, self.spool, min_free_mib=min_free_mib, zone=ZoneInfo("Asia/Jakarta")
        )

    def record(self, name: str = NAME, sample: int = 7) -> Path:
        """What Asterisk leaves of a talk."""
        path = self.spool / f"{name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(sample.to_bytes(2, "little") * RATE * SECONDS)
        return path

    def files(self) -> list[str]:
        """All that is on the shelf, hidden or not."""
        return sorted(
            str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty shelf."""
    return Site(tmp_path)


async def test_a_recording_lies_by_its_day_and_call(site: Site) -> None:
    """The day is the site's; who is not of the group reads nothing; Asterisk's own file stays."""
    source = site.record()
    kept = await site.shelf.keep(NAME, CALL, BEGAN)
    assert kept is not None
    assert kept.path == f"{DAY}/{CALL}-1.wav"
    file = site.folder / kept.path
    assert file.read_bytes() == source.read_bytes()
    assert kept.size == HEADER_BYTES + SECONDS * RATE * 2
    assert (kept.seconds, kept.fault) == (SECONDS, None)
    assert kept.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.stat().st_mode & 0o777 == FILE_MODE
    assert {p.stat().st_mode & 0o777 for p in file.parents[:4]} == {FOLDER_MODE}
    assert site.files() == [kept.path]


async def test_each_talk_of_a_call_has_a_file_of_its_own(site: Site) -> None:
    """In the order in which they come; nothing is written over."""
    paths = []
    for sample in range(3):
        site.record(sample=sample)
        kept = await site.shelf.keep(NAME, CALL, BEGAN)
        assert kept is not None
        paths.append(kept.path)
    assert paths == [f"{DAY}/{CALL}-{n}.wav" for n in (1, 2, 3)]
    assert site.files() == paths


async def test_who_was_interrupted_does_it_again(site: Site) -> None:
    """Kept, and killed before Asterisk's own was removed: it has the same place, once."""
    site.record()
    first = await site.shelf.keep(NAME, CALL, BEGAN)
    assert await site.shelf.keep(NAME, CALL, BEGAN) == first
    await site.shelf.clear(NAME)
    await site.shelf.clear(NAME)
    assert await site.shelf.keep(NAME, CALL, BEGAN) is None
    assert len(site.files()) == 1


async def test_half_a_file_can_be_listened_to_and_says_what_it_is(site: Site) -> None:
    """Asterisk died: the header says nothing of what follows it, and is mended."""
    source = site.record()
    data = bytearray(source.read_bytes())
    data[4:8] = data[40:44] = bytes(4)
    source.write_bytes(data[: HEADER_BYTES + RATE * 2])
    kept = await site.shelf.keep(NAME, CALL, BEGAN)
    assert kept is not None
    assert (kept.seconds, kept.fault) == (1.0, "Asterisk has not closed the file")
    with wave.open(str(site.folder / kept.path)) as file:
        assert file.getnframes() == RATE


@pytest.mark.parametrize("data", [b"", b"RIFF", b"x" * 100])
async def test_what_is_no_recording_is_kept_and_told(site: Site, data: bytes) -> None:
    """Nobody throws away what somebody may be able to read."""
    (site.spool / f"{NAME}.wav").write_bytes(data)
    kept = await site.shelf.keep(NAME, CALL, BEGAN)
    assert kept is not None
    assert kept.fault == "it is no whole WAV file"
    assert (site.folder / kept.path).read_bytes() == data


async def test_a_calls_id_is_no_path(site: Site) -> None:
    """Whatever Asterisk is called, the file is in its day's folder."""
    site.record()
    kept = await site.shelf.keep(NAME, "../metro/1.2", BEGAN)
    assert kept is not None
    assert kept.path == f"{DAY}/..-metro-1.2-1.wav"


async def test_a_disk_that_refuses_leaves_nothing_half(site: Site) -> None:
    """Where the day's folder should be is a file: the recording waits in Asterisk's folder."""
    source = site.record()
    (site.folder / "2026").mkdir(parents=True)
    (site.folder / "2026" / "12").write_text("in the way")
    with pytest.raises(OSError, match="12"):
        await site.shelf.keep(NAME, CALL, BEGAN)
    assert source.exists()
    assert site.files() == ["2026/12"]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process grows beyond a second of sound, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (RATE * 2, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_full_disk_leaves_nothing_half(tmp_path: Path) -> None:
    """The copy breaks off in the middle: it is gone, and the recording waits."""
    site = Site(tmp_path)
    source = site.record()
    with full_disk(), pytest.raises(OSError, match="File too large"):
        await site.shelf.keep(NAME, CALL, BEGAN)
    assert source.exists()
    assert site.files() == []
    assert await site.shelf.keep(NAME, CALL, BEGAN) is not None


async def test_what_is_left_is_what_nobody_writes_to(site: Site) -> None:
    """A file that has just been written to may be a talk that goes on."""
    assert await site.shelf.left() == []
    old, _ = site.record(f"{OURS}/old"), site.record(f"{OURS}/new")
    (site.spool / OURS / "notes.txt").write_text("somebody's")
    stamp = old.stat().st_mtime - STILL_S
    os.utime(old, (stamp, stamp))
    assert await site.shelf.left() == [f"{OURS}/old"]


async def test_nothing_is_left_where_there_is_no_folder(tmp_path: Path) -> None:
    """Asterisk makes it with the first recording."""
    site = Site(tmp_path)
    (site.spool / OURS).rmdir()
    assert await site.shelf.left() == []
    assert await site.shelf.fault() is None


async def test_too_little_room_is_a_fault(tmp_path: Path) -> None:
    """More is asked for than any disk has."""
    fault = await Site(tmp_path, min_free_mib=999_999_999).shelf.fault()
    assert fault is not None
    assert "MiB are free in" in fault
    assert await Site(tmp_path / "other").shelf.fault() is None


async def test_a_folder_that_cannot_be_is_a_fault(site: Site) -> None:
    """A file lies where the shelf should be; or there is no folder of Asterisk's."""
    site.folder.write_text("in the way")
    assert await site.shelf.fault() == f"{site.folder}: File exists"
    site.folder.unlink()
    (site.spool / OURS).rmdir()
    site.spool.rmdir()
    assert await site.shelf.fault() == f"{site.spool}: No such file or directory"


def test_a_folder_that_may_not_be_written_is_a_fault(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found out before a talk is lost by it; root is asked as somebody else here."""
    monkeypatch.setattr(os, "access", lambda path, _mode: path != site.folder)
    fault = asyncio.run(site.shelf.fault())
    assert fault == f"{site.folder}: this daemon's user may not write there"


async def test_a_recording_is_removed_with_its_empty_days(site: Site) -> None:
    """Other days stay; what is out of the folder, or no recording, is not touched."""
    site.record()
    await site.shelf.keep(NAME, CALL, BEGAN)
    await site.shelf.keep(NAME, CALL, datetime(2026, 10, 1, tzinfo=UTC))
    (site.folder.parent / "else.wav").write_text("somebody's")
    (site.folder / "notes.txt").write_text("somebody's")
    for path in ("../else.wav", "notes.txt", "2026/10/01/none.wav"):
        assert not shelf.is_there(site.folder, path)
        assert not shelf.remove(site.folder, path)
    assert shelf.remove(site.folder, f"{DAY}/{CALL}-1.wav")
    assert site.files() == [f"2026/10/01/{CALL}-1.wav", "notes.txt"]
    assert not (site.folder / "2026" / "12").exists()


async def test_days_that_lie_on_another_disk_are_still_of_the_shelf(site: Site) -> None:
    """Somebody has moved a year, and left a link to it: it is found, and removed."""
    site.record()
    await site.shelf.keep(NAME, CALL, BEGAN)
    elsewhere = site.folder.parent / "big disk"
    (site.folder / "2026").rename(elsewhere)
    (site.folder / "2026").symlink_to(elsewhere)
    (path,) = shelf.aged(site.folder, date(2027, 1, 1))
    assert shelf.remove(site.folder, path)
    assert not [p for p in elsewhere.rglob("*") if p.is_file()]


async def test_old_days_are_found_whether_recorded_or_not(site: Site) -> None:
    """By the folder's name; one that is no date is nobody's."""
    site.record()
    await site.shelf.keep(NAME, CALL, BEGAN)
    odd = site.folder / "2026" / "13" / "99"
    odd.mkdir(parents=True)
    (odd / "x.wav").touch()
    assert shelf.aged(site.folder, date(2026, 12, 1)) == []
    assert shelf.aged(site.folder, date(2026, 12, 2)) == [f"{DAY}/{CALL}-1.wav"]


def test_the_settings_say_where(tmp_path: Path) -> None:
    """Without a word of recordings there is no shelf."""
    assert FileShelf.of(load(GOOD)) is None
    folder = edited(
        tmp_path, "siaga.yaml", "journal:", "recording: {folder: /var/lib/talks}\njournal:"
    )
    found = FileShelf.of(load(folder))
    assert found is not None
    assert found.folder == Path("/var/lib/talks")
