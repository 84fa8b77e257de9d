"""Where callers come in and are held: each has a task from the first step to the last.

A caller's stay begins with an arrival, or with a call of an earlier run that is found in Asterisk.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple, Protocol

from ivr.call import CallFlow
from ivr.dialogue import MenuDialogue
from ivr.menu import Menu
from routing.moment import Moment
from routing.note import CallId, Note
from routing.number import presented
from routing.offer import Enqueue
from routing.plan import Plan
from routing.service import ServiceId
from routing.throttle import Slowed
from siaga import caller
from siaga.adoption import FoundCall, FoundLeg
from siaga.arrival import Begin, arrival_note, first_step, kept_before
from siaga.caller import Caller
from siaga.clock import Clock
from siaga.line import Line
from siaga.takeover import Takeover, arrival_of, take_over
from switch.asterisk import Asterisk
from switch.event import StasisStart

LEAVE_LIMIT_S, LEAVE_POLL_S = 2.0, 0.02
"""For a caller who was handed back to leave Stasis, which takes some 10 ms."""


class TakenUp(NamedTuple):
    """A caller of an earlier run, the service that was chosen, and the legs that were found."""

    caller: Caller
    service: ServiceId | None
    legs: tuple[FoundLeg, ...]


class House(caller.House, Protocol):
    """What the reception needs of the conductor, beside what its callers do."""

    @property
    def plan(self) -> Plan:
        """The accepted settings of routing."""

    @property
    def menu(self) -> Menu:
        """The accepted menu."""

    def slowed(self, number: str) -> Slowed | None:
        """Whether calls from a number, as received, are slowed down now."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs a task of the conductor's."""


class Reception:
    """The callers of one Asterisk.

    Args:
        switch: Asterisk.
        clock: The only clock.
        house: Settings, floor, journal and tasks.

    Attributes:
        callers: Those who are here, by channel.
    """

    def __init__(self, switch: Asterisk, clock: Clock, house: House) -> None:
        self.callers: dict[str, Caller] = {}
        self._switch = switch
        self._clock = clock
        self._house = house
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def drain(self, limit_s: float) -> None:
        """Lets calls in progress end for `limit_s`, then gives all but the talking ones back."""
        self._draining = True
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            for one in tuple(self.callers.values()):
                if not one.served:
                    await one.hand_back("the daemon stops")
            await self._until_only_talks()

    async def _until_only_talks(self) -> None:
        """Waits a moment for those who were handed back to leave."""
        for _ in range(round(LEAVE_LIMIT_S / LEAVE_POLL_S)):
            if all(one.served for one in self.callers.values()):
                return
            await asyncio.sleep(LEAVE_POLL_S)

    def let_go(self) -> None:
        """Forgets all callers, who stay in Asterisk for whoever adopts them."""
        for call, one in self.callers.items():
            if not one.is_over:
                self._house.note(Note(CallId(call), "let_go"))
        self.callers.clear()
        self._idle.set()

    def welcome(self, event: StasisStart, arrived: Moment) -> None:
        """A caller begins a stay; one of the same channel that goes on is ended first."""
        call, plan, menu = CallId(event.channel.id), self._house.plan, self._house.menu
        before = self.callers.get(call)
        if before is not None:
            before.pulled_out()
        kept, plays = kept_before(event, menu)
        line = Line(self._switch, call, event.channel.caller.number, kept, plays=plays)
        entered = self._enter(line, arrived)
        self._house.note(arrival_note(event))
        begin = first_step(event, plan, menu, self._house.slowed)
        self._house.spawn(self._attend(entered, begin, before), f"call {call}")

    def _enter(self, line: Line, arrived: Moment) -> Caller:
        catalogue = self._house.plan.catalogue
        default = catalogue.default_service
        dialogue, number = MenuDialogue(self._house.menu, default), presented(line.number)
        flow = CallFlow(
            line.call,
            dialogue,
            default,
            arrived,
            number,
            catalogue.announcements,
            recorded=catalogue.recorded,
        )
        entered = Caller(line, flow, arrived, self._house, self._clock)
        self.callers[line.call] = entered
        self._idle.clear()
        return entered

    async def _attend(self, attended: Caller, begin: Begin, before: Caller | None) -> None:
        """One stay of a caller in Stasis; an earlier one of the same channel is ended first."""
        try:
            if before is not None:
                await before.ended.wait()
            if self._draining:
                await attended.hand_back("the daemon stops")
            else:
                await attended.live(begin)
        finally:
            attended.ended.set()
            if self.callers.get(attended.id) is attended:
                del self.callers[attended.id]
            if not self.callers:
                self._idle.set()

    def adopt(
        self, calls: tuple[FoundCall, ...], playing: frozenset[str]
    ) -> tuple[list[TakenUp], list[Enqueue]]:
        """Takes up calls; who has not been served yet is welcomed, at the time of the arrival.

        Args:
            calls: Those that were found.
            playing: The playbacks that are still heard.

        Returns:
            For the floor: the callers, and the places of those who wait.
        """
        at = self._clock.now()
        callers: list[TakenUp] = []
        waiting: list[Enqueue] = []
        for found in calls:
            if not found.bridged:
                args = tuple(found.channel.dialplan.app_data.split(",")[1:])
                self.welcome(StasisStart(found.channel, args), arrival_of(found.channel, at))
                continue
            over = take_over(found, self._house.plan, self._house.menu, playing, at)
            entered = self._take_up(found, over)
            callers.append(TakenUp(entered, over.kept.memory.service, found.legs))
            if over.place is not None:
                waiting.append(over.place)
        return callers, waiting

    def _take_up(self, found: FoundCall, over: Takeover) -> Caller:
        line = Line(
            self._switch,
            CallId(found.channel.id),
            found.channel.caller.number,
            over.kept,
            plays=over.kept.plays,
            bridged=True,
            playing=over.playing,
        )
        entered = self._enter(line, over.arrived)
        entered.rung.update(dict.fromkeys(found.rung))
        self._house.spawn(self._attend(entered, over.begin, None), f"call {entered.id}")
        return entered
