"""A recording begins and ends with its talk, is not lost nor taken for whole, nor in the way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from journal.record import Record
from siaga.recorder import CLAIM_S, LOOK_S, TIDY_S
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.take import Key
from siaga.virtual import run
from switch.fake.behaviour import Answer, Citizen
from switch.fake.phone import FakeCaller
from tests.scenario.test_recording import settings_of
from tests.scenario.virtual_stage import START

NUMBER = "081234567890"
LIMIT_S, POLL_S = 60.0, 0.05
TALK_S = 5.0
"""Longer than a slip."""
SETTLED_S = 3.0
NO_ROOM = "12 MiB are free in /talks, less than 1024"


class Scene:
    """A centre that records talks about medis, one operator, one caller."""

    def __init__(self, settings: Settings) -> None:
        self.simulation = Simulation(settings, seed=1, start=START)
        self.asterisk = self.simulation.asterisk

    async def talk(self, talk_s: float | None = None) -> FakeCaller:
        """They talk, for so long or until somebody hangs up."""
        await self.simulation.start()
        self.asterisk.register("siaga-medis-1", Answer(0.5, talk_s=talk_s))
        caller = self.asterisk.caller(NUMBER, citizen=Citizen(keys=((1.0, "1"),)))
        caller.call("112")
        await self.told("bridged")
        return caller

    async def told(self, what: str, count: int = 1) -> Record:
        """The `count`-th record of that name, once it is there."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.records(what)) < count:  # noqa: ASYNC110 - records come one by one
                await asyncio.sleep(POLL_S)
        return self.records(what)[count - 1]

    def records(self, what: str) -> list[Record]:
        """Those of that name."""
        return [record for record in self.simulation.records if record.what == what]

    async def over(self) -> None:
        """Nothing is left, in Asterisk or here."""
        await asyncio.sleep(SETTLED_S)
        assert self.simulation.left() == []
        assert self.asterisk.exchange.snoops == {}
        assert self.asterisk.exchange.recorded == {}
        await self.simulation.stop()


Play = Callable[[Callable[[Scene], Awaitable[None]]], None]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Plays what happens in virtual time, to its end."""
    settings = load(settings_of(tmp_path / "own"))

    def played(what: Callable[[Scene], Awaitable[None]]) -> None:
        async def whole() -> None:
            scene = Scene(settings)
            await what(scene)
            await scene.over()

        run(whole())

    return played


def test_a_key_is_read_as_it_was_written() -> None:
    """The name of a file tells of which talk it is, whatever Asterisk calls its channels."""
    for call in ("1796079324.0", "metro_1-1796079324.12", "a_b_c"):
        key = Key.read(f"20261130T225525Z_{call}_1f2e3d-1-2")
        assert key is not None
        assert (key.call, key.offer) == (call, "1f2e3d-1-2")
        assert Key.read(str(key)) == Key.of_snoop(key.snoop) == key
    for text in ("", "20261130T225525Z", "20261130T225525Z_1.0", "notes", "x_1.0_2"):
        assert Key.read(text) is None
    assert Key.of_snoop("1796079324.0") is None


def test_a_shelf_that_waits_for_a_restart_is_told(tmp_path: Path) -> None:
    """Callers have been told that they are recorded: the journal says that they were not."""
    folder = settings_of(tmp_path / "own")
    settings = load(folder)
    without = replace(settings, daemon=replace(settings.daemon, recording=None))

    async def story() -> None:
        scene = Scene(without)
        await scene.talk(TALK_S)
        detail = (await scene.told("recording_not_made")).detail
        assert detail["why"] == "recording in siaga.yaml waits for a restart"
        await scene.told("ended")
        await scene.over()

    run(story())


def test_a_talk_is_recorded_from_its_begin_to_its_end(play: Play) -> None:
    """Within a moment of the bridge; as long as the talk; linked from the journal."""

    async def story(scene: Scene) -> None:
        await scene.talk(TALK_S)
        kept = (await scene.told("recording_kept")).detail
        assert kept["whole"] is True
        assert abs(kept["seconds"] - TALK_S) < 0.1
        assert kept["recording"] in scene.simulation.shelf.kept
        ended = scene.records("ended")[0]
        assert ended.detail["talked_s"] > kept["seconds"]
        assert scene.records("recording_kept")[0].call == ended.call

    play(story)


def test_a_daemon_that_dies_finds_its_recordings_again(play: Play) -> None:
    """`kill -9` in the talk: it is recorded on, in one file; only its begin was not seen twice."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await scene.told("recording_begun")
        await asyncio.sleep(TALK_S)
        await scene.simulation.kill()
        await asyncio.sleep(1.0)
        await scene.simulation.start()
        await scene.told("adopted")
        await asyncio.sleep(CLAIM_S + TALK_S)
        await caller.hangup()
        kept = (await scene.told("recording_kept")).detail
        assert kept["whole"] is True
        assert kept["seconds"] > 2 * TALK_S
        assert len(scene.records("recording_begun")) == 1

    play(story)


