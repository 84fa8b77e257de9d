"""A socket has one living owner: the dead are replaced, the living never, and nothing is left."""

import asyncio
import os
import signal
import socket
import stat
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from console.claim import PATH_BYTES, Claim, NotClaimed
from console.message import SOCKET
from tests.journal.sample import LIMIT_S

HOUSE = Path(__file__).parent.parent.parent
OWNER = """
import sys, time
from pathlib import Path
from console.claim import Claim
claim = Claim.make(Path(sys.argv[1]))
print("mine", flush=True)
time.sleep(600)
"""
CALLER = """
import os, socket, sys
os.setgroups([])
os.setegid(int(sys.argv[2]))
os.seteuid(65534)
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
except PermissionError:
    sys.exit(13)
"""


@pytest.fixture
def path() -> Iterator[Path]:
    """A place for a socket; everybody may look into the folder."""
    with TemporaryDirectory(prefix="siaga-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / SOCKET


@asynccontextmanager
async def owner(path: Path) -> AsyncIterator[Process]:
    """A process that has the socket."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(path)),
        cwd=HOUSE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            assert await process.stdout.readline() == b"mine\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def inode(path: Path) -> int:
    """Tells a file from another of the same name."""
    return path.stat().st_ino


def connects(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(str(path))
        except OSError:
            return False
        return True


async def test_the_socket_of_a_dead_daemon_is_replaced(path: Path) -> None:
    """Killed without a word it leaves the file; the next one is served there."""
    async with owner(path) as process:
        assert connects(path)
        process.kill()
        await process.wait()
    assert inode(path)
    assert not connects(path)
    claim = Claim.make(path)
    assert connects(path)
    claim.release()
    assert list(path.parent.iterdir()) == []


async def test_that_of_a_living_one_never_is(path: Path) -> None:
    """Even of one that is frozen and answers nobody; nothing of it is touched."""
    async with owner(path) as process:
        before = inode(path)
        for number in (signal.SIGSTOP, signal.SIGCONT):
            process.send_signal(number)
            with pytest.raises(NotClaimed, match="a daemon that runs has it"):
                Claim.make(path)
            assert inode(path) == before


def test_a_socket_is_for_owner_and_group(path: Path) -> None:
    """Whatever the process's mask says."""
    before = os.umask(0)
    try:
        claim = Claim.make(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    claim.release()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(("group", "expected"), [(65534, 13), (os.getegid(), 0)])
async def test_another_user_comes_in_by_the_group_only(
    path: Path, group: int, expected: int
) -> None:
    """The folder is open to all here, so it is the socket that keeps them out."""
    claim = Claim.make(path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALLER, str(path), str(group)
    )
    assert await process.wait() == expected
    claim.release()


def test_a_path_has_107_bytes(path: Path) -> None:
    """Counted as the system does, not in letters; the message says both numbers."""
    room = PATH_BYTES - len(os.fsencode(path)) - 1
    fits = path.parent / ("x" * room) / SOCKET
    Claim.make(fits).release()
    for folder in ("x" * (room + 1), "é" * (room // 2 + 1)):
        with pytest.raises(NotClaimed, match=r"is 10\d bytes long, .* at most 107"):
            Claim.make(path.parent / folder / SOCKET)


def test_what_is_no_socket_is_not_removed(path: Path) -> None:
    """A file of that name is somebody's; and the folder is free again afterwards."""
    path.write_text("a diary")
    with pytest.raises(NotClaimed, match="no socket is in the way"):
        Claim.make(path)
    assert path.read_text() == "a diary"
    path.unlink()
    Claim.make(path).release()


def test_a_folder_that_cannot_be_made_is_told(path: Path) -> None:
    """In the system's words."""
    path.write_text("in the way")
    with pytest.raises(NotClaimed, match="Not a directory"):
        Claim.make(path / "run" / SOCKET)


def test_the_socket_of_another_is_left_where_it_is(path: Path) -> None:
    """The folder was removed and made again, and another daemon has begun in it."""
    first = Claim.make(path)
    path.unlink()
    path.parent.rmdir()
    second = Claim.make(path)
    assert [first.is_in_place, second.is_in_place] == [False, True]
    first.release()
    assert connects(path)
    second.release()
    path.parent.mkdir(exist_ok=True)
