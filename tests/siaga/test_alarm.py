"""An alarm is told when it begins and ends, and rarely in between."""

import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from console.status import AlarmShown
from routing.moment import Moment
from routing.note import Note
from siaga import alarm as module
from siaga.alarm import AGAIN_S, Alarm, Alarms
from tests.journal.sample import LIMIT_S, NOON, moment

DISK = Alarm("disk_full", "no room on /var", "make room")


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        """So many seconds after noon."""
        return moment(self.seconds)


class Desk:
    """Alarms, and all that they tell."""

    def __init__(self, **looks: module.Look) -> None:
        self.notes: list[Note] = []
        self.changes = 0
        self.clock = Watch()
        self.alarms = Alarms(self.notes.append, self.clock, looks, self._count)

    def _count(self) -> None:
        self.changes += 1


def test_beginning_and_end_are_told_once() -> None:
    """One line and one record each, with what to do; whoever shows the alarms is told of both."""
    desk = Desk()
    with capture_logs() as logs:
        for _ in range(3):
            desk.alarms.sound(DISK)
        assert desk.alarms.shown[0].what == "disk_full"
        for _ in range(3):
            desk.alarms.end("disk_full")
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("disk_full", "warning"),
        ("alarm_over", "info"),
    ]
    assert (logs[0]["why"], logs[0]["do"]) == (DISK.why, DISK.do)
    facts = {"alarm": "disk_full", "why": DISK.why, "do": DISK.do}
    assert desk.notes == [
        Note(None, "alarm", facts),
        Note(None, "alarm_over", {"alarm": "disk_full"}),
    ]
    assert desk.changes == 2
    assert desk.alarms.names == ()


def test_other_words_with_the_same_remedy_are_shown_and_not_told() -> None:
    """A reason that alternates with another fills no log; who asks gets the newest."""
    desk = Desk()
    with capture_logs() as logs:
        desk.alarms.sound(DISK)
        desk.clock.seconds = 60.0
        desk.alarms.sound(Alarm("disk_full", "no room on /srv", "make room"))
    assert len(logs) == len(desk.notes) == 1
    (shown,) = desk.alarms.shown
    assert shown == AlarmShown(what="disk_full", why="no room on /srv", do="make room", since=NOON)


def test_another_remedy_is_told_and_the_beginning_stays() -> None:
    """There is something else to do now."""
    desk = Desk()
    with capture_logs() as logs:
        desk.alarms.sound(DISK)
        desk.clock.seconds = 60.0
        desk.alarms.sound(Alarm("disk_full", "no room on /var", "buy a disk"))
    assert [entry["do"] for entry in logs] == ["make room", "buy a disk"]
    assert desk.alarms.shown[0].since == NOON


def test_what_goes_on_is_told_again_each_hour() -> None:
    """In the log only: the records have its beginning."""
    desk = Desk()
    desk.alarms.sound(DISK)
    with capture_logs() as logs:
        for seconds in (AGAIN_S - 1, AGAIN_S, AGAIN_S + 1, 2 * AGAIN_S):
            desk.clock.seconds = seconds
            desk.alarms.remind()
    assert [entry["event"] for entry in logs] == ["disk_full"] * 2
    assert len(desk.notes) == 1


async def test_a_look_that_fails_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one is taken all the same."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    faults = [RuntimeError("boom")]

    def look() -> Alarm:
        if faults:
            raise faults.pop()
        return DISK

    desk = Desk(disk_full=look)
    running = asyncio.create_task(desk.alarms.run())
    async with asyncio.timeout(LIMIT_S):
        while not desk.alarms.names:  # noqa: ASYNC110 - what is waited for is what is tested
            await asyncio.sleep(0.005)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_tells_nobody_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm begins when a look finds its cause, and ends when one finds it gone."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    found: list[Alarm] = []
    desk = Desk(disk_full=lambda: found[0] if found else None)
    running = asyncio.create_task(desk.alarms.run())
    async with asyncio.timeout(LIMIT_S):
        found.append(DISK)
        while not desk.alarms.names:  # noqa: ASYNC110 - what is waited for is what is tested
            await asyncio.sleep(0.005)
        found.clear()
        while desk.alarms.names:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.005)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
