"""`siaga112 run` as a process of its own, without an Asterisk, and what it says."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from ruamel.yaml import YAML

from journal.record import Record
from journal.spool import read
from sandbox.port import free_tcp_port
from sandbox.process import end, spawn
from tests.siaga.folder import KOTA_METRO

LIMIT_S = 15.0
"""For a process to start on a busy machine; it takes about a second."""
POLL_S = 0.02
CREDENTIAL = {"SIAGA_ARI_USER": "siaga", "SIAGA_ARI_PASSWORD": "secret"}

Entry = dict[str, Any]


@dataclass(slots=True)
class Site:
    """The folders and ports of one machine that has no Asterisk yet.

    Attributes:
        home: Holds all that follows.
        console_port: Where health is asked for.
        base_url: Where Asterisk should be.
    """

    home: Path
    console_port: int
    base_url: str

    @classmethod
    def make(cls, home: Path, source: Path = KOTA_METRO) -> "Site":
        """A copy of these settings, with this machine's folders and ports filled in."""
        home.mkdir(exist_ok=True)
        site = cls(home, free_tcp_port(), f"http://127.0.0.1:{free_tcp_port()}")
        site.config.mkdir()
        for path in source.iterdir():
            (site.config / path.name).write_bytes(path.read_bytes())
        site.prompts_like(site.home / "sounds")
        site.write(
            "siaga",
            asterisk={"base_url": site.base_url, "dialplan": str(site.home)},
            journal={"spool": str(site.spool)},
            sounds={"folder": str(site.home / "sounds")},
            console={"port": site.console_port},
        )
        return site

    @property
    def config(self) -> Path:
        """The settings."""
        return self.home / "settings"

    @property
    def state(self) -> Path:
        """What outlives the daemon."""
        return self.home / "state"

    @property
    def runtime(self) -> Path:
        """What does not outlive the daemon."""
        return self.home / "run"

    @property
    def spool(self) -> Path:
        """The records."""
        return self.home / "records" / "spool"

    def write(self, stem: str, **sections: Mapping[str, object] | object) -> None:
        """Changes keys of a file of the settings; a mapping is laid over the one that is there."""
        yaml, path = YAML(), self.config / f"{stem}.yaml"
        tree = yaml.load(path)
        for key, value in sections.items():
            if isinstance(value, Mapping):
                tree.setdefault(key, {}).update(value)
            else:
                tree[key] = value
        yaml.dump(tree, path)

    def break_(self, stem: str) -> None:
        """Puts a slip into a file, as it happens to people."""
        path = self.config / f"{stem}.yaml"
        path.write_text(path.read_text() + "\nsudah: makan\n")

    def mend(self, stem: str) -> None:
        """Takes the slip out again."""
        path = self.config / f"{stem}.yaml"
        path.write_text(path.read_text().replace("\nsudah: makan\n", ""))

    @staticmethod
    def prompts_like(folder: Path) -> None:
        """A folder in which no prompt is missing; all of them are empty."""
        texts = YAML().load(KOTA_METRO / "prompts.yaml")
        for language in texts["voices"]:
            (folder / language).mkdir(parents=True, exist_ok=True)
            for name in (*texts["texts"], *texts["tones"]):
                (folder / language / f"{name}.wav").touch()

    def records(self, what: str) -> list[Record]:
        """The records of that name."""
        return [record for record in read(self.spool) if record.what == what]


class Service:
    """One running daemon."""

    def __init__(self, site: Site, process: asyncio.subprocess.Process, log: Path) -> None:
        self.site = site
        self.process = process
        self._log = log

    @property
    def text(self) -> str:
        """All that it has written."""
        return self._log.read_text()

    def entries(self, event: str) -> list[Entry]:
        """The lines of that event, oldest first."""
        lines = [line for line in self.text.splitlines(keepends=True) if line.endswith("\n")]
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in found if entry["event"] == event]

    async def told(self, event: str, count: int = 1) -> Entry:
        """The `count`-th line of that event, once it is there."""
        await self.until(lambda: len(self.entries(event)) >= count)
        return self.entries(event)[count - 1]

    async def over(self, alarm: str) -> None:
        """Returns when an alarm has ended."""
        await self.until(lambda: alarm in [e["alarm"] for e in self.entries("alarm_over")])

    async def until(self, holds: Callable[[], object]) -> None:
        """Returns when it holds; fails with the log when it does not, or the process ends."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not holds():
                    assert self.process.returncode is None, self.text
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"it did not happen in time:\n{self.text}") from None

    async def asked(self, path: str) -> tuple[int, Any]:
        """What the console answers."""
        url = f"http://127.0.0.1:{self.site.console_port}{path}"
        async with asyncio.timeout(LIMIT_S), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(url) as response:
                        return response.status, await response.json()
                except aiohttp.ClientConnectorError:
                    await asyncio.sleep(POLL_S)

    async def alarms(self) -> dict[str, Entry]:
        """The alarms that stand, by name."""
        _, status = await self.asked("/status")
        return {alarm["what"]: alarm for alarm in status["alarms"]}

    def reload(self) -> None:
        """What `systemctl reload` does."""
        self.process.send_signal(signal.SIGHUP)

    async def exit_status(self) -> int:
        """With what it ended by itself."""
        async with asyncio.timeout(LIMIT_S):
            return await self.process.wait()


@asynccontextmanager
async def started(
    site: Site, environment: Mapping[str, str] | None = None, *, argv: tuple[str, ...] = ()
) -> AsyncIterator[Service]:
    """A daemon on a site's settings; at the end it is told to stop, and obeys.

    Args:
        site: The machine.
        environment: Beside the credential, or in place of it.
        argv: A command line of another's that starts it.
    """
    log = site.home / "daemon.log"
    log.unlink(missing_ok=True)
    line = (sys.executable, "-m", "siaga.cli", "run", "--config", str(site.config))
    values = {
        "STATE_DIRECTORY": str(site.state),
        "RUNTIME_DIRECTORY": str(site.runtime),
        **(CREDENTIAL if environment is None else environment),
    }
    process = await spawn([*argv, *line], cwd=site.home, log=log, env=values)
    service = Service(site, process, log)
    try:
        yield service
    finally:
        was_running = process.returncode is None
        await end(process, LIMIT_S)
    assert not was_running or process.returncode == 0, service.text
