"""The status is true in every situation of a centre on the Asterisk in memory, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from console.status import LinkState, SeatShown, Status
from journal.spool import Spool
from routing.mark import Mark
from routing.note import CallId
from siaga import basis
from siaga.alarm import Alarm, Alarms
from siaga.basis import Basis
from siaga.overview import Overview
from siaga.reload import Reload
from siaga.settings import load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer, Citizen, Ignore
from switch.fake.phone import FakeCaller
from tests.live.centre import quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDIS, DAMKAR = "siaga-medis-1", "siaga-damkar-1"
NUMBER = "081234567890"


class Scene:
    """A centre in memory, and its overview; made in a virtual loop."""

    def __init__(self, found: Basis, spool: Spool) -> None:
        self.simulation = Simulation(found.settings, seed=1, start=START)
        self.found = found
        self.spool = spool
        self.fault: str | None = None

    async def start(self) -> None:
        """A centre begins, and is looked at."""
        begin = len(self.simulation.records)
        await self.simulation.start()
        centre = self.simulation.centre
        self.alarms = Alarms(lambda _: None, self.simulation.clock, {}, lambda: None)
        self.reload = Reload(
            self.found,
            clock=self.simulation.clock,
            alarms=self.alarms,
            note=lambda _: None,
            use=centre.use,
        )
        self.overview = Overview(
            centre,
            reload=self.reload,
            alarms=self.alarms,
            spool=self.spool,
            clock=self.simulation.clock,
            fault=lambda: self.fault or centre.fault,
        )
        # A daemon has its overview before it begins; here what was recorded meanwhile is told now.
        for record in self.simulation.records[begin:]:
            self.overview._board.take(record)

    def status(self, *, numbers: bool = False) -> Status:
        """What it says now, after a way over the wire."""
        line = msgspec.json.encode(self.overview.status(numbers=numbers))
        return msgspec.json.decode(line, type=Status)

    def call(self, key: str = "") -> FakeCaller:
        """A citizen who dials 112, presses the key if there is one, and stays on the line."""
        keys = ((0.2, key),) if key else ()
        caller = self.simulation.asterisk.caller(NUMBER, citizen=Citizen(keys))
        caller.call("112")
        return caller


@pytest.fixture
def found(tmp_path: Path) -> Basis:
    """Kota Metro with quick times."""
    return basis.find(quick_settings(tmp_path / "settings"), tmp_path / "state")


def play(found: Basis, script: Callable[[Scene], Awaitable[None]]) -> None:
    """Runs a script on a centre that serves."""
    spool = Spool(found.config.parent / "spool", START)

    async def whole() -> None:
        scene = Scene(found, spool)
        await scene.start()
        await asyncio.sleep(1.0)
        await script(scene)
        await scene.simulation.stop()

    run(whole())
    spool.close()


def near(time: timedelta, seconds: float) -> bool:
    """Whether it is so many seconds, but for what Asterisk and phones take."""
    return abs(time.total_seconds() - seconds) <= 1.5


def medis(status: Status) -> tuple[SeatShown, str | None]:
    """State and call of the phone of who is on duty for medical calls."""
    (operator,) = status.agencies["dinkes"].operators
    (phone,) = operator.phones
    assert (operator.person, phone.seat, phone.endpoint) == ("sri", "medis-1", MEDIS)
    return phone.state, phone.call


def test_a_quiet_centre_is_in_service(found: Basis) -> None:
    """Up since the connection, the heartbeat is fresh, nobody calls."""

    async def script(scene: Scene) -> None:
        scene.simulation.asterisk.register(MEDIS, Answer(1.0))
        await asyncio.sleep(59.0)
        status = scene.status()
        assert (status.ready, status.why) == (True, None)
        assert near(status.at - START, 60.0)
        assert near(status.started - START, 0.0)
        assert status.uptime_s == pytest.approx(60.0, abs=0.5)
        assert status.asterisk.state is LinkState.UP
        assert status.asterisk.version
        assert status.at - status.asterisk.since > timedelta(seconds=58)
        assert status.heartbeat_age_s is not None
        assert status.heartbeat_age_s < 1.1
        assert (status.calls, status.stages, status.queue, status.alarms) == ({}, {}, (), ())
        assert medis(status) == (SeatShown.READY, None)
        assert status.settings.folder == str(found.config)

    play(found, script)


def test_callers_are_counted_by_stage_and_who_waits_stands_in_order(found: Basis) -> None:
    """With service and time; the number is masked unless it is asked for in full."""

    async def script(scene: Scene) -> None:
        scene.simulation.asterisk.register(MEDIS, Answer(0.5))
        first = scene.call("1")
        await first.until(lambda: first.talking, 30.0)
        waiting = [scene.call("1")]
        await asyncio.sleep(20.0)
        waiting += [scene.call("1")]
        await asyncio.sleep(0.6)
        in_menu = scene.call()
        await asyncio.sleep(0.3)
        status = scene.status()
        assert status.stages == {"talking": 1, "waiting": 2, "menu": 1}
        call = next(iter(status.calls))
        assert medis(status) == (SeatShown.BUSY, call)
        assert status.calls[call].target == "person:sri"
        one, other = (status.calls[id_] for id_ in status.queue)
        assert (one.service, other.service, one.stage) == ("medis", "medis", "waiting")
        assert near(other.since - one.since, 20.0)
        assert {each.number for each in status.calls.values()} == {"0812***890"}
        assert NUMBER not in str(status)
        full = scene.status(numbers=True)
        assert {each.number for each in full.calls.values()} == {NUMBER}
        for caller in (first, *waiting, in_menu):
            await caller.hangup()
        await asyncio.sleep(5.0)
        assert scene.status().calls == {}
        assert scene.status().figures["calls"] == 4

    play(found, script)


def test_a_phone_that_rings_says_for_which_call(found: Basis) -> None:
    """And one that cannot be reached says that."""

    async def script(scene: Scene) -> None:
        scene.simulation.asterisk.register(MEDIS, Ignore())
        caller = scene.call("1")
        await asyncio.sleep(1.5)
        status = scene.status()
        assert medis(status) == (SeatShown.BUSY, next(iter(status.calls)))
        (agus,) = status.agencies["bpbd"].operators
        assert agus.phones[0].state is SeatShown.UNREACHABLE
        await caller.hangup()
        await asyncio.sleep(5.0)

    play(found, script)


def test_adopted_callers_have_waited_since_they_came(found: Basis) -> None:
    """A daemon that died in between takes nothing from the time, the service and the number."""

    async def script(scene: Scene) -> None:
        caller = scene.call("1")
        await asyncio.sleep(5.0)
        before = scene.status().calls
        await scene.simulation.kill()
        await asyncio.sleep(2.0)
        await scene.start()
        await asyncio.sleep(1.0)
        after = scene.status().calls
        assert list(after) == list(before)
        (was,), (is_,) = before.values(), after.values()
        assert (is_.stage, is_.service, is_.number) == ("waiting", "medis", "0812***890")
        assert near(is_.since - was.since, 0.0)
        await caller.hangup()
        await asyncio.sleep(5.0)

    play(found, script)


def test_without_asterisk_nothing_is_known_of_the_phones(found: Basis) -> None:
    """Down since then and why; what was known before is not shown as if it were known now."""

    async def script(scene: Scene) -> None:
        scene.simulation.asterisk.register(MEDIS, Answer(1.0))
        await asyncio.sleep(10.0)
        scene.simulation.asterisk.crash()
        await asyncio.sleep(30.0)
        status = scene.status()
        assert not status.ready
        assert str(status.why).startswith("Asterisk is away: ")
        assert status.asterisk.state is LinkState.DOWN
        assert status.asterisk.why
        assert status.asterisk.version is None
        assert near(status.at - status.asterisk.since, 30.0)
        assert medis(status)[0] is SeatShown.UNKNOWN
        assert status.heartbeat_age_s is not None
        assert status.heartbeat_age_s > 25
        scene.simulation.asterisk.boot()
        await asyncio.sleep(5.0)
        assert scene.status().ready

    play(found, script)


def test_in_standby_it_says_that_another_serves(found: Basis) -> None:
    """And since when."""

    async def script(scene: Scene) -> None:
        first, centre = scene.overview, scene.simulation.centre
        await scene.start()
        await asyncio.sleep(10.0)
        assert scene.status().ready
        status = first.status()
        assert (status.ready, status.asterisk.state) == (False, LinkState.STANDBY)
        assert status.why == "standby: another daemon has the application"
        assert near(status.at - status.asterisk.since, 11.0)
        await centre.close()

    play(found, script)


def test_the_newest_roster_and_the_alarms_are_shown(found: Basis, tmp_path: Path) -> None:
    """Who is on duty by the settings in force, an agency with nobody, and what needs a hand."""
    others = quick_settings(tmp_path / "other", ("dian",))

    async def script(scene: Scene) -> None:
        settings = load(others)
        scene.simulation.centre.use(settings, settings.plan())
        scene.alarms.sound(Alarm("disk_full", "no room", "make room"))
        status = scene.status()
        on_duty = {id_: len(agency.operators) for id_, agency in status.agencies.items()}
        assert on_duty == {"dinkes": 0, "bpbd": 0, "dishub": 1, "satpolpp": 0}
        assert status.agencies["dinkes"].name.startswith("Dinas Kesehatan")
        assert [(alarm.what, alarm.do) for alarm in status.alarms] == [("disk_full", "make room")]

    play(found, script)


def test_a_fault_of_the_process_is_the_reason(found: Basis) -> None:
    """A daemon that drains says so, although Asterisk is up."""

    async def script(scene: Scene) -> None:
        scene.fault = "stopping"
        status = scene.status()
        assert (status.ready, status.why) == (False, "stopping")
        assert status.asterisk.state is LinkState.UP

    play(found, script)


def test_what_the_process_holds_is_counted(found: Basis) -> None:
    """A task more is one more, whoever began it; so are blocks of memory: a leak is seen."""

    async def script(scene: Scene) -> None:
        before = scene.status().process
        more = asyncio.create_task(asyncio.Event().wait())
        kept = [number + 0.5 for number in range(100_000)]
        after = scene.status().process
        assert after.tasks == before.tasks + 1
        assert after.memory_blocks > before.memory_blocks + len(kept) // 2
        more.cancel()

    play(found, script)


def test_numbers_that_are_slowed_down_are_masked(found: Basis) -> None:
    """In full for who may read the records as well; the one that ends first is the first."""

    async def script(scene: Scene) -> None:
        assert scene.status().slowed == ()
        throttle = scene.simulation.centre.conductor.throttle
        for number in (NUMBER, "0725412345"):
            for call in "abc":
                throttle.mark(number, Mark.PRANK, CallId(call))
            await asyncio.sleep(1.0)
        assert [one.number for one in scene.status().slowed] == ["+628***890", "+627***345"]
        first, second = scene.status(numbers=True).slowed
        assert (first.number, first.marks) == ("+6281234567890", 3)
        assert first.until < second.until

    play(found, script)
