"""The daemon as a process of its own, as systemd would run it."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from sandbox.asterisk import AsteriskServer
from sandbox.process import end, spawn
from siaga import pin

READY_LIMIT_S = 15.0
"""From start to the first heartbeat in Asterisk, on a busy machine."""
STOP_LIMIT_S = 10.0
POLL_S = 0.05
UNIT = Path(__file__).parent.parent / "systemd" / "siaga112.service"
STEPPED = Path(__file__).parent / "stepped.py"
"""The daemon on a clock that can be stepped."""
OWN = ("-m", "siaga.entry")
BREAKABLE = (str(Path(__file__).parent / "breakable.py"),)
"""The daemon with two faults that signals set off (`block`, `fail`)."""


def loaded(records_per_s: int) -> tuple[str, ...]:
    """The daemon with a busy city's records beside its own, when it is told to (`load`)."""
    return str(Path(__file__).parent / "loaded.py"), str(records_per_s)


def unit_environment() -> dict[str, str]:
    """What systemd's unit puts into the daemon's environment."""
    begin = "Environment="
    lines = (line for line in UNIT.read_text().splitlines() if line.startswith(begin))
    pairs = (pair for line in lines for pair in line.removeprefix(begin).split())
    return dict(pair.split("=", 1) for pair in pairs)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has said, and its exit status."""

    exit: int
    out: str
    err: str


class DaemonProcess:
    """`siaga112 run` on a folder of settings, against one sandbox Asterisk.

    Attributes:
        state: Folder of what outlives the process.
        runtime: Folder of its control socket, named as the log is.
        pins: File of the operators' PINs, if there is one.

    Args:
        config: The settings.
        pbx: Asterisk; its credentials go into the daemon's environment.
        log: File that takes what the daemon writes.
        console_port: Where its health is asked for.
        clock: File with the seconds that its clock is off; without one it is the machine's.
        program: What runs instead of its own entry: `BREAKABLE` or `loaded(…)`.
    """

    def __init__(
        self,
        config: Path,
        pbx: AsteriskServer,
        log: Path,
        console_port: int,
        clock: Path | None = None,
        *,
        program: Sequence[str] = OWN,
    ) -> None:
        self.log = log
        self._program = program if clock is None else (str(STEPPED), str(clock))
        self.state = log.parent / "state"
        self.runtime = log.with_suffix("")
        self.pins = log.parent / "pins"
        self._config = config
        self._pbx = pbx
        self._url = f"http://127.0.0.1:{console_port}"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The process's id.

        Raises:
            RuntimeError: It is not running.
        """
        if self._process is None:
            raise RuntimeError("the daemon is not running")
        return self._process.pid

    async def start(self) -> None:
        """Starts the daemon and returns when Asterisk has its heartbeat.

        Raises:
            RuntimeError: It ended, or did not become ready in time; with the end of its log.
        """
        await self.launch()
        try:
            await self.served()
        except TimeoutError:
            await self.stop()
            raise RuntimeError(f"the daemon did not become ready:\n{self._tail()}") from None

    async def launch(self) -> None:
        """Starts the process; `served()` waits for what it is there for."""
        self._process = await spawn(
            [sys.executable, *self._program, "run", "--config", str(self._config)],
            cwd=self.log.parent,
            log=self.log,
            env={
                **unit_environment(),
                "STATE_DIRECTORY": str(self.state),
                "RUNTIME_DIRECTORY": str(self.runtime),
                pin.FILE: str(self.pins),
                "SIAGA_ARI_USER": self._pbx.ari_user,
                "SIAGA_ARI_PASSWORD": self._pbx.ari_password,
            },
        )

    async def served(self) -> None:
        """Returns when new calls are served.

        Raises:
            RuntimeError: The process has ended; with the end of its log.
            TimeoutError: They are not in time.
        """
        async with asyncio.timeout(READY_LIMIT_S):
            await self._until_ready()

    async def _until_ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                if self._process is None or self._process.returncode is not None:
                    raise RuntimeError(f"the daemon ended:\n{self._tail()}")
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self._url}/readyz") as response:
                        if response.ok:
                            return
                await asyncio.sleep(POLL_S)

    @property
    def is_running(self) -> bool:
        """Whether there is such a process."""
        return self._process is not None and self._process.returncode is None

    async def status(self) -> dict[str, Any]:
        """What the daemon says of itself.

        Raises:
            aiohttp.ClientError: It does not answer.
        """
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._url}/status") as response,
        ):
            status: dict[str, Any] = await response.json()
            return status

    async def command(self, *words: str) -> Said:
        """Runs a command that asks this daemon, such as `reload --json`."""
        return await self._run(*words, "--runtime", str(self.runtime))

    async def look_up(self, *words: str) -> Said:
        """Runs a command on this daemon's settings and journal, such as `calls --json`."""
        return await self._run(*words, "--config", str(self._config))

    async def _run(self, *words: str) -> Said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "siaga.entry", *words),
            cwd=self.log.parent,
            env={**os.environ, "STATE_DIRECTORY": str(self.state)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Said(process.returncode or 0, out.decode(), err.decode())

    def reload(self) -> None:
        """Asks the process to read its settings again, as `systemctl reload` does (SIGHUP)."""
        os.kill(self.pid, signal.SIGHUP)

    def freeze(self) -> None:
        """Stops the process as a machine that hangs would (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen process go on."""
        os.kill(self.pid, signal.SIGCONT)

    def block(self) -> None:
        """Lets the event loop of a breakable daemon do nothing for breakable.BLOCK_S."""
        os.kill(self.pid, signal.SIGUSR1)

    def fail(self) -> None:
        """Lets steps of a breakable daemon's core raise for breakable.FAIL_S."""
        os.kill(self.pid, signal.SIGUSR2)

    def load(self) -> None:
        """Lets records come beside those of its own calls, at the rate that it was made with."""
        os.kill(self.pid, signal.SIGUSR1)

    def unload(self) -> None:
        """No more of them come; calls of theirs that were begun are told to their end."""
        os.kill(self.pid, signal.SIGUSR2)

    async def kill(self) -> None:
        """Ends the process without a word (SIGKILL)."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def stop(self) -> None:
        """Ends the process as systemd would: SIGTERM, and SIGKILL when it does not obey."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            await end(process, STOP_LIMIT_S)

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
