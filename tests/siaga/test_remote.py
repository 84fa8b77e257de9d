"""`siaga112 reload` and `siaga112 status` against running daemons; Asterisk is in tests/live/."""

import asyncio
import codecs
import json
import os
import pwd
import re
import select
import signal
import stat
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from console import inquiry
from console.message import SOCKET
from console.outcome import Accepted, Refused
from console.status import Status
from siaga import remedy
from siaga.cli import app
from siaga.remote import Exit
from tests.siaga.service import LIMIT_S, Service, Site, started

HOUSE = Path(__file__).parent.parent.parent
NOBODY = """
import os, sys
from typer.testing import CliRunner
from siaga.cli import app
ask = lambda *words: CliRunner().invoke(app, [*words, "--runtime", sys.argv[1]])
assert ask("status").exit_code == 1, "as root, and all that is needed is loaded now"
os.setgroups([])
os.setegid(65534)
os.seteuid(65534)
each = [("status", "--watch"), ("pause", "sri"), ("ready", "sri"), ("reload",)]
results = [ask(*words) for words in each]
print(results[-1].stderr)
statuses = {result.exit_code for result in results}
sys.exit(statuses.pop() if len(statuses) == 1 else 99)
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A machine whose settings are good, and where nothing runs."""
    return Site.make(tmp_path)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has said, and its exit status."""

    exit: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


async def command(site: Site, *words: str) -> Said:
    """Runs a command that asks the daemon of this site."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "siaga.cli", *words, "--runtime", str(site.runtime)),
        cwd=HOUSE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(LIMIT_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())


async def listening(service: Service) -> None:
    """Returns when the daemon can be asked."""
    await service.told("control_bound")


async def test_a_good_set_is_status_0_and_says_what_was_changed(site: Site) -> None:
    """In use when the command returns; what waits for a restart is said with its place."""
    async with started(site) as service:
        await listening(service)
        site.write("siaga", log_level="warning", console={"port": 1})
        said = await command(site, "reload")
        assert (said.exit, said.out) == (0, f"{site.config}: accepted and in use: siaga.yaml\n")
        assert said.err.startswith(f"console.port ({site.config}/siaga.yaml:")
        assert said.err.endswith(") waits for a restart\n")
        again = await command(site, "reload", "--json")
        assert again.exit == 0
        assert again.value["outcome"] == "accepted"
        assert again.value["changed"] == []
        assert list(again.value["restart_needed"]) == ["console.port"]
    assert len(site.records("settings_reloaded")) == 2


async def test_a_bad_set_is_status_1_with_each_place(site: Site) -> None:
    """The errors on standard error as `check` writes them; `status` shows them until mended."""
    async with started(site) as service:
        await listening(service)
        site.break_("zones")
        site.break_("roster")
        said = await command(site, "reload")
        assert (said.exit, said.out) == (1, "")
        *problems, verdict = said.err.splitlines()
        files = {line.partition(":")[0] for line in problems}
        assert files == {f"{site.config}/zones.yaml", f"{site.config}/roster.yaml"}
        assert "are refused, and nothing has changed" in verdict
        value = (await command(site, "reload", "--json")).value
        assert [problem["text"] for problem in value["problems"]] == problems
        status = await command(site, "status")
        assert all(problem in status.out for problem in problems)
        site.mend("zones")
        site.mend("roster")
        assert (await command(site, "reload")).exit == 0
        assert remedy.SETTINGS not in await service.alarms()
        assert (await command(site, "status", "--json")).value["settings"]["refused"] is None


async def test_a_warning_is_told_and_is_status_0(site: Site) -> None:
    """What can be lived with is used, and not kept quiet."""
    path = site.config / "operators.yaml"
    async with started(site) as service:
        await listening(service)
        path.write_text(path.read_text().replace("siaga-pos}", "siaga-pos, person: sri}"))
        said = await command(site, "reload")
    assert said.exit == 0
    assert said.err.startswith(f"{path}:")
    assert ": warning: " in said.err


