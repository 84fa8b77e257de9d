"""The unit promises what the daemon and the shipped settings need."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.inquiry import OUTCOME_S
from journal.spool import CLOSE_LIMIT_S
from sandbox.daemon import unit_environment
from siaga import remedy
from siaga.cli import app
from siaga.line import FUSE_S
from siaga.pin import DEFAULT
from siaga.remote import RUNTIME
from siaga.rule.site import LIMIT_S
from siaga.settings import load
from siaga.shelf import OURS
from siaga.site import RecordingSettings
from siaga.start import PAUSE_S, Exit
from siaga.terminal import CONFIG, STATE
from switch.credential import DIRECTORY_FILE
from systemd.install import UNITS

HOUSE = Path(__file__).parent.parent.parent
RENEWAL_S = 3
"""A fuse may have burned for so long when the daemon freezes."""


@pytest.fixture(scope="module")
def unit() -> dict[str, list[str]]:
    """The unit's values by key; a key may be given several times."""
    found: dict[str, list[str]] = {}
    for line in (HOUSE / "systemd" / "siaga112.service").read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def seconds(unit: dict[str, list[str]], key: str) -> float:
    """A value such as `4s`."""
    (value,) = unit[key]
    return float(value.removesuffix("s"))


def test_a_stop_has_time_for_the_drain(unit: dict[str, list[str]]) -> None:
    """Calls that the settings give time to end are not killed."""
    drain_s = load(HOUSE / "config").daemon.drain_s
    assert seconds(unit, "TimeoutStopSec") >= drain_s + CLOSE_LIMIT_S + 10


def test_a_frozen_daemon_is_replaced_before_a_fuse_burns(unit: dict[str, list[str]]) -> None:
    """Watchdog, restart and two seconds to start fit into the shortest fuse."""
    gone_s = seconds(unit, "WatchdogSec") + seconds(unit, "RestartSec")
    assert gone_s + 2 <= FUSE_S - RENEWAL_S


def test_it_is_started_for_ever(unit: dict[str, list[str]]) -> None:
    """Neither many failures nor a long wait for Asterisk make systemd give up."""
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert unit["TimeoutStartSec"] == ["60s"]


def test_a_start_that_fails_is_over_before_systemd_ends_it(unit: dict[str, list[str]]) -> None:
    """The pause in front of the next try is part of the start."""
    assert seconds(unit, "TimeoutStartSec") >= 2 * PAUSE_S


def test_only_what_no_restart_mends_is_not_restarted(unit: dict[str, list[str]]) -> None:
    """A wrong command line; whoever corrects settings or a password need not start it."""
    assert unit["RestartPreventExitStatus"] == [str(int(Exit.COMMAND_LINE))]


def test_every_exit_status_is_documented() -> None:
    """In the folder's README and in `siaga112 run --help`."""
    readme = (HOUSE / "systemd" / "README.md").read_text()
    helped = CliRunner().invoke(app, ["run", "--help"]).stdout.partition("Exit statuses:")[2]
    for status in Exit:
        assert f"\n| {int(status)} | " in readme
        assert f" {int(status)} " in f" {' '.join(helped.split())}"


def test_every_alarm_is_documented() -> None:
    """An administrator who reads a name in the log finds it in the README."""
    readme = (HOUSE / "systemd" / "README.md").read_text()
    names = [value for name, value in vars(remedy).items() if name.isupper() and type(value) is str]
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_a_reload_waits_for_the_daemons_own_verdict(unit: dict[str, list[str]]) -> None:
    """`systemctl reload` fails when the set is refused; systemd waits longer than the command."""
    (command,) = unit["ExecReload"]
    (start,) = unit["ExecStart"]
    assert command == f"{start.partition(' run ')[0]} reload"
    assert seconds(unit, "TimeoutStartSec") > OUTCOME_S


def test_the_control_socket_is_where_the_commands_look(unit: dict[str, list[str]]) -> None:
    """In a folder of the service's own, which its group may enter and nobody else."""
    assert [Path("/run") / name for name in unit["RuntimeDirectory"]] == [RUNTIME]
    assert unit["RuntimeDirectoryMode"] == ["0750"]
    assert unit["User"] == unit["Group"]
    assert "AF_UNIX" in unit["RestrictAddressFamilies"][0].split()
    assert "PrivateUsers" not in unit, "else the kernel names nobody who asks"


