"""The first run, tried as a new administrator would: each fault is one clear line.

Real processes; the faults that need an Asterisk are in tests/live/test_first_run.py.
"""

import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.message import SOCKET
from sandbox.port import free_tcp_port
from siaga import remedy
from siaga.start import Exit
from tests.siaga.service import CREDENTIAL, LIMIT_S, Service, Site, started


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A machine whose settings are good, and where nothing runs."""
    return Site.make(tmp_path)


async def accepted(site: Site) -> None:
    """The site's settings become the last known good ones, beside those that are there."""
    count = len(copies(site)) + 1
    async with started(site) as service:
        await service.until(lambda: len(copies(site)) == count)


def copies(site: Site) -> list[str]:
    """The names of the known good copies."""
    return sorted(path.name for path in site.state.glob("settings/0*"))


async def test_without_asterisk_it_stays_up_and_says_so_once(site: Site) -> None:
    """One line names the address and what to do; health says 503 with the reason; it stops well."""
    async with started(site) as service:
        entry = await service.told(remedy.ASTERISK_DOWN)
        assert site.base_url in entry["why"]
        assert "start Asterisk" in entry["do"]
        status, value = await service.asked("/readyz")
        assert (status, value["ready"]) == (503, False)
        assert value["why"].startswith("Asterisk is away: ")
        assert [alarm["what"] for alarm in value["alarms"]] == [remedy.ASTERISK_DOWN]
    assert len(service.entries(remedy.ASTERISK_DOWN)) == 1
    (record,) = site.records("alarm")
    assert record.detail["alarm"] == remedy.ASTERISK_DOWN


@pytest.mark.parametrize(
    ("stem", "old", "new", "expected"),
    [
        ("siaga", "log_level: info", "log_level: inof", "did you mean 'info'?"),
        ("roster", "overrides:", "ovrrides:", "unknown key 'ovrrides'; did you mean 'overrides'?"),
        ("siaga", "asterisk:", "asterisk: [", "this [ is not closed"),
    ],
)
async def test_bad_settings_on_the_first_run_are_status_1(
    site: Site, stem: str, old: str, new: str, expected: str
) -> None:
    """Each error has its place, and the last line says what to do."""
    path = site.config / f"{stem}.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    site.break_("zones")
    async with started(site) as service:
        assert await service.exit_status() == Exit.SETTINGS
    problems = [entry["problem"] for entry in service.entries("settings_error")]
    assert any(problem.startswith(f"{path}:") and expected in problem for problem in problems)
    assert any(problem.startswith(f"{site.config}/zones.yaml:") for problem in problems)
    (entry,) = service.entries("not_started")
    assert "siaga112 check --config" in entry["do"]
    assert entry["exit_status"] == 1


async def test_a_folder_that_is_not_there_is_status_1(site: Site) -> None:
    """The folder is named, once."""
    site.config.rename(site.home / "elsewhere")
    async with started(site) as service:
        assert await service.exit_status() == Exit.SETTINGS
    (entry,) = service.entries("settings_error")
    assert entry["problem"].startswith(f"{site.config}:1:1: this is no folder")


@pytest.mark.parametrize("stem", ["roster", "siaga"])
async def test_a_typo_does_not_keep_it_down(site: Site, stem: str) -> None:
    """It runs on what was accepted last, says each error and one line with what to do, till mended.

    A broken siaga.yaml is no exception: the state folder is not named in it.
    """
    await accepted(site)
    site.break_(stem)
    site.break_("zones")
    async with started(site) as service:
        alarm = await service.told(remedy.SETTINGS)
        assert len(service.entries("settings_error")) == 2
        assert f"{site.state}/settings/00000001" in alarm["why"]
        assert "siaga112 check --config" in alarm["do"]
        _, status = await service.asked("/status")
        assert f"{stem}.yaml:" in {a["what"]: a["why"] for a in status["alarms"]}[remedy.SETTINGS]
        await service.until(lambda: site.records("settings_refused"))
        site.mend(stem)
        site.mend("zones")
        service.reload()
        await service.over(remedy.SETTINGS)
    assert len(service.entries(remedy.SETTINGS)) == 1
    alarms = [record.detail["alarm"] for record in site.records("alarm")]
    assert remedy.SETTINGS in alarms


async def test_a_damaged_copy_is_passed_over_for_an_older_one(site: Site) -> None:
    """Two faults at once: a typo, and a disk that has lost a part of the newest copy."""
    await accepted(site)
    site.write("siaga", drain_s=7)
    await accepted(site)
    os.truncate(site.state / "settings" / "00000002" / "roster.yaml", 100)
    site.break_("zones")
    async with started(site) as service:
        assert "00000001" in (await service.told(remedy.SETTINGS))["why"]
        assert "00000002 is damaged" in (await service.told(remedy.DAMAGED))["why"]