def test_a_talk_that_ends_without_a_daemon_leaves_its_recording(play: Play) -> None:
    """It is found, kept, and not taken for whole: nobody saw its end."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await scene.told("recording_begun")
        await scene.simulation.kill()
        await asyncio.sleep(1.0)
        await caller.hangup()
        await asyncio.sleep(1.0)
        await scene.simulation.start()
        record = await scene.told("recording_kept")
        assert record.call == scene.records("bridged")[0].call
        detail = record.detail
        assert (detail["whole"], detail["found"]) == (False, True)
        assert detail["why"] == "nobody saw its end"

    play(story)


def test_a_daemon_that_dies_before_it_could_record_begins_then(play: Play) -> None:
    """The talk is adopted, and recorded from there on: it is not taken for whole."""

    async def story(scene: Scene) -> None:
        exchange = scene.asterisk.exchange
        caller = await scene.talk()
        await scene.simulation.kill()
        (snoop,) = exchange.snoops.values()
        snoop.recording = None  # as if it had died before it could ask
        await asyncio.sleep(1.0)
        await scene.simulation.start()
        await scene.told("recording_begun")
        await asyncio.sleep(TALK_S)
        await caller.hangup()
        kept = (await scene.told("recording_kept")).detail
        assert (kept["whole"], kept["why"]) == (False, "it was begun late")
        assert kept["seconds"] > TALK_S - 1.0

    play(story)


def test_asterisk_dies_in_the_talk(play: Play) -> None:
    """The half file is kept as what it is."""

    async def story(scene: Scene) -> None:
        await scene.talk()
        await scene.told("recording_begun")
        await asyncio.sleep(TALK_S)
        scene.asterisk.crash()
        await asyncio.sleep(1.0)
        scene.asterisk.boot()
        kept = (await scene.told("recording_kept")).detail
        assert kept["whole"] is False
        assert kept["seconds"] > TALK_S - 1.0

    play(story)


def test_a_disk_without_room_records_nothing(play: Play) -> None:
    """The talk is as any other, and it is said why there is no recording of it."""

    async def story(scene: Scene) -> None:
        scene.simulation.shelf.why_not = NO_ROOM
        await scene.talk(TALK_S)
        assert (await scene.told("recording_not_made")).detail["why"] == NO_ROOM
        assert scene.simulation.centre.conductor.recorder.fault == NO_ROOM
        await scene.told("ended")
        assert scene.records("ended")[0].detail["talked_s"] > TALK_S - 1.0
        scene.simulation.shelf.why_not = None
        await asyncio.sleep(2 * LOOK_S)
        assert scene.simulation.centre.conductor.recorder.fault is None

    play(story)


def test_a_disk_that_fills_stops_the_recording_and_not_the_talk(play: Play) -> None:
    """What there is is kept, and says why it ends there."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await asyncio.sleep(TALK_S)
        scene.simulation.shelf.why_not = NO_ROOM
        kept = (await scene.told("recording_kept")).detail
        assert (kept["whole"], kept["why"]) == (False, NO_ROOM)
        assert scene.records("ended") == []
        await asyncio.sleep(TALK_S)
        assert scene.records("ended") == []
        await caller.hangup()
        assert (await scene.told("ended")).detail["talked_s"] > 2 * TALK_S
        scene.simulation.shelf.why_not = None

    play(story)


