"""What `siaga112 check` says of a folder of settings, before it goes live."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ivr.announcer import APART_S
from ivr.prompt import Prompt
from siaga import prompt
from siaga.gap import Gap, gaps
from siaga.patience import Wait, announcement, confused_wait, silent_wait, slowed_wait
from siaga.problem import Place, Problem, SettingsError, SettingsPath, Severity
from siaga.settings import Settings, load
from siaga.site import MqttSettings

SILENT_LIMIT_S: Final = 20.0
"""NENA-STA-020.1: 95 % of calls answered within 20 s; a silent caller's phone rings by then."""
SLOWED_LIMIT_S: Final = 40.0
"""NFPA 1221 (2016), 7.4: 99 % of calls answered within 40 s; those of slowed callers are few."""
AHEAD: Final = timedelta(days=14)
"""So far the roster is looked at for services with nobody on duty."""
NOT_LOOKED_AT: Final = (
    "Asterisk (endpoints, trunks, passwords)",
    "phones",
    "whether numbers outside answer",
)
"""What no file can tell."""
SHOWN: Final = 4
"""Missing prompts that are named."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is worth knowing of settings that can be used.

    Attributes:
        settings: The settings.
        start: From when the roster was looked at, up to `AHEAD` later.
        silent: The wait of a caller who presses nothing.
        confused: The longest wait of a caller who presses wrong keys.
        slowed: The longest wait of a caller who is slowed down; None where nobody is.
        gaps: When services have nobody on duty.
        on_duty: The names of who is on duty at the start.
        missing: Prompts that are not rendered.
    """

    settings: Settings
    start: datetime
    silent: Wait
    confused: Wait
    slowed: Wait | None
    gaps: tuple[Gap, ...]
    on_duty: tuple[str, ...]
    missing: tuple[str, ...]

    def lines(self) -> Iterator[tuple[str, str]]:
        """What was looked at, and what was found there."""
        settings = self.settings
        zones, menu, end = settings.zones, settings.menu, self.start + AHEAD
        files = (f"{name} {len(data) / 1024:.1f} KiB" for name, data in settings.files.items())
        yield "files", f"{', '.join(files)} (set {settings.name})"
        keys = f"{_counted(len(menu.keys), 'key')} in {', '.join(menu.languages)}"
        yield "menu", f"{keys}, for services {', '.join(settings.catalogue.services)}"
        trunks = f"{_counted(len(zones.trunks), 'trunk')} ({', '.join(zones.trunks)})"
        prefixes = _counted(len(zones.prefixes), "prefix", "prefixes")
        yield "zones", f"{trunks}, {prefixes}, {_counted(len(zones.neighbours), 'neighbour')}"
        tables = settings.tables
        ranges = _counted(len(tables.ranges), "range of numbers", "ranges of numbers")
        cells, map_ = (
            _counted(len(tables.cells.rows), "cell"),
            "no" if tables.atlas is None else "a",
        )
        yield "", f"{ranges}, {cells}, {map_} map of boundaries"
        days = f"{_time(self.start, settings)} to {_time(end, settings)}, {AHEAD.days} days"
        empty = _counted(len(self.gaps), "time") if self.gaps else "never"
        yield "roster", f"{days}: a service is {empty} without anybody on duty"
        yield "on duty", f"now {', '.join(self.on_duty) or 'nobody'}"
        yield "silent", _told(self.silent)
        yield "confused", _told(self.confused)
        if self.slowed is not None:
            yield "slowed", _told(self.slowed)
        yield "mqtt", _mqtt(settings.daemon.mqtt)
        more = ", …" if len(self.missing) > SHOWN else ""
        missing = f"{', '.join(self.missing[:SHOWN])}{more}"
        found = f"not there: {missing}; siaga112 prompts" if self.missing else "all are there"
        yield "prompts", f"{settings.daemon.sounds.folder}: {found}"
        yield "not seen", ", ".join(NOT_LOOKED_AT)

    def as_json(self) -> dict[str, object]:
        """The same for machines."""
        settings = self.settings
        catalogue, operators, zones = settings.catalogue, settings.operators, settings.zones
        return {
            "set": settings.name,
            "files": {
                name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in settings.files.items()
            },
            "services": list(catalogue.services),
            "menu_keys": dict(settings.menu.keys),
            "trunks": list(zones.trunks),
            "prefixes": len(zones.prefixes),
            "neighbours": len(zones.neighbours),
            "ranges": len(settings.tables.ranges),
            "cells": len(settings.tables.cells.rows),
            "boundaries": settings.tables.atlas is not None,
            "agencies": len(operators.agencies),
            "people": len(operators.people),
            "seats": len(operators.seats),
            "roster_from": self.start.isoformat(),
            "roster_to": (self.start + AHEAD).isoformat(),
            "gaps": [
                {
                    "services": list(gap.services),
                    "from": gap.start.isoformat(),
                    "to": gap.end.isoformat(),
                }
                for gap in self.gaps
            ],
            "on_duty": list(self.on_duty),
            "silent_caller_s": round(self.silent.seconds, 1),
            "silent_caller_is_estimate": self.silent.is_estimate,
            "silent_caller_parts": {p.what: round(p.seconds, 1) for p in self.silent.parts},
            "wrong_keys_s": round(self.confused.seconds, 1),
            "slowed_caller_s": None if self.slowed is None else round(self.slowed.seconds, 1),
            "mqtt": _mqtt(settings.daemon.mqtt),
            "prompts_missing": list(self.missing),
            "not_looked_at": list(NOT_LOOKED_AT),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a folder of settings, and what is worth knowing of it.

    Attributes:
        folder: As it was given.
        problems: Errors and warnings, by file and line.
        outlook: None when there are errors: then nothing more was looked at.
    """

    folder: Path
    problems: tuple[Problem, ...]
    outlook: Outlook | None = None

    @property
    def errors(self) -> int:
        """How many errors there are; with any the settings cannot be used."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return len(self.problems) - self.errors

    def as_json(self) -> dict[str, object]:
        """The report for machines: values that `json` can write."""
        return {
            "folder": str(self.folder),
            "ok": self.errors == 0,
            "errors": self.errors,
            "warnings": self.warnings,
            "problems": [
                {
                    "file": problem.file,
                    "line": problem.line,
                    "col": problem.col,
                    "severity": str(problem.severity),
                    "message": problem.message,
                }
                for problem in self.problems
            ],
            **({} if self.outlook is None else self.outlook.as_json()),
        }

    def lines(self) -> Iterator[str]:
        """The report for people: the problems, each with its place, then what was looked at."""
        yield from (str(problem) for problem in self.problems)
        count = f"{_counted(self.errors, 'error')}, {_counted(self.warnings, 'warning')}"
        if self.outlook is None:
            yield f"{self.folder}: {count}; these settings cannot be used"
            return
        catalogue, operators = self.outlook.settings.catalogue, self.outlook.settings.operators
        yield (
            f"{self.folder}: {count}; {_counted(len(catalogue.services), 'service')}, "
            f"{len(operators.people)} people, {_counted(len(operators.seats), 'seat')}"
        )
        yield from (f"  {what:<8}  {found}" for what, found in self.outlook.lines())


def check(folder: Path, *, at: datetime) -> Report:
    """The report on the settings of a folder, as of that instant; it never raises for bad ones."""
    try:
        settings = load(folder)
    except SettingsError as error:
        return Report(folder, error.problems)
    plan, people = settings.plan(), settings.operators.people
    outlook = Outlook(
        settings=settings,
        start=at,
        silent=silent_wait(settings),
        confused=confused_wait(settings),
        slowed=None if settings.catalogue.throttle is None else slowed_wait(settings),
        gaps=gaps(plan, at, AHEAD),
        on_duty=tuple(people[duty.person].name for duty in plan.roster.on_duty(at)),
        missing=prompt.missing(settings.prompts, settings.daemon.sounds.folder),
    )
    found = [
        *settings.warnings,
        *_too_long(outlook),
        *_too_slow(outlook),
        *_cut_off(settings),
        *_empty(outlook),
    ]
    return Report(folder, tuple(sorted(found)), outlook)


def _mqtt(mqtt: MqttSettings) -> str:
    """What is published where, and what may be asked for."""
    broker = mqtt.broker
    if broker is None:
        return "nothing is published (no mqtt.host)"
    way = "with TLS" if broker.tls else "in the clear"
    who = "nobody's name" if broker.user is None else f"the name {broker.user}"
    full = f"numbers in full in {', '.join(broker.numbers)}" if broker.numbers else "numbers masked"
    told = f"commands {', '.join(broker.commands)}" if broker.commands else "no commands"
    return f"{broker} {way} under {who}, {broker.prefix}/…, {full}, {told}"


def _too_long(outlook: Outlook) -> Iterator[Problem]:
    if outlook.silent.seconds > SILENT_LIMIT_S:
        message = (
            f"a caller who presses nothing rings a human only after {outlook.silent}; "
            f"expected at most {SILENT_LIMIT_S:g} s: shorten this text, first_digit_s or repeats"
        )
        yield _warning(outlook.settings, ("prompts", "texts", str(Prompt.MENU)), message)


def _cut_off(settings: Settings) -> Iterator[Problem]:
    """Words that are still being said when the next ones may begin."""
    longest = announcement(settings)
    if longest.seconds > APART_S:
        message = (
            f"what a waiting caller is told takes {longest}; expected at most {APART_S:g} s, after "
            "which the next may begin and cut it off: shorten these texts"
        )
        yield _warning(settings, ("prompts", "texts", str(Prompt.WAITING)), message)


def _too_slow(outlook: Outlook) -> Iterator[Problem]:
    if outlook.slowed is not None and outlook.slowed.seconds > SLOWED_LIMIT_S:
        message = (
            f"a caller who is slowed down rings a human only after {outlook.slowed}; "
            f"expected at most {SLOWED_LIMIT_S:g} s: shorten this text"
        )
        path = ("prompts", "texts", str(Prompt.EMERGENCY))
        yield _warning(outlook.settings, path, message)


def _empty(outlook: Outlook) -> Iterator[Problem]:
    """One warning for each service with its first gap: the later ones mostly repeat it."""
    settings = outlook.settings
    for services in dict.fromkeys(gap.services for gap in outlook.gaps):
        first, *more = (gap for gap in outlook.gaps if gap.services == services)
        times = f", and {_counted(len(more), 'time')} more" if more else ""
        message = (
            f"nobody is on duty for {', '.join(services)} ({', '.join(first.agencies)}) from "
            f"{_time(first.start, settings)} to {_time(first.end, settings)}{times} "
            f"in the next {AHEAD.days} days: such callers overflow at once"
        )
        yield _warning(settings, ("roster", "weekly"), message)


def _warning(settings: Settings, path: SettingsPath, message: str) -> Problem:
    place = settings.locate(path) or Place(str(path[0]), 1, 1)
    return Problem(*place, message, Severity.WARNING)


def _time(at: datetime, settings: Settings) -> str:
    """As the site's own clock shows it."""
    return f"{at.astimezone(ZoneInfo(settings.roster.timezone)):%a %d %b %H:%M}"


def _told(wait: Wait) -> str:
    guess = ", estimated" if wait.is_estimate else ""
    return f"a human rings after {wait}{guess}"


def _counted(number: int, one: str, many: str = "") -> str:
    """How many of what; `many` is the word for more than one, if it is not `one` and an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
