"""The laws that a rehearsal holds: a floor that breaks one is found out, ours is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from routing.draw import Draw
from routing.floor import Floor
from routing.moment import Instant, Moment
from routing.offer import (
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegGone,
    Offer,
    OfferId,
    Parted,
)
from routing.plan import Plan
from routing.service import ServiceId
from siaga.rehearsal.city import City, Staff
from siaga.rehearsal.rehearsal import Rehearsal, rehearse
from siaga.rehearsal.span import Span
from siaga.rehearsal.stage import DRAIN_S
from siaga.settings import Settings, load
from tests.siaga.folder import GOOD, KOTA_METRO

START = datetime(2026, 11, 30, tzinfo=UTC)
DAY = Span(START, START + timedelta(days=1))
MakeFloor = Callable[[Plan, str, Draw], Floor]


@pytest.fixture(scope="module")
def metro() -> Settings:
    """The shipped settings."""
    return load(KOTA_METRO)


def played(settings: Settings, floor: MakeFloor = Floor, calls: int = 200) -> Rehearsal:
    """A busy day on that floor."""
    return rehearse(settings, City(), DAY, calls, floor=floor)


def laws(done: Rehearsal) -> set[str]:
    """The laws that were broken."""
    assert done.watch.count >= len(done.watch.shown)
    return {violation.law for violation in done.watch.shown}


class Twice(Floor):
    """Rings every phone for the same caller twice, by another id."""

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """What the floor says, and each offer once more."""
        found = super().step(event, at=at)
        again = (
            replace(each, offer=OfferId(f"{each.offer}-again"))
            for each in found
            if isinstance(each, Offer)
        )
        return (*found, *again)


class Deaf(Floor):
    """Does not hear that a caller has left."""

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """Nothing, if that is what is told."""
        return () if isinstance(event, Leave) else super().step(event, at=at)


class Forgetful(Floor):
    """Forgets every tenth caller."""

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """Nothing for such a caller."""
        if isinstance(event, Enqueue) and event.call.endswith("0"):
            return ()
        return super().step(event, at=at)


class Unfair(Floor):
    """Serves first who came last, by turning arrivals around."""

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """The same, with the arrivals turned around."""
        if isinstance(event, Enqueue):
            event = replace(event, arrived=2 * START.timestamp() - event.arrived)
        return super().step(event, at=at)


class Stubborn(Floor):
    """Asks for a deadline that has come, and does nothing at it."""

    def __init__(self, plan: Plan, prefix: str, draw: Draw) -> None:
        super().__init__(plan, prefix, draw)
        self._asked: Instant | None = None

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """Nothing, once a deadline has come."""
        if isinstance(event, Expired):
            self._asked = self._asked or at.instant
            return ()
        return super().step(event, at=at)

    def deadline(self) -> Instant | None:
        """The same, for ever."""
        return self._asked or super().deadline()


class Chatty(Floor):
    """Tells of a talk's end twice, the second time of an operator who was lost."""

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """What the floor says; an end of a talk comes with another connection's."""
        found = super().step(event, at=at)
        if isinstance(event, LegGone):
            found = (*found, *(each for each in found if isinstance(each, Parted)))
        return found


def test_our_floor_breaks_no_law(metro: Settings) -> None:
    """On the shipped settings, ten times as many calls as the city has."""
    done = played(metro, calls=3000)
    assert (done.watch.count, done.watch.shown) == (0, [])


@pytest.mark.parametrize(
    ("floor", "law", "calls"),
    [
        (Twice, "two calls at one phone", 40),
        (Deaf, "a phone rings for nobody", 40),
        (Forgetful, "who stays reaches a human", 200),
        (Stubborn, "a deadline is taken", 200),
    ],
)
def test_a_broken_floor_is_found_out(
    floor: MakeFloor, law: str, calls: int, metro: Settings
) -> None:
    """Each by its law; the rehearsal ends all the same."""
    assert law in laws(played(metro, floor, calls))


def test_a_floor_that_serves_the_last_first_is_found_out(metro: Settings) -> None:
    """Many wait for one operator, who never declines."""
    staff = Staff(misses=0.0, declines=0.0, off_duty_answers=0.0, post_answers=0.0)
    hour = Span(START + timedelta(hours=5), START + timedelta(hours=6))
    fair = rehearse(metro, City(operators=staff), hour, 400)
    unfair = rehearse(metro, City(operators=staff), hour, 400, floor=Unfair)
    assert laws(fair) == set()
    assert "first come, first served" in laws(unfair)


def test_what_is_told_twice_ends_no_call_twice(metro: Settings) -> None:
    """The call's own states take the second telling for nothing."""
    assert laws(played(metro, Chatty)) == set()


def test_nobody_is_lost_when_nobody_answers(metro: Settings) -> None:
    """Who stays is still ringing an hour after the last call, and is told as such."""
    nobody = Staff(
        misses=1.0, declines=0.0, off_duty_answers=0.0, post_answers=0.0, outside_answers=0.0
    )
    done = rehearse(metro, City(operators=nobody), DAY, 60)
    tally = done.tally
    assert laws(done) == set()
    assert tally.ringing > 0
    assert tally.all.answered.number == 0
    assert tally.all.given_up.number + tally.ringing == 60
    assert done.virtual_s >= DRAIN_S


@cache
def known(folder: Path) -> Settings:
    """The settings of a folder, read once."""
    return load(folder)


SHARES = st.floats(0.0, 1.0)
STAFFS = st.builds(
    Staff,
    misses=SHARES,
    declines=SHARES,
    off_duty_answers=SHARES,
    post_answers=SHARES,
    outside_answers=SHARES,
    outside_presses=SHARES,
    ends=SHARES,
)


@effort(max_examples=25, deadline=None)
@given(
    staff=STAFFS,
    calls=st.integers(1, 120),
    hours=st.integers(1, 24),
    seed=st.integers(0, 1000),
    folder=st.sampled_from([GOOD, KOTA_METRO]),
)
def test_whoever_calls_and_whoever_answers_no_law_is_broken(
    staff: Staff, calls: int, hours: int, seed: int, folder: Path
) -> None:
    """Every call has reached a human, was given up, or is still ringing."""
    span = Span(START, START + timedelta(hours=hours))
    done = rehearse(known(folder), City(operators=staff), span, calls, seed)
    tally = done.tally
    assert done.watch.shown == []
    assert tally.all.calls == calls
    assert tally.all.answered.number + tally.all.given_up.number + tally.ringing == calls
    assert sum(served.calls for served in tally.slots.values()) == tally.chosen.calls
    assert sum(tally.steps.values()) >= tally.all.answered.number
    assert ServiceId("") not in {service for _, service in tally.slots}