def test_asterisk_is_wanted_and_not_required(unit: dict[str, list[str]]) -> None:
    """Neither ends the other."""
    assert unit["Wants"] == ["asterisk.service"]
    assert not {"Requires", "BindsTo", "Requisite", "PartOf"} & unit.keys()


def test_the_names_are_those_that_the_daemon_uses(unit: dict[str, list[str]]) -> None:
    """Credential, settings and records are where the code and the shipped settings look."""
    credential, _, path = unit["LoadCredential"][0].partition(":")
    assert credential == DIRECTORY_FILE
    assert Path(path).parent == CONFIG
    assert unit["ExecStart"][0].endswith(f"run --config {CONFIG}")
    assert Path("/var/lib") / unit["StateDirectory"][0] == STATE
    spool = load(HOUSE / "config").daemon.journal.spool
    assert spool.parent == Path("/var/lib") / unit["StateDirectory"][0]


def test_a_failure_is_told_by_a_unit_that_is_installed(unit: dict[str, list[str]]) -> None:
    """Behind walls as high as the daemon's own; what is run is a command that exists."""
    (name,) = unit["OnFailure"]
    assert name in UNITS
    failed: dict[str, list[str]] = {}
    for line in (HOUSE / "systemd" / name).read_text().splitlines():
        key, _, value = line.partition("=")
        failed.setdefault(key, []).append(value)
    walls = {key for key in unit if key.startswith(("Protect", "Private", "Restrict", "System"))}
    walls |= {"NoNewPrivileges", "CapabilityBoundingSet", "UMask", "User", "Group", "LimitCORE"}
    assert {key: unit[key] for key in walls} == {key: failed[key] for key in walls}
    _, told = failed["ExecStart"]
    program, *words = shlex.split(told)
    assert program == unit["ExecStart"][0].split()[0]
    result = CliRunner().invoke(app, [*words, "--config", str(HOUSE / "config"), "--state", "/no"])
    assert (result.exit_code, "nobody is told" in result.stderr) == (3, True)
    assert failed["SuccessExitStatus"] == ["3"]
    assert seconds(failed, "TimeoutStartSec") > LIMIT_S[1]
    assert int(failed["StartLimitBurst"][0]) < 10, "a crash loop is told, and not for ever"


def test_pins_have_a_file_that_the_daemon_reads_and_others_do_not(
    unit: dict[str, list[str]],
) -> None:
    """Made at the installation; the tool that writes keeps owner and mode."""
    made = (HOUSE / "systemd" / "siaga112.tmpfiles").read_text().splitlines()
    assert f"f {DEFAULT} 0640 root {unit['Group'][0]} -" in made
    assert f"SIAGA_PINS_FILE={DEFAULT}" in unit["Environment"]


def test_the_daemon_may_write_where_asterisk_reads(unit: dict[str, list[str]]) -> None:
    """The folder of the duty file is made, is the daemon's, and is not behind a wall."""
    folder = load(HOUSE / "config").daemon.asterisk.dialplan
    assert f"-{folder}" in unit["ReadWritePaths"]
    made = (HOUSE / "systemd" / "siaga112.tmpfiles").read_text().splitlines()
    assert f"d {folder} 0755 siaga112 siaga112 -" in made
    assert f"`{folder}`" in (HOUSE / "asterisk-dialplan" / "README.md").read_text()


def test_the_daemon_may_remove_what_asterisk_has_recorded(unit: dict[str, list[str]]) -> None:
    """Their common folder is Asterisk's and the daemon's group's, and is not behind a wall."""
    folder = RecordingSettings(folder=Path("/talks")).spool / OURS
    assert f"-{folder}" in unit["ReadWritePaths"]
    page = (HOUSE / "docs" / "recording.md").read_text()
    assert f"install -d -o asterisk -g siaga112 -m 2770 {folder}" in page


def test_the_sandbox_runs_the_daemon_as_the_unit_does() -> None:
    """What is measured in the sandbox holds for the service."""
    environment = unit_environment()
    assert environment["PYTHONUNBUFFERED"] == "1"
    assert environment["MALLOC_ARENA_MAX"] == "1"