async def test_no_good_copy_is_as_none(site: Site) -> None:
    """When all of them are damaged the errors of the folder are what is said."""
    await accepted(site)
    (site.state / "settings" / "00000001" / "roster.yaml").unlink()
    site.break_("zones")
    async with started(site) as service:
        assert await service.exit_status() == Exit.SETTINGS
    assert "00000001 is damaged" in service.entries(remedy.DAMAGED)[0]["why"]
    assert len(service.entries("settings_error")) == 1


async def test_a_fault_of_the_program_is_status_70(site: Site) -> None:
    """Told apart from what people have to mend; the log has the traceback."""
    program = (
        "import siaga.daemon, siaga.cli\n"
        "async def fail(daemon): raise RuntimeError('boom')\n"
        "siaga.daemon.Daemon.run = fail\n"
        "siaga.cli.main()\n"
    )
    file = site.home / "faulty.py"
    file.write_text(program)
    shell = ("/bin/sh", "-c", f'shift 3; exec {sys.executable} {file} "$@"', "sh")
    async with started(site, argv=shell) as service:
        assert await service.exit_status() == Exit.FAULT
    assert "RuntimeError: boom" in service.entries("daemon_failed")[0]["exception"]


async def test_a_warning_is_told_at_the_start(site: Site) -> None:
    """What can be lived with is used, and not kept quiet."""
    path = site.config / "operators.yaml"
    path.write_text(path.read_text().replace("siaga-pos}", "siaga-pos, person: sri}"))
    async with started(site) as service:
        assert "operators.yaml:" in (await service.told("settings_warning"))["problem"]
        await service.told(remedy.ASTERISK_DOWN)


async def test_a_reload_is_all_or_nothing(site: Site) -> None:
    """Refused: each error in log and record, the old ones stay. Accepted: used, and known good."""
    async with started(site) as service:
        await service.until(lambda: copies(site))
        site.write("siaga", drain_s=7, console={"port": 1})
        site.break_("zones")
        service.reload()
        await service.told(remedy.SETTINGS)
        (entry,) = service.entries("settings_error")
        assert entry["problem"].startswith(f"{site.config}/zones.yaml:")
        assert copies(site) == ["00000001"]
        assert remedy.SETTINGS in await service.alarms()
        site.mend("zones")
        service.reload()
        await service.over(remedy.SETTINGS)
        needed = await service.told(remedy.RESTART)
        assert f"console.port ({site.config}/siaga.yaml:" in needed["why"]
        await service.until(lambda: copies(site) == ["00000001", "00000002"])
        assert set(await service.alarms()) == {remedy.ASTERISK_DOWN, remedy.RESTART}
        site.write("siaga", console={"port": site.console_port})
        service.reload()
        await service.over(remedy.RESTART)
        site.write("siaga", log_level="warning")
        service.reload()
        await service.until(lambda: len(site.records("settings_reloaded")) == 3)
    assert len(service.entries("settings_reloaded")) == 2, "the new level counts at once"
    assert site.records("settings_refused")[0].detail["problems"] == entry["problem"]


async def test_whatever_is_wrong_at_once_it_goes_on_and_mending_is_enough(site: Site) -> None:
    """Port in use, records and state unwritable, prompts missing: each is one line, said once.

    Nothing has to be restarted: port, disk and prompts are looked at again, and the records that
    waited are written. The state folder is tried again at the next reload.
    """
    (site.home / "records").write_text("in the way")
    site.state.write_text("in the way")
    sounds = site.home / "sounds"
    (sounds / "id" / "menu.wav").unlink()
    (sounds / "en").rename(sounds / "english")
    port = free_tcp_port()
    site.write("siaga", agi={"port": port})
    with (
        socket.create_server(("127.0.0.1", site.console_port)) as taken,
        socket.create_server(("127.0.0.1", port)) as asked,
    ):
        async with started(site) as service:
            why, do = {}, {}
            told = (remedy.CONSOLE, remedy.AGI, remedy.SPOOL, remedy.PROMPTS, remedy.NOT_KEPT)
            for name in told:
                entry = await service.told(name)
                why[name], do[name] = entry["why"], entry["do"]
            assert f"127.0.0.1:{site.console_port}" in why[remedy.CONSOLE]
            assert "console.port" in do[remedy.CONSOLE]
            assert f"127.0.0.1:{port}: Address already in use" in why[remedy.AGI]
            assert "agi.port" in do[remedy.AGI]
            assert str(site.spool) in why[remedy.SPOOL]
            assert "writable" in do[remedy.SPOOL]
            assert "id/menu, en/ (all " in why[remedy.PROMPTS].replace(f"{site.home}", "")
            assert f"siaga112 prompts --config {site.config}" in do[remedy.PROMPTS]
            assert "--state" in do[remedy.NOT_KEPT]
            taken.close()
            asked.close()
            (site.home / "records").unlink()
            site.state.unlink()
            (sounds / "id" / "menu.wav").touch()
            (sounds / "english").rename(sounds / "en")
            service.reload()
            for name in why:
                await service.over(name)
            assert set(await service.alarms()) == {remedy.ASTERISK_DOWN}
    assert all(len(service.entries(name)) == 1 for name in why)
    assert len(site.records("daemon_started")) == 1


