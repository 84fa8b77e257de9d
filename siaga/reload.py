"""New settings for a daemon that runs: all of a set, or nothing of it.

    SIGHUP, or the control socket
      ─▶ read and judged in a thread ─▶ refused: nothing changes, each error is told
                                     └▶ accepted: in use at once, then kept as known good

A call keeps the dialogue that it began with; operators, roster and overflow are the new ones for
callers who wait, too. What is wired into the process at its start stays as it was until a restart,
which is told; all else of the set is used.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog

from console.outcome import Accepted, Failed, Finding, Outcome, Refused
from console.status import RefusalShown, SettingsShown
from routing.note import Note
from routing.plan import Plan
from siaga import remedy
from siaga.alarm import Alarms
from siaga.basis import Basis
from siaga.clock import Clock
from siaga.known_good import Copy
from siaga.problem import Problem, SettingsError, Severity
from siaga.settings import Settings, load

log = structlog.get_logger(__name__)
T = TypeVar("T")

FIXED: Final = ("asterisk", "journal", "console", "agi", "mqtt", "recording")
"""Sections of `siaga.yaml` that are used at the start only."""


@dataclass(frozen=True, slots=True)
class _InUse:
    """What is used: whence, since when, and what of it waits for a restart."""

    settings: Settings
    accepted: datetime
    copy: Copy | None
    waits: Mapping[str, str]


class Reload:
    """Brings the settings of a folder into use, each time that it is asked for.

    Args:
        basis: The folder, what is in use, and what keeps it as known to be good.
        clock: The only clock.
        alarms: Tells what is refused.
        note: Takes the records.
        use: Puts accepted settings into use.
    """

    def __init__(
        self,
        basis: Basis,
        *,
        clock: Clock,
        alarms: Alarms,
        note: Callable[[Note], None],
        use: Callable[[Settings, Plan], None],
    ) -> None:
        now, copy = clock.now().wall, basis.copy
        self._basis = basis
        self._clock = clock
        self._alarms = alarms
        self._note = note
        self._use = use
        self._in_use = _InUse(basis.settings, copy.accepted if copy else now, copy, {})
        self._refused = _refusal(now, basis.problems) if copy else None
        self._asked = asyncio.Event()
        self._next: asyncio.Future[Outcome] | None = None

    @property
    def settings(self) -> Settings:
        """Those in use."""
        return self._in_use.settings

    @property
    def shown(self) -> SettingsShown:
        """What is in use, and what waits to be."""
        in_use = self._in_use
        return SettingsShown(
            folder=str(self._basis.config),
            known_good=str(in_use.copy.folder) if in_use.copy else None,
            accepted=in_use.accepted,
            warnings=_findings(in_use.settings.warnings),
            refused=self._refused,
            restart_needed=in_use.waits,
        )

    def ask(self) -> asyncio.Future[Outcome]:
        """Has the settings read again, and tells what has come of it.

        What is read is read after this call, never before: who asks while a reading is under way
        gets the next one. All who ask before it begins share it, and whoever waits for it shields
        it (`asyncio.shield`).
        """
        if self._next is None or self._next.done():  # whoever has it may have cancelled it
            self._next = asyncio.get_running_loop().create_future()
        self._asked.set()
        return self._next

    async def run(self) -> None:
        """Serves until cancelled; nothing that goes wrong here ends the daemon."""
        if self._basis.copy is None:
            await self._safely(self._keep(self.settings))
        while True:
            await self._asked.wait()
            self._asked.clear()
            asked, self._next = self._next, None
            outcome = await self._safely(self._reload())
            if asked is not None and not asked.done():
                asked.set_result(outcome)

    async def _safely(self, work: Coroutine[Any, Any, T]) -> T | Failed:
        try:
            return await work
        except Exception as error:
            log.exception("reload_failed")
            self._note(Note(None, "reload_failed", {"error": repr(error)}))
            return Failed(why=repr(error))

    async def _reload(self) -> Outcome:
        try:
            settings, plan = await asyncio.to_thread(self._judged)
        except SettingsError as error:
            return self._refuse(error.problems)
        before = self._in_use.settings
        settings_used, waits = fixed(before, settings)
        changed = tuple(
            name for name, data in settings.files.items() if before.files.get(name) != data
        )
        # Told first: what comes of it, such as offers to who is new on duty, stands after it.
        warnings = len(settings.warnings)
        self._note(Note(None, "settings_reloaded", {"set": settings.name, "warnings": warnings}))
        self._use(settings_used, plan)
        self._in_use = _InUse(settings_used, self._clock.now().wall, None, waits)
        self._refused = None
        tell_warnings(settings)
        folder = str(self._basis.config)
        log.info("settings_reloaded", folder=folder, set=settings.name, changed=changed)
        self._alarms.end(remedy.SETTINGS)
        if waits:
            self._alarms.sound(remedy.restart_needed(waits))
        else:
            self._alarms.end(remedy.RESTART)
        return Accepted(
            folder=folder,
            changed=changed,
            restart_needed=waits,
            warnings=_findings(settings.warnings),
            kept=await self._keep(settings),
        )

    def _judged(self) -> tuple[Settings, Plan]:
        settings = load(self._basis.config)
        return settings, settings.plan()

    def _refuse(self, problems: Sequence[Problem]) -> Refused:
        tell_refused(problems, self._note)
        refusal = self._refused = _refusal(self._clock.now().wall, problems)
        copy = self._in_use.copy
        self._alarms.sound(remedy.settings_refused(self._basis.config, problems, copy))
        return Refused(
            folder=str(self._basis.config),
            problems=refusal.problems,
            in_use_since=self._in_use.accepted,
        )

    async def _keep(self, settings: Settings) -> bool:
        """Whether a start will find these when it finds only errors."""
        known_good = self._basis.known_good
        try:
            await asyncio.to_thread(known_good.keep, settings)
        except OSError as error:
            self._alarms.sound(remedy.settings_not_kept(known_good, error))
            return False
        self._alarms.end(remedy.NOT_KEPT)
        return True


def _refusal(at: datetime, problems: Sequence[Problem]) -> RefusalShown:
    return RefusalShown(at=at, problems=_findings(problems))


def _findings(problems: Sequence[Problem]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            file=problem.file,
            line=problem.line,
            col=problem.col,
            severity=str(problem.severity),
            message=problem.message,
            text=str(problem),
        )
        for problem in problems
    )


def tell_warnings(settings: Settings) -> None:
    """What can be lived with is told when the settings come into use."""
    for warning in settings.warnings:
        log.warning("settings_warning", problem=str(warning))


def tell_refused(problems: Sequence[Problem], note: Callable[[Note], None]) -> None:
    """Each problem is a line of the log, and all of them are one record."""
    for problem in problems:
        is_error = problem.severity is Severity.ERROR
        (log.error if is_error else log.warning)("settings_error", problem=str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    told = "\n".join(str(problem) for problem in problems)
    note(Note(None, "settings_refused", {"errors": errors, "problems": told}))


def fixed(old: Settings, new: Settings) -> tuple[Settings, dict[str, str]]:
    """The new settings with what cannot change in a running daemon left as it is.

    Returns:
        The settings to be used, and by name what was changed in vain, with its place.
    """
    changed: dict[str, str] = {}
    for section in FIXED:
        before, after = getattr(old.daemon, section), getattr(new.daemon, section)
        if before is None or after is None:
            if before is not after:
                changed[section] = str(new.locate(("siaga", section)))
            continue
        for name in (each.name for each in fields(before)):
            if getattr(before, name) != getattr(after, name):
                place = new.locate(("siaga", section, name))
                changed[f"{section}.{name}"] = str(place)
    kept = {section: getattr(old.daemon, section) for section in FIXED}
    return replace(new, daemon=replace(new.daemon, **kept)), changed
