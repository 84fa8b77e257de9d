"""Alarms reach the administrator's program: from the daemon as it runs, and by hand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from siaga import remedy
from siaga.cli import app
from tests.siaga.service import CREDENTIAL, Site, started
from tests.siaga.test_errand import script

GIVEN = "{ cat; env | sort; } >> %s; echo alas; exit %d"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A machine whose settings name a program."""
    site = Site.make(tmp_path / "site")
    program(site, 0)
    return site


def given_to(site: Site) -> Path:
    """What the program was given."""
    return site.home / "given"


def program(site: Site, status: int) -> None:
    """It writes down what it is given, and ends with that status."""
    words = script(site.home, GIVEN % (given_to(site), status))
    site.write("siaga", alarm_command={"run": [*words, "--to", "piket"], "again_s": 0})


def by_hand(site: Site, *words: str) -> tuple[int, str, str]:
    """What the command says, and its exit status."""
    line = ["alarm", *words, "--config", str(site.config), "--state", str(site.state)]
    result = CliRunner().invoke(app, line)
    return result.exit_code, result.stdout, result.stderr


async def test_the_daemon_runs_it_for_each_alarm(site: Site) -> None:
    """With the alarm, and with none of the daemon's own secrets."""
    async with started(site) as service:
        await service.told(remedy.ASTERISK_DOWN)
        # What the program writes last: it is not cut off by the end of the daemon.
        await service.until(
            lambda: given_to(site).exists() and "SIAGA_ALARM_WHY=" in given_to(site).read_text()
        )
    text = given_to(site).read_text()
    first = json.loads(text.splitlines()[0])
    assert (first["name"], first["turn"]) == (remedy.ASTERISK_DOWN, "raised")
    assert first["why"]
    assert first["do"]
    assert f"SIAGA_ALARM_NAME={remedy.ASTERISK_DOWN}\n" in text
    assert not any(f"{name}=" in text for name in CREDENTIAL)
    assert service.entries("alarm_command_failed") == []


async def test_a_program_that_fails_is_an_alarm_that_it_is_not_told_of(site: Site) -> None:
    """Over with the next run that succeeds; a reload brings another program."""
    program(site, 3)
    async with started(site) as service:
        alarm = await service.told(remedy.COMMAND)
        assert "exit status 3" in alarm["why"]
        (failed,) = service.entries("alarm_command_failed")[:1]
        assert failed["said"] == "alas"
        program(site, 0)
        site.break_("zones")
        service.reload()
        await service.told(remedy.SETTINGS)
        site.mend("zones")
        service.reload()
        await service.over(remedy.SETTINGS)
        await service.over(remedy.COMMAND)
    assert f"SIAGA_ALARM_NAME={remedy.COMMAND}" not in given_to(site).read_text()


def test_it_is_tried_by_hand(site: Site) -> None:
    """As often as one likes, with what one likes; what it says is shown."""
    exit_, out, err = by_hand(site)
    assert (exit_, err) == (0, "")
    assert out.startswith("alas\n")
    assert by_hand(site, "daemon_failed", "--why", "exit status 2", "--do", "look")[0] == 0
    first, second = [
        json.loads(line) for line in given_to(site).read_text().splitlines() if line[0] == "{"
    ]
    assert (first["name"], first["why"]) == ("test", "this is a test, nothing is wrong")
    assert (second["name"], second["do"]) == ("daemon_failed", "look")


def test_by_hand_a_fault_is_said(site: Site) -> None:
    """That it failed, that there is none, and that there are no settings."""
    program(site, 3)
    exit_, out, err = by_hand(site)
    assert (exit_, out) == (1, "alas\n")
    assert err.endswith(": exit status 3\n")
    bare = Site.make(site.home / "bare")
    assert by_hand(bare)[0] == 3
    bare.break_("zones")
    exit_, _, err = by_hand(bare)
    assert exit_ == 1
    assert "none that are known to be good" in err
