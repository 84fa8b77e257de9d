"""SIPp: callers and operators in numbers, each step with its time.

For load and for measuring; who has to hear something takes a real softphone (phone.py, caller.py).
"""

import asyncio
import csv
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from weakref import WeakKeyDictionary

from sandbox import scenario
from sandbox.mark import Mark, read_marks
from sandbox.port import free_udp_block, free_udp_port
from sandbox.process import end, spawn
from sandbox.toolbox import Toolbox

PROGRAM = "sipp"
RTP_PORTS = 100
"""SIPp binds some of them for its echo, whether it is asked to or not."""
MOST_CALLS = 10_000
"""Of one run: a slip of the pen must not run for hours."""
AT_ONCE = 1000
"""Calls at the same time; more wait for their turn."""
REGISTER_S = 3600
REGISTER_LIMIT_S = 10.0
POLL_S = 0.02
LISTEN_LIMIT_S = 5.0


class SippError(RuntimeError):
    """SIPp could not do its work; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run's calls."""

    succeeded: int
    failed: int
    marks: tuple[Mark, ...]


class _Run:
    """One SIPp process with its files."""

    def __init__(
        self, toolbox: Toolbox, workdir: Path, name: str, text: str, lines: Sequence[str] = ()
    ) -> None:
        self.marks_log = workdir / f"{name}.marks"
        self._screen = workdir / f"{name}.log"
        self._errors = workdir / f"{name}.errors"
        self._statistics = workdir / f"{name}.csv"
        self._toolbox = toolbox
        self._workdir = workdir
        self._scenario = workdir / f"{name}.xml"
        self._injected = workdir / f"{name}.lines"
        self._text = text
        self._lines = lines

    def _write(self) -> None:
        self._workdir.mkdir(parents=True, exist_ok=True)
        for old in (self.marks_log, self._statistics, self._errors, self._screen):
            old.unlink(missing_ok=True)
        self._scenario.write_text(self._text)
        self._injected.write_text("\n".join(("SEQUENTIAL", *self._lines)) + "\n")

    async def start(
        self, *, address: str, port: int, options: Sequence[str]
    ) -> asyncio.subprocess.Process:
        """The process, bound to loopback with all its sockets, unless it has ended already.

        Raises:
            SippError: It was still there without its socket after LISTEN_LIMIT_S.
        """
        await asyncio.to_thread(self._write)
        media = free_udp_block(RTP_PORTS, address)
        argv = [
            *self._toolbox.argv(PROGRAM),
            *options,
            *("-sf", str(self._scenario)),
            *(("-inf", str(self._injected)) if self._lines else ()),
            *("-i", address, "-p", str(port), "-bind_local", "-t", "u1"),
            *("-mi", address, "-min_rtp_port", str(media)),
            *("-max_rtp_port", str(media + RTP_PORTS - 1)),
            *("-ci", "127.0.0.1", "-cp", str(free_udp_port())),
            *("-nostdin", "-aa", "-f", "60"),
            *("-trace_logs", "-log_file", str(self.marks_log)),
            *("-trace_stat", "-stf", str(self._statistics), "-fd", "60"),
            *("-trace_err", "-error_file", str(self._errors)),
        ]
        process = await spawn(
            argv, cwd=self._workdir, log=self._screen, env=self._toolbox.env(PROGRAM)
        )
        try:
            await self._bound(process, port)
        except BaseException:
            await end(process)
            raise
        return process

    async def _bound(self, process: asyncio.subprocess.Process, port: int) -> None:
        wanted = f":{port:04X} "
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTEN_LIMIT_S):
                while process.returncode is None:
                    if wanted in await asyncio.to_thread(Path("/proc/net/udp").read_text):
                        return
                    await asyncio.sleep(POLL_S)
                return
        raise SippError(f"SIPp did not listen:\n{self.complaint()}")

    def marks(self) -> tuple[Mark, ...]:
        """What was marked so far."""
        return read_marks(self.marks_log)

    def outcome(self) -> Outcome:
        """The counts of a run that has ended.

        Raises:
            SippError: It wrote none.
        """
        with self._statistics.open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        if not rows:
            raise SippError(f"no statistics:\n{self.complaint()}")
        last = rows[-1]
        return Outcome(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), self.marks())

    def complaint(self) -> str:
        """The end of what SIPp wrote."""
        texts = [p.read_text(errors="replace") for p in (self._screen, self._errors) if p.exists()]
        return "\n".join("\n".join(texts).splitlines()[-25:])


