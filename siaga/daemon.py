"""The daemon: settings, switch, conductor and their tasks, from start to drain.

start ─▶ settings ─▶ Asterisk ─▶ ready ─▶ … ─▶ SIGTERM: heartbeat withdrawn ─▶ drained ─▶ end
"""

import asyncio
import random
import secrets
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from console.control import ControlServer
from console.metrics import Metrics
from console.server import ConsoleServer
from ivr.guard import Tries
from journal.journal import Journal
from journal.spool import Spool
from routing.note import Note
from routing.plan import Plan
from routing.reach import Unreached
from routing.service import ServiceId
from routing.snapshot import Snapshot
from routing.throttle import Charges
from siaga import log as logging_setup
from siaga import outage, prompt, remedy
from siaga.adviser import WANTED, Adviser
from siaga.alarm import Alarm, Alarms, Look
from siaga.answer import Answers
from siaga.basis import Basis
from siaga.centre import Centre
from siaga.clock import SystemClock
from siaga.courier import Courier
from siaga.duty_file import DutyFile
from siaga.errand import Ran
from siaga.instruction import Instructions
from siaga.notebook import FLOOR_FILE, THROTTLE_FILE, TRIES_FILE, FileNotebook, Notebooks
from siaga.overview import Overview
from siaga.pin import Pins
from siaga.reach import Reach
from siaga.readiness import Notifier
from siaga.relay import Relay
from siaga.reload import Reload, tell_refused, tell_warnings
from siaga.retention import Retention
from siaga.settings import Settings
from siaga.shelf import FileShelf
from siaga.site import AlarmCommandSettings
from switch.client import Down, Link, Standby, Switch, Up
from switch.credential import Credential
from switch.event import Event
from switch.fastagi import FastAgi

log = structlog.get_logger(__name__)


