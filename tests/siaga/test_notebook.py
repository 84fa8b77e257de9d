"""What the floor knows outlives the process, and a file that cannot be read costs nothing."""

import stat
import threading
from pathlib import Path

import pytest

from routing.credit import Credit
from routing.history import Work
from routing.operator import PersonId, SeatId
from routing.service import GroupId
from routing.snapshot import Pause, Snapshot
from siaga.notebook import FLOOR_FILE, FileNotebook, MemoryNotebook

SRI = PersonId("sri")
KNOWN = Snapshot(
    work={SRI: Work(last=12.5, calls=3, turn=10.0, missed=1)},
    rung={GroupId("medis"): SRI},
    pauses={SRI: Pause(turn=10.0, automatic=True)},
    seats={SeatId("pos"): SRI},
    wrap_ups={SRI: 99.5},
    credits={"081234567890": Credit(place=1.0, waited_s=2.0, until=3.0)},
)


def kept_in(state: Path) -> FileNotebook[Snapshot]:
    """The floor's notebook in a state folder."""
    return FileNotebook(state / FLOOR_FILE, Snapshot)


def test_another_process_reads_what_was_written(tmp_path: Path) -> None:
    """All of it, from a file that only the daemon's user can read."""
    first = kept_in(tmp_path / "state")
    assert first.read() is None
    first.write(Snapshot())
    first.write(KNOWN)
    assert first.read() == KNOWN
    first.close()
    assert kept_in(tmp_path / "state").read() == KNOWN
    assert stat.S_IMODE((tmp_path / "state" / FLOOR_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"work": 1}', b"\xff"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, data: bytes) -> None:
    """Everybody is ready then, and the file is written anew."""
    (tmp_path / FLOOR_FILE).write_bytes(data)
    notebook = kept_in(tmp_path)
    assert notebook.read() is None
    notebook.write(KNOWN)
    notebook.close()
    assert kept_in(tmp_path).read() == KNOWN


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    """What was written is known to this process all the same, and why the disk has not got it."""
    (tmp_path / "state").write_text("a file where the folder belongs")
    notebook = kept_in(tmp_path / "state")
    assert notebook.fault is None
    notebook.write(KNOWN)
    notebook.write(Snapshot())
    notebook.close()
    assert notebook.read() == Snapshot()
    assert notebook.fault == "File exists"


def test_a_disk_that_takes_something_again_gets_the_newest(tmp_path: Path) -> None:
    """Whoever looks has it tried again; nothing has to change on the floor for it."""
    state = tmp_path / "state"
    state.write_text("a file where the folder belongs")
    notebook = kept_in(state)
    notebook.write(KNOWN)
    notebook._writer.submit(state.unlink).result()  # after the write, which has failed
    notebook.again()
    notebook.close()
    assert kept_in(state).read() == KNOWN


def test_a_closed_memory_takes_nothing_more() -> None:
    """As a process that was killed writes nothing."""
    notebook = MemoryNotebook[Snapshot]()
    notebook.write(KNOWN)
    notebook.closed = True
    notebook.write(Snapshot())
    assert notebook.read() == KNOWN


def test_a_disk_that_hangs_gathers_no_work(tmp_path: Path) -> None:
    """Of all that is written meanwhile, the newest is written when it goes on."""
    notebook = kept_in(tmp_path)
    goes_on = threading.Event()
    notebook._writer.submit(goes_on.wait)
    for calls in range(100):
        notebook.write(Snapshot(work={SRI: Work(calls=calls)}))
    waiting = notebook._writer._work_queue.qsize()
    goes_on.set()
    notebook.close()
    assert waiting == 1
    assert kept_in(tmp_path).read() == Snapshot(work={SRI: Work(calls=99)})


def test_what_another_process_wrote_since_is_read(tmp_path: Path) -> None:
    """Two daemons share the file: who takes over goes on from what the other one knew."""
    mine, other = kept_in(tmp_path), kept_in(tmp_path)
    mine.write(Snapshot())
    mine.close()
    other.write(KNOWN)
    other.close()
    assert mine.read() == KNOWN
