"""The commands `siaga112 roster …`: what they print, their exit statuses, what they leave alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from siaga.cli import app
from siaga.settings import load
from siaga.terminal import out
from tests.siaga.folder import BAD, laid_over
from tests.siaga.roster.centre import DECEMBER as ALL_OF_IT
from tests.siaga.roster.centre import OVERRIDES, ROSTER, centre, works

EVE = "2026-12-24T22:00"
"""Malam, of which bayu stands in for ratna."""
CALLS = ("show", "check", "export", "import nowhere.csv")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The small centre with a few overrides."""
    return centre(tmp_path / "config", ROSTER + OVERRIDES)


def roster(config: Path, *arguments: str | Path) -> Result:
    """The outcome of `siaga112 roster …` on these settings."""
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, ["roster", words[0], "--config", str(config), *words[1:]])


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen as wide as rich takes a pipe to be, whatever the environment of the tests says."""
    monkeypatch.setattr(out, "_width", 80)


def test_a_week_fits_eighty_columns(config: Path) -> None:
    """Rows of shifts by day, a column for each agency, now and exceptions marked in plain text."""
    result = roster(config, "show", "--week", "2026-12-24", "--at", EVE)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Mon 21 Dec to Sun 27 Dec 2026"
    assert lines[1] == "pagi 07:00-14:00, siang 14:00-21:00, malam 21:00-07:00 (Asia/Jakarta)"
    assert lines[2].split() == ["day", "shift", "dinkes", "bpbd"]
    assert [line.split() for line in lines if line.startswith(">")] == [
        [">", "malam", "bayu*", "yudi"]
    ]
    assert lines[-1] == "* Thu 24 Dec bayu: works malam as an extra (roster.yaml:14)"


def test_a_holiday_is_told_by_its_name(config: Path) -> None:
    """Below the week's table; who works on it then follows the holiday roster."""
    rows = "holidays: {calendar: ID, rows: [{shift: pagi, people: [yudi], agency: bpbd}]}\n"
    (config / "roster.yaml").write_text(ROSTER + rows)
    lines = roster(config, "show", "--week", "2026-12-25").stdout.splitlines()
    assert any(line.startswith("Fri 25 Dec is a holiday: ") for line in lines)
    assert ["Fri", "25", "Dec", "pagi", "sri", "yudi"] in [line.split() for line in lines]


