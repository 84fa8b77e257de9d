"""Feature calls on the Asterisk in memory: every code, every fault, and nothing is left."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ivr.feature import BUSY_LIMIT_S
from ivr.guard import LOCK_S, TRIES
from ivr.query import Verdict
from journal.record import Record
from routing.feature import Feature, Outcome
from routing.mark import Mark
from routing.note import CallId
from routing.operator import PersonId
from routing.talk import Talk
from siaga.feature import Features
from siaga.query import MAILBOX, FeatureCall
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.event import ChannelDtmfReceived, ChannelView, PlaybackStarted, StasisStart
from switch.fake.behaviour import Answer, Citizen, Ignore
from switch.fake.phone import FakePhone
from tests.live.centre import ON_DUTY, quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OWN, SHARED, POST = "siaga-medis-1", "siaga-bersama-1", "siaga-pos"
NUMBER, PIN = "081234567890", "2468"
SOON_S, TOLD_S = 5.0, 40.0
Script = Callable[[Simulation], Awaitable[None]]


class OnePin:
    """Everybody has the same PIN; the judge takes his time."""

    def __init__(self, takes_s: float = 0.05) -> None:
        self.takes_s = takes_s
        self.judged = 0

    async def judge(self, person: PersonId, pin: str) -> Verdict:
        """Whether it is that one."""
        self.judged += 1
        await asyncio.sleep(self.takes_s)
        if person == "joko":
            return Verdict.NO_PIN
        return Verdict.RIGHT if pin == PIN else Verdict.WRONG


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own"))


def play(settings: Settings, script: Script, judge: OnePin | None = None) -> list[Record]:
    """Runs a script; nothing may be left at its end. Returns the records."""

    async def whole() -> list[Record]:
        simulation = Simulation(settings, seed=1, start=START)
        await simulation.start()
        features(simulation).pins = judge or OnePin()
        await script(simulation)
        await asyncio.sleep(15.0)
        assert simulation.left() == []
        await simulation.stop()
        return simulation.records

    return run(whole())


def features(simulation: Simulation) -> Features:
    """Those of the centre that runs now."""
    return simulation.centre.conductor.features


def outcomes(records: list[Record]) -> list[object]:
    """What came of the codes."""
    return [record.detail["outcome"] for record in records if record.what == "feature"]


async def dial(phone: FakePhone, code: str) -> None:
    """The code is told to its end."""
    await phone.dial(code)
    await phone.established(SOON_S)
    await phone.closed(TOLD_S)
    await asyncio.sleep(0.1)


async def sign_on(phone: FakePhone, number: str, pin: str) -> None:
    """Number and PIN are pressed as soon as they are asked for; the call goes on."""
    await phone.dial("*11")
    await phone.established(SOON_S)
    await phone.press(f"{number}#")
    await asyncio.sleep(3.0)
    await phone.press(f"{pin}#")
    await asyncio.sleep(3.0)


async def served(simulation: Simulation, phone: FakePhone) -> None:
    """A caller for medis talks at that phone."""
    before = len(phone.offers)
    citizen = Citizen(keys=((0.5, "1"),), talk_s=5.0)
    caller = simulation.asterisk.caller(NUMBER, citizen=citizen)
    caller.call("112")
    await caller.closed(60.0)
    await asyncio.sleep(0.1)
    assert len(phone.offers) == before + 1


def test_who_has_signed_on_is_rung_there(settings: Settings) -> None:
    """And their own phone is not, until they sign off at either."""

    async def script(simulation: Simulation) -> None:
        own = simulation.asterisk.register(OWN, Answer(0.5))
        shared = simulation.asterisk.register(SHARED, Answer(0.5))
        await served(simulation, own)
        await sign_on(shared, "101", PIN)
        await shared.closed(TOLD_S)
        await served(simulation, shared)
        await dial(own, "*12")
        await served(simulation, own)

    records = play(settings, script)
    assert outcomes(records) == ["signed on", "signed off"]
    digits = [record.detail["digit"] for record in records if record.what == "digit"]
    assert digits == ["1"] * 3
    assert all(PIN not in str(record) for record in records)


def test_the_last_resort_knows_where_people_sit(settings: Settings) -> None:
    """A list in Asterisk names the phone that was signed on to, within a moment."""

    async def script(simulation: Simulation) -> None:
        known = simulation.asterisk.exchange.globals
        assert known["SIAGA_DUTY_medis"] == f"PJSIP/{OWN}"
        shared = simulation.asterisk.register(SHARED, Ignore())
        await sign_on(shared, "101", PIN)
        await shared.closed(TOLD_S)
        assert known["SIAGA_DUTY_medis"] == f"PJSIP/{SHARED}"
        await dial(shared, "*12")
        assert known["SIAGA_DUTY_medis"] == f"PJSIP/{OWN}"

    play(settings, script)


def test_all_of_it_outlives_the_daemon_and_asterisk(settings: Settings) -> None:
    """Sign-on, pause, last talk and its mark: the next run goes on from them."""

    async def script(simulation: Simulation) -> None:
        asterisk = simulation.asterisk
        shared = asterisk.register(SHARED, Answer(0.5))
        await sign_on(shared, "101", PIN)
        await shared.closed(TOLD_S)
        await served(simulation, shared)
        await dial(shared, "*13")
        await asyncio.sleep(1.5)
        await simulation.kill()
        asterisk.crash()
        asterisk.boot()
        await simulation.start()
        await dial(shared, "*24")
        await dial(shared, "*15")
        presence = simulation.centre.conductor.floor.presence(SHARED, simulation.clock.now())
        assert presence is not None
        assert presence.person == "sri"
        assert presence.pause is not None

    records = play(settings, script)
    assert outcomes(records) == ["signed on", "paused", "marked", "state told"]
    (marked,) = [record for record in records if record.what == "marked"]
    (arrived,) = [record for record in records if record.what == "arrived"]
    assert (marked.call, marked.detail["mark"]) == (arrived.call, "ghost")


def test_each_new_mark_is_told_once_to_who_counts_them(settings: Settings) -> None:
    """With call and number; one that was there already is not told again."""
    told: list[Talk] = []

    async def script(simulation: Simulation) -> None:
        simulation.centre.conductor.on_marked = told.append
        own = simulation.asterisk.register(OWN, Answer(0.5))
        await dial(own, "*23")
        await served(simulation, own)
        for code in ("*23", "*23", "*24"):
            await dial(own, code)

    records = play(settings, script)
    (call,) = [record.call for record in records if record.what == "arrived"]
    sri = PersonId("sri")
    assert told == [Talk(CallId(str(call)), NUMBER, sri, mark) for mark in (Mark.PRANK, Mark.GHOST)]
    assert outcomes(records) == ["no call to mark", "marked", "marked", "marked"]


def test_pranks_slow_their_number_down_until_one_call_is_genuine(settings: Settings) -> None:
    """What operators mark at their phones is what the throttle counts."""

    async def script(simulation: Simulation) -> None:
        own = simulation.asterisk.register(OWN, Answer(0.5))
        for _ in range(3):
            await served(simulation, own)
            await dial(own, "*23")
        assert simulation.centre.conductor.throttle.slowed()
        await dial(own, "*21")
        assert not simulation.centre.conductor.throttle.slowed()

    records = play(settings, script)
    told = [record.what for record in records if record.what in {"number_slowed", "number_freed"}]
    assert told == ["number_slowed", "number_freed"]


def test_who_did_not_answer_is_told_of_the_pause(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """It ends with any use of the phone, and is told with the next code, once."""
    folder = quick_settings(tmp_path_factory.mktemp("pause") / "own", (*ON_DUTY, "bayu"))
    text = (folder / "services.yaml").read_text()
    assert "strategy: ringall" in text
    (folder / "services.yaml").write_text(
        text.replace("strategy: ringall", "strategy: ringall\n    auto_pause_after: 1", 1)
    )
    heard: list[str] = []

    async def script(simulation: Simulation) -> None:
        simulation.on_event = lambda event: (
            heard.append(event.playback.media_uri.rpartition("/")[2])
            if isinstance(event, PlaybackStarted)
            else None
        )
        own = simulation.asterisk.register(OWN, Ignore())
        simulation.asterisk.register("siaga-medis-2", Ignore())
        simulation.asterisk.register("siaga-koordinator", Answer(0.5))
        caller = simulation.asterisk.caller(NUMBER, citizen=Citizen(((0.5, "1"),), talk_s=5.0))
        caller.call("112")
        await caller.closed(60.0)
        heard.clear()
        await dial(own, "*15")
        await dial(own, "*15")

    records = play(load(folder), script)
    assert [r.detail["person"] for r in records if r.what == "paused"] == ["sri"]
    assert heard == ["code_notice", "code_on_duty", "code_ready", "code_on_duty", "code_ready"]


def test_nobody_marks_at_a_phone_where_nobody_sits(settings: Settings) -> None:
    """Nor pauses at the post's phone, which rings last of all."""

    async def script(simulation: Simulation) -> None:
        shared, post = (simulation.asterisk.register(seat, Ignore()) for seat in (SHARED, POST))
        await dial(shared, "*23")
        await dial(post, "*13")
        await dial(post, "*11")

    expected = ["nobody has signed on", "the post's phone", "the post's phone"]
    assert outcomes(play(settings, script)) == expected


