"""The file of who is on duty in the days ahead, kept current in Asterisk for the last resort.

    settings, day, Asterisk new ─▶ rows ─▶ other than in the file? ─▶ file replaced
                                        └▶ other than in Asterisk? ─▶ its dialplan reloaded

Asterisk's global SIAGA_ROWS, which the file itself sets, tells what it has read. So nothing is
reloaded twice, and a reload that went wrong is known. A reload touches no call and no other global.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from routing.moment import Instant
from routing.plan import Plan
from siaga import dialplan, remedy
from siaga.alarm import Alarm
from siaga.clock import Clock
from siaga.duty import rows_ahead
from switch.client import Link, Up
from switch.error import Refused, SwitchError

log = structlog.get_logger(__name__)

DAYS: Final = 30
"""The last resort knows the roster for so long after the daemon was last here."""
LOOK_S: Final = 60.0
"""Between two looks at file and Asterisk; one takes a millisecond when nothing has changed."""
AGAIN_S: Final = 3600.0
"""Rows that Asterisk did not take are offered again so late: each reload reads all its dialplan."""
MODULE: Final = "pbx_config.so"
"""Reads extensions.conf; reloading it is what `dialplan reload` does."""


def duty_text(plan: Plan, at: datetime, days: int = DAYS) -> str:
    """The text of `siaga-duty.conf`: the same all day long, but for the time in its first line.

    Rows begin with the site's day and end `days` days after it.

    Raises:
        UnsafeValue: A service or an endpoint is not a plain name.
    """
    # The roster keeps its answers: another thread must not ask the floor's.
    private = replace(plan, roster=plan.roster.apart())
    zone = ZoneInfo(plan.roster.plan.timezone)
    begin = datetime.combine(at.astimezone(zone).date(), time.min, zone)
    rows = rows_ahead(private, begin, days + 1)
    return dialplan.render_duty({str(service): own for service, own in rows.items()}, at)


class Host(Protocol):
    """What the file needs of Asterisk and the connection to it."""

    @property
    def link(self) -> Link:
        """Whether Asterisk is there, and is ours."""

    async def get_global(self, name: str) -> str:
        """The value of a global variable; empty if it was never set."""

    async def reload_module(self, name: str) -> None:
        """Makes a module read its files again; returns when it has."""


class DutyFile:
    """Keeps the file equal to the roster, and Asterisk to the file.

    Args:
        switch: Asterisk; while it is away, or another daemon has the calls, nothing is done.
        clock: The only clock.
        plan: The accepted settings.
        folder: Where the file is; None: nowhere.
        tell: Takes what is wrong, by the name of the alarm; None when it is not, or no more.
    """

    def __init__(
        self,
        switch: Host,
        clock: Clock,
        plan: Plan,
        folder: Path | None,
        tell: Callable[[str, Alarm | None], None],
    ) -> None:
        self._switch = switch
        self._clock = clock
        self._plan = plan
        self._folder = folder
        self._tell = tell
        self._due = asyncio.Event()
        self._rendered: tuple[Plan, date, str] | None = None
        self._refused: tuple[str, Instant] | None = None

    def refresh(self, plan: Plan | None = None) -> None:
        """Settings or Asterisk are new: look now."""
        self._plan = plan or self._plan
        self._refused = None
        self._due.set()

    async def run(self) -> None:
        """Looks each minute, and when told to, until cancelled."""
        while True:
            self._due.clear()
            try:
                await self.look()
            except Exception:
                # Whoever only helps the last resort must not end the daemon.
                log.exception("duty_file_failed")
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._due.wait()
            except TimeoutError:
                pass

    async def look(self) -> None:
        """Brings file and Asterisk up to date, as far as they are not."""
        if self._folder is None or not isinstance(self._switch.link, Up):
            return
        try:
            text = await asyncio.to_thread(self._keep, self._folder, self._clock.now().wall)
        except (OSError, dialplan.DialplanError) as error:
            self._tell(remedy.DUTY_FILE, remedy.duty_file_not_written(self._folder, error))
            return
        self._tell(remedy.DUTY_FILE, None)
        try:
            await self._offer(dialplan.duty_stamp(text), self._folder)
        except Refused as error:
            self._tell(remedy.DUTY_ROWS, remedy.duty_rows_not_taken(self._folder, str(error)))
        except SwitchError as error:
            log.info("duty_rows_not_offered", error=str(error))

    def _keep(self, folder: Path, at: datetime) -> str:
        """The text as of now, which is in the file when this returns."""
        plan = self._plan
        day = at.astimezone(ZoneInfo(plan.roster.plan.timezone)).date()
        if self._rendered is None or self._rendered[:2] != (plan, day):
            self._rendered = (plan, day, duty_text(plan, at))
        text = self._rendered[2]
        path = folder / dialplan.DUTY_FILE
        if _without_date(_read(path)) != _without_date(text):
            dialplan.write({path.name: text}, folder, dialplan.DUTY_MODE)
            log.info("duty_file_written", path=str(path), days=DAYS)
        return text

    async def _offer(self, stamp: str, folder: Path) -> None:
        """Lets Asterisk read the file, unless it has these rows or has just refused them."""
        if await self._is_taken(stamp):
            return
        now = self._clock.now().instant
        if self._refused is not None:
            refused, since = self._refused
            if refused == stamp and now - since < AGAIN_S:
                return
        self._refused = (stamp, now)
        await self._switch.reload_module(MODULE)
        log.info("dialplan_reloaded", took_s=round(self._clock.now().instant - now, 3))
        if not await self._is_taken(stamp):
            why = "its dialplan was reloaded and does not have these rows"
            self._tell(remedy.DUTY_ROWS, remedy.duty_rows_not_taken(folder, why))

    async def _is_taken(self, stamp: str) -> bool:
        taken = await self._switch.get_global(dialplan.DUTY_STAMP) == stamp
        if taken:
            self._refused = None
            self._tell(remedy.DUTY_ROWS, None)
        return taken


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _without_date(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith(";")]
