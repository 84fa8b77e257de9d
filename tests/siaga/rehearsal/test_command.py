"""The command `siaga112 rehearse`: what it prints, its exit statuses, and that a seed is a run."""

import json
import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from siaga.cli import app
from siaga.rehearsal import command
from siaga.rehearsal.rehearsal import Rehearsal, rehearse
from tests.siaga.folder import BAD, GOOD, KOTA_METRO, laid_over
from tests.siaga.rehearsal.golden import COLUMNS, GOLDEN, told
from tests.siaga.rehearsal.test_watch import Twice

WEEK: Final = ("--from", "2026-11-30", "--to", "2026-12-06")
FIELDS: Final = {
    "calls",
    "reached_human",
    "abandoned",
    "p50_answer_s",
    "p90_answer_s",
    "p99_answer_s",
    "max_wait_s",
    "virtual_hours",
    "wall_s",
    "violations",
}
STARTED_S: Final = 20.0
"""For a process that plays a million calls to have begun with them, on a busy machine."""


def rehearsed(*arguments: str | Path, config: Path = KOTA_METRO) -> Result:
    """The outcome of `siaga112 rehearse` with these arguments."""
    words = ["rehearse", "--config", str(config), *map(str, arguments)]
    return CliRunner().invoke(app, words)


def value(*arguments: str | Path, config: Path = KOTA_METRO) -> dict[str, Any]:
    """The JSON of a rehearsal without faults."""
    result = rehearsed(*arguments, "--json", config=config)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_the_json_has_what_the_figures_are_judged_by() -> None:
    """All fields are there; every call has reached a human, was given up, or still rings."""
    found = value("--calls", "300", "--seed", "3", *WEEK)
    assert found.keys() >= FIELDS
    assert found["calls"] == 300
    assert found["reached_human"] + found["abandoned"] + found["still_ringing"] == 300
    assert found["violations"] == 0
    assert found["violation_details"] == []
    assert 0 < found["p50_answer_s"] <= found["p90_answer_s"] <= found["p99_answer_s"]
    assert found["p99_answer_s"] <= found["max_wait_s"]
    assert 100 < found["virtual_hours"] < 170
    assert found["from"] == "2026-11-30T00:00:00+07:00"
    assert found["to"] == "2026-12-07T00:00:00+07:00"


def test_what_people_and_agencies_did_adds_up() -> None:
    """Talks of people and phones are all talks; shares of their time are those of their hours."""
    found = value("--calls", "500", *WEEK)
    agencies = found["agencies"].values()
    talks = sum(agency["calls"] for agency in agencies)
    talks += sum(phone["calls"] for phone in found["phones"].values())
    assert talks == sum(found["steps"].values()) == found["reached_human"]
    for agency in agencies:
        people = agency["people"].values()
        assert agency["calls"] == sum(person["calls"] for person in people)
        busy = (agency["talk_s"] + agency["desk_s"]) / (agency["on_duty_h"] * 3600)
        assert agency["busy_share"] == pytest.approx(busy, abs=0.001)
    assert found["agencies"]["dinkes"]["on_duty_h"] == 7 * 24


def test_a_seed_is_a_run_in_every_process() -> None:
    """The same JSON but for `wall_s`, whatever the order of Python's sets; another seed differs."""

    def run(seed: int, hash_seed: str) -> dict[str, Any]:
        words = ["rehearse", "--config", str(KOTA_METRO), "--calls", "300", "--json", *WEEK]
        done = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-m", "siaga.cli", *words, "--seed", str(seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        )
        assert done.stderr == b""  # no bar where there is no terminal
        found: dict[str, Any] = json.loads(done.stdout)
        assert found.pop("wall_s") >= 0
        return found

    assert run(5, "1") == run(5, "2")
    assert run(5, "1") != run(6, "1")


def test_a_small_rehearsal_is_told_as_it_was() -> None:
    """Every line of both reports; `python -m tests.siaga.rehearsal.golden` writes it again."""
    assert told() == GOLDEN.read_text()


def test_both_reports_fit_a_screen() -> None:
    """Tables do; sentences are the terminal's to break."""
    tables = [line for line in GOLDEN.read_text().splitlines() if "  " in line or "─" in line]
    assert max(map(len, tables)) <= COLUMNS


def test_the_question_of_friday_nights_has_an_answer() -> None:
    """The same callers twice; those of Friday's malam for medis are told side by side."""
    found = value("--calls", "4000", "--with", "dinkes:fri:malam", *WEEK)
    (change,) = found["changes"]
    assert (change["change"], change["when"]) == ("with one more of dinkes", "fri malam")
    assert change["services"] == ["medis"]
    assert change["before"]["calls"] == change["after"]["calls"]
    assert change["after"]["within_10_s"] >= change["before"]["within_10_s"]
    assert found["changed"]["calls"] == found["calls"] == 4000
    assert found["changed"]["agencies"]["dinkes"]["on_duty_h"] == 7 * 24 + 10
    result = rehearsed("--calls", "4000", "--with", "dinkes:fri:malam", *WEEK)
    assert change["verdict"] in result.stdout


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        (("--with", "dinkes:fri:malam", "--calls", "1000"), "are too few to tell"),
        (("--without", "ratna:malam", "--calls", "9000"), "too few already: "),
        (("--with", "satpolpp:malam", "--calls", "9000"), "needed, and enough: "),
    ],
)
def test_a_verdict_says_what_to_do(arguments: tuple[str, ...], verdict: str) -> None:
    """By the share that is answered within ten seconds, and only if there are enough calls."""
    (change,) = value(*arguments, *WEEK)["changes"]
    assert verdict in change["verdict"]