def test_wrong_pins_lock_person_and_phone_for_a_while(settings: Settings) -> None:
    """Nobody is judged any more, also after a restart; when it ends the right one opens again."""
    judge = OnePin()

    async def script(simulation: Simulation) -> None:
        shared = simulation.asterisk.register(SHARED, Ignore())
        for _ in range(TRIES):
            await sign_on(shared, "101", "1111")
            await shared.hangup()
            await shared.closed(SOON_S)
        await asyncio.sleep(SOON_S)
        await simulation.kill()
        await simulation.start()
        features(simulation).pins = judge
        await asyncio.sleep(SOON_S)
        await sign_on(shared, "101", PIN)
        await shared.closed(TOLD_S)
        await asyncio.sleep(LOCK_S)
        await sign_on(shared, "101", PIN)
        await shared.closed(TOLD_S)

    told = outcomes(play(settings, script, judge))
    assert told == ["wrong PIN", "hung up"] * TRIES + ["locked", "signed on"]
    assert judge.judged == TRIES + 1


def test_a_judge_who_does_not_answer_is_not_waited_for(settings: Settings) -> None:
    """The phone is told that it cannot be done now."""

    async def script(simulation: Simulation) -> None:
        shared = simulation.asterisk.register(SHARED, Ignore())
        await sign_on(shared, "101", PIN)
        await shared.closed(TOLD_S)

    assert outcomes(play(settings, script, OnePin(3 * BUSY_LIMIT_S))) == ["failed"]


