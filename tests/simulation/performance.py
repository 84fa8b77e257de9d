"""Plays a scenario in virtual time, mends everything at its end, and tells what was seen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from structlog.testing import capture_logs

from ivr.prompt import Prompt
from journal.record import Record
from siaga.line import call_of_bridge
from siaga.simulation import Simulation
from siaga.virtual import FIRST_S, run
from switch.client import Up
from switch.event import ChannelStateChange, Event
from switch.fake.asterisk import shipped_length
from switch.fake.behaviour import Answer
from switch.fake.phone import Call as FakeCall
from switch.fake.phone import FakeCaller, FakePhone
from switch.fake.request import Asked
from switch.fake.wire import Wire
from tests.simulation.account import Account, Call, Talk
from tests.simulation.act import Act, Cue
from tests.simulation.city import outside_step, seats, sets
from tests.simulation.scenario import CHAOS_S, Scenario

WILLING = Answer(1.0, talk_s=4.0)
MENDED_S = 30.0
"""So long a centre may need until it serves again on an Asterisk that is well."""
WILLING_S, LOOK_S = 240.0, 0.5
"""So long, at most, until everybody who stayed has talked to somebody willing."""
SETTLED_S = 25.0
"""Longer than whatever still burns, rings or is waited for when everybody has hung up."""
LONG_S = 13.0
"""Longer than a caller's fuse burns."""
GRAVE = frozenset({"error", "critical", "exception"})


def _length_s(uri: str) -> float:
    """As shipped, but for the words to whom another centre is for, which outlast a fuse."""
    return LONG_S if uri.endswith(f"/{Prompt.ZONE_HANG_UP}") else shipped_length(uri)


@dataclass(slots=True, eq=False)
class _Waiter:
    """An act that waits for its cue."""

    cue: Cue
    left: int
    come: asyncio.Event


