"""Child processes that never outlive this one."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""linux/prctl.h: the signal that a process gets when its parent ends."""
END_LIMIT_S = 3.0
"""From SIGTERM to SIGKILL; a phone says good-bye to the registrar in some 10 ms."""

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """To be called in a child, before its program begins: the kernel kills it with its parent."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


async def spawn(
    argv: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """A started process that the kernel kills when this process ends, however it ends.

    Args:
        argv: The program and its arguments.
        cwd: The folder that it runs in.
        log: File that what it writes is added to.
        env: Variables beside those of this process.

    Raises:
        OSError: The program cannot be started.
    """
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            # Ctrl-C at the terminal is for this process, which ends the others in order.
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


async def end(process: asyncio.subprocess.Process, limit_s: float = END_LIMIT_S) -> None:
    """Ends a process: SIGTERM, and SIGKILL when it has not obeyed after `limit_s` seconds."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(limit_s):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
