"""Who is on duty, left in Asterisk for the last resort: it rings them when this process is gone."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

import structlog

from routing import hunt
from routing.offer import SeatTarget
from routing.plan import Plan
from routing.seating import Seating
from routing.service import ServiceId
from siaga.clock import Clock
from siaga.dialplan import DutyRow
from switch.asterisk import Asterisk
from switch.error import SwitchError

log = structlog.get_logger(__name__)

PHONES = 64
"""Phones in one list at most: a line of Asterisk's files holds 8,191 characters, and so does what a
dialplan application is given. The first ones in hunting order are rung."""
REFRESH_S = 60.0
"""The list is written again at least this often: clocks step, and Asterisk forgets at a restart."""


def endpoints_on_duty(
    plan: Plan, service: ServiceId, at: datetime, seating: Seating = hunt.FIXED
) -> tuple[str, ...]:
    """The PJSIP endpoints of a service's operators on duty, in hunting order."""
    chain = hunt.chain_of(plan, service)
    found = (candidate.target for candidate in hunt.candidates(plan, chain, 0, at, seating))
    seats = (target.endpoint for target in found if isinstance(target, SeatTarget))
    return tuple(islice(dict.fromkeys(seats), PHONES))


def rows_ahead(plan: Plan, start: datetime, days: int) -> dict[ServiceId, list[DutyRow]]:
    """For each service who is on duty in the days ahead: rows in ascending order."""
    rows: dict[ServiceId, list[DutyRow]] = {service: [] for service in plan.catalogue.services}
    at, last = start, start + timedelta(days=days)
    while at < last:
        end = min(plan.roster.next_change(at) or last, last)
        for service, own in rows.items():
            own.append((int(end.timestamp()), endpoints_on_duty(plan, service, at)))
        at = end
    return rows


class DutyBoard:
    """Keeps the globals `SIAGA_DUTY_<service>` equal to the roster, to the second.

    Args:
        switch: Asterisk.
        clock: The only clock.
        plan: The accepted settings.
        deserted: Takes the services for which nobody is on duty now; none is told, too.
        seating: Tells who sits where now.
    """

    def __init__(
        self,
        switch: Asterisk,
        clock: Clock,
        plan: Plan,
        deserted: Callable[[tuple[ServiceId, ...]], None],
        seating: Callable[[], Seating] = lambda: hunt.FIXED,
    ) -> None:
        self._switch = switch
        self._deserted = deserted
        self._seating = seating
        self._clock = clock
        self._plan = plan
        self._due = asyncio.Event()
        self._fault: str | None = None
        self._written: set[ServiceId] = set()

    def refresh(self, plan: Plan | None = None) -> None:
        """Write the lists again now: settings or Asterisk are new, or somebody sits elsewhere."""
        self._plan = plan or self._plan
        self._due.set()

    async def run(self) -> None:
        """Writes at every change of shift until cancelled."""
        while True:
            self._due.clear()
            at = self._clock.now().wall
            await self.write()
            change = self._plan.roster.next_change(at)
            wait_s = REFRESH_S if change is None else (change - at).total_seconds()
            try:
                async with asyncio.timeout(min(REFRESH_S, wait_s)):
                    await self._due.wait()
            except TimeoutError:
                pass

    async def write(self) -> None:
        """Writes the list of each service, as of now; that of one which is no more is emptied."""
        at, plan = self._clock.now().wall, self._plan
        services = plan.catalogue.services
        seating = self._seating()
        on_duty = {service: endpoints_on_duty(plan, service, at, seating) for service in services}
        self._deserted(tuple(service for service, found in on_duty.items() if not found))
        for service, found in on_duty.items():
            await self._write(service, found)
        for service in self._written - services.keys():
            await self._write(service, ())
        self._written |= services.keys()

    async def _write(self, service: ServiceId, endpoints: tuple[str, ...]) -> None:
        value = "&".join(f"PJSIP/{endpoint}" for endpoint in endpoints)
        try:
            await self._switch.set_global(f"SIAGA_DUTY_{service}", value)
        except SwitchError as error:
            # Once for all services and every minute in which it goes on.
            if str(error) != self._fault:
                log.info("duty_not_written", service=service, error=str(error))
            self._fault = str(error)
        else:
            self._fault = None
