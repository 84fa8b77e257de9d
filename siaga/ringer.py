"""Performs what the floor wants: legs are made, ended and asked, callers are told, time is kept.

The floor is one synchronous object: whoever steps it also sends out what it wants done, before
anything else can happen.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, assert_never

from ivr.announcement import Turned
from ivr.menu import Menu
from routing.draw import Draw
from routing.floor import Floor
from routing.moment import Instant, Moment, after
from routing.note import CallId, Note
from routing.number import presented
from routing.offer import (
    Adopt,
    Confirm,
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    LegGone,
    Offer,
    OfferId,
    Parted,
    Stage,
    Standing,
    Withdraw,
)
from routing.plan import Plan
from routing.service import ServiceId
from routing.snapshot import Snapshot
from routing.switchboard import CONFIRM_TIME_S
from siaga.adoption import FoundLeg
from siaga.caller import Caller, LegsChanged
from siaga.clock import Clock
from siaga.leg import Leg, LegEntered, LegReport
from siaga.notebook import Notebook
from siaga.reception import TakenUp
from switch.asterisk import Asterisk

FAULT_PAUSE_S = 1.0
"""After a fault of the floor its deadlines go on, but not in a tight loop."""
KEEP_AFTER_S = 1.0
"""What a kill may take of shares, pauses and credits; calls are not among it."""

REFUSED_S = 60.0
"""Waiting callers have a phone tried again within seconds: what is older than this is over."""


class House(Protocol):
    """What the ringer needs of the conductor."""

    @property
    def menu(self) -> Menu:
        """The accepted menu; its first language is spoken to callees outside."""

    @property
    def is_blind(self) -> bool:
        """Whether events are missing, for the connection is cut."""

    def has_slept(self, due: Instant) -> bool:
        """Whether the process has slept through a time that was due, and has not caught up."""

    async def awake(self) -> None:
        """Returns when what happened in a sleep or in a cut is known."""

    def caller(self, call: CallId) -> Caller | None:
        """The caller of that call, if still here."""

    def note(self, note: Note) -> None:
        """Writes to the journal."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs a task of the conductor's."""

    def doubt(self) -> None:
        """The floor has failed at something, and does not know it now."""


