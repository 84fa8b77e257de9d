"""Times of calls are read from what SIPp writes."""

from pathlib import Path

import pytest

from sandbox.mark import Mark, latencies, read_marks


def test_marks_are_read_up_to_the_line_being_written(tmp_path: Path) -> None:
    """Each whole line is a mark; half a line and foreign lines are none."""
    log = tmp_path / "log"
    log.write_text(
        "invite 0812 1764.000000 250000.000000\nsomething else\noffer 0812 1764.000000 25300"
    )
    assert read_marks(log) == (Mark("invite", "0812", 1764.25),)


def test_no_log_is_no_mark(tmp_path: Path) -> None:
    """Before SIPp has written anything there are no marks."""
    assert read_marks(tmp_path / "missing") == ()


def test_latency_is_from_a_number_to_its_first_mark_afterwards() -> None:
    """By number, the first offer after the INVITE counts; who was not reached does not."""
    begun = [Mark("invite", "1", 10.0), Mark("invite", "2", 11.0), Mark("invite", "3", 12.0)]
    reached = [
        Mark("offer", "1", 9.0),
        Mark("offer", "1", 10.5),
        Mark("offer", "1", 10.2),
        Mark("answer", "2", 11.1),
        Mark("offer", "2", 11.25),
    ]
    assert latencies("invite", begun, "offer", reached) == pytest.approx([0.2, 0.25])
