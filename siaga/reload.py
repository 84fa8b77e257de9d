"""New settings for a daemon that runs: all of a set, or nothing of it.

    SIGHUP ─▶ read and judged in a thread ─▶ refused: nothing changes, each error is told
                                          └▶ accepted: in use at once, then kept as known good

A call keeps the dialogue that it began with; operators, roster and overflow are the new ones for
callers who wait, too. What is wired into the process at its start stays as it was until a restart,
which is told; all else of the set is used.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import fields, replace
from typing import Any

import structlog

from routing.note import Note
from routing.plan import Plan
from siaga import remedy
from siaga.alarm import Alarms
from siaga.basis import Basis
from siaga.problem import Problem, SettingsError, Severity
from siaga.settings import Settings, load

log = structlog.get_logger(__name__)

FIXED = ("asterisk", "journal", "console", "agi")
"""Sections of `siaga.yaml` that are used at the start only."""


class Reload:
    """Brings the settings of a folder into use, each time that it is asked for.

    Args:
        basis: The folder, what is in use, and what keeps it as known to be good.
        alarms: Tells what is refused.
        note: Takes the records.
        use: Puts accepted settings into use.
        manager: Whether systemd runs this daemon.
    """

    def __init__(
        self,
        basis: Basis,
        *,
        alarms: Alarms,
        note: Callable[[Note], None],
        use: Callable[[Settings, Plan], None],
        manager: bool,
    ) -> None:
        self._basis = basis
        self._settings = basis.settings
        self._alarms = alarms
        self._note = note
        self._use = use
        self._manager = manager
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read the settings again, soon; asked for many times at once it is done once."""
        self._asked.set()

    async def run(self) -> None:
        """Serves until cancelled; nothing that goes wrong here ends the daemon."""
        if self._basis.copy is None:
            await self._safely(self._keep(self._settings))
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self._safely(self._reload())

    async def _safely(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.exception("reload_failed")
            self._note(Note(None, "reload_failed", {"error": repr(error)}))

    async def _reload(self) -> None:
        try:
            settings, plan = await asyncio.to_thread(self._judged)
        except SettingsError as error:
            self._refuse(error.problems)
            return
        in_use, changed = fixed(self._settings, settings)
        self._use(in_use, plan)
        self._settings = in_use
        tell_warnings(settings)
        log.info("settings_reloaded", folder=str(self._basis.config))
        self._note(Note(None, "settings_reloaded", {"warnings": len(settings.warnings)}))
        self._alarms.end(remedy.SETTINGS)
        if changed:
            self._alarms.sound(remedy.restart_needed(changed))
        else:
            self._alarms.end(remedy.RESTART)
        await self._keep(settings)

    def _judged(self) -> tuple[Settings, Plan]:
        settings = load(self._basis.config)
        return settings, settings.plan()

    def _refuse(self, problems: Sequence[Problem]) -> None:
        tell_refused(problems, self._note)
        alarm = remedy.settings_refused(self._basis.config, problems, None, manager=self._manager)
        self._alarms.sound(alarm)

    async def _keep(self, settings: Settings) -> None:
        known_good = self._basis.known_good
        try:
            await asyncio.to_thread(known_good.keep, settings)
        except OSError as error:
            self._alarms.sound(remedy.settings_not_kept(known_good, error))
        else:
            self._alarms.end(remedy.NOT_KEPT)


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
        for name in (each.name for each in fields(before)):
            if getattr(before, name) != getattr(after, name):
                place = new.locate(("siaga", section, name))
                changed[f"{section}.{name}"] = str(place)
    kept = {section: getattr(old.daemon, section) for section in FIXED}
    return replace(new, daemon=replace(new.daemon, **kept)), changed