class Ringer:
    """The floor, and the legs of its offers.

    Args:
        switch: Asterisk.
        clock: The only clock.
        plan: The accepted settings.
        prefix: Begins every offer's id.
        house: Callers, journal, tasks, and whether what is known is of now.
        draw: For the floor.
        notebook: What the floor is to know of another run, and keeps for the next one.
    """

    def __init__(
        self,
        switch: Asterisk,
        clock: Clock,
        plan: Plan,
        prefix: str,
        house: House,
        *,
        draw: Draw,
        notebook: Notebook[Snapshot],
    ) -> None:
        self.legs: dict[str, Leg] = {}
        self._switch = switch
        self._clock = clock
        self._house = house
        self._floor = Floor(plan, prefix, draw, blind=True)
        self._notebook = notebook
        kept = notebook.read()
        if kept is not None:
            self._floor.restore(kept, clock.now())
        self._kept = self._floor.revision
        self._keeping: asyncio.TimerHandle | None = None
        self._offers: dict[OfferId, Leg] = {}
        self._refused: dict[str, Instant] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def floor(self) -> Floor:
        """To be looked at; only `tell` steps it."""
        return self._floor

    @property
    def is_timed(self) -> bool:
        """Whether a deadline of the floor is awaited."""
        return self._timer is not None

    @property
    def refused(self) -> tuple[str, ...]:
        """Phones that Asterisk has just made no channel for, while it has made none at all."""
        since = self._clock.now().instant - REFUSED_S
        return tuple(sorted(dial for dial, at in self._refused.items() if at >= since))

    def close(self) -> None:
        """Lets go of all legs, which go on in Asterisk, and of the floor's deadlines."""
        self.legs.clear()
        self._offers.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._keeping is not None:
            self._keeping.cancel()
            self._keep()

    def tell(self, event: FloorEvent) -> None:
        """Steps the floor and sends out what it wants done."""
        at = self._clock.now()
        pause_s = FAULT_PAUSE_S
        try:
            for command in self._floor.step(event, at=at):
                self._obey(command)
            pause_s = 0.0
        except Exception:
            self._house.doubt()
            raise
        finally:
            self._arm(at.instant, pause_s)
            if self._keeping is None and self._floor.revision != self._kept:
                self._keeping = asyncio.get_running_loop().call_later(KEEP_AFTER_S, self._keep)

    def _arm(self, now: Instant, least_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._floor.deadline()
        if due is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(least_s, due - now), self._expire, due)

    def _keep(self) -> None:
        self._keeping = None
        self._kept = self._floor.revision
        self._notebook.write(self._floor.snapshot(self._clock.now()))

    def _expire(self, due: Instant) -> None:
        """The floor's deadline has come; what happened in a sleep or in a cut comes first."""
        self._timer = None
        if self._house.has_slept(due) or self._house.is_blind:
            self._house.spawn(self._expire_awake(), "floor's deadline")
        else:
            self.tell(Expired())

    async def _expire_awake(self) -> None:
        await self._house.awake()
        self.tell(Expired())

    def _obey(self, command: FloorCommand) -> None:
        match command:
            case Note():
                self._house.note(command)
            case Offer():
                self._offer(command)
            case Withdraw():
                self._offers[command.offer].withdraw(answered_elsewhere=command.answered_elsewhere)
            case Confirm():
                leg = self._offers[command.offer]
                self._house.spawn(leg.ask_to_confirm(), f"confirm {command.offer}")
            case Connect() | Parted():
                caller = self._house.caller(command.call)
                if caller is not None:
                    caller.post(command)
            case _:
                assert_never(command)

    def _offer(self, offer: Offer) -> None:
        caller = self._house.caller(offer.call)
        if caller is None:
            raise LookupError(f"{offer.offer} is for {offer.call}, who is not here")
        leg = self._hold(offer, f"siaga-leg-{offer.offer}", caller, found=False)
        self._house.spawn(leg.run(), f"leg {offer.offer}")
        if offer.overflow:
            caller.post(Turned())

    def _hold(self, offer: Offer, channel_id: str, caller: Caller, *, found: bool) -> Leg:
        leg = Leg(
            offer,
            channel_id,
            caller.line,
            self._switch,
            self._take_report,
            language=self._house.menu.languages[0],
            found=found,
        )
        self._offers[offer.offer] = leg
        self.legs[channel_id] = leg
        caller.legs[offer.offer] = leg
        return leg

    def _take_report(self, report: LegReport) -> None:
        """A leg that was let go of is another run's."""
        leg = self._offers.get(report.offer)
        if leg is None:
            return
        caller = self._house.caller(leg.offer.call)
        if isinstance(report, LegEntered):
            self._refused.clear()
            if caller is not None:
                caller.rings(leg.offer.target)
            return
        if isinstance(report, LegGone):
            if leg.refused:
                self._refused[leg.offer.target.dial] = self._clock.now().instant
            del self._offers[report.offer]
            del self.legs[leg.channel.id]
            if caller is not None:
                caller.legs.pop(report.offer, None)
                caller.post(LegsChanged())
        self.tell(report)

    def adopt(
        self,
        found: list[TakenUp],
        waiting: list[Enqueue],
    ) -> None:
        """Takes up legs of an earlier run, and the places of those who wait, all at once."""
        at = self._clock.now()
        standing, legs = [], []
        for caller, service, own in found:
            for one in own:
                leg = self._hold(one.offer, one.channel.id, caller, found=True)
                leg.joined = one.talks
                leg.answered = one.talks or (one.offer.confirm and one.channel.state == "Up")
                number = presented(caller.line.number)
                standing.append(_standing(one, service, number, at))
                legs.append((leg, one.channel.state))
                self._house.spawn(leg.run(), f"leg {one.offer.offer}")
        self.tell(Adopt(tuple(standing), tuple(waiting)))
        for leg, state in legs:
            leg.know(state)


def _standing(
    found: FoundLeg, service: ServiceId | None, number: str | None, at: Moment
) -> Standing:
    """A wall clock that was put back adds nothing to what is left of the ring time."""
    offer = found.offer
    stage, left_s = Stage.RINGING, max(0.0, offer.ring_time_s - found.age_s(at.wall))
    if found.talks:
        stage = Stage.TALKING
    elif offer.confirm and found.channel.state == "Up":
        stage, left_s = Stage.CONFIRMING, CONFIRM_TIME_S
    return Standing(
        offer=offer.offer,
        call=offer.call,
        target=offer.target,
        confirm=offer.confirm,
        stage=stage,
        deadline=after(at.instant, left_s),
        service=service,
        number=number,
    )
