"""What is now, told to whoever follows the centre over MQTT: operators, queue, alarms, the daemon.

Whatever is recorded asks for a look; one is taken twice a second at most, and once a second anyway.
Only what is other than before is told. It is the daemon's one part in publishing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, TypeAlias

import msgspec
import structlog

from journal.message import (
    ALARMS,
    CALLERS,
    DAEMON,
    OPERATOR,
    QUEUE,
    AlarmsState,
    DaemonState,
    Doing,
    OperatorState,
    QueueState,
    StandingAlarm,
    WaitingCaller,
    encode,
    level,
)
from journal.record import Record
from routing.condition import Condition
from routing.note import CallId
from routing.offer import SeatState, SeatTarget
from routing.operator import PersonId, SeatId
from routing.shift import Duty
from siaga.alarm import Alarms
from siaga.centre import Centre
from siaga.clock import Clock
from switch.client import Up

log = structlog.get_logger(__name__)

APART_S: Final = 0.5
"""Between two looks: what happens in a second is told in the records, one by one."""
LOOK_S: Final = 1.0
"""Between two looks when nothing is recorded: phones come and go, wrap-ups and turns end."""

State: TypeAlias = DaemonState | OperatorState | QueueState | AlarmsState
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a state that is compared, before it is told."""


class Bulletin:
    """Tells what is.

    Args:
        centre: Calls, floor and connection; the bulletin listens to its journal.
        alarms: Those that stand.
        clock: The only clock.
        fault: Why new calls are not served; None when they are.
        show: Takes payloads by the end of their topic (None: no more); never waits.
    """

    def __init__(
        self,
        centre: Centre,
        *,
        alarms: Alarms,
        clock: Clock,
        fault: Callable[[], str | None],
        show: Callable[[Mapping[str, bytes | None]], None],
    ) -> None:
        self._centre = centre
        self._alarms = alarms
        self._clock = clock
        self._fault = fault
        self._show = show
        self._started = clock.now().wall
        self._version = version("siaga112")
        self._told: dict[str, State] = {}
        self._due = asyncio.Event()
        centre.journal.listen(self._take)

    async def run(self) -> None:
        """Tells until cancelled; nothing that goes wrong here ends the daemon."""
        while True:
            self._due.clear()
            try:
                self.look()
            except Exception:
                log.exception("bulletin_failed")
            await asyncio.sleep(APART_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._due.wait()

    def look(self) -> None:
        """Tells what is other than before."""
        now = self._clock.now().wall
        states = dict(self._states())
        changed: dict[str, bytes | None] = {
            tail: encode(msgspec.structs.replace(state, at=now))
            for tail, state in states.items()
            if self._told.get(tail) != state
        }
        changed |= dict.fromkeys(self._told.keys() - states.keys())
        self._told = states
        # Also when there is nothing: what was not taken the last time is offered again.
        self._show(changed)

    def _take(self, _record: Record) -> None:
        self._due.set()

    def _states(self) -> Iterator[tuple[str, State]]:
        fault = self._fault()
        yield (
            DAEMON,
            DaemonState(
                at=NEVER,
                online=True,
                ready=fault is None,
                why=fault,
                version=self._version,
                started=self._started,
            ),
        )
        yield QUEUE, self._queue()
        yield ALARMS, self._standing()
        plan = self._centre.conductor.plan
        duties = {duty.person: duty for duty in plan.roster.on_duty(self._clock.now().wall)}
        taken = self._centre.conductor.floor.taken()
        for person in plan.operators.people:
            state = self._operator(person, duties.get(person), taken)
            yield f"{OPERATOR}{level(person)}", state

    def _queue(self) -> QueueState:
        waiting = self._centre.conductor.floor.waiting()
        arrived = [_time(each.arrived) for each in waiting]
        return QueueState(
            at=NEVER,
            waiting=len(waiting),
            services=dict(sorted(Counter(each.service for each in waiting).items())),
            oldest=min(arrived, default=None),
            callers=tuple(
                WaitingCaller(call=each.call, service=each.service, since=since)
                for each, since in zip(waiting[:CALLERS], arrived, strict=False)
            ),
        )

    def _standing(self) -> AlarmsState:
        alarms = (
            StandingAlarm(alarm=each.what, why=each.why, do=each.do, since=each.since)
            for each in self._alarms.shown
        )
        return AlarmsState(at=NEVER, alarms=tuple(alarms))

    def _operator(
        self, person: PersonId, duty: Duty | None, taken: Mapping[str, CallId]
    ) -> OperatorState:
        """Of who is off duty no more is looked at: most of a city's people are, at any time."""
        operators = self._centre.conductor.plan.operators
        floor = self._centre.conductor.floor
        seats = floor.seating.seats_of(person, operators) if duty is not None else ()
        call = taken.get(f"person:{person}")
        return OperatorState(
            at=NEVER,
            person=person,
            agency=operators.people[person].agency,
            doing=self._doing(person, duty, seats, call),
            call=call,
            seats=seats,
            shift=None if duty is None else duty.shift,
            until=None if duty is None else duty.end,
        )

    def _doing(
        self, person: PersonId, duty: Duty | None, seats: tuple[SeatId, ...], call: CallId | None
    ) -> Doing:
        if call is not None:
            return Doing.IN_CALL
        if duty is None:
            return Doing.OFF_DUTY
        conductor = self._centre.conductor
        now = self._clock.now()
        condition = conductor.floor.condition(person, now) or Condition()
        if condition.pause is not None:
            return Doing.PAUSED
        if condition.wrap_up_s > 0:
            return Doing.WRAP_UP
        if conductor.is_blind or not isinstance(self._centre.switch.link, Up):
            return Doing.UNKNOWN
        all_seats = conductor.plan.operators.seats
        targets = (SeatTarget(id_, all_seats[id_].endpoint, person) for id_ in seats)
        phones = {conductor.floor.state_of(target, now) for target in targets}
        if SeatState.READY in phones:
            return Doing.READY
        return Doing.BUSY if SeatState.BUSY in phones else Doing.UNREACHABLE


def _time(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
