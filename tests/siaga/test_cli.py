"""The command line: exit statuses, what goes where, and what each command says of itself."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import cast

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner, Result

from siaga.cli import app
from tests.siaga.folder import BAD, GOOD, KOTA_METRO, laid_over


def invoke(*arguments: str | Path) -> Result:
    """The outcome of `siaga112` with these arguments."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_good_settings_are_status_0() -> None:
    """The shipped settings pass, and the report goes to standard output."""
    result = invoke("check", "--config", KOTA_METRO)
    assert result.exit_code == 0
    assert "0 errors, 0 warnings; 5 services, 13 people, 15 seats" in result.stdout


def test_bad_settings_are_status_1(tmp_path: Path) -> None:
    """Problems go to standard error, each in a line of its own that editors can follow."""
    folder = laid_over(tmp_path, BAD / "unknown-person")
    result = invoke("check", "--config", folder)
    assert result.exit_code == 1
    problem = f"{folder}/roster.yaml:7:19: unknown person 'sry'; did you mean 'sri'?"
    assert result.stderr.splitlines() == [problem]


@pytest.mark.parametrize("arguments", [["check", "--loud"], ["cheque"], ["dialplan", "--days=0"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str]) -> None:
    """Scripts can tell a typing error from bad settings."""
    assert invoke(*arguments).exit_code == 2


def test_json_is_one_value_whatever_is_wrong(tmp_path: Path) -> None:
    """Machines read the report from standard output, errors too."""
    result = invoke("check", "--json", "--config", laid_over(tmp_path, BAD / "unknown-person"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"] == 1
    assert result.stderr == ""


def test_the_folder_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIAGA_CONFIG is the default folder of every command."""
    monkeypatch.setenv("SIAGA_CONFIG", str(GOOD))
    assert invoke("check").exit_code == 0
    assert invoke("dialplan").exit_code == 0


@pytest.mark.parametrize("command", ["check", "prompts", "run", "dialplan", "rehearse"])
def test_the_folder_is_given_in_one_way(command: str) -> None:
    """Every command takes `--config DIR`, and none takes it as a bare word."""
    assert "--config" in invoke(command, "--help").stdout
    assert invoke(command, GOOD).exit_code == 2


def every_command(group: TyperGroup, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of each command, also of those that have commands of their own."""
    for name, command in group.commands.items():
        yield (*words, name)
        if isinstance(command, TyperGroup):
            yield from every_command(command, *words, name)


@pytest.mark.parametrize("words", list(every_command(cast("TyperGroup", get_command(app)))))
def test_each_command_explains_itself(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--help` works without settings, Asterisk or espeak-ng, and shows no secret that it finds."""
    for name in ("SIAGA_ARI_PASSWORD", "SIAGA_STORE_PASSWORD", "SIAGA_MQTT_PASSWORD"):
        monkeypatch.setenv(name, "rahasia")
    result = invoke(*words, "--help")
    assert result.exit_code == 0
    assert "Options:" in result.stdout
    assert "rahasia" not in result.output


@pytest.mark.parametrize("command", ["prompts", "dialplan", "rehearse"])
def test_no_command_works_with_bad_settings(command: str, tmp_path: Path) -> None:
    """Bad settings are told in full before anything is done."""
    folder = laid_over(tmp_path, BAD / "unknown-person")
    result = invoke(command, "--config", folder)
    assert result.exit_code == 1
    assert "unknown person 'sry'" in result.stderr
    assert result.stdout == ""


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """Without espeak-ng the command says what to install."""
    result = invoke("prompts", "--config", GOOD, "--out", tmp_path, "--espeak", "no-such-program")
    assert result.exit_code == 1
    assert "no-such-program is missing; install the package espeak-ng" in result.stderr


def test_a_failing_program_is_quoted(tmp_path: Path) -> None:
    """What a program says before it fails is what the administrator reads."""
    script = "import sys; '--version' in sys.argv and sys.exit(); sys.exit('no such voice')"
    (tmp_path / "espeak.py").write_text(script)
    command = f"{sys.executable} {tmp_path / 'espeak.py'}"
    out = tmp_path / "out"
    result = invoke(
        "prompts", "--config", GOOD, "--out", out, "--espeak", command, "--sox", command
    )
    assert result.exit_code == 1
    assert "prompt id/menu: " in result.stderr
    assert "no such voice" in result.stderr


def test_the_duty_rows_are_printed_or_written(tmp_path: Path) -> None:
    """`dialplan` renders a context for each service; `--out` puts it beside Asterisk's files."""
    printed = invoke("dialplan", "--config", GOOD, "--days", "1")
    assert "[siaga-duty-medis]" in printed.stdout
    assert "PJSIP/siaga-medis-1" in printed.stdout
    assert invoke("dialplan", "--config", GOOD, "--out", tmp_path).exit_code == 0
    assert "[siaga-duty-medis]" in (tmp_path / "siaga-duty.conf").read_text()


def test_a_folder_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    """What the system refuses is one line."""
    result = invoke("dialplan", "--config", GOOD, "--out", tmp_path / "nowhere")
    assert result.exit_code == 1
    file = tmp_path / "nowhere" / "siaga-duty.conf"
    assert result.stderr == f"siaga112: {file}: No such file or directory\n"


@pytest.mark.parametrize("words", [("check",), ("dialplan",), ("roster", "show")])
def test_an_answer_that_cannot_be_written_is_no_verdict(words: tuple[str, ...]) -> None:
    """A full disk is said in one line, and its status is not that of bad settings."""
    command = (sys.executable, "-m", "siaga.entry", *words, "--config", str(GOOD))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)  # noqa: S603 - our own
    last = done.stderr.splitlines()[-1]
    assert last == "siaga112: the answer could not be written: No space left on device"
    assert "Traceback" not in done.stderr
    assert done.returncode == 74


INTERRUPTED = """
import os, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "siaga.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from siaga.entry import main
main()
"""


def test_an_interrupt_while_the_program_loads_is_no_traceback() -> None:
    """Ctrl-C ends the command by the signal and silently, before its libraries are there."""
    command = (sys.executable, "-c", INTERRUPTED)
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own
    assert done.returncode == -signal.SIGINT
    assert (done.stdout, done.stderr) == (b"", b"")


def test_the_version_is_told() -> None:
    """Whoever reports a fault can say of which release."""
    result = invoke("--version")
    assert (result.exit_code, result.stdout) == (0, f"siaga112 {version('siaga112')}\n")
