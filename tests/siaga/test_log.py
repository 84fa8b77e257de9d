"""Logs are readable, name the call, hide the caller's number, and never hold a call."""

import io
import json
import logging
import os
import pty
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

import pytest
import structlog

from siaga import log as module
from siaga.log import Outlet, configure, set_level

NUMBER = "081234567890"
IN_HAND = "gol eht rof ton"
WRITE_LIMIT_S = 2.0
"""For more lines than a pipe and the queue take; one that waited would wait for ever."""

Configure = Callable[[str, TextIO], Outlet]


@pytest.fixture
def configured() -> Iterator[Configure]:
    """`configure`, undone after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    outlets: list[Outlet] = []

    def call(level: str, stream: TextIO) -> Outlet:
        outlets.append(configure(level, stream))
        return outlets[-1]

    yield call
    for outlet in outlets:
        outlet.close()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines of a log for machines."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def log_a_failure() -> None:
    """Logs an exception, with a variable in hand that no log should show."""
    local = IN_HAND[::-1]
    try:
        int(local[0:0])
    except ValueError:
        structlog.get_logger().exception("call_failed")


class TestForMachines:
    """What is written when no person looks on."""

    def test_a_line_is_json_with_its_call(self, configured: Configure) -> None:
        """Event, level, time and what was bound to the task are keys of one object."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        structlog.contextvars.bind_contextvars(call_id="1732420000.7")
        structlog.get_logger().info("leg_failed", offer="a-1", error=ValueError("boom"))
        outlet.close()
        (entry,) = entries(stream)
        assert entry.pop("timestamp").endswith("Z")
        assert entry == {
            "event": "leg_failed",
            "level": "info",
            "call_id": "1732420000.7",
            "offer": "a-1",
            "error": "ValueError('boom')",
        }

    def test_what_is_below_the_level_is_not_written(self, configured: Configure) -> None:
        """The setting says the least that is logged."""
        stream = io.StringIO()
        outlet = configured("warning", stream)
        structlog.get_logger().info("quiet")
        structlog.get_logger().warning("loud")
        outlet.close()
        assert [entry["event"] for entry in entries(stream)] == ["loud"]

    def test_the_level_can_change_while_loggers_are_in_use(self, configured: Configure) -> None:
        """A reload makes the daemon talkative, and quiet again; libraries stay at warning."""
        stream = io.StringIO()
        outlet = configured("warning", stream)
        logger = structlog.get_logger()
        for level in ("warning", "debug", "error"):
            set_level(level)
            logger.debug("told", at=level)
            logging.getLogger("aiohttp").info("never")
        outlet.close()
        assert [(entry["event"], entry["at"]) for entry in entries(stream)] == [("told", "debug")]

    def test_an_exception_stays_in_its_line(self, configured: Configure) -> None:
        """A traceback does not break the lines apart."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        log_a_failure()
        outlet.close()
        (entry,) = entries(stream)
        assert entry["exception"].endswith("with base 10: ''")

    def test_libraries_write_to_the_same_place(self, configured: Configure) -> None:
        """The standard library's loggers come in the same form, from warning up."""
        stream = io.StringIO()
        outlet = configured("debug", stream)
        logging.getLogger("aiohttp.server").warning("slow %s", "request")
        logging.getLogger("asyncio").info("poll took long")
        outlet.close()
        (entry,) = entries(stream)
        assert (entry["event"], entry["level"]) == ("slow request", "warning")

    def test_the_systemd_journal_gets_the_priority(
        self, configured: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the stream is the journal's, a line begins as sd-daemon(3) says."""
        reading, writing = os.pipe()
        found = os.fstat(writing)
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        with os.fdopen(reading) as lines, os.fdopen(writing, "w") as stream:
            outlet = configured("info", stream)
            structlog.get_logger().warning("asterisk_down")
            logging.getLogger("aiohttp").error("boom")
            outlet.close()
            first, second = lines.readline(), lines.readline()
        assert first.startswith('<4>{"')
        assert second.startswith('<3>{"')
        assert json.loads(second[3:])["event"] == "boom"


class TestForPeople:
    """What is written on a terminal."""

    def test_a_terminal_gets_words_and_no_local_variables(self, configured: Configure) -> None:
        """A line is readable, and a traceback does not show what the code had in hand."""
        control, terminal = pty.openpty()
        with os.fdopen(terminal, "w") as stream:
            outlet = configured("info", stream)
            log_a_failure()
            outlet.close()
            text = os.read(control, 100_000).decode()
        os.close(control)
        assert "call_failed" in text
        assert "ValueError" in text
        assert not text.startswith("{")
        assert IN_HAND[::-1] not in text


class TestNumbers:
    """A caller's number is in no log."""

    @pytest.mark.parametrize(
        "facts",
        [{"ani": NUMBER}, {"number": NUMBER}, {"detail": {"ani": NUMBER, "x": {"caller": NUMBER}}}],
    )
    def test_it_is_masked_wherever_it_stands(
        self, configured: Configure, facts: dict[str, Any]
    ) -> None:
        """Under each key that means a number, at any depth."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        structlog.get_logger().info("call_arrived", **facts)
        outlet.close()
        assert NUMBER not in stream.getvalue()
        assert "0812***890" in stream.getvalue()

    @pytest.mark.parametrize("name", ["location", "access"])
    def test_a_place_is_masked_as_a_number_is(self, configured: Configure, name: str) -> None:
        """Where a caller is, is nobody's to read in a log."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        structlog.get_logger().info("call_arrived", detail={name: "GML:pos"})
        outlet.close()
        assert entries(stream)[0]["detail"][name] == "***"

    def test_no_number_is_no_number(self, configured: Configure) -> None:
        """What was not delivered is not masked into something."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        structlog.get_logger().info("call_arrived", ani=None)
        outlet.close()
        assert entries(stream)[0]["ani"] is None

    def test_one_that_was_bound_is_masked_too(self, configured: Configure) -> None:
        """What is bound to the task goes the same way."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        structlog.contextvars.bind_contextvars(ani=NUMBER)
        logging.getLogger("aiohttp").warning("slow")
        structlog.get_logger().info("x")
        outlet.close()
        assert [entry["ani"] for entry in entries(stream)] == ["0812***890"] * 2


class TestUnwillingStream:
    """A log that cannot be written costs nobody a call."""

    def test_a_pipe_that_nobody_reads_holds_nothing(
        self, configured: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Lines wait, then are dropped and counted, and the writer goes on at once."""
        monkeypatch.setattr(module, "LINES", 500)
        reading, writing = os.pipe()
        with os.fdopen(reading) as lines, os.fdopen(writing, "w") as stream:
            outlet = configured("info", stream)
            log = structlog.get_logger()
            began = monotonic()
            for number in range(5_000):
                log.info("storm", number=number, text="x" * 100)
            assert monotonic() - began < WRITE_LIMIT_S
            dropped = outlet.dropped
            assert dropped > 0
            lines.readline()
            while outlet.dropped:
                lines.readline()
                log.info("room")
            text: list[str] = []
            rest = threading.Thread(target=lambda: text.extend(lines))
            rest.start()
            outlet.close()
            stream.close()
            rest.join()
        told = [json.loads(line) for line in text]
        assert sum(entry.get("count", 0) for entry in told) >= dropped
        assert told[-1]["event"] == "room"

    def test_a_stream_that_fails_hurts_nobody(self, configured: Configure) -> None:
        """A full disk or a closed terminal raises nothing in the code that logs."""
        with Path("/dev/full").open("w") as stream:
            outlet = configured("info", stream)
            structlog.get_logger().info("lost")
            outlet.close()
            structlog.get_logger().info("after the end")
            with pytest.raises(OSError, match="No space left"):
                stream.flush()
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    def test_a_closed_stream_hurts_nobody(self, configured: Configure) -> None:
        """The same when the stream was closed by somebody else."""
        stream = io.StringIO()
        outlet = configured("info", stream)
        stream.close()
        structlog.get_logger().info("lost")
        outlet.close()


def test_an_unknown_level_is_refused(configured: Configure) -> None:
    """A typo is an error at once, not silence."""
    with pytest.raises(KeyError):
        configured("loud", sys.stderr)
