"""The keeper and the publisher in a process of their own: who waits there is no call.

In a thread of the daemon they would hold Python's lock for a tenth of the time at a thousand
records a second, and be put to sleep with it by a busy machine: calls were late by 100 ms then. A
process also keeps the libraries of database and broker out of the daemon's start and memory.

The daemon holds the process by its standard input: when that ends, with the daemon or by `close`,
the process takes what is left in the spool, publishes it, and goes. What both tell each other
(journal/post.py) goes over its standard input and output.
"""

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from journal import address, post
from journal.broker import Broker, find_secret
from journal.post import Command, Obeyed, Refusal, Report, States, Untold
from siaga import log as logging_setup
from siaga.clock import SystemClock

if TYPE_CHECKING:
    from journal.keeper import Keeper
    from journal.publisher import Publisher
    from journal.seal import Head
    from siaga.chronicler import Chronicler

log = structlog.get_logger(__name__)

HEAD_START_S: Final = 1.0
"""For the daemon to serve callers again, before another process asks for the processor."""
AGAIN_S: Final = 2.0
"""Before a process that has ended is followed by another."""
REPORT_S: Final = 0.5
"""Between two looks at what is to be told."""
CLOSE_LIMIT_S: Final = 8.0
"""A second more than keeper and publisher themselves take at most."""
NICE: Final = 10
"""Of its process, in Linux's steps of ten per cent each: on a machine that has no processor to
spare the daemon and Asterisk have theirs first, and records wait in their files (bench/loaded.py).
"""
LINE_BYTES: Final = 1024 * 1024
"""Of a line that the process writes; the longest, a report with a fault, has some 500."""
READ_BYTES: Final = 65_536
NOTHING: Final = b"null"
INPUT, OUTPUT = 0, 1


async def _refuse(command: Command) -> Obeyed:
    return Obeyed(id=command.id, done=False, outcome="failed", text="nobody takes commands")


class Clerk:
    """Has a keeper at work, and a publisher if there is a broker.

    Attributes:
        report: What it has told last.
        on_command: Does what a command wants; to be replaced.
        on_refusal: Takes each command that was refused; to be replaced.
        on_untold: Takes what the journal lacks of a call; to be replaced.

    Args:
        spool: The spool's folder.
        store: The store's URL, as the settings have it.
        anchors: File of the anchors.
        broker: Where to publish; None: nowhere.
        event_log: What Asterisk has written down; None: nothing.
    """

    def __init__(
        self,
        spool: Path,
        store: str | None,
        anchors: Path,
        broker: Broker | None = None,
        event_log: Path | None = None,
    ) -> None:
        self.report = Report()
        self.on_untold: Callable[[Untold], None] = lambda _untold: None
        self.on_command: Callable[[Command], Awaitable[Obeyed]] = _refuse
        self.on_refusal: Callable[[Refusal], None] = lambda _refusal: None
        told = "" if broker is None else msgspec.json.encode(broker).decode()
        self._words = (str(spool), str(anchors), store or "", told, str(event_log or ""))
        self._process: asyncio.subprocess.Process | None = None
        self._states: dict[str, msgspec.Raw] = {}
        self._unsent: set[str] = set()
        self._obeying: set[asyncio.Task[None]] = set()

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

    def show(self, states: Mapping[str, bytes | None]) -> None:
        """These states are to be retained from now on; never waits.

        What a process has not taken yet, as it is slow or not there, is replaced by what is newer,
        and offered again the next time.
        """
        for tail, payload in states.items():
            self._states[tail] = msgspec.Raw(NOTHING if payload is None else payload)
            self._unsent.add(tail)
        self._send_states()

    async def close(self) -> None:
        """Has it take what is left, if it can in time, and go."""
        for task in self._obeying:
            task.cancel()
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
            limit=LINE_BYTES,
        )
        if process.stdout is None:
            raise AssertionError("it was given a pipe")
        self._unsent = set(self._states)
        self._send_states()
        try:
            async for line in process.stdout:
                self._take(post.to_daemon.decode(line))
        except (ValueError, msgspec.DecodeError) as error:  # ValueError: a line that never ends
            process.kill()
            await process.wait()
            return f"what it says is not understood: {error}"
        return f"exit status {await process.wait()}"

    def _take(self, message: post.ToDaemon) -> None:
        match message:
            case Report():
                self.report = message
            case Refusal():
                self.on_refusal(message)
            case Untold():
                self.on_untold(message)
            case Command():
                task = asyncio.create_task(self._obey(message), name=f"mqtt {message.command}")
                self._obeying.add(task)
                task.add_done_callback(self._obeying.discard)

    async def _obey(self, command: Command) -> None:
        try:
            obeyed = await self.on_command(command)
        except Exception as error:
            log.exception("command_failed", command=command.command)
            text = f"a fault of this software, see the log: {error!r}"
            obeyed = Obeyed(id=command.id, done=False, outcome="failed", text=text)
        self._write(post.line(obeyed))

    def _send_states(self) -> None:
        process = self._process
        if not self._unsent or process is None or process.stdin is None:
            return
        if process.stdin.transport.get_write_buffer_size() == 0:
            states = {tail: self._states[tail] for tail in self._unsent}
            self._unsent.clear()
            self._write(post.line(States(states=states)))

    def _write(self, line: bytes) -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(line)


