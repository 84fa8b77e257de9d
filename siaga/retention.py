"""Personal facts are kept for as long as the settings say: once a day what is older is removed.

The law behind it is UU 27/2022 (docs/recording.md). What was removed, up to when and at whose wish
is a record, also when there was nothing to remove: so the journal shows that somebody looks.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import structlog

from console.removal import Removal
from routing.moment import Instant
from routing.note import Detail, Note
from siaga import remedy
from siaga.alarm import Alarm
from siaga.broom import Order
from siaga.clock import Clock
from siaga.settings import Settings
from siaga.site import LEAST_DAYS, RetentionSettings

log = structlog.get_logger(__name__)

LOOK_S: Final = 60.0
"""Between two looks at the clock, which people may set."""
AGAIN_S: Final = 3600.0
"""After a purge that has failed."""
NIGHTLY: Final = "retention"
"""By whom a purge is that nobody has asked for."""
_REMOVAL: Final = msgspec.json.Decoder(Removal)


class Retention:
    """Has what is too old removed.

    Args:
        clock: The only clock.
        settings: The accepted settings.
        note: Takes the record of what was removed.
        turn: Takes the alarm of a purge that has failed, or None when one has not.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Callable[[], Settings],
        note: Callable[[Note], None],
        turn: Callable[[str, Alarm | None], None],
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._note = note
        self._turn = turn
        self._one = asyncio.Lock()
        self._done: date | None = None
        self._not_before = Instant(0.0)
        self._asked: set[asyncio.Task[Removal]] = set()

    async def run(self) -> None:
        """Each day at its time, or soon after a start that has missed it, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except Exception:
                log.exception("retention_failed")

    async def look(self) -> None:
        """Removes what is too old if it is time, and that was not done today."""
        settings, now = self._settings(), self._clock.now()
        rule, here = settings.daemon.retention, now.wall.astimezone(_zone(settings))
        is_due = here.date() != self._done and here.time() >= rule.at
        if not is_due or now.instant < self._not_before or not _days(rule):
            return
        removal = await self.purge(NIGHTLY)
        if removal.fault is None:
            self._done = here.date()
        else:
            self._not_before = Instant(now.instant + AGAIN_S)

    def ask(self, by: str, days: int | None, *, dry_run: bool) -> asyncio.Task[Removal]:
        """Has it done whatever becomes of who asks; as `purge`, but for no less than a week."""
        days = None if days is None else max(days, LEAST_DAYS)
        task = asyncio.create_task(self.purge(by, days, dry_run=dry_run), name="purge")
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        return task

    async def purge(self, by: str, days: int | None = None, *, dry_run: bool = False) -> Removal:
        """Removes what is too old, and records it; what came of it.

        Args:
            by: Who wants it.
            days: So old at least, of every kind; None: as the settings say of each.
            dry_run: Tell what would be removed; nothing is, and nothing is recorded.
        """
        async with self._one:
            order = self._order(days, dry_run=dry_run)
            removal = await _swept(order)
        if not dry_run:
            self._note(_note(by, removal))
            alarm = None if removal.fault is None else remedy.not_purged(removal.fault)
            self._turn(remedy.PURGE, alarm)
        return removal

    def _order(self, days: int | None, *, dry_run: bool) -> Order:
        settings, now = self._settings(), self._clock.now().wall
        rule, recording = settings.daemon.retention, settings.daemon.recording

        def before(kept_days: int | None) -> datetime | None:
            kept_days = days if days is not None else kept_days
            return None if kept_days is None else now - timedelta(days=kept_days)

        return Order(
            spool=str(settings.daemon.journal.spool),
            store=settings.daemon.journal.store,
            talks=None if recording is None else str(recording.folder),
            zone=settings.roster.timezone,
            dry_run=dry_run,
            recordings_before=before(rule.recordings_days),
            numbers_before=before(rule.numbers_days),
            locations_before=before(rule.locations_days),
        )


def _zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.roster.timezone)


def _days(rule: RetentionSettings) -> bool:
    """Whether anything is to be removed at all."""
    kept = (rule.recordings_days, rule.numbers_days, rule.locations_days)
    return any(days is not None for days in kept)


async def _swept(order: Order) -> Removal:
    """What the process that does it tells, or why there was none."""
    failed = Removal(dry_run=order.dry_run)
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "siaga.broom", msgspec.json.encode(order).decode()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate()
    except OSError as error:
        return msgspec.structs.replace(failed, fault=str(error))
    try:
        return _REMOVAL.decode(told)
    except msgspec.DecodeError:
        why = f"the process that removes has ended with {process.returncode}; see the log"
        return msgspec.structs.replace(failed, fault=why)


def _note(by: str, removal: Removal) -> Note:
    """The record; of what has failed too, since a part of it may have been removed."""
    detail: dict[str, Detail] = {
        "by": by,
        "recordings": removal.recordings,
        "numbers": removal.numbers,
        "locations": removal.locations,
    }
    for name in ("recordings_before", "numbers_before", "locations_before"):
        before = getattr(removal, name)
        detail[name] = None if before is None else before.isoformat(timespec="seconds")
    if removal.fault is not None:
        detail["fault"] = removal.fault
    return Note(None, "purged", detail)
