"""One run at debug level, and all that it leaves: no secret, and no caller where none may be.

A caller is served, one gives up, a prankster is slowed down, operators sign on with a PIN and a
wrong one, everything is asked that can be asked; the store is PostgreSQL, which wants a password.
"""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.behaviour import Answer, Ignore
from sandbox.system import System
from siaga import remedy
from siaga.dialplan import DUTY_FILE
from siaga.notebook import FLOOR_FILE, THROTTLE_FILE
from siaga.pin import Digest
from tests.live.centre import MOBILE, alarmed, dial_112, recorded
from tests.live.test_feature import CODE_S, SHARED, code, sign_on
from tests.live.test_journal import stored

pytestmark = pytest.mark.live

PIN, WRONG_PIN = "86420975", "97531864"
NUMBER = MOBILE.removeprefix("0")
"""However it is written: 0812…, 62812…, +62812…."""
PERSONAL = (FLOOR_FILE, THROTTLE_FILE)
"""Notebooks with callers in them, for the daemon's user alone (ADR 15)."""
PAGES = ("/status", "/metrics", "/healthz", "/readyz")
COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("pause", "bayu", "--reason", "makan"),
    ("ready", "bayu"),
    ("reload",),
    ("reload", "--json"),
)
LOOK_UPS = (("calls",), ("calls", "--json"), ("calls", "--csv"), ("journal", "verify"), ("check",))
OTHERS, GROUP_WRITES = 0o007, 0o020


async def asked(system: System) -> dict[str, str]:
    """All that can be asked of a daemon, without asking for numbers."""
    told = {}
    for words in COMMANDS:
        said = await system.daemon.command(*words)
        told[" ".join(words)] = said.out + said.err
    for words in LOOK_UPS:
        said = await system.daemon.look_up(*words)
        told[" ".join(words)] = said.out + said.err
    async with aiohttp.ClientSession() as session:
        for page in PAGES:
            url = f"http://127.0.0.1:{system.console_port}{page}"
            async with session.get(url) as response:
                told[page] = await response.text()
    return told


def lines_of(pid: int) -> Iterator[str]:
    """The command lines of a process and of all that it has started, as anybody can read them."""
    yield Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from lines_of(int(child))


def files(system: System) -> dict[str, str]:
    """All that daemon and commands have written, by name; without the records."""
    own = [system.daemon.log, system.workdir / "alarms", system.pbx.duty_folder / DUTY_FILE]
    own += [path for path in system.daemon.state.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes().decode(errors="replace") for path in own}


def places(system: System) -> list[Path]:
    """All folders and files of the daemon's own, while it runs."""
    roots = (system.daemon.state, system.daemon.runtime, system.spool)
    return [path for root in roots for path in (root, *root.rglob("*"))]


async def talked(system: System) -> None:
    """Everything happens that has to do with numbers and secrets."""
    shared = await system.register(SHARED, Ignore())
    await sign_on(shared, "101", WRONG_PIN)
    await recorded(system, "feature")
    await shared.hangup()
    await sign_on(shared, "101", PIN)
    await shared.closed(CODE_S)
    shared.behaviour = Answer(0.1)
    caller = await dial_112(system, "1")
    await recorded(system, "bridged")
    # Masked, also while the caller is there.
    told = (await system.daemon.command("status", "--json")).out
    assert ("0812***890" in told, NUMBER in told) == (True, False)
    await caller.hangup()
    await shared.closed(3.0)
    assert (await code(system, shared, "*23", 4)).detail["outcome"] == "marked"
    gone = await dial_112(system)
    await gone.hangup()
    await recorded(system, "abandoned")


async def told_of(path: Path) -> None:
    """Returns when the program for alarms was told of one."""
    async with asyncio.timeout(5.0):
        while remedy.ASTERISK_DOWN not in await asyncio.to_thread(written, path):  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.05)


def written(path: Path) -> str:
    """What is in a file by now."""
    return path.read_text() if path.exists() else ""


async def test_no_secret_is_left_anywhere_and_no_caller_where_none_may_be(
    talkative: System,
) -> None:
    """Log, answers, figures, command lines, notebooks, alarms, records; and modes."""
    talkative.daemon.pins.write_text(f"sri:{Digest.of(PIN, 2).text}\n")
    await talked(talkative)
    found = [str(record) for record in await stored(talkative)]
    told = await asked(talkative)
    told |= {f"command line {line}": line for line in lines_of(talkative.daemon.pid)}
    assert len([name for name in told if name.startswith("command line")]) > 1, "and the keeper's"
    await talkative.pbx.stop()
    await alarmed(talkative, remedy.ASTERISK_DOWN)
    await told_of(talkative.workdir / "alarms")
    told |= files(talkative)
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in places(talkative)}
    await talkative.pbx.start()
    await talkative.daemon.served()

    secrets = (talkative.pbx.ari_password, "rahasia", PIN, WRONG_PIN)
    everything = {**told, "records": "\n".join(found)}
    for secret in secrets:
        assert [name for name, text in everything.items() if secret in text] == []
    public = {name: text for name, text in told.items() if Path(name).name not in PERSONAL}
    assert [name for name, text in public.items() if NUMBER in text] == []
    assert NUMBER in "".join(path.read_text() for path in talkative.spool.glob("*.jsonl"))
    assert '"level": "debug"' in told[str(talkative.daemon.log)]
    assert {path: mode for path, mode in modes.items() if mode & OTHERS} == {}
    sockets = {path for path in modes if path.is_socket()}
    writable = {path for path, mode in modes.items() if mode & GROUP_WRITES}
    assert writable <= sockets
    assert all(modes[talkative.daemon.state / name] == 0o600 for name in PERSONAL)