def _turn() -> asyncio.Lock:
    """One for each event loop: a run draws its ports when the run before has bound its own."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def _finished(run: _Run, process: asyncio.subprocess.Process, limit_s: float) -> Outcome:
    """The outcome of a run that ends by itself, or is ended.

    Raises:
        SippError: It could not begin.
        TimeoutError: It was still at work after `limit_s` seconds.
    """
    try:
        async with asyncio.timeout(limit_s):
            status = await process.wait()
    except TimeoutError:
        raise TimeoutError(f"SIPp was at work after {limit_s} s:\n{run.complaint()}") from None
    finally:
        await end(process)
    if status not in {0, 1}:  # all went well; some failed
        raise SippError(f"SIPp ended with {status}:\n{await asyncio.to_thread(run.complaint)}")
    return await asyncio.to_thread(run.outcome)


class SippCallers:
    """Callers behind a trunk, one call for each of the injected lines.

    Args:
        toolbox: Where SIPp is.
        workdir: A folder for its files.
        trunk_ip: The address that Asterisk knows the trunk by.
        server: Asterisk's SIP host and port.
        lines: The callers' numbers, in order; what a scenario takes besides follows after a `;`.
        text: What each does: `scenario.caller(…)`.
        rate_per_s: New calls a second; None begins each when the one before has ended.
        echo: They say what they hear, word for word; else they say nothing.

    Raises:
        ValueError: There are no numbers, or more than MOST_CALLS.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        trunk_ip: str,
        server: tuple[str, int],
        lines: Sequence[str],
        text: str,
        rate_per_s: float | None = None,
        echo: bool = False,
    ) -> None:
        if not 1 <= len(lines) <= MOST_CALLS:
            raise ValueError(f"{len(lines)} numbers: expected 1 to {MOST_CALLS}")
        self._run = _Run(toolbox, workdir, "callers", text, lines)
        self._address = trunk_ip, 0
        rate = AT_ONCE if rate_per_s is None else rate_per_s
        self._options = [
            f"{server[0]}:{server[1]}",
            *("-m", str(len(lines)), "-r", str(max(1, round(rate * 60))), "-rp", "60000"),
            *("-l", str(1 if rate_per_s is None else AT_ONCE)),
            *(["-rtp_echo"] if echo else []),
        ]
        self._cues = 0

    async def __aenter__(self) -> Self:
        async with _turn():
            address = self._address[0]
            port = free_udp_port(address)
            self._address = address, port
            self._process = await self._run.start(address=address, port=port, options=self._options)
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._process)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What was marked so far."""
        return self._run.marks()

    async def finished(self, limit_s: float) -> Outcome:
        """What became of all calls, once the last one has ended.

        Raises:
            SippError: SIPp could not begin.
            TimeoutError: It was still at work after `limit_s` seconds.
        """
        return await _finished(self._run, self._process, limit_s)

    def cue(self, call: int) -> None:
        """Lets a cued caller go on; calls are counted from 1. It must be waiting for it."""
        self._cues += 1
        text = (
            f"MESSAGE sip:{self._address[0]} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9\r\n"
            "From: <sip:test@127.0.0.1>;tag=1\r\nTo: <sip:caller@127.0.0.1>\r\n"
            f"Call-ID: {call}-{self._process.pid}@{self._address[0]}\r\n"
            f"CSeq: {self._cues} MESSAGE\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(text.encode(), self._address)


async def place_calls(
    toolbox: Toolbox,
    workdir: Path,
    *,
    trunk_ip: str,
    server: tuple[str, int],
    numbers: Sequence[str],
    text: str,
    rate_per_s: float,
    limit_s: float,
) -> Outcome:
    """One call for each number, from the trunk's address; arguments as for `SippCallers`.

    Raises:
        ValueError: There are no numbers, or more than MOST_CALLS.
        SippError: SIPp could not begin.
        TimeoutError: It was still at work after `limit_s` seconds.
    """
    callers = SippCallers(
        toolbox,
        workdir,
        trunk_ip=trunk_ip,
        server=server,
        lines=numbers,
        text=text,
        rate_per_s=rate_per_s,
    )
    async with callers:
        return await callers.finished(limit_s)


class SippOperators:
    """Operators at several seats, all at one SIP address, registered for as long as the context.

    Args:
        toolbox: Where SIPp is.
        workdir: A folder for its files.
        server: Asterisk's SIP host and port.
        passwords: The endpoints with their passwords; none of them register, if there are none.
        text: What they do with an offer: `scenario.operator(…)`.
        address: The loopback address of all of them.
        port: Their port, if others have to know it.
        echo: They say what they hear, word for word; else they say nothing.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        server: tuple[str, int],
        passwords: Mapping[str, str],
        text: str,
        address: str = "127.0.0.1",
        port: int | None = None,
        echo: bool = False,
    ) -> None:
        self._toolbox = toolbox
        self._workdir = workdir
        self._server = server
        self._passwords = passwords
        self._address = address
        self._port = port or free_udp_port(address)
        self._run = _Run(toolbox, workdir, "operators", text)
        self._options = ["-rtp_echo"] if echo else []
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        if self._passwords:
            await self._register()
        self._process = await self._run.start(
            address=self._address, port=self._port, options=self._options
        )
        if self._process.returncode is not None:
            raise SippError(f"the operators did not listen:\n{self._run.complaint()}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            await end(self._process)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What was marked so far."""
        return self._run.marks()

    async def _register(self) -> None:
        lines = [
            f"{user};[authentication username={user} password={password}]"
            for user, password in self._passwords.items()
        ]
        run = _Run(
            self._toolbox, self._workdir, "registration", scenario.registration(REGISTER_S), lines
        )
        options = [f"{self._server[0]}:{self._server[1]}", "-m", str(len(lines)), "-r", "100"]
        process = await run.start(address=self._address, port=self._port, options=options)
        outcome = await _finished(run, process, REGISTER_LIMIT_S)
        if outcome.failed:
            raise SippError(f"{outcome.failed} seats could not register:\n{run.complaint()}")
