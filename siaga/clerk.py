"""The keeper in a process of its own: who waits for the store waits there, and no call does.

In a thread of the daemon it would hold Python's lock for a twentieth of the time at a thousand
records a second, and be put to sleep with it by a busy machine: calls were late by 100 ms then. A
process also keeps the database's libraries out of the daemon's start and memory.

The daemon holds the process by its standard input: when that ends, with the daemon or by `close`,
the process takes what is left in the spool and goes. It tells on its standard output how it is,
one JSON object a line, whenever that has changed.
"""

import asyncio
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from journal import address
from siaga import log as logging_setup
from siaga.clock import SystemClock

log = structlog.get_logger(__name__)

HEAD_START_S: Final = 1.0
"""For the daemon to serve callers again, before another process asks for the processor."""
AGAIN_S: Final = 2.0
"""Before a process that has ended is followed by another."""
REPORT_S: Final = 0.5
"""Between two looks at what is to be told."""
CLOSE_LIMIT_S: Final = 6.0
"""A second more than the keeper itself takes at most."""
INPUT, OUTPUT = 0, 1


class Report(msgspec.Struct, frozen=True):
    """How the keeper is.

    Attributes:
        fault: Why the store takes nothing, or None.
        stored: Records that it has taken from this process.
        behind: Bytes of the spool that it has not taken yet.
    """

    fault: str | None = None
    stored: int = 0
    behind: int = 0


class Clerk:
    """Has a keeper at work.

    Attributes:
        report: What it has told last.

    Args:
        spool: The spool's folder.
        store: The store's URL, as the settings have it.
        anchors: File of the anchors.
    """

    def __init__(self, spool: Path, store: str | None, anchors: Path) -> None:
        self.report = Report()
        self._words = (str(spool), str(anchors), store or "")
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Sees to it that there is one, until cancelled; the last one stays until `close`."""
        await asyncio.sleep(HEAD_START_S)
        while True:
            try:
                why = await self._employ()
            except OSError as error:
                why = str(error)
            log.warning("keeper_ended", why=why)
            fault = f"the process that stores records has ended: {why}"
            self.report = msgspec.structs.replace(self.report, fault=fault)
            await asyncio.sleep(AGAIN_S)

    async def close(self) -> None:
        """Has it take what is left, if it can in time, and go."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _employ(self) -> str:
        """One process, from its start to its end; how it has ended.

        Raises:
            OSError: There can be none.
        """
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "siaga.clerk", *self._words),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        if process.stdout is None:
            raise AssertionError("it was given a pipe")
        async for line in process.stdout:
            self.report = _REPORT.decode(line)
        return f"exit status {await process.wait()}"


_REPORT: Final = msgspec.json.Decoder(Report)


def main(spool: Path, anchors: Path, store: str | None) -> None:
    """Keeps until standard input ends."""
    # Whoever stops the service or presses Ctrl-C means the daemon, which then ends the input.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    logging_setup.configure("info")
    from journal.keeper import Keeper  # noqa: PLC0415 - the daemon does without the libraries

    clock = SystemClock()
    where = address.find(store, spool)
    keeper = Keeper(spool, where, anchors, lambda: clock.now().wall)
    keeper.start()
    told = None
    while not _is_over():
        report = Report(keeper.fault, keeper.stored, keeper.behind)
        if report != told:
            told = report
            with suppress(BrokenPipeError):  # then the input has ended as well
                os.write(OUTPUT, msgspec.json.encode(report) + b"\n")
    keeper.close()


def _is_over() -> bool:
    ready, _, _ = select.select([INPUT], [], [], REPORT_S)
    return bool(ready) and not os.read(INPUT, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] or None)