def test_many_agencies_stand_below_each_other(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where columns would be too narrow, each agency has a line of its own."""
    monkeypatch.setattr(out, "_width", 40)
    result = roster(config, "show", "--week", "2026-12-21")
    assert "dinkes: sri" in result.stdout
    assert max(map(len, result.stdout.splitlines()[2:-1])) <= 40


def test_nobody_is_shown_as_a_dash(config: Path) -> None:
    """An empty place in the table is seen."""
    path = config / "roster.yaml"
    path.write_text(path.read_text().replace("[bayu, hendra]", "[hendra]"))
    result = roster(config, "show", "--week", "2026-12-21")
    assert ["siang", "-", "hendra"] in [line.split() for line in result.stdout.splitlines()]


def test_now_tells_who_until_when_and_why(config: Path) -> None:
    """With the line of the rule; an agency without anybody is told."""
    result = roster(config, "show", "--now", "--at", EVE)
    assert "on duty Thu 24 Dec 2026 22:00, until Fri 25 Dec 07:00" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[-2] == [
        "dinkes",
        "Bayu",
        "Pratama",
        "(bayu)",
        "malam",
        "Thu",
        "21:00",
        "Fri",
        "07:00",
        "roster.yaml:14",
    ]
    (config / "roster.yaml").write_text(ROSTER.replace("[ratna, yudi]", "[yudi]"))
    result = roster(config, "show", "--now", "--at", EVE)
    assert ["dinkes", "nobody"] in [line.split() for line in result.stdout.splitlines()]


def test_a_persons_turns_have_their_rules(config: Path) -> None:
    """By id or by name, from today for four weeks or as said."""
    for who in ("agus", "agus setiawan"):
        result = roster(config, "show", "--person", who, "--week", "2026-12-28", "--weeks", "1")
        assert "Agus Setiawan (agus), bpbd: 8 turns, 2026-12-28 to 2027-01-03" in result.stdout
        assert "works malam as an" in result.stdout


def test_an_unknown_person_is_a_wrong_command_line(config: Path) -> None:
    """With the one who may have been meant."""
    for command in ("show", "export"):
        result = roster(config, command, "--person", "agos")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "siaga112: unknown person 'agos'; did you mean 'agus'?\n"


def test_everything_is_one_json_value(config: Path, tmp_path: Path) -> None:
    """Whatever is asked, machines read one value from standard output."""
    table = tmp_path / "a.csv"
    span = ("--from", "2026-12-24", "--to", "2026-12-24")
    assert roster(config, "export", "--format", "csv", "--out", table, *span).exit_code == 0
    for words in (
        ("show", "--at", EVE),
        ("show", "--now", "--at", EVE),
        ("show", "--person", "sri", "--at", EVE),
        ("check", "--at", EVE),
        ("import", str(table), "--everyone"),
    ):
        result = roster(config, *words, "--json")
        assert isinstance(json.loads(result.stdout), dict), words
        assert result.stderr == ""
    now = json.loads(roster(config, "show", "--now", "--at", EVE, "--json").stdout)
    assert [turn["person"] for turn in now["turns"]] == ["bayu", "yudi"]
    assert now["turns"][0]["line"] == 14


@pytest.mark.parametrize(
    "words",
    [
        ("show", "--now", "--weeks", "2"),
        ("show", "--week", "tomorrow"),
        ("show", "--week", "9999-01-01"),
        ("show", "--at", "now"),
        ("check", "--weeks", "0"),
        ("export", "--format", "xls"),
        ("export", "--agency", "dinkez"),
        ("export", "--from", "2026-12-02", "--to", "2026-12-01"),
        ("export", "--from", "2026-12-30", "--to", "2026-12-01"),
        ("export", "--from", "2026-12-02", "--to", "2036-12-01"),
        ("import", "a.csv", "--from", "2026-12-02"),
        ("import", "README.md"),
    ],
)
def test_a_wrong_command_line_is_status_2(config: Path, words: tuple[str, ...]) -> None:
    """Scripts can tell a typing error from a bad roster."""
    if words[-1] == "README.md":
        (config / "README.md").write_text("")
        words = ("import", str(config / "README.md"))
    assert roster(config, *words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--week", "24-12-2026"), "expected a date such as 2026-12-31, found '24-12-2026'"),
        (("--week", "1999-12-31"), "1999-12-31 is out of range; expected 2000-01-01 to 2100-12-31"),
        (("--at", "21:00"), "expected a time such as 2026-12-31T21:00, found '21:00'"),
    ],
)
def test_a_wrong_date_is_told_as_in_the_settings(
    config: Path, words: tuple[str, ...], expected: str
) -> None:
    """What was expected and what was found, in no words of a library."""
    assert expected in roster(config, "show", *words).stderr


def test_the_check_has_an_exit_status(config: Path) -> None:
    """1 for errors, 0 for warnings unless --strict says otherwise."""
    result = roster(config, "check", "--at", EVE, "--weeks", "1")
    assert result.exit_code == 0
    assert "0 errors, " in result.stdout
    assert "warning: " in result.stderr
    assert roster(config, "check", "--at", EVE, "--weeks", "1", "--strict").exit_code == 1
    path = config / "roster.yaml"
    path.write_text(path.read_text().replace("[bayu, hendra]", "[hendra]"))
    result = roster(config, "check", "--at", EVE)
    assert result.exit_code == 1
    assert (
        "operators.yaml:2:3: nobody of 'dinkes' is on duty from Fri 25 Dec 14:00" in result.stderr
    )


@pytest.mark.parametrize("call", CALLS)
def test_no_command_works_with_bad_settings(call: str, tmp_path: Path) -> None:
    """Whom nobody knows, or who has no seat, is told with file, line and suggestion."""
    result = roster(laid_over(tmp_path, BAD / "unknown-person"), *call.split())
    assert (result.exit_code, result.stdout) == (1, "")
    assert "roster.yaml:7:19: unknown person 'sry'; did you mean 'sri'?" in result.stderr


@pytest.mark.parametrize("call", CALLS)
def test_each_command_explains_itself(call: str) -> None:
    """`--help` works without settings."""
    result = CliRunner().invoke(app, ["roster", call.split(maxsplit=1)[0], "--help"])
    assert result.exit_code == 0
    assert "--config" in result.stdout


@pytest.mark.parametrize("form", ["ics", "csv"])
def test_an_export_brings_the_overrides_back(config: Path, tmp_path: Path, form: str) -> None:
    """Export, lose the overrides, import: the same turns, and a second import changes nothing."""
    before = works(load(config), ALL_OF_IT)
    target = tmp_path / f"a.{form}"
    span = ("--from", "2026-12-01", "--to", "2026-12-31")
    roster(config, "export", "--format", form, "--out", target, *span)
    path = config / "roster.yaml"
    path.write_text(ROSTER)
    dry = roster(config, "import", target, "--dry-run")
    assert (
        "+  - {date: 2026-12-24, kind: extra, person: bayu, shift: malam, note: imported}"
        in dry.stdout
    )
    assert path.read_text() == ROSTER
    done = roster(config, "import", target)
    assert done.stdout == (f"2026-12-01 to 2026-12-31: 2 turns more, 1 fewer; written to {path}\n")
    assert works(load(config), ALL_OF_IT) == before
    written = path.read_bytes()
    assert "nothing changes" in roster(config, "import", target).stdout
    assert path.read_bytes() == written


def test_an_error_leaves_the_file_as_it_was(config: Path, tmp_path: Path) -> None:
    """All or nothing: one bad line among good ones, and not a byte is changed."""
    path, table = config / "roster.yaml", tmp_path / "a.csv"
    before = path.read_bytes()
    table.write_text(
        "person,start,end\n"
        "sri,2026-12-25T14:00,2026-12-25T21:00\n"
        "sri,2026-12-26T14:00,2026-12-26T21:30\n"
    )
    result = roster(config, "import", table, "--person", "sri")
    assert result.exit_code == 1
    assert f"{table}:3:1: the turn of 'sri': Sat 26 Dec 2026 14:00:00" in result.stderr
    assert f"siaga112: nothing of {table} was imported" in result.stderr
    assert path.read_bytes() == before


def test_what_is_outside_is_told(config: Path, tmp_path: Path) -> None:
    """Turns of other people are left out, and counted."""
    target = tmp_path / "a.csv"
    span = ("--from", "2026-12-24", "--to", "2026-12-24")
    roster(config, "export", "--format", "csv", "--out", target, *span)
    result = roster(config, "import", target, "--person", "sri")
    assert result.stdout == (
        "2026-12-24 to 2026-12-24: nothing changes; "
        "5 turns of the file are outside of what was asked for\n"
    )


def test_an_export_without_a_file_is_printed(config: Path) -> None:
    """Byte by byte, for a pipe: CRLF as both formats want it, and nothing around it."""
    words = ("export", "--agency", "dinkes", "--from", "2026-12-24", "--to", "2026-12-24")
    table = roster(config, *words, "--format", "csv").stdout_bytes
    assert table.startswith(b"person,shift,start,end,name,agency,rule\r\nsri,pagi,")
    assert table.count(b"\r\n") == table.count(b"\n") == 4
    assert roster(config, *words).stdout_bytes.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")


def test_a_swap_that_leaves_a_shift_empty_is_where_it_is_written(config: Path) -> None:
    """Also on the partner's date."""
    swap = (
        "overrides:\n"
        "  - {date: 2026-12-24, kind: swap, person: sri, shift: pagi, partner: agus,"
        " partner_date: 2026-12-26}\n"
    )
    (config / "roster.yaml").write_text(ROSTER + swap)
    result = roster(config, "check", "--at", "2026-12-24T00:00", "--weeks", "1")
    told = [line for line in result.stderr.splitlines() if "nobody" in line]
    assert all(f"{config}/roster.yaml:13:5: nobody of " in line for line in told)
    assert [line.partition(" from ")[2] for line in told] == [
        "Sat 26 Dec 07:00 to Sat 26 Dec 14:00: because of the swap here",
        "Thu 24 Dec 07:00 to Thu 24 Dec 14:00: because of the swap here",
    ]


def test_a_file_that_is_not_there_is_told(config: Path) -> None:
    """As one line, without a traceback."""
    result = roster(config, "import", "nowhere.csv")
    assert result.exit_code == 1
    assert "nowhere.csv:1:1: cannot be read: No such file or directory" in result.stderr


def test_an_import_killed_while_it_writes_harms_nothing(config: Path, tmp_path: Path) -> None:
    """SIGKILL in the moment of writing leaves the old roster, and the next import works."""
    table = tmp_path / "a.csv"
    table.write_text("person,start,end\nsri,2026-12-25T14:00,2026-12-25T21:00\n")
    before = (config / "roster.yaml").read_bytes()
    words = ["roster", "import", str(table), "--config", str(config), "--person", "sri"]
    program = (
        "import os, signal\n"
        "from siaga.cli import app\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"app({words!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603 - our own
    assert done.returncode == -9
    assert (config / "roster.yaml").read_bytes() == before
    assert roster(config, *words[1:3], "--person", "sri").exit_code == 0
    assert b"imported" in (config / "roster.yaml").read_bytes()


def test_other_commands_load_no_calendar_library() -> None:
    """The daemon and `check` start without what only two commands need."""
    program = (
        "import sys, siaga.cli\n"
        "print([name for name in ('icalendar', 'recurring_ical_events') if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=os.environ
    )
    assert done.stdout == "[]\n"
