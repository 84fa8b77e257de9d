"""One run of a program that is not ours: bounded in time and in what it may say.

Nothing of it is left behind. It runs in a session of its own, so that what it has started ends with
it, with an environment that has nothing of the daemon's, and without a shell.
"""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

GIVEN_BYTES: Final = 32_768
"""Of standard input: half of what a pipe takes (pipe(7)), so that nobody waits for a reader."""
SAID_BYTES: Final = 2_000
"""Of what it has said last, on both outputs; what was before is dropped."""
CHUNK_BYTES: Final = 65_536
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Ran:
    """How it went.

    Attributes:
        fault: Why it counts as failed; None when it does not.
        said: The end of what it has written.
    """

    fault: str | None
    said: str = ""


async def run(
    words: Sequence[str], environment: Mapping[str, str], given: bytes, limit_s: float
) -> Ran:
    """A program's run, to its end or to ours; it never raises but when it is cancelled.

    Args:
        words: The program and its arguments.
        environment: All that it gets, beside a path.
        given: For its standard input; what is too long for a pipe is cut off.
        limit_s: Seconds after which it is killed with all that it has started.
    """
    ear = _Ear()
    try:
        fault = await _run(words, {"PATH": PATH, **environment}, given, limit_s, ear)
    except OSError as error:
        fault = f"{words[0]} cannot be started: {error.strerror or error}"
    except ValueError as error:  # such as a NUL in an argument
        fault = f"{words[0]} cannot be started: {error}"
    finally:
        ear.close()
    return Ran(fault, ear.text)


async def _run(
    words: Sequence[str],
    environment: Mapping[str, str],
    given: bytes,
    limit_s: float,
    ear: "_Ear",
) -> str | None:
    process = None
    source = _filled(given)
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=source,
            stdout=ear.mouth,
            stderr=ear.mouth,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
        ear.listen()
        async with asyncio.timeout(limit_s):
            status = await process.wait()
    except TimeoutError:
        return f"it took longer than {limit_s:g} s, and was killed"
    finally:
        os.close(source)
        if process is not None:
            await _end(process)
    if status < 0:
        return f"it was ended by signal {-status}"
    return None if status == 0 else f"exit status {status}"


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing of its session is left, whether it has ended or not; and no zombie."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _filled(given: bytes) -> int:
    """A pipe's end to read from, which has all of it already."""
    source, sink = os.pipe()
    try:
        os.write(sink, given[:GIVEN_BYTES])
    finally:
        os.close(sink)
    return source


class _Ear:
    """Takes what a program says, and keeps the end of it. A program that is not heard waits not."""

    def __init__(self) -> None:
        self._near, self.mouth = os.pipe()
        os.set_blocking(self._near, False)
        self._said = b""
        self._listens = False

    def listen(self) -> None:
        """Ours is the only end to hear with, and the program's the only one to speak with."""
        os.close(self.mouth)
        self.mouth = -1
        self._listens = True
        asyncio.get_running_loop().add_reader(self._near, self._hear)

    def _hear(self) -> None:
        try:
            part = os.read(self._near, CHUNK_BYTES)
        except BlockingIOError:
            return
        if part:
            self._said = (self._said + part)[-SAID_BYTES:]
        else:
            self._deafen()

    def _deafen(self) -> None:
        if self._listens:
            self._listens = False
            asyncio.get_running_loop().remove_reader(self._near)

    def close(self) -> None:
        """Hears what is there, and no more."""
        if self._listens:
            self._hear()
            self._deafen()
        for end in (self._near, self.mouth):
            if end >= 0:
                os.close(end)

    @property
    def text(self) -> str:
        """The end of what was said, in one line."""
        words = self._said.decode(errors="replace").split()
        return "".join(c if c.isprintable() else "·" for c in " ".join(words))