class Performance:
    """One scenario while it is played (`tests.simulation.act.Play`).

    Args:
        scenario: Which.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.simulation = Simulation(
            sets()[scenario.number],
            seed=scenario.chance,
            start=scenario.start,
            media_s=_length_s,
            outside=outside_step(),
        )
        self.simulation.on_event = self._on_event
        self.simulation.on_record = self._on_record
        self.simulation.asterisk.app.on_device = self._on_device
        self.simulation.asterisk.on_request = self._on_request
        self.crashes: list[float] = []
        self._scenario = scenario
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._unheard)
        self._callers: list[FakeCaller] = []
        self._phones: list[tuple[str, FakePhone]] = []
        self._waiters: dict[asyncio.Task[None], _Waiter] = {}
        self._troubles: list[tuple[float, float]] = []
        self._killed: set[str] = set()
        self._devices: list[tuple[float, str, str]] = []
        self._sets = [(0.0, scenario.number)]
        self._prompts: list[tuple[float, str, str]] = []
        self._absences: list[tuple[float, float]] = []
        self._cuts: list[tuple[float, float]] = []
        self._runs = 0
        self._is_replacing = False
        self._starting: asyncio.Task[None] | None = None
        self._errors: list[str] = []

    # What acts ask for

    @property
    def wire(self) -> Wire:
        """Between Asterisk and the centre."""
        return self.simulation.asterisk.exchange.machine.wire

    def called(self, caller: FakeCaller) -> None:
        """A citizen has dialled."""
        self._callers.append(caller)

    def manned(self, phone: FakePhone, name: str) -> None:
        """Somebody is at a phone."""
        self._phones.append((name, phone))

    def phone_at(self, seat: str) -> FakePhone | None:
        """Who was there last."""
        return next((phone for name, phone in reversed(self._phones) if name == seat), None)

    def troubled(self, since: float, *, known: bool = False) -> None:
        """From `since` until now something was broken."""
        self._troubles.append((since - FIRST_S, self._now()))
        if known:
            self._cuts.append(self._troubles[-1])

    def use(self, number: int) -> None:
        """Another set of settings is accepted."""
        self._sets.append((self._now(), number))
        self.simulation.use(sets()[number])

    def crash(self) -> None:
        """Asterisk dies."""
        self.crashes.append(self._now())
        self.simulation.asterisk.crash()
        endpoints = self.simulation.asterisk.exchange.endpoints.values()
        self._devices += [(self._now(), endpoint.name, endpoint.told) for endpoint in endpoints]

    async def replace(
        self, end: Callable[[], Awaitable[None]], for_s: float, *, killed: bool
    ) -> None:
        """The centre ends, if one runs, and after a while another one begins."""
        if self._is_replacing:
            return
        self._is_replacing = True
        since = self._loop.time()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if killed:
            self._killed.add(f"run{self._runs}")
        await end()
        await asyncio.sleep(for_s)
        self._start()
        self.troubled(since)
        self._absences.append(self._troubles[-1])
        self._is_replacing = False

    # From the begin to the end

    async def whole(self) -> Account:
        """All of it."""
        await self._start()
        async with asyncio.TaskGroup() as acting:
            for act in self._scenario.acts:
                acting.create_task(self._act(act))
            await asyncio.sleep(CHAOS_S)
            for task in tuple(self._waiters):
                task.cancel()
        await self._mend()
        self._relent()
        await self._served()
        over = self._now()
        for caller in self._callers:
            await caller.hangup()
        for _, phone in self._phones:
            await phone.hangup()
        await asyncio.sleep(SETTLED_S)
        left = self._left()
        await self.simulation.stop()
        return self._account(over, left)

    def _start(self) -> "asyncio.Task[None]":
        self._runs += 1
        self._starting = asyncio.create_task(self.simulation.start(), name="start of a centre")
        return self._starting

    async def _act(self, act: Act) -> None:
        if isinstance(act.when, Cue):
            await self._come(act.when)
        else:
            await asyncio.sleep(act.when)
        await act.perform(self)

    async def _come(self, cue: Cue) -> None:
        waiter = _Waiter(cue, cue.nth, asyncio.Event())
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - a coroutine of ours always runs in a task
            return
        self._waiters[task] = waiter
        await waiter.come.wait()
        del self._waiters[task]
        if cue.later_s > 0:
            await asyncio.sleep(cue.later_s)

    async def _mend(self) -> None:
        """Everything works again, and whoever rings or talks is let go of."""
        self.wire.clear()
        async with asyncio.timeout(MENDED_S):
            if self._starting is not None:
                await self._starting
            while not self._is_well():  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(LOOK_S)

    def _is_well(self) -> bool:
        centre = self.simulation.centre
        return isinstance(centre.switch.link, Up) and not centre.conductor.is_blind

    def _relent(self) -> None:
        """From now on somebody willing sits at every phone, who is on no call."""
        for _, phone in tuple(self._phones):
            phone.following.clear()
            phone.behaviour = WILLING
            for call in phone.calls:
                phone.end(call)
        for seat in seats():
            self.manned(self.simulation.asterisk.register(seat, WILLING), seat)

    async def _served(self) -> None:
        """Nobody is left who has stayed and not talked, or it has taken too long."""
        for _ in range(round(WILLING_S / LOOK_S)):
            calls = (call for caller in self._callers for call in caller.calls)
            if all(call.talked or call.until is not None for call in calls):
                return
            await asyncio.sleep(LOOK_S)

    # What is seen

    def _now(self) -> float:
        return self._loop.time() - FIRST_S

    def _on_event(self, event: Event) -> None:
        name = type(event).__name__
        self._cue(
            f"{name} {event.channel.state}" if isinstance(event, ChannelStateChange) else name
        )

    def _on_device(self, device: str, state: str) -> None:
        self._devices.append((self._now(), device.removeprefix("PJSIP/"), state))

    def _on_request(self, asked: Asked) -> None:
        call = call_of_bridge(asked.id)
        if call is not None and asked.what == "POST bridges/{}/play":
            self._prompts.append((self._now(), call, asked.get("media")))

    def _on_record(self, record: Record) -> None:
        self._cue(record.what)

    def _cue(self, what: str) -> None:
        for waiter in self._waiters.values():
            if waiter.cue.what == what:
                waiter.left -= 1
                if waiter.left == 0:
                    waiter.come.set()

    def _unheard(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._errors.append(f"{context.get('message')}: {context.get('exception')!r}")

    def _left(self) -> tuple[str, ...]:
        floor = self.simulation.centre.conductor.floor
        return (
            *self.simulation.left(),
            *(f"caller {call}" for call in self.simulation.centre.conductor.callers),
            *(f"place of {waiting.call}" for waiting in floor.waiting()),
            *(f"offer of {key} for {call}" for key, call in floor.taken().items()),
        )

    def _account(self, over: float, left: tuple[str, ...]) -> Account:
        return Account(
            start=self._scenario.start,
            callers=tuple(_seen(call, c.number) for c in self._callers for call in c.calls),
            legs=tuple(_seen(call, name) for name, phone in self._phones for call in phone.offers),
            records=tuple(self.simulation.records),
            errors=tuple(self._errors),
            left=left,
            over=over,
            crashes=tuple(self.crashes),
            troubles=tuple(self._troubles),
            killed=frozenset(self._killed),
            devices=tuple(self._devices),
            sets=tuple(self._sets),
            prompts=tuple(self._prompts),
            absences=tuple(self._absences),
            cuts=tuple(self._cuts),
        )


def _seen(call: FakeCall, phone: str) -> Call:
    talks = tuple(
        Talk(
            leg=talk.partner.channel,
            since=talk.since - FIRST_S,
            until=None if talk.until is None else talk.until - FIRST_S,
            ended=talk.partner.hung_up or _has_died(talk.partner),
            normally=talk.partner.hung_up,
        )
        for talk in call.talks
    )
    return Call(
        phone=phone,
        channel=call.channel,
        since=call.since - FIRST_S,
        until=None if call.until is None else call.until - FIRST_S,
        hung_up=call.hung_up,
        talks=talks,
        burnt=tuple(at - FIRST_S for at in call.burnt),
        up_at=None if call.up_at is None else call.up_at - FIRST_S,
    )


def _has_died(call: FakeCall) -> bool:
    return call.phone is not None and not call.phone.alive


def play(scenario: Scenario) -> Account:
    """What was seen of a scenario; the same each time."""

    async def whole() -> Account:
        return await Performance(scenario).whole()

    with capture_logs() as logs:
        account = run(whole(), debug=False)
    grave = tuple(f"{line['event']} {line}" for line in logs if line["log_level"] in GRAVE)
    return replace(account, errors=(*account.errors, *grave))