async def test_all_who_ask_at_once_get_a_true_answer(site: Site) -> None:
    """The command, the signal and others beside each other: one daemon, one set, one outcome."""
    async with started(site) as service:
        await listening(service)
        site.break_("zones")
        refused = asyncio.gather(*(asyncio.to_thread(inquiry.reload, site.runtime) for _ in "1234"))
        service.reload()
        assert {type(outcome) for outcome in await refused} == {Refused}
        site.mend("zones")
        accepted = asyncio.gather(
            *(asyncio.to_thread(inquiry.reload, site.runtime) for _ in "1234")
        )
        assert {type(outcome) for outcome in await accepted} == {Accepted}


async def test_the_signal_and_the_command_do_the_same(site: Site) -> None:
    """`kill -HUP` still reloads, and `status` has its outcome."""
    async with started(site) as service:
        await listening(service)
        site.break_("zones")
        service.reload()
        await service.told(remedy.SETTINGS)
        status = (await command(site, "status", "--json")).value
        assert f"{site.config}/zones.yaml:" in status["settings"]["refused"]["problems"][0]["text"]


async def test_status_says_why_nobody_is_served(site: Site) -> None:
    """Without Asterisk it is status 1, and the same value as over HTTP."""
    async with started(site) as service:
        await service.told(remedy.ASTERISK_DOWN)
        said = await command(site, "status")
        assert said.exit == 1
        assert said.out.startswith("in service no: Asterisk is away: ")
        assert "\x1b" not in said.out
        assert site.base_url in said.out
        value = (await command(site, "status", "--json")).value
        _, over_http = await service.asked("/status")
        assert value.keys() == over_http.keys()
        assert value["asterisk"] == over_http["asterisk"]
        assert value["process"]["pid"] == service.process.pid


async def test_last_known_good_is_shown_with_the_errors(site: Site) -> None:
    """What is used, since when, and what is wrong with the folder."""
    async with started(site) as service:
        await service.until(lambda: list(site.state.glob("settings/0*")))
    site.break_("roster")
    async with started(site) as service:
        await listening(service)
        settings = (await command(site, "status", "--json")).value["settings"]
        assert settings["known_good"] == f"{site.state}/settings/00000001"
        assert settings["folder"] == str(site.config)
        (problem,) = settings["refused"]["problems"]
        assert problem["text"].startswith(f"{site.config}/roster.yaml:{problem['line']}:")
        assert "settings   last known good: " in (await command(site, "status")).out


async def test_a_daemon_that_was_killed_is_not_running_and_the_next_one_is(site: Site) -> None:
    """Its socket is left and leads nowhere: status 4 with what to do; a new start just works."""
    async with started(site) as service:
        await listening(service)
        service.process.kill()
        assert await service.exit_status() == -signal.SIGKILL
        assert (site.runtime / SOCKET).is_socket()
        for words in (["reload"], ["status"]):
            said = await command(site, *words)
            assert said.exit == Exit.NOT_RUNNING
            assert "no daemon listens on" in said.err
            assert "systemctl start siaga112" in said.err
        error = (await command(site, "reload", "--json")).value["error"]
        assert (error["kind"], bool(error["do"])) == ("not_running", True)
        async with started(site) as again:
            await listening(again)
            assert (await command(site, "reload")).exit == 0
    assert list(site.runtime.iterdir()) == []


async def test_a_second_daemon_steals_no_socket(site: Site, tmp_path: Path) -> None:
    """It says so and goes on; when the first has gone it can be asked, by itself."""
    other = Site.make(tmp_path / "other")
    async with started(site) as first:
        await listening(first)
        async with started(other, argv=in_folder(site.runtime)) as second:
            told = await second.told(remedy.CONTROL)
            assert "a daemon that runs has it" in told["why"]
            assert "--runtime" in told["do"]
            assert (await command(site, "status", "--json")).value["process"]["pid"] == (
                first.process.pid
            )
            first.process.terminate()
            assert await first.exit_status() == 0
            await second.over(remedy.CONTROL)
            value = (await command(site, "status", "--json")).value
            assert value["settings"]["folder"] == str(other.config)


@pytest.mark.parametrize("folder", ["x" * 107, "in-the-way"])
async def test_without_a_socket_calls_go_on_and_the_signal_still_reloads(
    site: Site, folder: str
) -> None:
    """A path that is too long, or a folder that cannot be made, is an alarm and nothing more."""
    (site.home / "in-the-way").write_text("a file")
    async with started(site, argv=in_folder(site.home / folder)) as service:
        why = (await service.told(remedy.CONTROL))["why"]
        assert ("has at most 107" in why) is (len(folder) == 107)
        service.reload()
        await service.told("settings_reloaded")
        assert remedy.CONTROL in await service.alarms()


