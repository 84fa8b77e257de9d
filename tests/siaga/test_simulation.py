"""A centre on the Asterisk in memory: the same parts, every fault, no waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from routing.offer import SHORT_TALK_S, Paused
from siaga.heartbeat import STALE_S
from siaga.leg import Leg
from siaga.line import Line
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.client import STANDBY_POLL_S, Standby, Up
from switch.event import Event, StasisStart
from switch.fake.behaviour import Answer, Citizen, Decline, Ignore
from switch.fake.phone import CallState, FakeCaller
from tests.live.centre import quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDIS, BOSS = "siaga-medis-1", "siaga-koordinator"
PRESS_1 = ((0.5, "1"),)
NUMBER = "081234567890"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def play(settings: Settings, script: Callable[[Simulation], Awaitable[None]], seed: int = 1) -> int:
    """Runs a script; nothing may be left at its end. Returns how many records there are."""

    async def whole() -> int:
        simulation = Simulation(settings, seed=seed, start=START)
        await simulation.start()
        await script(simulation)
        await asyncio.sleep(15.0)
        assert simulation.left() == []
        await simulation.stop()
        return len(simulation.records)

    return run(whole())


def call(
    simulation: Simulation,
    keys: tuple[tuple[float, str], ...] = PRESS_1,
    talk_s: float | None = 5.0,
    patience_s: float | None = None,
) -> FakeCaller:
    """A citizen who dials 112 now."""
    citizen = Citizen(keys=keys, talk_s=talk_s, patience_s=patience_s)
    caller = simulation.asterisk.caller(NUMBER, citizen=citizen)
    caller.call("112")
    return caller


async def over(caller: FakeCaller) -> None:
    """The call has ended, after a talk."""
    await caller.closed(600.0)
    await asyncio.sleep(0.1)  # the last events are on their way
    assert all(call.talked for call in caller.calls)


def whats(simulation: Simulation) -> list[str]:
    """The names of the records."""
    return [record.what for record in simulation.records]


def test_a_caller_talks_to_the_operator(settings: Settings) -> None:
    """From the menu to the end, and the records tell it."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        await over(call(simulation))
        told = whats(simulation)
        assert told.index("offered") < told.index("operator_answered") < told.index("ended")

    play(settings, script)


def test_one_seed_is_one_run(settings: Settings) -> None:
    """Every event comes at the same time in both; another seed has other times."""

    def times(seed: int) -> list[tuple[float, str]]:
        seen: list[tuple[float, str]] = []

        async def script(simulation: Simulation) -> None:
            def note(event: Event) -> None:
                seen.append((asyncio.get_running_loop().time(), type(event).__name__))

            simulation.on_event = note
            simulation.asterisk.register(MEDIS, Decline(0.5))
            simulation.asterisk.register(BOSS, Answer(1.0))
            await over(call(simulation))

        play(settings, script, seed)
        return seen

    assert times(1) == times(1)
    assert times(1) != times(2)


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_centre_in_the_menu_is_followed_by_the_last_resort(
    settings: Settings, seed: int
) -> None:
    """The fuse burns, and the dialplan rings who was on duty by the globals."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = call(simulation, keys=())
        await asyncio.sleep(2.0)
        await simulation.kill()
        await over(caller)
        assert phone.offers[-1].name == "112 CADANGAN"
        await simulation.start()

    play(settings, script, seed)


def test_a_talk_outlives_its_centre(settings: Settings) -> None:
    """The centre is dead; the two talk on, and the operator's hang-up ends the call."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = call(simulation, talk_s=None)
        await caller.until(lambda: caller.talking, 30.0)
        await simulation.kill()
        await asyncio.sleep(60.0)
        assert caller.talking
        await phone.hangup()
        await caller.closed(8.0)
        await simulation.start()

    play(settings, script)


