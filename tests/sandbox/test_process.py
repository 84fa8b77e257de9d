"""Nothing that the sandbox starts outlives it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from sandbox.process import end, spawn

LIMIT_S = 10.0
PARENT = """
import asyncio, sys
from pathlib import Path
from sandbox.process import spawn

async def main():
    folder = Path(sys.argv[1])
    child = await spawn(["sleep", "600"], cwd=folder, log=folder / "child.log")
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def gone(pid: int) -> None:
    """Returns when no live process has that id."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]  # noqa: ASYNC240
            except FileNotFoundError:
                return
            if state == "Z":  # ended, and waits for whoever adopted it
                return
            await asyncio.sleep(0.01)


async def said(log: Path) -> None:
    """Returns when something is in the log."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            if await asyncio.to_thread(log.read_text):
                return
            await asyncio.sleep(0.01)


async def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    """When the parent is killed without a chance to clean up, the kernel ends its children."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        child = int(await parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    await parent.wait()
    await gone(child)


async def test_who_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """A process that does not obey is ended all the same, and its log is kept."""
    log = tmp_path / "log"
    process = await spawn(
        ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"], cwd=tmp_path, log=log
    )
    await said(log)
    await end(process, limit_s=0.2)
    assert process.returncode == -signal.SIGKILL
    await end(process)


async def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Starting what does not exist raises at once."""
    with pytest.raises(FileNotFoundError):
        await spawn(["/nowhere/baresip"], cwd=tmp_path, log=tmp_path / "log")
