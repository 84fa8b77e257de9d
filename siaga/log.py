"""Logs: one stable event name and key=value; for people on a terminal, JSON lines otherwise.

A caller's number and place are masked here whatever the code logs; in full they are only in the
journal. Lines are written by a thread: a terminal that is stopped with Ctrl-S, a pipe that nobody
reads or a full disk neither holds nor breaks a call.
"""

import atexit
import contextlib
import logging
import os
import queue
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from journal.mask import PERSONAL

LINES: Final = 10_000
"""Lines that wait for whoever reads the log; what comes beyond is dropped and counted."""
CLOSE_LIMIT_S: Final = 1.0
LEVELS: Final = {name.lower(): level for name, level in logging.getLevelNamesMapping().items()}
PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""As syslog numbers them; systemd's journal takes them from the line's beginning (sd-daemon(3))."""


class Outlet:
    """A stream that never lets its writer wait and never raises.

    Args:
        stream: Takes the lines, from a thread.
    """

    def __init__(self, stream: TextIO) -> None:
        self.dropped = 0
        self._stream = stream
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, text: str) -> int:
        """Hands text to the thread."""
        if self._queue.qsize() >= LINES:
            self.dropped += 1
            return len(text)
        if self.dropped:
            self._queue.put(f'{{"event": "lines_dropped", "count": {self.dropped}}}\n')
            self.dropped = 0
        self._queue.put(text)
        return len(text)

    def flush(self) -> None:
        """Does nothing: the thread flushes when it has caught up."""

    def close(self) -> None:
        """Waits a moment for the lines that are left; the stream stays open."""
        atexit.unregister(self.close)
        self._queue.put(None)
        self._thread.join(CLOSE_LIMIT_S)

    def _work(self) -> None:
        text: str | None = ""
        while text is not None:
            text = self._queue.get()
            # ValueError: the stream was closed, or cannot encode the text.
            with contextlib.suppress(OSError, ValueError):
                if text is not None:
                    self._stream.write(text)
                if text is None or self._queue.empty():
                    self._stream.flush()


def configure(level: str, stream: TextIO | None = None) -> Outlet:
    """Sets up structlog and brings the standard library's loggers to the same place.

    Args:
        level: The least that is logged; see `set_level`.
        stream: Where to; standard error when it is None.

    Returns:
        What the lines go through; it is closed at the process's end.
    """
    stream = stream or sys.stderr
    outlet = Outlet(stream)
    first = _first_steps(is_terminal=stream.isatty())
    last = _last_steps(is_terminal=stream.isatty(), is_journal=_is_systemd_journal(stream))
    structlog.configure(
        processors=[_threshold, *first, *last],
        # Loggers are kept once they were used, and so is this; the level can change later.
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        # It asks of its "file" no more than write and flush.
        logger_factory=structlog.WriteLoggerFactory(outlet),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(outlet)
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[meta, *last], foreign_pre_chain=first)
    )
    logging.basicConfig(handlers=[handler], force=True)
    set_level(level)
    return outlet


def set_level(level: str) -> None:
    """Sets the least that is logged from now on.

    Args:
        level: debug, info, warning or error. Libraries' loggers write from warning up.
    """
    number = LEVELS[level]
    _threshold.number = number
    logging.getLogger().setLevel(max(number, logging.WARNING))


class _Threshold:
    """Drops what is below the level."""

    def __init__(self) -> None:
        self.number = logging.INFO

    def __call__(self, _logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        if LEVELS.get(method, logging.ERROR) < self.number:
            raise structlog.DropEvent
        return event


_threshold: Final = _Threshold()
"""The process's one level."""


def _first_steps(*, is_terminal: bool) -> list[Processor]:
    clock = structlog.processors.TimeStamper(
        fmt="%H:%M:%S.%f" if is_terminal else "iso", utc=not is_terminal
    )
    bound = structlog.contextvars.merge_contextvars
    return [bound, structlog.stdlib.add_log_level, clock, _mask_persons]


def _last_steps(*, is_terminal: bool, is_journal: bool) -> list[Processor]:
    if is_terminal:
        # The default formatter would show the local variables, and so the callers' numbers.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=True, exception_formatter=plain)]
    json: list[Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    return [_Priority(json)] if is_journal else json


class _Priority:
    """Renders a line with the priority that systemd's journal reads from its beginning."""

    def __init__(self, steps: list[Processor]) -> None:
        self._steps = steps

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        priority = PRIORITIES.get(str(event.get("level")), PRIORITIES["info"])
        value: Any = event
        for step in self._steps:
            value = step(logger, method, value)
        return f"<{priority}>{value}"


def _is_systemd_journal(stream: TextIO) -> bool:
    """Whether the stream goes to systemd's journal. Source: systemd.exec(5), JOURNAL_STREAM."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _mask_persons(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: object) -> object:
    if key in PERSONAL and value is not None:
        return PERSONAL[key](str(value))
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), item) for inner, item in value.items()}
    return value
