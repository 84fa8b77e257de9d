"""The status as it changes: over a daemon's restart, on any terminal, and off one."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
import typer
from msgspec.structs import replace
from rich.console import Console

from console.inquiry import NotAllowed, NotAnswered, NotRunning
from console.status import Status
from siaga import view as module
from siaga.view import Sight, Watch, fitted, lines, pane, watch
from tests.console.sample import ALARM, QUIET, status
from tests.journal.sample import NOON

AWAY = NotRunning("no daemon listens on /run/siaga112/control.sock", "systemctl start siaga112")
ANOTHER = replace(QUIET, started=NOON - timedelta(seconds=8), uptime_s=8.0)


class Asked:
    """A daemon that answers one thing after the other, a second each."""

    def __init__(self, *answers: Status | NotAnswered) -> None:
        self.answers = list(answers)
        self.now = NOON

    def __call__(self) -> Status:
        """The next answer."""
        self.now += timedelta(seconds=1)
        answer = self.answers.pop(0)
        if isinstance(answer, NotAnswered):
            raise answer
        return answer

    def clock(self) -> datetime:
        """The time by now."""
        return self.now


def sights(*answers: Status | NotAnswered) -> Iterator[list[str]]:
    """What is shown at each look."""
    asked = Asked(*answers)
    looks = Watch(asked, asked.clock)
    for _ in answers:
        yield [line.plain for line in lines(looks.look())]


def test_a_restart_is_seen_and_the_last_word_stays_in_sight() -> None:
    """Away: since when, why, what to do, and what was said last; back: that it is another one."""
    first, away, longer, back = sights(QUIET, AWAY, AWAY, ANOTHER)
    assert first[0].endswith(" no alarms")
    assert first[1].startswith("in service yes")
    assert " no answer for 1 s, asked again and again; this is what it said last:" in away[0]
    assert away[1:3] == [str(AWAY), f"do: {AWAY.do}"]
    assert away[3:] == first[1:]
    assert " no answer for 2 s" in longer[0]
    assert " the daemon was restarted 8 s ago; no alarms" in back[0]
    assert back[1].startswith("in service yes")


def test_a_daemon_that_was_never_there_is_waited_for() -> None:
    """It is said; nothing is shown that nobody has said."""
    nothing, there = sights(AWAY, QUIET)
    assert nothing[0].endswith(" no answer for 1 s, asked again and again")
    assert len(nothing) == 3
    assert there[0].endswith(" no alarms")


def test_alarms_are_named_in_the_first_line() -> None:
    """Where no terminal is too short for them."""
    (told,) = sights(status(alarms=(ALARM,)))
    assert told[0].endswith(" alarms: disk_full")


def test_whoever_may_not_ask_is_not_kept_waiting() -> None:
    """It will not change."""
    asked = Asked(NotAllowed("no", "ask as root"))
    with pytest.raises(NotAllowed):
        Watch(asked, asked.clock).look()


@pytest.mark.parametrize(("width", "height"), [(40, 10), (20, 3), (200, 50)])
def test_no_terminal_is_too_small(width: int, height: int) -> None:
    """No line is broken, and what there is no room for is counted."""
    told = list(lines(Sight(NOON, QUIET, None, NOON)))
    out = Console(
        file=StringIO(), width=width, height=height, force_terminal=True, color_system=None
    )
    out.print(fitted(told, height))
    assert isinstance(out.file, StringIO)
    shown = out.file.getvalue().splitlines()
    assert len(shown) == min(len(told), height)
    assert all(len(line) <= width for line in shown)
    if len(told) > height:
        assert shown[-1].startswith(f"… {len(told) - height + 1} more lin")


def shown(console: Console, *, as_json: bool = False) -> None:
    """Shows two looks, the second without an answer."""
    asked = Asked(QUIET, AWAY)
    looks = Watch(asked, asked.clock)
    with pane(console, as_json=as_json) as show:
        show(looks.look())
        show(looks.look())


def test_off_a_terminal_there_are_blocks_and_no_colours() -> None:
    """Each look is one, whatever its width; none is overwritten."""
    out = StringIO()
    shown(Console(file=out, width=20))
    blocks = out.getvalue().split("\n\n")
    assert len(blocks) == 3
    assert "\x1b" not in out.getvalue()
    assert "in service yes: new calls are answered by this daemon\n" in blocks[0]


def test_a_terminal_that_cannot_do_more_gets_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as that of an editor."""
    monkeypatch.setenv("TERM", "dumb")
    out = StringIO()
    shown(Console(file=out, force_terminal=True, color_system=None))
    assert "\x1b" not in out.getvalue()


def test_a_terminal_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was on it before is there again, with its cursor."""
    monkeypatch.setenv("TERM", "xterm")
    out = StringIO()
    shown(Console(file=out, force_terminal=True, width=80, height=24))
    text = out.getvalue()
    assert text.count("\x1b[?1049h") == text.count("\x1b[?1049l") == 1
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_each_look_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Also the one that was not answered."""
    shown(Console(), as_json=True)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["ready"] is True
    assert second["error"]["kind"] == "not_running"
    assert second["error"]["do"] == AWAY.do


@pytest.mark.parametrize("number", module.ENDS)
def test_every_signal_to_end_ends_it_as_ctrl_c_does(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the middle of a look or between two; the handlers are those from before."""
    before = signal.getsignal(number)
    monkeypatch.setattr(time, "sleep", _signalling(number))
    watch(lambda: QUIET, 1.0, as_json=True)
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", module.ENDS)
def test_what_is_being_written_is_written_to_its_end(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No terminal is left in the middle of a control character; then it ends, and waits not."""
    written: list[int] = []

    def slow(line: bytes) -> None:
        os.kill(os.getpid(), number)
        written.append(len(line))

    monkeypatch.setattr(typer, "echo", slow)
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("it was told to end"))
    watch(lambda: QUIET, 1.0, as_json=True)
    assert len(written) == 1
    assert capsys.readouterr().out == ""


def _signalling(number: signal.Signals) -> Callable[[float], None]:
    def sleep(_seconds: float) -> None:
        os.kill(os.getpid(), number)

    return sleep