def test_who_has_no_pin_is_told(settings: Settings) -> None:
    """And who has no such number is asked again."""

    async def script(simulation: Simulation) -> None:
        shared = simulation.asterisk.register(SHARED, Ignore())
        await sign_on(shared, "999#403", PIN)
        await shared.closed(TOLD_S)

    assert outcomes(play(settings, script)) == ["no PIN"]


@pytest.mark.parametrize("way", ["kill", "stop"])
def test_a_phone_is_not_left_with_a_daemon_that_ends(settings: Settings, way: str) -> None:
    """It hears the dialplan's apology: by the fuse, by the next daemon, or by the last word."""

    async def script(simulation: Simulation) -> None:
        shared = simulation.asterisk.register(SHARED, Ignore())
        await shared.dial("*11")
        await shared.established(SOON_S)
        await asyncio.sleep(1.0)
        if way == "kill":
            await simulation.kill()
            await simulation.start()
        else:
            await simulation.stop()
        await shared.closed(10.0)
        if way == "stop":
            await dial(shared, "*15")
            await simulation.start()

    assert outcomes(play(settings, script)) == []


def test_a_daemon_that_is_dead_leaves_it_to_the_fuse(settings: Settings) -> None:
    """Within its thirty seconds, and the apology."""

    async def script(simulation: Simulation) -> None:
        shared = simulation.asterisk.register(SHARED, Ignore())
        await shared.dial("*11")
        await shared.established(SOON_S)
        await simulation.kill()
        await shared.closed(40.0)
        await simulation.start()

    play(settings, script)