def main(
    spool: Path,
    anchors: Path,
    store: str | None,
    broker: Broker | None = None,
    event_log: Path | None = None,
) -> None:
    """Keeps and publishes until standard input ends."""
    # Whoever stops the service or presses Ctrl-C means the daemon, which then ends the input.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICE)  # before there is a thread, since each has its own
    logging_setup.configure("info")
    from journal.keeper import Keeper  # noqa: PLC0415 - the daemon does without the libraries

    clock = SystemClock()
    where = address.find(store, spool)
    output = Output()
    keeper = Keeper(spool, where, anchors, lambda: clock.now().wall, has_outbox=broker is not None)
    publisher = None if broker is None else _publisher(broker, where, clock, output)
    if publisher is not None:
        keeper.on_stored = publisher.ring
        keeper.on_anchored = _Anchors(publisher, clock)
        publisher.start()
    keeper.start()
    chronicler = None
    if event_log is not None:
        chronicler = _chronicler(event_log, anchors.parent, where, keeper, output)
        chronicler.start()
    told = None
    for message in _messages():
        if publisher is not None:
            match message:
                case States():
                    publisher.show(_payloads(message))
                case Obeyed():
                    publisher.take(message)
        report = Report(
            fault=keeper.fault,
            stored=keeper.stored,
            behind=keeper.behind,
            unread=None if chronicler is None else chronicler.fault,
            broker=None if publisher is None else publisher.report,
        )
        if report != told:
            told = report
            output.tell(report)
    if chronicler is not None:
        chronicler.close()
    keeper.close()
    if publisher is not None:
        publisher.close()


def _publisher(
    broker: Broker, where: address.Address, clock: SystemClock, output: "Output"
) -> "Publisher":
    from journal.publisher import Publisher  # noqa: PLC0415 - who does not publish needs it not

    publisher = Publisher(broker, find_secret(), where, clock.now)
    publisher.listener.on_wish = output.tell
    return publisher


def _chronicler(
    event_log: Path, state: Path, where: address.Address, keeper: "Keeper", output: "Output"
) -> "Chronicler":
    from siaga.chronicler import Chronicler  # noqa: PLC0415 - as the keeper

    return Chronicler(event_log, state, where, is_stored=lambda: keeper.is_level, tell=output.tell)


class _Anchors:
    """Has the heads of chains retained at the broker each time that they are anchored."""

    def __init__(self, publisher: "Publisher", clock: SystemClock) -> None:
        self._publisher = publisher
        self._clock = clock

    def __call__(self, store: str, heads: Mapping[str, "Head"]) -> None:
        from journal.message import ANCHOR, HEADS, AnchorState, ChainHead, encode  # noqa: PLC0415

        newest = sorted(heads.items())[-HEADS:]
        state = AnchorState(
            at=self._clock.now().wall,
            store=store,
            heads=tuple(
                ChainHead(writer=writer, number=head.number, link=head.link)
                for writer, head in newest
            ),
        )
        self._publisher.show({ANCHOR: encode(state)})


class Output:
    """Standard output; whole lines, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def tell(self, message: post.ToDaemon) -> None:
        """Writes a line; one that nobody reads any more is lost."""
        rest = memoryview(post.line(message))
        with self._lock, suppress(BrokenPipeError):  # then the input has ended as well
            while rest:
                rest = rest[os.write(OUTPUT, rest) :]


def _messages() -> Iterator[post.ToProcess | None]:
    """What comes on standard input, and None when it is time to look around; until it ends."""
    buffer = b""
    while True:
        ready, _, _ = select.select([INPUT], [], [], REPORT_S)
        if ready:
            read = os.read(INPUT, READ_BYTES)
            if not read:
                return
            *lines, buffer = (buffer + read).split(b"\n")
            for line in lines:
                yield post.to_process.decode(line)
        yield None


def _payloads(states: States) -> dict[str, bytes | None]:
    told = ((tail, bytes(payload)) for tail, payload in states.states.items())
    return {tail: None if payload == NOTHING else payload for tail, payload in told}


if __name__ == "__main__":
    spool_, anchors_, store_, broker_, event_log_ = sys.argv[1:6]
    main(
        Path(spool_),
        Path(anchors_),
        store_ or None,
        msgspec.json.decode(broker_, type=Broker) if broker_ else None,
        Path(event_log_) if event_log_ else None,
    )
