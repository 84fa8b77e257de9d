"""`make run` as a newcomer sees it: the sample call's timeline, the invitation, a clean stop."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

UP_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0
HOME = Path(__file__).parents[2]
TOLD = ("ring", "zone", "why:", "answer", "prompt", "digit", "offer", "ringing", "bridge", "end")
"""What the timeline of the sample call has to tell, in this order."""


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with a short name: Asterisk's control socket is somewhere below it."""
    return tmp_path_factory.mktemp("r")


def _family(pid: int) -> set[int]:
    """The process and all that descend from it (proc(5), children of each task)."""
    found = {pid}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found |= _family(int(child))
    return found


def _alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


async def _read_until(process: asyncio.subprocess.Process, text: str) -> str:
    """What the process wrote until a line with `text`."""
    assert process.stdout is not None
    seen = ""
    async with asyncio.timeout(UP_LIMIT_S):
        while text not in seen:
            line = (await process.stdout.readline()).decode()
            assert line, f"ended early:\n{seen}"
            seen += line
    return seen


async def _start(folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.run",
        cwd=HOME,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_it_shows_a_call_tells_how_to_join_and_stops_with_ctrl_c(folder: Path) -> None:
    """The timeline is in order, server, user and password are told, and nothing is left."""
    process = await _start(folder)
    seen = await _read_until(process, "Ctrl-C stops")
    family = _family(process.pid)
    assert len(family) > len(("this process", "Asterisk", "daemon", "a phone"))
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(STOP_LIMIT_S):
        rest, _ = await process.communicate()
    seen += rest.decode()
    places = [seen.find(word) for word in TOLD]
    assert -1 not in places
    assert places == sorted(places)
    assert all(word in seen for word in ("server", "siaga-pos", "password"))
    assert process.returncode == 0
    assert _alive(family) == set()
    assert os.listdir(folder) == []  # noqa: PTH208 - a synchronous look is enough here


async def test_nothing_outlives_a_kill(folder: Path) -> None:
    """After `kill -9` the kernel ends Asterisk, daemon and phones."""
    process = await _start(folder)
    await _read_until(process, "bridge")
    family = _family(process.pid)
    process.kill()
    await process.wait()
    async with asyncio.timeout(STOP_LIMIT_S):
        while _alive(family):  # noqa: ASYNC110 - nobody tells when a grandchild ends
            await asyncio.sleep(0.05)