@pytest.mark.parametrize("frozen", [False, True], ids=["cut", "half-open"])
def test_a_broken_stream_costs_no_caller_a_human(settings: Settings, *, frozen: bool) -> None:
    """Events are lost; after the reconnect the caller talks to a human all the same."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(2.0))
        caller = call(simulation)
        await asyncio.sleep(1.0)
        if frozen:
            simulation.asterisk.freeze_stream()
        else:
            simulation.asterisk.cut()
        await over(caller)
        assert isinstance(simulation.centre.switch.link, Up)

    play(settings, script)


def test_calls_without_a_connection_are_served_by_the_last_resort(settings: Settings) -> None:
    """The heartbeat still looks fresh, but Stasis fails: the dialplan goes on."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        await simulation.kill()
        await over(call(simulation))
        assert phone.offers[-1].name == "112 CADANGAN"
        await simulation.start()

    play(settings, script)


def test_a_restart_of_asterisk_takes_all_calls_and_the_centre_comes_back(
    settings: Settings,
) -> None:
    """What was there is gone; the next caller is served."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Ignore())
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = call(simulation, talk_s=None)
        await caller.until(lambda: caller.talking, 30.0)
        simulation.asterisk.crash()
        assert [c.state for c in phone.calls] == [CallState.CLOSED]
        await asyncio.sleep(3.0)
        simulation.asterisk.boot()
        await asyncio.sleep(5.0)
        assert simulation.centre.conductor.calls == 0
        await over(call(simulation))

    play(settings, script)


def test_a_second_centre_takes_the_application(settings: Settings) -> None:
    """The first one is told, and stands by; the second serves."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        first = simulation.centre
        entered: list[str] = []

        def note(event: Event) -> None:
            if isinstance(event, StasisStart):
                entered.append(event.channel.id)

        await simulation.start()
        simulation.on_event = note
        assert not isinstance(first.switch.link, Up)
        await over(call(simulation))
        assert "standby" in whats(simulation)
        assert entered
        await first.close()

    play(settings, script)


