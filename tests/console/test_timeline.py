"""The timeline reads well, whatever is in the records."""

import ast
import io
import os
import pty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.timeline import SENTENCES, Timeline, lines
from journal.record import Ground
from tests.journal.sample import record

HOUSE = Path(__file__).parent.parent.parent
NOTERS = {"Note", "_note"}
"""What the code calls to have something remembered."""


def names_in(source: str) -> Iterator[str]:
    """The names of the notes that a module takes."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            if name in NOTERS:
                yield from (text for text in texts if isinstance(text, str))


def test_each_name_of_the_code_has_a_sentence() -> None:
    """No note that the core or the shell takes is shown as bare facts."""
    files = [file for room in ("routing", "ivr", "siaga") for file in (HOUSE / room).glob("*.py")]
    names = {name for file in files for name in names_in(file.read_text())}
    assert len(names) > 20
    assert names <= SENTENCES.keys()


def test_a_call_reads_from_top_to_bottom() -> None:
    """Clock, offset, caller and word stand in columns; each reason on a line of its own."""
    arrived = record(
        0,
        "arrived",
        offset_s=0.0,
        detail={"ani": "081234567890", "trunk": "seluler", "did": "112", "how": "new"},
    )
    chosen = record(
        3050,
        "chosen",
        offset_s=3.05,
        detail={"service": "medis"},
        because=(
            Ground("pressed 1", "services.menu.keys.1", "services.yaml:12"),
            Ground("no other"),
        ),
    )
    stream = io.StringIO()
    timeline = Timeline(stream)
    timeline.show(arrived)
    timeline.show(chosen)
    clock = f"{arrived.at.astimezone():%H:%M:}"
    assert stream.getvalue().splitlines() == [
        f"{clock}00 +   0.000  #1  ring       0812***890 on trunk seluler dialled 112",
        f"{clock}03 +   3.050  #1  service    medis",
        " " * 35 + "why: pressed 1 (services.yaml:12)",
        " " * 35 + "why: no other",
    ]


@pytest.mark.parametrize(
    ("what", "detail", "sentence"),
    [
        ("arrived", {"ani": "", "trunk": "telkom", "did": "112", "how": "new"}, "a hidden number"),
        ("arrived", {"ani": "0725123456", "how": "resume"}, "back from the dialplan (resume)"),
        (
            "arrived",
            {"ani": "", "location": "GML:pos", "access": "3GPP"},
            "with a location and an access network",
        ),
        ("arrived", {"ani": "", "access": "3GPP"}, "dialled -, with an access network"),
        ("zone", {"verdict": "outside", "neighbour": "lampung_tengah"}, "outside, lampung_tengah"),
        ("zone", {"verdict": "unknown", "neighbour": None}, "unknown"),
        ("prompt", {"prompts": "menu", "language": "id"}, "menu in id"),
        ("digit", {"digit": "7", "ignored": True}, "7 (means nothing now)"),
        ("offer_failed", {"target": "person:ani", "outcome": "busy"}, "person:ani: busy"),
        ("bridged", {"target": "person:ani"}, "the caller and person:ani hear each other"),
        ("ended", {"by": "unseen", "talked_s": 7.5}, "gone when it was looked for, after 7.5 s"),
        (
            "recording_kept",
            {"recording": "2026/12/01/1-1.wav", "seconds": 7.5, "whole": True},
            "2026/12/01/1-1.wav, 7.5 s",
        ),
        (
            "recording_kept",
            {"seconds": 7.5, "whole": False, "why": "no room"},
            "purged, 7.5 s; may not be the whole talk: no room",
        ),
        (
            "purged",
            {"recordings": 1, "numbers": 2, "locations": 3, "by": "sri"},
            "1 recordings, 2 numbers, 3 locations that were too old, by sri",
        ),
        ("purged", {"by": "retention", "fault": "no store"}, "not all of it: no store"),
        ("operator_lost", {"talked_s": 7.5, "why": "phone lost"}, "phone lost, after 7.5 s"),
        ("abandoned", {"where": "in the menu", "waited_s": 2.5}, "hung up in the menu, after 2.5"),
        ("handed_back", {"why": "the daemon stops"}, "to the last resort: the daemon stops"),
        ("never_heard_of", {"a": 1, "ani": "081234567890"}, "a=1 ani=0812***890"),
    ],
)
def test_each_record_is_a_sentence(what: str, detail: dict[str, Any], sentence: str) -> None:
    """What happened is said in plain words, and an unknown name with its facts."""
    assert sentence in lines(record(1, what, detail=detail))[0]


@pytest.mark.parametrize("what", [*SENTENCES, "never_heard_of"])
def test_a_record_that_says_little_is_shown(what: str) -> None:
    """Facts that are missing read as a dash; nothing fails."""
    for line in lines(record(1, what)):
        assert "{" not in line


def test_callers_are_told_apart() -> None:
    """Each caller keeps a number; what is about no call has none, and no offset."""
    stream = io.StringIO()
    timeline = Timeline(stream)
    for call in ("a", "b", "a", None):
        timeline.show(record(1, "never_heard_of", call=call, offset_s=1.0))
    columns = [line[9:23].split() for line in stream.getvalue().splitlines()]
    assert columns == [["+", "1.000", "#1"], ["+", "1.000", "#2"], ["+", "1.000", "#1"], []]


def test_nothing_in_a_record_steers_the_terminal() -> None:
    """What came over the line cannot clear the screen or break the lines."""
    (line,) = lines(record(1, "bridged", detail={"target": "\x1b[2Jevil\r\nname"}))
    assert line.isprintable()
    assert "evil" in line


def test_a_terminal_gets_colours_and_a_pipe_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape sequences are written only where they are understood; brackets are only brackets."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    ended = record(1, "ended", detail={"by": "caller", "talked_s": "[bold]9"})
    stream = io.StringIO()
    Timeline(stream).show(ended)
    assert "\x1b" not in stream.getvalue()
    control, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as screen:
        Timeline(screen).show(ended)
        shown = os.read(control, 10_000).decode()
    os.close(control)
    assert "\x1b[" in shown
    assert "[bold]9" in shown