async def test_a_frozen_daemon_is_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 6 within its time; who waits for a reload is told when the daemon dies of it."""
    monkeypatch.setattr(inquiry, "STATUS_S", 0.2)
    async with started(site) as service:
        await listening(service)
        service.process.send_signal(signal.SIGSTOP)
        arguments = ["status", "--runtime", str(site.runtime)]
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        assert result.exit_code == Exit.NO_REPLY
        assert "it has not answered in time" in result.stderr
        before = _connections(site.runtime / SOCKET)
        asked = asyncio.create_task(command(site, "reload"))
        await service.until(lambda: _connections(site.runtime / SOCKET) > before)
        service.process.kill()
        said = await asked
    assert said.exit == Exit.NO_REPLY
    assert "without an answer" in said.err or "reset by peer" in said.err


def _connections(path: Path) -> int:
    """How many sockets there are at that place (unix(7): one line each in /proc/net/unix)."""
    return Path("/proc/net/unix").read_text().count(f" {path}\n")


def _open_to_all(folder: Path) -> None:
    """So that it is the socket that keeps others out."""
    folder.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
async def test_another_user_may_not_ask(site: Site) -> None:
    """Status 5 with what to do; neither the set nor the callers are theirs to know."""
    with TemporaryDirectory(prefix="siaga-") as folder:
        _open_to_all(Path(folder))
        async with started(site, argv=in_folder(Path(folder))) as service:
            await listening(service)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", NOBODY, folder),
                cwd=HOUSE,
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await process.communicate()
            assert process.returncode == Exit.NOT_ALLOWED
            assert "this user may not connect to" in out.decode()
            assert "as root, or as a user of the group" in out.decode()
    assert site.records("settings_reloaded") == site.records("instructed") == []


async def test_the_socket_is_for_the_group_and_gone_at_the_end(site: Site) -> None:
    """0660 in a folder of 0750; an orderly stop leaves nothing."""
    async with started(site) as service:
        await listening(service)
        assert _mode(site.runtime) == 0o750
        assert _mode(site.runtime / SOCKET) == 0o660
    assert list(site.runtime.iterdir()) == []


async def test_a_daemon_without_asterisk_pauses_nobody_and_says_so(site: Site) -> None:
    """Status 1 with why; the try is recorded with the kernel's word of who asked."""
    async with started(site) as service:
        await service.told(remedy.ASTERISK_DOWN)
        said = await command(site, "pause", "sri", "--reason", "makan", "--for", "15m")
        assert (said.exit, said.out) == (Exit.NO, "")
        assert "this daemon does not serve calls now" in said.err
        value = (await command(site, "ready", "sri", "--json")).value
        assert (value["wanted"], value["outcome"], value["holds"]) == ("ready", "not served", False)
    pause, ready = site.records("instructed")
    user = pwd.getpwuid(os.getuid()).pw_name
    assert (pause.detail["by"], pause.detail["uid"]) == (user, os.getuid())
    assert (pause.detail["for_s"], pause.detail["reason"]) == (900.0, "makan")
    assert (ready.detail["via"], ready.detail["outcome"]) == ("socket", "not served")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("pause", "sri", "--for", "15"), "expected such as 15m"),
        (("pause", "sri", "--for", "25h"), "up to 24 h"),
        (("pause", "sri", "--reason", "x" * 201), "at most 200 characters"),
        (("ready", ""), "the id of an operator"),
    ],
)
def test_what_cannot_be_meant_is_not_asked(words: tuple[str, ...], why: str) -> None:
    """Status 2, whether a daemon runs or not."""
    result = CliRunner().invoke(app, [*words])
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.replace("│", " ").split())


async def test_the_daemon_itself_takes_nothing_that_cannot_be_meant(site: Site) -> None:
    """Whatever program asks."""
    async with started(site) as service:
        await listening(service)
        with pytest.raises(inquiry.NoReply, match="up to 24 h"):
            await asyncio.to_thread(inquiry.instruct, site.runtime, "pause", "sri", for_s=-1.0)
    assert site.records("instructed") == []


COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """`status --watch` on a terminal of its own."""

    def __init__(self, site: Site, width: int, height: int) -> None:
        self.text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = 0
        self._near, far = os.openpty()
        termios.tcsetwinsize(far, (height, width))
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [
                *(sys.executable, "-m", "siaga.cli", "status", "--watch", "--every", "0.2"),
                *("--runtime", str(site.runtime)),
            ],
            cwd=HOUSE,
            env={key: os.environ[key] for key in ("PATH", "HOME")} | {"TERM": "xterm"},
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
        )
        os.close(far)

    async def until(self, words: str) -> None:
        """Returns when these have come after what was waited for before."""
        async with asyncio.timeout(LIMIT_S):
            while words not in COLOURS.sub("", self.text)[self._read :]:
                self.text += await asyncio.to_thread(self._more)
        self._read = COLOURS.sub("", self.text).index(words, self._read) + len(words)

    def _more(self) -> str:
        if not select.select([self._near], [], [], LIMIT_S)[0]:
            return ""
        return self._decoder.decode(os.read(self._near, 65_536))

    async def end(self) -> int:
        """What Ctrl-C does; how it has ended."""
        self.process.send_signal(signal.SIGINT)
        with suppress(OSError):  # Linux says so when nobody has the other end any more
            while True:
                self.text += await asyncio.to_thread(self._more)
        os.close(self._near)
        return await asyncio.to_thread(self.process.wait, LIMIT_S)


@pytest.fixture
def terminal(site: Site) -> Iterator[Terminal]:
    """A narrow one; what runs on it ends with the test."""
    terminal = Terminal(site, 40, 12)
    yield terminal
    terminal.process.kill()
    terminal.process.wait(LIMIT_S)


async def test_whoever_watches_sees_the_daemon_go_and_come_back(
    site: Site, terminal: Terminal
) -> None:
    """On a narrow terminal, which is given back at Ctrl-C; exit status 0."""
    await terminal.until("no answer for")
    async with started(site) as service:
        await listening(service)
        await terminal.until("in service no: ")
    await terminal.until("no answer for")
    await terminal.until("no daemon listens on")
    async with started(site) as service:
        await listening(service)
        await terminal.until("the daemon was restarted")
        assert await terminal.end() == 0
        assert "\x1b[?1049l" in terminal.text
        assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")
        shown = re.split(r"\r\n|\x1b\[[0-9;?]*[A-Za-ln-z]", COLOURS.sub("", terminal.text))
        assert max(map(len, shown)) == 40
        assert "Traceback" not in terminal.text


async def test_whoever_watches_off_a_terminal_gets_a_line_of_json_each_time(site: Site) -> None:
    """For as long as it is read; SIGTERM ends it as Ctrl-C does."""
    async with started(site) as service:
        await listening(service)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "siaga.cli", "status", "--watch", "--json", "--every", "0.2"),
            *("--runtime", str(site.runtime)),
            cwd=HOUSE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        assert process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            first, second = [json.loads(await process.stdout.readline()) for _ in "12"]
            process.terminate()
            await process.communicate()
        assert first["process"]["pid"] == second["process"]["pid"] == service.process.pid
        assert first["at"] < second["at"]
        assert process.returncode == 0


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def in_folder(runtime: Path) -> tuple[str, ...]:
    """A command line that gives the daemon that runtime folder."""
    return ("env", f"RUNTIME_DIRECTORY={runtime}")


def test_every_exit_status_is_documented() -> None:
    """In the help of each command and in docs/status.md."""
    page = (HOUSE / "docs" / "status.md").read_text()
    for name in ("reload", "status", "pause", "ready"):
        helped = CliRunner().invoke(app, [name, "--help"]).stdout.partition("Exit statuses:")[2]
        for status in Exit:
            assert f" {int(status)} " in f" {' '.join(helped.split())}"
    assert [status for status in Exit if f"\n| {int(status)} | " not in page] == []


def test_every_field_of_the_status_is_documented() -> None:
    """docs/status.md has each name of the JSON."""
    page = (HOUSE / "docs" / "status.md").read_text()
    names = set(_names(msgspec.json.schema(Status)["$defs"]))
    assert len(names) > 40
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def _names(definitions: dict[str, Any]) -> Iterator[str]:
    for definition in definitions.values():
        yield from definition.get("properties", {})
