"""Alarms reach a program: in time, not too often, and what is told is what is so."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.status import AlarmShown
from routing.moment import Instant
from siaga.clock import SystemClock
from siaga.courier import HOUR_S, TEXT_CHARS, Backlog, Courier, Tiding, Turn, facts_of
from siaga.errand import Ran
from siaga.site import AlarmCommandSettings
from tests.journal.sample import NOON
from tests.siaga.service import LIMIT_S
from tests.siaga.test_errand import script

LIMITS = AlarmCommandSettings(run=("/bin/true",), again_s=300.0, per_hour=5)


def alarm(what: str, do: str = "mend it") -> AlarmShown:
    """One that stands."""
    return AlarmShown(what=what, why=f"{what} is wrong", do=do, since=NOON)


def told(backlog: Backlog, at: float, settings: AlarmCommandSettings = LIMITS) -> list[str]:
    """All that is to be told at that time."""
    found = []
    while (tiding := backlog.take(settings, Instant(at))) is not None:
        found.append(f"{tiding.alarm.what} {tiding.turn}")
    return found


def test_an_alarm_is_told_when_it_begins_and_when_it_is_over() -> None:
    """Each once, however often it is looked at."""
    backlog = Backlog()
    assert backlog.due(LIMITS) is None
    backlog.notice([alarm("disk")])
    assert told(backlog, 0.0) == ["disk raised"]
    backlog.notice([alarm("disk")])
    assert (told(backlog, 1.0), backlog.due(LIMITS)) == ([], None)
    backlog.notice([])
    assert told(backlog, 2.0) == ["disk cleared"]
    assert (told(backlog, 3.0), backlog.due(LIMITS)) == ([], None)


def test_an_alarm_that_flaps_is_told_twice_in_its_time() -> None:
    """That it began and is over; then again when the time is over, if it stands by then."""
    backlog = Backlog()
    for second in range(300):
        backlog.notice([alarm("disk")] if second % 2 == 0 else [])
        expected = {0: ["disk raised"], 1: ["disk cleared"]}.get(second, [])
        assert told(backlog, float(second)) == expected
    backlog.notice([alarm("disk")])
    assert backlog.due(LIMITS) == 300.0
    assert told(backlog, 299.9) == []
    assert told(backlog, 300.0) == ["disk raised"]


def test_what_came_and_went_while_nobody_may_be_told_is_not_told() -> None:
    """It would be news of what is not so."""
    backlog = Backlog()
    backlog.notice([alarm("disk")])
    backlog.notice([])
    assert (told(backlog, 0.0), backlog.due(LIMITS)) == ([], None)


def test_an_alarm_with_another_remedy_is_another_one() -> None:
    """What is to be done is what counts for who is woken up."""
    backlog = Backlog()
    backlog.notice([alarm("asterisk_down")])
    assert told(backlog, 0.0) == ["asterisk_down raised"]
    backlog.notice([alarm("asterisk_down", do="correct the password")])
    assert told(backlog, 1.0) == []
    assert told(backlog, 300.0) == ["asterisk_down raised"]


def test_all_together_are_no_more_than_so_many_in_an_hour() -> None:
    """What has to wait is told when there is room; endings first."""
    backlog = Backlog()
    names = [f"alarm-{number}" for number in range(8)]
    backlog.notice([alarm(name) for name in names])
    assert told(backlog, 10.0) == [f"{name} raised" for name in names[:5]]
    backlog.notice([alarm(name) for name in names[1:]])
    assert backlog.due(LIMITS) == 10.0 + HOUR_S
    assert told(backlog, 9.0 + HOUR_S) == []
    assert told(backlog, 10.0 + HOUR_S) == [
        "alarm-0 cleared",
        *(f"{name} raised" for name in names[5:]),
    ]


@given(
    st.lists(
        st.tuples(st.floats(0.1, 900.0), st.sets(st.sampled_from("abcdef"))),
        min_size=1,
        max_size=60,
    )
)
def test_the_limits_hold_and_what_is_told_is_what_is_so(
    changes: list[tuple[float, set[str]]],
) -> None:
    """Whatever alarms do: begin and end alternate, in the limits, and at rest all is told."""
    backlog, at = Backlog(), 0.0
    sent: list[tuple[float, str]] = []
    for after_s, names in changes:
        at += after_s
        backlog.notice([alarm(name) for name in sorted(names)])
        sent += [(at, told_) for told_ in told(backlog, at)]
    while (due := backlog.due(LIMITS)) is not None:
        at = max(at, due)
        sent += [(at, told_) for told_ in told(backlog, at)]
    for name in "abcdef":
        mine = [(when, what) for when, what in sent if what.startswith(name)]
        turns = [what.split()[1] for _, what in mine]
        assert turns == (["raised", "cleared"] * len(turns))[: len(turns)]
        begun = [when for when, what in mine if what.endswith("raised")]
        assert all(b - a >= LIMITS.again_s for a, b in pairwise(begun))
        assert (turns[-1:] == ["raised"]) is (name in changes[-1][1])
    times = [when for when, _ in sent]
    fifths = zip(times, times[LIMITS.per_hour :], strict=False)
    assert all(later - earlier >= HOUR_S - 1e-6 for earlier, later in fifths)


def test_facts_are_bounded_and_have_no_nul() -> None:
    """They are for an environment, where neither may be."""
    facts = facts_of(Tiding(Turn.RAISED, AlarmShown(what="x", why="a\0b" * 999, do="", since=NOON)))
    assert facts["why"].startswith("a·ba·b")
    assert len(facts["why"]) == TEXT_CHARS
    assert set(facts) == {"name", "turn", "why", "do", "since", "host", "version"}


class Desk:
    """A courier at work, and how its runs went."""

    def __init__(self, settings: AlarmCommandSettings | None) -> None:
        self.runs: list[Ran] = []
        self.courier = Courier(settings, SystemClock(), lambda _, ran: self.runs.append(ran))

    async def until(self, holds: Callable[[], object]) -> None:
        """Returns when it holds."""
        async with asyncio.timeout(LIMIT_S):
            while not holds():  # noqa: ASYNC110 - a program works
                await asyncio.sleep(0.01)


@asynccontextmanager
async def at_work(settings: AlarmCommandSettings | None) -> AsyncIterator[Desk]:
    """A courier that is at work, and then is not."""
    desk = Desk(settings)
    running = asyncio.create_task(desk.courier.run())
    try:
        yield desk
    finally:
        assert not running.done(), "it never ends by itself"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def writing(folder: Path, more: str = "") -> AlarmCommandSettings:
    """A program that writes down what it is given, a line each."""
    text = f'{{ cat; echo "$SIAGA_ALARM_NAME $SIAGA_ALARM_TURN"; }} >> {folder}/given; {more}'
    return replace(LIMITS, run=tuple(script(folder, text)), per_hour=100)


async def test_the_program_is_given_each_turn(tmp_path: Path) -> None:
    """In its environment and as JSON."""
    async with at_work(writing(tmp_path)) as desk:
        desk.courier.notice([alarm("disk")])
        await desk.until(lambda: len(desk.runs) == 1)
        desk.courier.notice([])
        await desk.until(lambda: len(desk.runs) == 2)
    assert desk.runs == [Ran(None), Ran(None)]
    first, words, second, again = (tmp_path / "given").read_text().splitlines()
    assert json.loads(first)["why"] == "disk is wrong"
    assert (words, again) == ("disk raised", "disk cleared")
    assert json.loads(second)["turn"] == "cleared"


async def test_a_program_that_fails_is_told_and_the_next_alarm_tries_again(tmp_path: Path) -> None:
    """Nothing is lost by it but that one."""
    async with at_work(writing(tmp_path, "exit 7")) as desk:
        desk.courier.notice([alarm("disk")])
        await desk.until(lambda: len(desk.runs) == 1)
        desk.courier.use(writing(tmp_path))
        desk.courier.notice([alarm("disk"), alarm("asterisk_down")])
        await desk.until(lambda: len(desk.runs) == 2)
    assert [ran.fault for ran in desk.runs] == ["exit status 7", None]


async def test_nobody_is_told_before_there_is_a_program(tmp_path: Path) -> None:
    """What stands by then is told when a reload brings one."""
    async with at_work(None) as desk:
        desk.courier.notice([alarm("disk")])
        await asyncio.sleep(0)
        assert desk.runs == []
        desk.courier.use(writing(tmp_path))
        await desk.until(lambda: desk.runs)
    assert "disk raised" in (tmp_path / "given").read_text()


async def test_what_had_to_wait_is_told_by_itself(tmp_path: Path) -> None:
    """When its time has come, nobody need do anything."""
    async with at_work(replace(writing(tmp_path), again_s=0.2)) as desk:
        for alarms in ([alarm("disk")], [], [alarm("disk")]):
            desk.runs.clear()
            desk.courier.notice(alarms)
            await desk.until(lambda: desk.runs)
    words = (tmp_path / "given").read_text().splitlines()[1::2]
    assert words == ["disk raised", "disk cleared", "disk raised"]


async def test_a_program_that_hangs_holds_up_no_alarm_for_longer_than_its_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one is carried then; the loop turns all the while."""
    settings = replace(writing(tmp_path, "sleep 600"), limit_s=0.3)
    async with at_work(settings) as desk:
        desk.courier.notice([alarm("disk"), alarm("asterisk_down")])
        await desk.until(lambda: len(desk.runs) == 2)
    assert [ran.fault for ran in desk.runs] == ["it took longer than 0.3 s, and was killed"] * 2
    assert caplog.records == []
