"""Logs: one stable event name and key=value; for people on a terminal, JSON lines otherwise.

The caller's number is masked here whatever the code logs; in full it is only in the journal.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

MASKED = frozenset({"ani", "number", "caller"})
HEAD, TAIL = 4, 3
"""Digits of a number that stay readable: enough to tell callers apart, not to ring one."""


def mask(number: str) -> str:
    """A number with its middle hidden; short ones entirely."""
    if len(number) <= HEAD + TAIL:
        return "***"
    return f"{number[:HEAD]}***{number[-TAIL:]}"


def _mask_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in MASKED & event.keys():
        event[key] = mask(str(event[key]))
    return event


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Sets up structlog and brings the standard library's loggers to the same place."""
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = stream.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(
            fmt="%H:%M:%S.%f" if terminal else "iso", utc=not terminal
        ),
        _mask_numbers,
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=True)]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