@pytest.mark.parametrize("content", [None, "only-a-word", ""])
async def test_a_credentials_file_that_says_nothing_is_status_3(
    site: Site, content: str | None
) -> None:
    """Missing, of another form or empty: the file is named with what was expected in it."""
    file = site.home / "siaga-ari"
    if content is not None:
        file.write_text(content)
    async with started(site, {"SIAGA_ARI_CREDENTIALS_FILE": str(file)}) as service:
        assert await service.exit_status() == Exit.CREDENTIAL
    (entry,) = service.entries("no_credential")
    assert str(file) in entry["why"]
    assert "expected one line 'user:password'" in entry["why"]


async def test_no_credential_is_status_3_and_settings_are_looked_at_too(site: Site) -> None:
    """All that is wrong is said in one go; the ways to give a credential are named."""
    site.break_("zones")
    async with started(site, {}) as service:
        assert await service.exit_status() == Exit.SETTINGS
    assert len(service.entries("settings_error")) == 1
    assert "SIAGA_ARI_CREDENTIALS_FILE" in service.entries("no_credential")[0]["why"]
    site.mend("zones")
    async with started(site, {}) as service:
        assert await service.exit_status() == Exit.CREDENTIAL


class Manager:
    """What systemd would be: a socket that hears what the daemon says of itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    async def heard(self, begin: str) -> str:
        """The next message that begins so."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(LIMIT_S):
            while True:
                message = (await loop.sock_recv(self._socket, 4096)).decode()
                if message.startswith(begin):
                    return message

    def close(self) -> None:
        """Hears no more."""
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    """A service manager."""
    listening = Manager(tmp_path / "notify")
    yield listening
    listening.close()


async def test_systemctl_status_shows_what_needs_a_hand(site: Site, manager: Manager) -> None:
    """Ready at once, whatever is away; the status line names the alarms."""
    (site.home / "sounds" / "id" / "menu.wav").unlink()
    environment = {**CREDENTIAL, "NOTIFY_SOCKET": str(manager.path)}
    async with started(site, environment):
        await manager.heard("READY=1")
        line = ""
        while not (remedy.PROMPTS in line and remedy.ASTERISK_DOWN in line):
            line = await manager.heard("STATUS=Asterisk is away")


async def test_a_manager_is_told_why_and_its_next_try_waits(site: Site, manager: Manager) -> None:
    """The errors are not repeated each second; a stop does not wait for it."""
    site.break_("zones")
    environment = {**CREDENTIAL, "NOTIFY_SOCKET": str(manager.path)}
    async with started(site, environment) as service:
        assert "cannot be used" in await manager.heard("STATUS=not started")
        assert service.process.returncode is None
        service.process.terminate()
        assert await service.exit_status() == -signal.SIGTERM


async def test_systemd_without_its_socket_is_told_of(site: Site) -> None:
    """A unit without Type=notify runs the daemon; that nobody watches it is said."""
    shell = ("/bin/sh", "-c", 'SYSTEMD_EXEC_PID=$$ exec "$@"', "sh")
    async with started(site, argv=shell) as service:
        assert "Type=notify" in (await service.told(remedy.UNSUPERVISED))["do"]


async def test_by_hand_nothing_is_said_of_systemd(site: Site) -> None:
    """A daemon that a person starts is watched by that person."""
    async with started(site) as service:
        await service.told(remedy.ASTERISK_DOWN)
    assert service.entries(remedy.UNSUPERVISED) == []


async def test_a_hangup_during_the_start_does_not_end_it(site: Site) -> None:
    """A reload that comes before the daemon listens waits for it."""
    async with started(site) as service:
        await service.until(lambda: _blocks_hangup(service))
        service.reload()
        await service.told("settings_reloaded")


def _blocks_hangup(service: Service) -> bool:
    """Whether SIGHUP would wait now (proc(5), SigBlk), or is listened to already."""
    status = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
    masks = {
        key: int(value, 16)
        for key, _, value in (line.partition(":") for line in status)
        if key in {"SigBlk", "SigCgt"}
    }
    return any(mask >> (signal.SIGHUP - 1) & 1 for mask in masks.values())


@pytest.mark.parametrize("mask", ["000", "077"])
async def test_files_are_for_the_daemons_user_and_group(site: Site, mask: str) -> None:
    """Whoever has started it, with whatever umask; one that is tighter holds."""
    shell = ("/bin/sh", "-c", f'umask {mask}; exec "$@"', "sh")
    roots = (site.state, site.runtime, site.spool)
    async with started(site, argv=shell) as service:
        await service.told("control_bound")
        await service.until(lambda: list(site.state.glob("settings/0*/*")))
        await service.until(lambda: list(site.spool.glob("*.sqlite")))
        found = [path for root in roots for path in (root, *root.rglob("*"))]
        modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in found}
    assert len(modes) > len(roots) * 2
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o007} == {}
    writable = {path for path, mode in modes.items() if mode & 0o020}
    assert {path.name for path in writable} <= {SOCKET}
