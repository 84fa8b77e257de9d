"""Files replaced in one step: the old bytes or the new, whatever happens in between."""

import subprocess
import sys
from pathlib import Path

import pytest

from siaga.file import NEW_MODE, replace, sync


def test_a_new_file_is_not_for_everybody(tmp_path: Path) -> None:
    """Nobody outside the group can read what is written for the first time."""
    replace(tmp_path / "new", b"first")
    assert (tmp_path / "new").read_bytes() == b"first"
    assert (tmp_path / "new").stat().st_mode & 0o777 == NEW_MODE


def test_mode_and_symbolic_link_stay(tmp_path: Path) -> None:
    """A link into a checkout still leads there, and the file keeps who may read it."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    replace(link, b"new")
    sync(tmp_path)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails in the last moment takes nothing away and leaves no part behind."""

    def fail(descriptor: int) -> None:
        raise OSError(descriptor, "the disk is full")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        replace(tmp_path / "a", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


@pytest.mark.parametrize("moment", ["os.fchmod", "os.fsync", "pathlib.Path.replace"])
def test_a_process_killed_in_between_leaves_the_old_file(tmp_path: Path, moment: str) -> None:
    """SIGKILL before, while or after the bytes are written leaves the old file whole."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    module, _, name = moment.rpartition(".")
    program = (
        "import os, pathlib, signal\n"
        "from siaga.file import replace\n"
        "die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{module}.{name} = die\n"
        f"replace(pathlib.Path({str(path)!r}), b'new' * 100_000)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603 - our own
    assert done.returncode == -9
    assert path.read_bytes() == b"old"
