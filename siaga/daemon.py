"""The daemon: settings, switch, conductor and their tasks, from start to drain.

start ─▶ settings ─▶ Asterisk ─▶ ready ─▶ … ─▶ SIGTERM: heartbeat withdrawn ─▶ drained ─▶ end
"""

import asyncio
import random
import secrets
import signal
import sys
from pathlib import Path

import structlog

from console.board import Board
from console.server import ConsoleServer
from journal.journal import Journal
from journal.spool import Spool
from routing.note import Note
from siaga import log as logging_setup
from siaga.clock import SystemClock
from siaga.conductor import Conductor
from siaga.duty import DutyBoard
from siaga.heartbeat import STALE_S, Heartbeat
from siaga.readiness import Notifier
from siaga.settings import Settings, SettingsError, load
from switch.client import Down, Link, Standby, Switch, Up
from switch.credential import Credential, CredentialError
from switch.event import Event

log = structlog.get_logger(__name__)

EXIT_OK, EXIT_SETTINGS = 0, 1


class Daemon:
    """One Asterisk's Siaga, put together.

    Args:
        settings: The accepted settings.
        credential: For Asterisk's REST Interface.
    """

    def __init__(self, settings: Settings, credential: Credential) -> None:
        self._settings = settings
        self._clock = SystemClock()
        daemon = settings.daemon
        run_id = secrets.token_hex(3)
        plan = settings.plan()
        self._switch = Switch(
            base_url=daemon.asterisk.base_url,
            credential=credential,
            app=daemon.asterisk.app,
            on_event=self._take,
            on_link=self._on_link,
            draw=random.random,
            is_free=self._is_free,
        )
        self._spool = Spool(daemon.journal.spool, self._clock.now().wall)
        self._journal = Journal(self._spool, run_id, self._where)
        board = Board()
        self._journal.listen(board.take)
        self._conductor = Conductor(
            self._switch, self._journal, self._clock, plan, settings.menu, f"{run_id}-"
        )
        self._console = ConsoleServer(
            daemon.console.host,
            daemon.console.port,
            board,
            self._fault,
            self._conductor.tasks,
        )
        self._heartbeat = Heartbeat(self._switch, self._conductor.echo, self._clock)
        self._duty = DutyBoard(self._switch, self._clock, plan)
        self._notifier = Notifier.from_environment()
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT, then drains."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self._note("daemon_started")
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._switch.run(), name="switch"),
                    group.create_task(self._heartbeat.run(), name="heartbeat"),
                    group.create_task(self._duty.run(), name="duty"),
                    group.create_task(self._conductor.run(), name="conductor"),
                    group.create_task(self._watchdog(), name="watchdog"),
                    group.create_task(self._console.run(), name="console"),
                ]
                # Ready to take what comes; whether Asterisk is there is in the status line.
                self._notifier.ready()
                await self._stop.wait()
                await self._end()
                for task in tasks:
                    task.cancel()
        finally:
            await self._switch.close()
            self._note("daemon_stopped")
            self._spool.close()

    async def _end(self) -> None:
        """New calls to the last resort; calls in progress end, or are given back."""
        drain_s = self._settings.daemon.drain_s
        self._notifier.stopping()
        await self._heartbeat.withdraw()
        log.info("draining", calls=self._conductor.calls, limit_s=drain_s)
        await self._conductor.drain(drain_s)
        await self._conductor.close()

    async def _watchdog(self) -> None:
        """Pings the service manager while the loop turns."""
        interval_s = self._notifier.watchdog_interval_s
        while interval_s is not None:
            self._notifier.ping()
            await asyncio.sleep(interval_s)

    def _where(self, path: tuple[str | int, ...]) -> str:
        """File and line of a rule, as far as they are known."""
        place = self._settings.locate(path)
        return "" if place is None else f"{Path(place.file).name}:{place.line}"

    def _fault(self) -> str | None:
        """Why new calls would go to the last resort; None when they are served."""
        if self._stop.is_set():
            return "stopping"
        match self._switch.link:
            case Down(reason):
                return f"Asterisk is away: {reason}"
            case Standby():
                return "standby: another daemon has the application"
            case Up():
                age_s = self._heartbeat.age_s
                return None if age_s is not None and age_s < STALE_S else "no heartbeat yet"

    def _take(self, event: Event) -> None:
        self._conductor.take(event)

    async def _is_free(self) -> bool:
        """Whether the daemon that has taken the application serves nobody any more."""
        return await self._heartbeat.is_stale()

    def _on_link(self, link: Link) -> None:
        match link:
            case Up():
                log.info("asterisk_up", version=link.version)
                self._note("asterisk_up", version=link.version)
                self._duty.refresh()
                self._conductor.resync()
                self._notifier.status(f"serving, Asterisk {link.version}")
            case Down():
                log.warning("asterisk_down", why=link.reason)
                self._conductor.lose_sight()
                self._note("asterisk_down", why=link.reason)
                self._notifier.status(f"Asterisk is away: {link.reason}")
            case Standby():
                log.warning("standby", why="another process took the application")
                self._conductor.let_go()
                self._note("standby")
                self._notifier.status("standby: another daemon has the application")

    def _note(self, what: str, **detail: str) -> None:
        self._journal.note(Note(None, what, detail), at=self._clock.now(), arrived=None)


def run(config: Path) -> int:
    """Runs the daemon with the settings of a folder; returns the exit status."""
    try:
        settings = load(config)
        credential = Credential.from_environment()
    except (SettingsError, CredentialError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_SETTINGS
    logging_setup.configure(settings.daemon.log_level)
    asyncio.run(Daemon(settings, credential).run())
    return EXIT_OK