def test_a_recording_that_asterisk_ends_by_itself_is_not_whole(play: Play) -> None:
    """As it does when a disk is full before anybody has noticed."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await scene.told("recording_begun")
        await asyncio.sleep(TALK_S)
        (snoop,) = scene.asterisk.exchange.snoops.values()
        scene.asterisk.exchange.end_snoop(snoop, asked=False)
        kept = (await scene.told("recording_kept")).detail
        assert (kept["whole"], kept["why"]) == (False, "Asterisk ended it during the talk")
        assert scene.records("ended") == []
        await caller.hangup()

    play(story)


def test_a_recording_without_a_file_is_a_fault(play: Play) -> None:
    """Asterisk says that it has begun and ended, and the disk has taken nothing."""

    async def story(scene: Scene) -> None:
        await scene.talk(TALK_S)
        await scene.told("recording_begun")
        exchange = scene.asterisk.exchange
        (snoop,) = exchange.snoops.values()
        exchange.end_snoop(snoop, asked=False)
        exchange.recorded.clear()
        why = (await scene.told("recording_not_made")).detail["why"]
        assert why == "Asterisk ended it during the talk"
        assert scene.simulation.centre.conductor.recorder.fault == why
        await scene.told("ended")

    play(story)


def test_a_refusal_stands_until_a_recording_begins(play: Play) -> None:
    """One talk without a recording; the next one ends the alarm."""

    async def story(scene: Scene) -> None:
        scene.asterisk.exchange.may_record = False
        await scene.talk(TALK_S)
        refused = (await scene.told("recording_not_made")).detail["why"]
        assert "Asterisk does not record it" in refused
        recorder = scene.simulation.centre.conductor.recorder
        assert recorder.fault == refused
        await scene.told("ended")
        scene.asterisk.exchange.may_record = True
        scene.asterisk.caller(NUMBER, citizen=Citizen(keys=((1.0, "1"),))).call("112")
        await scene.told("recording_begun")
        assert recorder.fault is None
        await scene.told("recording_kept")

    play(story)


def test_who_takes_over_has_the_recordings(play: Play) -> None:
    """A stop in a talk: it is recorded on; the next daemon ends it and keeps it."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await scene.told("recording_begun")
        await scene.simulation.stop()
        await asyncio.sleep(TALK_S)
        assert len(scene.asterisk.exchange.snoops) == 1
        await scene.simulation.start()
        await scene.told("adopted")
        await caller.hangup()
        assert (await scene.told("recording_kept")).detail["seconds"] > TALK_S

    play(story)


def test_a_snoop_that_nobody_claims_is_ended(play: Play) -> None:
    """Its talk is over, or its name is none: it does not listen for ever."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await scene.told("recording_begun")
        await scene.simulation.kill()
        exchange = scene.asterisk.exchange
        (spied,) = (c for c in exchange.channels.values() if c.inbound)
        exchange.snoop(spied, "siaga-take-nonsense", ["take"])
        exchange.snoop(spied, "siaga-take-20261130T225525Z_1.0_a-1", ["take"])
        await scene.simulation.start()
        await asyncio.sleep(CLAIM_S + 1.0)
        assert len(exchange.snoops) == 1
        await caller.hangup()
        await scene.told("recording_kept")

    play(story)


def test_a_cut_of_the_stream_costs_no_recording(play: Play) -> None:
    """The talk ends while nobody hears of it: kept, and not taken for whole."""

    async def story(scene: Scene) -> None:
        caller = await scene.talk()
        await asyncio.sleep(TALK_S)
        scene.asterisk.cut()
        await caller.hangup()
        kept = (await scene.told("recording_kept")).detail
        assert kept["seconds"] > TALK_S - 1.0
        await asyncio.sleep(TIDY_S)
        assert len(scene.records("recording_kept")) == 1

    play(story)