def test_without_a_span_it_is_as_long_as_the_calls_take() -> None:
    """290 calls are a day; without a number it is a week, with about as many as a city makes."""
    day = value("--calls", "290")
    assert day["virtual_hours"] < 25
    week = value("--from", "2026-11-30")
    assert week["to"] == "2026-12-07T00:00:00+07:00"
    assert week["calls"] == pytest.approx(7 * 290, rel=0.1)


def test_a_time_without_an_offset_is_the_sites() -> None:
    """An evening, to the minute; an end is not included then."""
    found = value("--from", "2026-12-04T21:00", "--to", "2026-12-05T07:00", "--calls", "20")
    assert found["from"] == "2026-12-04T21:00:00+07:00"
    assert found["to"] == "2026-12-05T07:00:00+07:00"
    assert {(one["day"], one["shift"]) for one in found["shifts"]} == {("fri", "malam")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--calls", "0"), "--calls"),
        (("--from", "tomorrow"), "expected 2026-12-31 or 2026-12-31T21:00"),
        (("--from", "2026-12-02", "--to", "2026-12-01"), "is not after"),
        (("--from", "1999-12-31"), "out of range"),
        (("--calls", "10000000", "--from", "2100-01-01"), "out of range"),
        (("--with", "dinkas"), "unknown person or agency 'dinkas'"),
        (("--without", "dinkes"), "'dinkes' is an agency"),
    ],
)
def test_a_wrong_command_line_is_status_2(arguments: tuple[str, ...], message: str) -> None:
    """And says what was expected."""
    result = rehearsed(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_settings_or_a_city_that_cannot_be_used_are_status_1(tmp_path: Path) -> None:
    """With file and line, and nothing is played."""
    result = rehearsed(config=laid_over(tmp_path / "bad", BAD / "unknown-person"))
    assert result.exit_code == 1
    assert "unknown person 'sry'" in result.stderr
    city = tmp_path / "city.yaml"
    city.write_text("calls_per_day: many\n")
    result = rehearsed("--city", city)
    assert result.exit_code == 1
    assert f"{city}:1:16: expected a number such as 15 or 0.5, found 'many'" in result.stderr


def test_a_citys_file_changes_what_is_played(tmp_path: Path) -> None:
    """A week of a city with twenty calls a day."""
    city = tmp_path / "city.yaml"
    city.write_text("calls_per_day: 20\nweekdays: {fri: 1, sat: 1, sun: 1}\n")
    assert value("--city", city, *WEEK)["calls"] == 140


def test_a_broken_law_is_status_1_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it is, when and by whom, and the count in the JSON."""

    def broken(*arguments: Any, **named: Any) -> Rehearsal:
        return rehearse(*arguments, **named, floor=Twice)

    monkeypatch.setattr(command, "rehearse", broken)
    result = rehearsed("--calls", "30", *WEEK)
    assert result.exit_code == 1
    assert "violation: Mon 30 Nov 2026" in result.stderr
    assert "two calls at one phone: person:" in result.stderr
    found = json.loads(rehearsed("--calls", "30", "--json", *WEEK).stdout)
    assert found["violations"] >= len(found["violation_details"]) > 0


def test_ctrl_c_is_one_line_and_status_130() -> None:
    """In the midst of a million calls."""
    words = [sys.executable, "-m", "siaga.cli", "rehearse", "--config", str(GOOD)]
    process = subprocess.Popen(  # noqa: S603 - this very Python
        [*words, "--calls", "1000000", "--with", "dinkes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "FORCE_COLOR": "1", "TTY_INTERACTIVE": "1"},
    )
    with process:
        assert process.stderr is not None
        begun = process.stderr.read(1)  # the bar, on what is said to be a terminal
        process.send_signal(signal.SIGINT)
        told_, error = process.communicate(timeout=STARTED_S)
    assert begun
    assert process.returncode == 130
    assert told_ == b""
    assert b"Traceback" not in error
    assert b"stopped before all calls were played" in error


def test_an_interrupt_is_not_lost_where_python_ignores_it() -> None:
    """In a callback of a weak reference, as imports have them, no exception goes any further."""

    class Anything:
        """What can be referred to."""

    with command._progress(1) as advance:
        thing = Anything()
        reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing
        assert reference() is None
        with pytest.raises(KeyboardInterrupt):
            advance(1)


def test_help_is_true() -> None:
    """It names the question that it answers, and its exit statuses."""
    result = CliRunner().invoke(app, ["rehearse", "--help"])
    assert result.exit_code == 0
    told_ = " ".join(result.stdout.split())
    for text in ("Friday nights", "--with", "--without", "--city", "130 stopped by Ctrl-C"):
        assert text in told_
