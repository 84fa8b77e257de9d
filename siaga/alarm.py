"""What an administrator has to put right, told when it begins and ends, and rarely in between.

Callers are served meanwhile as far as they can be: an alarm never makes the daemon unhealthy.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import structlog

from console.status import AlarmShown
from routing.moment import Instant
from routing.note import Note
from siaga.clock import Clock

log = structlog.get_logger(__name__)

AGAIN_S: Final = 3600.0
"""An alarm that goes on is logged again each hour: a log of today shows it, and no more."""
LOOK_S: Final = 2.0
"""Between two looks at what tells nobody when it changes; each takes some 0.3 ms of a thread."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong.

    Attributes:
        what: A stable snake_case name; there is one alarm of a name at a time.
        why: What is wrong, in one line.
        do: What to do about it, in one line.
    """

    what: str
    why: str
    do: str


Look: TypeAlias = Callable[[], Alarm | None]


@dataclass(slots=True)
class _Standing:
    alarm: Alarm
    since: datetime
    told: Instant


class Alarms:
    """The alarms that stand now.

    Args:
        note: Takes a record of each beginning and end.
        clock: The only clock.
        looks: By an alarm's name, what finds out whether it stands; called in a thread.
        changed: Called when the alarms that stand are others.
    """

    def __init__(
        self,
        note: Callable[[Note], None],
        clock: Clock,
        looks: Mapping[str, Look],
        changed: Callable[[], None],
    ) -> None:
        self._note = note
        self._clock = clock
        self._looks = looks
        self._changed = changed
        self._standing: dict[str, _Standing] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those that stand, the oldest first."""
        return tuple(self._standing)

    @property
    def shown(self) -> Sequence[AlarmShown]:
        """Those that stand, for people and machines that ask."""
        return tuple(
            AlarmShown(
                what=standing.alarm.what,
                why=standing.alarm.why,
                do=standing.alarm.do,
                since=standing.since.replace(microsecond=0),
            )
            for standing in self._standing.values()
        )

    def sound(self, alarm: Alarm) -> None:
        """The alarm stands from now on, and is told.

        One that stands already and has the same remedy is the same: its words are brought up to
        date, and nothing is told. So a list that gets shorter, or a reason that alternates with
        another one, fills no log.
        """
        now = self._clock.now()
        before = self._standing.get(alarm.what)
        if before is not None and before.alarm.do == alarm.do:
            before.alarm = alarm
            return
        since = now.wall if before is None else before.since
        self._standing[alarm.what] = _Standing(alarm, since, now.instant)
        _tell(alarm)
        self._note(Note(None, "alarm", {"alarm": alarm.what, "why": alarm.why, "do": alarm.do}))
        self._changed()

    def end(self, what: str) -> None:
        """The alarm of that name stands no more, if it did."""
        if self._standing.pop(what, None) is not None:
            log.info("alarm_over", alarm=what)
            self._note(Note(None, "alarm_over", {"alarm": what}))
            self._changed()

    def turn(self, what: str, alarm: Alarm | None) -> None:
        """The alarm of that name stands from now on, or no more (None)."""
        if alarm is None:
            self.end(what)
        else:
            self.sound(alarm)

    async def run(self) -> None:
        """Looks, and tells again what goes on, until cancelled."""
        while True:
            try:
                found = await asyncio.to_thread(self._look)
            except Exception:
                # Whoever only looks must not end the daemon.
                log.exception("look_failed")
                found = {}
            for what, alarm in found.items():
                self.turn(what, alarm)
            self.remind()
            await asyncio.sleep(LOOK_S)

    def remind(self) -> None:
        """Logs again what was told an hour ago and still stands."""
        now = self._clock.now().instant
        for standing in self._standing.values():
            if now - standing.told >= AGAIN_S:
                standing.told = now
                _tell(standing.alarm)

    def _look(self) -> dict[str, Alarm | None]:
        return {what: look() for what, look in self._looks.items()}


def _tell(alarm: Alarm) -> None:
    log.warning(alarm.what, why=alarm.why, do=alarm.do)