class Daemon:
    """One Asterisk's Siaga, put together.

    Args:
        basis: The settings, and where they come from.
        credential: For Asterisk's REST Interface.
        notifier: The service manager.
        runtime: Folder of what does not outlive the daemon: the control socket.
    """

    def __init__(
        self, basis: Basis, credential: Credential, notifier: Notifier, runtime: Path
    ) -> None:
        self._basis = basis
        self._credential = credential
        self._notifier = notifier
        settings = self._settings = basis.settings
        self._clock = SystemClock()
        daemon = settings.daemon
        self._spool = Spool(daemon.journal.spool, self._clock.now().wall)
        self._relay = Relay(daemon, basis.known_good.state)
        run_id = secrets.token_hex(3)
        state = basis.known_good.state
        self._floor_file = FileNotebook(state / FLOOR_FILE, Snapshot)
        self._throttle_file = FileNotebook(state / THROTTLE_FILE, Charges)
        self._tries_file = FileNotebook(state / TRIES_FILE, Tries)
        self._centre = Centre(
            settings,
            self._clock,
            Journal(self._spool, run_id, self._where),
            run_id,
            self._connect,
            draw=random.random,
            notebooks=Notebooks(
                self._floor_file, self._throttle_file, self._tries_file, FileShelf.of(settings)
            ),
            on_link=self._on_link,
        )
        self._centre.on_deserted = self._on_deserted
        self._reach = Reach(self._centre.conductor, self._clock, self._on_unreached)
        self._centre.on_seated = self._reach.refresh
        self._centre.conductor.features.pins = Pins.from_environment()
        looks: dict[str, Look] = {
            remedy.HEARTBEAT: self._look_at_heartbeat,
            remedy.NO_CHANNELS: self._look_at_channels,
            remedy.SPOOL: self._look_at_spool,
            remedy.FLOOR: partial(_look_at, self._floor_file, remedy.floor_not_written),
            remedy.THROTTLE: partial(_look_at, self._throttle_file, remedy.throttle_not_written),
            remedy.PROMPTS: self._look_for_prompts,
            **self._relay.looks(),
            remedy.RECORDING: self._look_at_recorder,
        }
        self._alarms = Alarms(self._record, self._clock, looks, self._on_alarms)
        self._courier = Courier(daemon.alarm_command, self._clock, self._on_courier)
        self._duty_file = DutyFile(
            self._centre.switch,
            self._clock,
            settings.plan(),
            daemon.asterisk.dialplan,
            self._alarms.turn,
        )
        self._reload = Reload(
            basis, clock=self._clock, alarms=self._alarms, note=self._record, use=self._use
        )
        self._retention = Retention(
            self._clock, lambda: self._settings, self._record, self._alarms.turn
        )
        self._overview = Overview(
            self._centre,
            reload=self._reload,
            alarms=self._alarms,
            spool=self._spool,
            clock=self._clock,
            fault=self._fault,
            report=lambda: self._relay.report,
        )
        self._relay.serve(
            self._centre,
            alarms=self._alarms,
            clock=self._clock,
            fault=self._fault,
            reload=self._reload.ask,
            note=self._record,
        )
        metrics = Metrics(self._overview.status)
        self._centre.journal.listen(metrics.take)
        self._centre.conductor.echo.on_heard = metrics.take_lag
        self._centre.switch.watch(metrics.take_request)
        self._console = ConsoleServer(
            daemon.console.host,
            daemon.console.port,
            status=self._overview.status,
            fault=self._fault,
            alarms=lambda: self._alarms.shown,
            metrics=metrics.page,
            on_bound=self._on_console,
            names=daemon.console.names,
        )
        adviser = Adviser(self._centre.conductor, self._clock, self._record, self._where)
        self._agi = FastAgi(
            daemon.agi.host, daemon.agi.port or 0, adviser.answer, WANTED, on_bound=self._on_agi
        )
        answers = Answers(
            reload=self._reload,
            overview=self._overview,
            instructions=Instructions(self._centre.conductor, self._clock),
            retention=self._retention,
            note=self._record,
        )
        self._control = ControlServer(runtime, answers.handlers(), on_bound=self._on_control)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT, then drains."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.ask)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        self._note("daemon_started", set=self._settings.name)
        self._tell_start()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._centre.run(), name="centre"),
                    group.create_task(self._watchdog(), name="watchdog"),
                    group.create_task(self._console.run(), name="console"),
                    group.create_task(self._control.run(), name="control"),
                    group.create_task(self._alarms.run(), name="alarms"),
                    group.create_task(self._reach.run(), name="reach"),
                    group.create_task(self._reload.run(), name="reload"),
                    group.create_task(self._duty_file.run(), name="duty file"),
                    group.create_task(self._relay.run(), name="relay"),
                    group.create_task(self._retention.run(), name="retention"),
                    group.create_task(self._courier.run(), name="courier"),
                ]
                if self._settings.daemon.agi.port is not None:
                    tasks.append(group.create_task(self._agi.run(), name="agi"))
                # Ready to take what comes; whether Asterisk is there is in the status line.
                self._notifier.ready()
                self._tell_manager()
                await self._stop.wait()
                await self._end()
                for task in tasks:
                    task.cancel()
        finally:
            await self._centre.close()
            self._floor_file.close()
            self._throttle_file.close()
            self._tries_file.close()
            self._note("daemon_stopped")
            self._spool.close()
            await self._relay.close()

    async def _end(self) -> None:
        """New calls to the last resort; calls in progress end, or are given back."""
        drain_s = self._settings.daemon.drain_s
        self._notifier.stopping()
        log.info("draining", calls=self._centre.conductor.calls, limit_s=drain_s)
        await self._centre.drain(drain_s)

    async def _watchdog(self) -> None:
        """Pings the service manager while the loop turns."""
        interval_s = self._notifier.watchdog_interval_s
        while interval_s is not None:
            self._notifier.ping()
            await asyncio.sleep(interval_s)

    def _where(self, path: tuple[str | int, ...]) -> str:
        """File and line of a rule, as far as they are known."""
        return self._settings.where(path)

    def _fault(self) -> str | None:
        """Why new calls would go to the last resort; None when they are served."""
        return "stopping" if self._stop.is_set() else self._centre.fault

    def _connect(
        self,
        on_event: Callable[[Event], None],
        on_link: Callable[[Link], None],
        is_free: Callable[[], Awaitable[bool]],
    ) -> Switch:
        asterisk = self._settings.daemon.asterisk
        return Switch(
            base_url=asterisk.base_url,
            credential=self._credential,
            app=asterisk.app,
            on_event=on_event,
            on_link=on_link,
            draw=random.random,
            is_free=is_free,
        )

    def _on_link(self, link: Link) -> None:
        match link:
            case Up():
                log.info("asterisk_up", version=link.version)
                self._alarms.end(remedy.ASTERISK_DOWN)
                self._alarms.end(remedy.STANDBY)
                self._duty_file.refresh()
            case Down():
                asterisk = self._settings.daemon.asterisk
                self._alarms.sound(outage.asterisk_down(link, asterisk, self._credential))
                self._alarms.end(remedy.STANDBY)
            case Standby():
                self._alarms.end(remedy.ASTERISK_DOWN)
                self._alarms.sound(remedy.standby(self._settings.daemon.asterisk))
        self._tell_manager()

    def _on_deserted(self, services: tuple[ServiceId, ...]) -> None:
        self._alarms.turn(remedy.DESERTED, remedy.nobody_on_duty(services) if services else None)
        self._reach.refresh()

    def _on_unreached(self, found: Unreached) -> None:
        nobody = remedy.nobody_reachable(found.services, found.people) if found.services else None
        self._alarms.turn(remedy.UNREACHED, nobody)
        post = None
        if found.post is not None:
            endpoint = self._centre.conductor.plan.operators.seats[found.post].endpoint
            post = remedy.post_unreachable(found.post, endpoint)
        self._alarms.turn(remedy.POST, post)
        known = self._centre.conductor.plan.zones.zones.trunks
        away = {trunk: known[trunk].endpoint for trunk in found.trunks}
        self._alarms.turn(remedy.TRUNK, remedy.trunk_down(away) if away else None)

    # Settings, and what an administrator has to know

    def _tell_start(self) -> None:
        """What was found wrong before there was a journal."""
        basis = self._basis
        tell_warnings(basis.settings)
        if basis.copy is not None:
            tell_refused(basis.problems, self._record)
            refused = remedy.settings_refused(basis.config, basis.problems, basis.copy)
            self._alarms.sound(refused)
        if basis.damaged:
            self._alarms.sound(remedy.known_good_damaged(basis.damaged))
        if self._notifier.is_forgotten:
            self._alarms.sound(remedy.not_supervised())

    def _use(self, settings: Settings, plan: Plan) -> None:
        """Accepted settings are in use from now on."""
        self._settings = settings
        self._centre.use(settings, plan)
        self._duty_file.refresh(plan)
        self._courier.use(settings.daemon.alarm_command)
        logging_setup.set_level(settings.daemon.log_level)

    def _look_at_heartbeat(self) -> Alarm | None:
        fault, asterisk = self._centre.heartbeat.fault, self._settings.daemon.asterisk
        return None if fault is None else outage.no_heartbeat(fault, asterisk, self._credential)

    def _look_at_channels(self) -> Alarm | None:
        refused = self._centre.conductor.refused
        return outage.no_channels(refused) if len(refused) > outage.ONE_PHONE else None

    def _look_at_spool(self) -> Alarm | None:
        fault = self._spool.fault
        folder = self._settings.daemon.journal.spool
        return None if fault is None else remedy.records_not_written(folder, fault)

    def _look_at_recorder(self) -> Alarm | None:
        fault = self._centre.conductor.recorder.fault
        return None if fault is None else remedy.talks_not_recorded(fault)

    def _look_for_prompts(self) -> Alarm | None:
        settings = self._settings
        folder = settings.daemon.sounds.folder
        missing = prompt.missing(settings.prompts, folder)
        return remedy.prompts_missing(missing, folder, self._basis.config) if missing else None

    def _on_console(self, fault: str | None) -> None:
        if fault is None:
            self._alarms.end(remedy.CONSOLE)
        else:
            self._alarms.sound(remedy.console_not_bound(self._settings.daemon.console, fault))

    def _on_agi(self, fault: str | None) -> None:
        agi = self._settings.daemon.agi
        alarm = None if fault is None else remedy.agi_not_bound(agi, fault)
        self._alarms.turn(remedy.AGI, alarm)

    def _on_control(self, fault: str | None) -> None:
        alarm = None if fault is None else remedy.control_not_bound(self._control.path, fault)
        self._alarms.turn(remedy.CONTROL, alarm)

    def _on_alarms(self) -> None:
        """Those that stand are others."""
        self._tell_manager()
        shown = self._alarms.shown
        self._courier.notice([alarm for alarm in shown if alarm.what != remedy.COMMAND])

    def _on_courier(self, command: AlarmCommandSettings, ran: Ran) -> None:
        """Whether the program that is told of alarms can be; it is not told of that."""
        fault = ran.fault
        alarm = None if fault is None else remedy.alarm_command_failed(command.run[0], fault)
        self._alarms.turn(remedy.COMMAND, alarm)

    def _tell_manager(self) -> None:
        """One line for `systemctl status`: whether calls are served, and what needs a hand."""
        names = self._alarms.names
        match self._centre.switch.link:
            case Up(version) if remedy.HEARTBEAT in names:
                line = f"no heartbeat, new calls go to the last resort, Asterisk {version}"
            case Up(version):
                line = f"serving, Asterisk {version}"
            case Down(reason):
                line = f"Asterisk is away: {reason}"
            case Standby():
                line = "standby: another daemon has the application"
        self._notifier.status(f"{line}; alarms: {', '.join(names)}" if names else line)

    def _note(self, what: str, **detail: str) -> None:
        self._record(Note(None, what, detail))

    def _record(self, note: Note) -> None:
        self._centre.journal.note(note, at=self._clock.now(), arrived=None)


def _look_at(file: FileNotebook[Any], not_written: Callable[[Path, str], Alarm]) -> Alarm | None:
    """What the disk did not take is tried again, and told as long as it does not."""
    fault = file.fault
    file.again()
    return None if fault is None else not_written(file.path, fault)
