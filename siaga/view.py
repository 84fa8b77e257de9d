"""The status as it changes: `siaga112 status --watch`.

The daemon is asked at a bounded rate, a connection for each look: so nobody who watches holds
anything of it, and it may be restarted meanwhile. While it does not answer, what it has said last
stays in sight with a line above that says so.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any, Final, Protocol, Self, TypeAlias

import msgspec
import typer
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from console import screen
from console.duration import spoken
from console.inquiry import NotAllowed, NotAnswered
from console.screen import BAD, DIM, GOOD, WARN
from console.status import Status
from siaga.clock import SystemClock

Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None
NEWS_S: Final = 60.0
"""So long a restart is told."""
ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""All of them end it as Ctrl-C does: the terminal is left as it was."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be shown after a look.

    Attributes:
        at: When that was.
        status: What the daemon has said last; None if it never has.
        trouble: Why it has not answered this time.
        since: When it answered for the last time, or when it was first asked.
        restarted: It is another process than the one that was seen first.
    """

    at: datetime
    status: Status | None
    trouble: NotAnswered | None
    since: datetime
    restarted: bool = False


class Watch:
    """Looks at a daemon, again and again.

    Args:
        ask: Has the status, or raises NotAnswered.
        now: The wall clock.
    """

    def __init__(self, ask: Callable[[], Status], now: Callable[[], datetime]) -> None:
        self._ask = ask
        self._now = now
        self._started: datetime | None = None
        self._sight = Sight(now(), None, None, now())

    def look(self) -> Sight:
        """What can be shown now.

        Raises:
            NotAllowed: It will never be answered.
        """
        before = self._sight
        try:
            status = self._ask()
        except NotAllowed:
            raise
        except NotAnswered as error:
            at = self._now()
            self._sight = Sight(at, before.status, error, before.since, before.restarted)
            return self._sight
        at = self._now()
        self._started = self._started or status.started
        self._sight = Sight(at, status, None, at, status.started != self._started)
        return self._sight


def lines(sight: Sight) -> Iterator[Text]:
    """What is shown, line by line: how fresh it is, and the status."""
    yield _head(sight)
    if sight.trouble is not None:
        yield Text(f"{sight.trouble}", style=BAD)
        yield Text(f"do: {sight.trouble.do}", style=DIM)
    if sight.status is not None:
        for line in screen.lines(sight.status):
            if sight.trouble is not None:
                line.stylize(DIM)
            yield line


def _head(sight: Sight) -> Text:
    text = Text(f"{sight.at.astimezone():%H:%M:%S} ")
    status = sight.status
    if sight.trouble is not None:
        age = spoken((sight.at - sight.since).total_seconds())
        last = "" if status is None else "; this is what it said last:"
        return text.append(f"no answer for {age}, asked again and again{last}", style=BAD)
    if status is None:
        return text
    if sight.restarted and status.uptime_s < NEWS_S:
        text.append(f"the daemon was restarted {spoken(status.uptime_s)} ago; ", style=WARN)
    names = ", ".join(alarm.what for alarm in status.alarms)
    if names:
        return text.append(f"alarms: {names}", style=BAD)
    return text.append("no alarms", style=GOOD)


def fitted(told: list[Text], height: int) -> Group:
    """As many lines as there is room for, none of them broken; what is left out is counted."""
    if len(told) > height:
        left = len(told) - height + 1
        told = [*told[: height - 1], Text(f"… {left} more lines: siaga112 status", style=WARN)]
    for line in told:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*told)


class Pane(Protocol):
    """Where it is shown."""

    def __call__(self, sight: Sight) -> None:
        """Shows this in place of what was there, or after it."""


@contextmanager
def pane(console: Console, *, as_json: bool) -> Iterator[Pane]:
    """The whole terminal, given back at the end; else one block, or one line of JSON, a look."""
    if as_json:
        yield _write_json
    elif console.is_terminal and not console.is_dumb_terminal:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            yield lambda sight: live.update(
                fitted(list(lines(sight)), console.height), refresh=True
            )
    else:
        yield lambda sight: console.print(*lines(sight), "", sep="\n", soft_wrap=True)


def _write_json(sight: Sight) -> None:
    value: object = sight.status
    trouble = sight.trouble
    if trouble is not None:
        why, do = str(trouble), trouble.do
        value = {"error": {"kind": trouble.kind, "why": why, "do": do}}
    typer.echo(msgspec.json.encode(value))


def watch(ask: Callable[[], Status], every_s: float, *, as_json: bool) -> None:
    """Shows the status until Ctrl-C.

    Args:
        ask: Has it, or raises NotAnswered.
        every_s: Seconds between two looks.
        as_json: One line of JSON for each look.

    Raises:
        NotAllowed: This user may not ask.
    """
    clock = SystemClock()
    clock = SystemClock()
    looks = Watch(ask, lambda: clock.now().wall)
    console = Console(highlight=False)
    with Ending() as ending, suppress(KeyboardInterrupt):
        first = looks.look()  # who may not ask is told so on a terminal as it is
        ending.hold()
        with pane(console, as_json=as_json) as show:
            show(first)
            while True:
                with ending.at_once():
                    time.sleep(every_s)
                    sight = looks.look()
                show(sight)


class Ending:
    """Ctrl-C and its like end what waits at once, and what writes as soon as it has written.

    A line of control characters that is broken off would leave a terminal behind that shows
    nothing.
    """

    def __init__(self) -> None:
        self._is_asked = False
        self._waits = True
        self._before: dict[signal.Signals, Handler] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._take) for number in ENDS}
        return self

    def __exit__(self, *_fault: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold(self) -> None:
        """What is done from now on is not broken off, but for what is done `at_once`."""
        self._waits = False

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is done here is.

        Raises:
            KeyboardInterrupt: The end was asked for.
        """
        self._waits = True
        if self._is_asked:
            raise KeyboardInterrupt
        yield
        self._waits = False

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._is_asked = True
        if self._waits:
            self._waits = False
            raise KeyboardInterrupt