def test_a_cut_costs_no_feature_call(settings: Settings) -> None:
    """What is known here goes on, and ends by its own deadlines."""

    async def script(simulation: Simulation) -> None:
        own = simulation.asterisk.register(OWN, Ignore())
        await own.dial("*15")
        await own.established(SOON_S)
        simulation.asterisk.cut()
        await own.closed(TOLD_S)

    assert outcomes(play(settings, script)) == ["state told"]


@pytest.mark.parametrize("args", [("feature",), ("feature", "*99", OWN), ("feature", "*15")])
def test_what_the_dialplan_never_says_harms_nobody(
    settings: Settings, args: tuple[str, ...]
) -> None:
    """A code of another release is apologised for; a phone without a name is no seat."""

    async def script(simulation: Simulation) -> None:
        event = StasisStart(ChannelView("nobody"), args)
        simulation.centre.conductor.take(event)
        await asyncio.sleep(TOLD_S)

    assert outcomes(play(settings, script)) == (["no seat"] if len(args) == 2 else [])


def test_a_fault_of_ours_is_noted_and_apologised_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what was pressed; the next call is served."""

    def broken(*_: object) -> None:
        raise RuntimeError(PIN)

    async def script(simulation: Simulation) -> None:
        own = simulation.asterisk.register(OWN, Ignore())
        with monkeypatch.context() as patch:
            patch.setattr(features(simulation), "act", broken)
            await dial(own, "*13")
        await dial(own, "*15")

    records = play(settings, script)
    (failed,) = [record for record in records if record.what == "feature_failed"]
    assert failed.detail == {"code": "*13", "error": "RuntimeError"}
    assert outcomes(records) == ["state told"]


def test_a_storm_of_keys_is_shed(settings: Settings) -> None:
    """Ends are never shed: they are few."""

    async def script(simulation: Simulation) -> None:
        own = simulation.asterisk.register(OWN, Ignore())
        call = await own.dial("*15")
        await own.established(SOON_S)
        channel = ChannelView(call.channel)
        for _ in range(10 * MAILBOX):
            simulation.centre.conductor.take(ChannelDtmfReceived(channel, "1"))
        held: FeatureCall = features(simulation).calls[call.channel]
        assert held._mailbox.qsize() <= MAILBOX
        await own.closed(TOLD_S)

    assert outcomes(play(settings, script)) == ["state told"]


@effort(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    code=st.sampled_from([feature.value for feature in Feature]),
    seat=st.sampled_from([OWN, SHARED, POST]),
    keys=st.text("0123456789*#", max_size=20),
    hangs_up_s=st.none() | st.floats(0.0, 20.0),
    fault=st.sampled_from(["none", "cut", "kill", "freeze"]),
    at_s=st.floats(0.0, 10.0),
)
def test_whatever_happens_no_phone_is_left_in_a_feature_call(
    settings: Settings,
    *,
    code: str,
    seat: str,
    keys: str,
    hangs_up_s: float | None,
    fault: str,
    at_s: float,
) -> None:
    """It ends within minutes, and nothing of it stays in Asterisk or here."""

    async def script(simulation: Simulation) -> None:
        phone = simulation.asterisk.register(seat, Ignore())
        await phone.dial(code)
        await phone.press(keys)
        if hangs_up_s is not None:
            asyncio.get_running_loop().call_later(hangs_up_s, asyncio.ensure_future, phone.hangup())
        await asyncio.sleep(at_s)
        match fault:
            case "cut":
                simulation.asterisk.cut()
            case "freeze":
                simulation.asterisk.freeze_stream()
            case "kill":
                await simulation.kill()
                await simulation.start()
            case _:
                pass
        await phone.closed(200.0)
        await asyncio.sleep(20.0)

    names = {outcome.value for outcome in Outcome} | {"hung up", "wrong PIN"}
    assert set(outcomes(play(settings, script))) <= names
