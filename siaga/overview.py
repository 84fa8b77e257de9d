"""What the daemon says of itself, put together from all who know a part of it."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, TypeAlias

import msgspec

from console.board import Board, CallInProgress
from console.status import (
    AgencyShown,
    AsteriskShown,
    LinkState,
    OperatorShown,
    PauseShown,
    PhoneShown,
    ProcessShown,
    SeatShown,
    SlowedShown,
    SpoolShown,
    Status,
)
from journal.mask import mask
from journal.spool import Spool
from routing.floor import Floor
from routing.note import CallId
from routing.offer import SeatState, SeatTarget
from routing.operator import PersonId, SeatId
from routing.shift import Duty
from routing.snapshot import Pause
from siaga.alarm import Alarms
from siaga.centre import Centre
from siaga.clock import Clock
from siaga.reload import Reload
from switch.client import Down, Link, Standby, Up

Taken: TypeAlias = Mapping[str, CallId]
"""By target key, the call that it rings for or talks to."""
LINKS: Final[Mapping[type[Link], LinkState]] = {
    Up: LinkState.UP,
    Down: LinkState.DOWN,
    Standby: LinkState.STANDBY,
}
SEATS: Final = {
    SeatState.READY: SeatShown.READY,
    SeatState.BUSY: SeatShown.BUSY,
    SeatState.UNREACHABLE: SeatShown.UNREACHABLE,
}


class Overview:
    """Shows the whole daemon as one value.

    Args:
        centre: Calls and connection; the overview listens to its journal.
        reload: The settings.
        alarms: What needs a hand.
        spool: The records.
        clock: The only clock.
        fault: Why new calls are not served; None when they are.
        behind: Bytes of the spool that the store does not have yet.
    """

    def __init__(
        self,
        centre: Centre,
        *,
        reload: Reload,
        alarms: Alarms,
        spool: Spool,
        clock: Clock,
        fault: Callable[[], str | None],
        behind: Callable[[], int] = lambda: 0,
    ) -> None:
        self._centre = centre
        self._reload = reload
        self._alarms = alarms
        self._board = Board()
        centre.journal.listen(self._board.take)
        self._spool = spool
        self._clock = clock
        self._fault = fault
        self._behind = behind
        self._started = clock.now()
        self._version = version("siaga112")

    def status(self, *, numbers: bool = False) -> Status:
        """All of it, as of now.

        Args:
            numbers: Callers' numbers are shown in full, for who may read the records as well.
        """
        now = self._clock.now()
        calls = self._calls(numbers=numbers)
        stages: dict[str, int] = {}
        for call in calls.values():
            stages[call.stage] = stages.get(call.stage, 0) + 1
        taken = self._floor.taken()
        fault, age_s = self._fault(), self._centre.heartbeat.age_s
        return Status(
            at=now.wall,
            version=self._version,
            started=self._started.wall,
            uptime_s=round(now.instant - self._started.instant, 3),
            ready=fault is None,
            why=fault,
            asterisk=self._asterisk(),
            heartbeat_age_s=None if age_s is None else round(age_s, 3),
            settings=self._reload.shown,
            calls=calls,
            stages=stages,
            queue=tuple(place.call for place in self._floor.waiting()),
            agencies=self._agencies(taken),
            post=self._phone(self._centre.conductor.plan.operators.post, None, taken),
            slowed=self._slowed(numbers=numbers),
            alarms=tuple(self._alarms.shown),
            spool=SpoolShown(
                waiting=self._spool.waiting,
                fault=self._spool.fault,
                shed=self._spool.shed,
                behind=self._behind(),
            ),
            figures=self._board.figures,
            counts=self._board.counts,
            fuse_renewals=self._centre.conductor.fuse_renewals,
            tasks=tuple(self._centre.conductor.tasks()),
            process=ProcessShown(
                pid=os.getpid(),
                tasks=len(asyncio.all_tasks()),
                memory_blocks=sys.getallocatedblocks(),
            ),
        )

    @property
    def _floor(self) -> Floor:
        return self._centre.conductor.floor

    def _calls(self, *, numbers: bool) -> dict[str, CallInProgress]:
        calls = {}
        for id_, call in self._board.calls.items():
            caller = self._centre.conductor.caller(CallId(id_))
            number = caller.line.number if caller else ""
            shown = mask(number) if number and not numbers else number
            calls[id_] = msgspec.structs.replace(call, number=shown)
        return dict(sorted(calls.items(), key=lambda pair: pair[1].since))

    def _slowed(self, *, numbers: bool) -> tuple[SlowedShown, ...]:
        found = self._centre.conductor.throttle.slowed()
        return tuple(
            SlowedShown(
                number=number if numbers else mask(number), marks=slowed.marks, until=slowed.until
            )
            for number, slowed in sorted(found.items(), key=lambda pair: pair[1].until)
        )

    def _asterisk(self) -> AsteriskShown:
        asterisk = self._reload.settings.daemon.asterisk
        switch = self._centre.switch
        link = switch.link
        return AsteriskShown(
            state=LINKS[type(link)],
            since=self._centre.link_since,
            version=link.version if isinstance(link, Up) else None,
            why=link.reason if isinstance(link, Down) else None,
            url=asterisk.base_url,
            app=asterisk.app,
            connects=switch.connects,
            unknown_events=switch.unknown.total(),
            malformed_events=switch.malformed,
        )

    def _agencies(self, taken: Taken) -> dict[str, AgencyShown]:
        plan = self._centre.conductor.plan
        operators: dict[str, list[OperatorShown]] = {id_: [] for id_ in plan.operators.agencies}
        for duty in plan.roster.on_duty(self._clock.now().wall):
            agency = plan.operators.people[duty.person].agency
            operators[agency].append(self._operator(duty, taken))
        return {
            id_: AgencyShown(name=agency.name, operators=tuple(operators[id_]))
            for id_, agency in plan.operators.agencies.items()
        }

    def _operator(self, duty: Duty, taken: Taken) -> OperatorShown:
        operators = self._centre.conductor.plan.operators
        seats = self._floor.seating.seats_of(duty.person, operators)
        condition = self._floor.condition(duty.person, self._clock.now())
        return OperatorShown(
            person=duty.person,
            name=operators.people[duty.person].name,
            shift=duty.shift,
            until=duty.end,
            phones=tuple(self._phone(seat, duty.person, taken) for seat in seats),
            pause=None if condition is None else _pause(condition.pause),
            wrap_up_s=0.0 if condition is None else round(condition.wrap_up_s, 1),
        )

    def _phone(self, id_: SeatId, person: PersonId | None, taken: Taken) -> PhoneShown:
        operators = self._centre.conductor.plan.operators
        seat = operators.seats[id_]
        target = SeatTarget(id_, seat.endpoint, person)
        is_known = isinstance(self._centre.switch.link, Up) and not self._centre.conductor.is_blind
        return PhoneShown(
            seat=id_,
            endpoint=seat.endpoint,
            state=SEATS[self._floor.state_of(target, self._clock.now())]
            if is_known
            else SeatShown.UNKNOWN,
            call=taken.get(target.key),
        )


def _pause(pause: Pause | None) -> PauseShown | None:
    if pause is None:
        return None
    return PauseShown(
        since=datetime.fromtimestamp(pause.since, UTC) if pause.since else None,
        until=None if pause.until is None else datetime.fromtimestamp(pause.until, UTC),
        automatic=pause.automatic,
        reason=pause.reason,
    )
