"""Carries alarms to a program of the administrator's, which needs no broker: `alarm_command`.

    alarms ──changed──▶ backlog ──one at a time, as often as is allowed──▶ the program

What is told is always what is so: an alarm that comes and goes while nobody may be told is not told
at all, and one that was told and is over is told as over. The program's fate is its own: it may
fail, hang, or write for ever, and calls go on.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import Final

import msgspec
import structlog

from console.status import AlarmShown
from routing.moment import Instant, after
from siaga import errand
from siaga.clock import Clock
from siaga.errand import Ran
from siaga.site import AlarmCommandSettings

log = structlog.get_logger(__name__)

HOUR_S: Final = 3600.0
TEXT_CHARS: Final = 2_000
"""Of `why` and of `do`; some quote what a program or a person has written."""


class Turn(StrEnum):
    """What an alarm has done."""

    RAISED = "raised"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Tiding:
    """One thing to be told."""

    turn: Turn
    alarm: AlarmShown


class Backlog:
    """What is to be told, and when. It is bounded by how many alarms there are.

    An alarm is raised at most once in `again_s`; that it is over is told at once. Of all together
    there are at most `per_hour` in an hour; what has to wait is told when there is room, if it is
    still so.
    """

    def __init__(self) -> None:
        self._standing: dict[str, AlarmShown] = {}
        self._told: dict[str, AlarmShown] = {}
        self._raised: dict[str, Instant] = {}
        self._sent: deque[Instant] = deque()

    def notice(self, alarms: Sequence[AlarmShown]) -> None:
        """These stand now, and no others."""
        self._standing = {alarm.what: alarm for alarm in alarms}

    def take(self, settings: AlarmCommandSettings, at: Instant) -> Tiding | None:
        """What is to be told now, as told from now on; None if there is nothing yet."""
        due = self._next(settings)
        if due is None or due[0] > at:
            return None
        _, tiding = due
        name = tiding.alarm.what
        while self._sent and after(self._sent[0], HOUR_S) <= at:
            self._sent.popleft()
        self._sent.append(at)
        if tiding.turn is Turn.RAISED:
            self._raised[name] = at
            self._told[name] = tiding.alarm
        else:
            del self._told[name]
        return tiding

    def due(self, settings: AlarmCommandSettings) -> Instant | None:
        """When there is something to be told, if nothing happens before."""
        due = self._next(settings)
        return None if due is None else due[0]

    def _next(self, settings: AlarmCommandSettings) -> tuple[Instant, Tiding] | None:
        """The first of all, and when; what is over first."""
        room = Instant(0.0)
        if len(self._sent) >= settings.per_hour:
            room = after(self._sent[-settings.per_hour], HOUR_S)
        for name, told in self._told.items():
            if name not in self._standing:
                return room, Tiding(Turn.CLEARED, told)
        found: tuple[Instant, Tiding] | None = None
        for name, alarm in self._standing.items():
            told_before = self._told.get(name)
            if told_before is not None and told_before.do == alarm.do:
                continue
            last = self._raised.get(name)
            due = room if last is None else max(room, after(last, settings.again_s))
            if found is None or due < found[0]:
                found = due, Tiding(Turn.RAISED, alarm)
        return found


class Courier:
    """Runs the program for each tiding, one after the other.

    Args:
        settings: Of the program; None: there is none, and nobody is told.
        clock: The only clock.
        on_ran: Takes how each run went, with the settings that it was of.
    """

    def __init__(
        self,
        settings: AlarmCommandSettings | None,
        clock: Clock,
        on_ran: Callable[[AlarmCommandSettings, Ran], None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._on_ran = on_ran
        self._backlog = Backlog()
        self._changed = asyncio.Event()

    def use(self, settings: AlarmCommandSettings | None) -> None:
        """Accepted settings are in force from now on."""
        self._settings = settings
        self._changed.set()

    def notice(self, alarms: Sequence[AlarmShown]) -> None:
        """These stand now; returns at once."""
        self._backlog.notice(alarms)
        self._changed.set()

    async def run(self) -> None:
        """Carries until cancelled; then a program that runs is ended, too."""
        while True:
            self._changed.clear()
            settings = self._settings
            if settings is None:
                await self._changed.wait()
                continue
            tiding = self._backlog.take(settings, self._clock.now().instant)
            if tiding is None:
                await self._wait(self._backlog.due(settings))
                continue
            ran = await deliver(settings, tiding)
            if ran.fault is not None:
                log.warning(
                    "alarm_command_failed",
                    alarm=tiding.alarm.what,
                    turn=str(tiding.turn),
                    why=ran.fault,
                    said=ran.said,
                )
            self._on_ran(settings, ran)

    async def _wait(self, due: Instant | None) -> None:
        seconds = None if due is None else max(0.0, due - self._clock.now().instant)
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass


async def deliver(settings: AlarmCommandSettings, tiding: Tiding) -> Ran:
    """One run of the program."""
    facts = facts_of(tiding)
    environment = {f"SIAGA_ALARM_{name.upper()}": value for name, value in facts.items()}
    given = msgspec.json.encode(facts) + b"\n"
    return await errand.run(settings.run, environment, given, settings.limit_s)


def facts_of(tiding: Tiding) -> dict[str, str]:
    """What the program is given, by name. No caller is in an alarm, nor a secret."""
    alarm = tiding.alarm
    return {
        "name": alarm.what,
        "turn": str(tiding.turn),
        "why": _text(alarm.why),
        "do": _text(alarm.do),
        "since": alarm.since.isoformat(),
        "host": socket.gethostname(),
        "version": version("siaga112"),
    }


def _text(text: str) -> str:
    return text.replace("\0", "·")[:TEXT_CHARS]