def test_a_centre_in_standby_serves_again_when_the_other_has_died(settings: Settings) -> None:
    """Asterisk keeps the application of the dead one; that nobody beats any more is what counts."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        first = simulation.centre
        await simulation.start()
        await asyncio.sleep(60.0)
        assert isinstance(first.switch.link, Standby)
        caller = call(simulation, talk_s=None)
        await caller.until(lambda: caller.talking, 30.0)
        await simulation.kill()
        await asyncio.sleep(STALE_S + 3 * STANDBY_POLL_S)
        assert isinstance(first.switch.link, Up)
        assert [c.served for c in first.conductor.callers.values()] == [True]
        await phone.hangup()
        await caller.closed(8.0)
        await first.close()
        await simulation.start()

    play(settings, script)


def test_who_takes_over_knows_what_the_other_one_knew(settings: Settings) -> None:
    """Not what was kept when it began to stand by: pauses and shares of the calls are of now."""

    async def script(simulation: Simulation) -> None:
        first = simulation.centre
        await simulation.start()
        await asyncio.sleep(60.0)
        assert isinstance(first.switch.link, Standby)
        conductor = simulation.centre.conductor
        person = conductor.plan.roster.on_duty(simulation.clock.now().wall)[0].person
        conductor.tell_floor(Paused(person))
        await asyncio.sleep(5.0)
        await simulation.kill()
        await asyncio.sleep(STALE_S + 3 * STANDBY_POLL_S)
        assert isinstance(first.switch.link, Up)
        kept = first.conductor.floor.snapshot(simulation.clock.now())
        assert list(kept.pauses) == [person]
        await first.close()
        await simulation.start()

    play(settings, script)


def test_who_comes_back_from_the_dialplan_keeps_the_place_of_the_arrival(
    settings: Settings,
) -> None:
    """Before whoever called while the caller was in the last resort."""

    async def script(simulation: Simulation) -> None:
        first = call(simulation, talk_s=1.0)
        await asyncio.sleep(3.0)
        await simulation.kill()
        await asyncio.sleep(20.0)
        await simulation.start()
        second = call(simulation, talk_s=1.0)
        while len(simulation.centre.conductor.floor.waiting()) < 2:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.5)
        line = [waiting.call for waiting in simulation.centre.conductor.floor.waiting()]
        assert line == [first.calls[0].channel, second.calls[0].channel]
        simulation.asterisk.register(MEDIS, Answer(1.0))
        await over(first)
        await over(second)

    play(settings, script)


def test_phones_that_asterisk_makes_no_channel_for_are_known(settings: Settings) -> None:
    """Asterisk is being stopped gracefully; when it makes a channel again, that is over."""

    async def script(simulation: Simulation) -> None:
        for seat in (MEDIS, BOSS):
            simulation.asterisk.register(seat, Answer(1.0))
        caller = call(simulation)
        await asyncio.sleep(0.3)
        wire, conductor = simulation.asterisk.exchange.machine.wire, simulation.centre.conductor
        wire.refused = 1.0
        await asyncio.sleep(8.0)
        assert set(conductor.refused) >= {f"PJSIP/{MEDIS}", f"PJSIP/{BOSS}"}
        wire.refused = 0.0
        await over(caller)
        assert conductor.refused == ()

    play(settings, script)


def test_what_was_refused_a_minute_ago_is_over(settings: Settings) -> None:
    """The caller has given up, and nobody has been rung since: nothing is known of now."""

    async def script(simulation: Simulation) -> None:
        simulation.asterisk.register(MEDIS, Answer(1.0))
        caller = call(simulation, patience_s=8.0)
        await asyncio.sleep(0.3)
        simulation.asterisk.exchange.machine.wire.refused = 1.0
        await caller.closed(60.0)
        assert simulation.centre.conductor.refused != ()
        await asyncio.sleep(65.0)
        assert simulation.centre.conductor.refused == ()

    play(settings, script)


def test_a_phone_in_a_call_of_the_last_resort_is_not_rung_after_a_cut(settings: Settings) -> None:
    """What the look has found is known all at once, before anybody is offered."""

    async def script(simulation: Simulation) -> None:
        asterisk, wire = simulation.asterisk, simulation.asterisk.exchange.machine.wire
        asterisk.register("siaga-damkar-1", Answer(2.0, talk_s=30.0))
        nurul = asterisk.register("siaga-satpol-1", Answer(0.2, talk_s=30.0))
        first = call(simulation, ((0.5, "2"),), talk_s=30.0)
        await asyncio.sleep(0.3)
        second = call(simulation, ((0.5, "2"),), talk_s=5.0)
        await asyncio.sleep(0.7)
        wire.lost = 2.0  # half of the losses are on the way there
        asterisk.cut()
        await asyncio.sleep(0.1)
        third = call(simulation, ((0.5, "4"),), talk_s=30.0)
        await asyncio.sleep(3.0)
        assert nurul.calls[-1].talked
        wire.clear()
        await asyncio.sleep(5.0)
        assert len(nurul.calls) == 1
        for caller in (first, second, third):
            await over(caller)

    play(settings, script)


def test_a_slip_is_one_though_a_slow_request_holds_the_call_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told by when the operator hung up, not by when there was time for it."""
    guard = Line.guard

    async def slow_guard(line: Line, leg: Leg, since_s: float) -> None:
        await guard(line, leg, since_s)
        await asyncio.sleep(4.0)

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(MEDIS, Answer(1.0))
        phone.following.append(Answer(1.0, 1.5))
        caller = call(simulation)
        await caller.closed(600.0)
        lost = next(r for r in simulation.records if r.what == "operator_lost")
        assert lost.detail["talked_s"] < SHORT_TALK_S
        assert whats(simulation).count("bridged") == 2

    monkeypatch.setattr(Line, "guard", slow_guard)
    play(settings, script)
