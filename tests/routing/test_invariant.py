"""What holds whatever happens, with every strategy: events drawn at random, in any order."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import hunt
from routing.credit import WAITED_MOST_S, Credit
from routing.history import Work
from routing.note import CallId
from routing.offer import (
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegAnswered,
    LegGone,
    LegRinging,
    Offer,
    OfferId,
    Paused,
    PlanChanged,
    Ready,
    SeatChanged,
    SeatState,
    SeatTarget,
    SignedOff,
    SignedOn,
    Withdraw,
)
from routing.operator import PersonId, SeatId
from routing.plan import Plan
from routing.service import GroupId, Strategy, WrapUpStep
from routing.snapshot import Pause, Snapshot
from tests.routing.centre import CHAIN, DAMKAR, MEDIS, RING_S, URGENT, Play, make_group, make_plan

CALLS = [CallId(name) for name in "abcdef"]
PEOPLE = [PersonId(name) for name in ("ani", "budi", "dedi", "siti")]
PHONES = [f"siaga-{name}" for name in (*PEOPLE, "pos")]
NUMBERS = [None, "0811111111", "0822222222"]
IN_FILE = st.sampled_from([*PEOPLE, PersonId("x")])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
"""All that JSON has."""
WORK = st.builds(Work, last=FLOATS, turn=FLOATS)
PAUSE = st.builds(Pause, turn=st.one_of(st.just(0.0), FLOATS))
CREDIT = st.builds(Credit, place=FLOATS, waited_s=FLOATS, until=FLOATS)


def plan_of(strategy: Strategy) -> Plan:
    """A plan that uses all there is: wrap-up, limits, pauses, the longest wait."""
    group = make_group(strategy, wrap_up_s=7.0, auto_pause_after=2, penalty_limit={0.0: 0, 6.0: 1})
    chain = (*CHAIN[:3], WrapUpStep(to="wrap_up", ring_time_s=RING_S), *CHAIN[3:])
    return make_plan(group=group, chain=chain, max_wait_s=45.0)


PLANS = {strategy: plan_of(strategy) for strategy in Strategy}
PEOPLE_SAY = st.one_of(
    st.builds(Paused, st.sampled_from(PEOPLE)),
    st.builds(Ready, st.sampled_from(PEOPLE)),
    st.builds(SignedOn, st.sampled_from(PEOPLE), st.just(SeatId("pos"))),
    st.builds(SignedOff, st.sampled_from(PEOPLE)),
)
PHONES_SAY = st.builds(SeatChanged, st.sampled_from(PHONES), st.sampled_from(SeatState))
CALLERS_DO = st.one_of(
    st.tuples(
        st.sampled_from(CALLS), st.sampled_from([MEDIS, DAMKAR, URGENT]), st.sampled_from(NUMBERS)
    ),
    st.builds(Leave, st.sampled_from(CALLS)),
)
LEGS_DO = st.tuples(
    st.sampled_from([LegRinging, LegAnswered, LegAnswered, LegGone]), st.integers(0, 40)
)
EVENTS = st.one_of(
    CALLERS_DO, CALLERS_DO, LEGS_DO, LEGS_DO, PHONES_SAY, PEOPLE_SAY, st.floats(0.0, 2 * RING_S)
)


class Watch:
    """A floor and what must be true of it."""

    def __init__(self, strategy: Strategy, seed: int) -> None:
        self.play = Play(PLANS[strategy], seed)
        self.held: dict[OfferId, Offer] = {}
        self.talks: dict[OfferId, str] = {}

    def event_of(self, drawn: object) -> FloorEvent:
        """Draws become arrivals now, legs of offers that are held, or time that passes."""
        if isinstance(drawn, float):
            self.play.now += drawn
            return Expired()
        if isinstance(drawn, tuple) and len(drawn) == 3:
            call, service, number = drawn
            if call in self.talks.values():  # who talks does not ask for a human
                return Expired()
            arrived = self.play.at.wall.timestamp()
            return Enqueue(call=call, service=service, arrived=arrived, number=number)
        if isinstance(drawn, tuple):
            kind, number = drawn
            known = [*self.held, OfferId("x")]
            offer = known[number % len(known)]
            event: FloorEvent = LegGone(offer, 16 + number % 4) if kind is LegGone else kind(offer)
            return event
        assert isinstance(drawn, Leave | SeatChanged | Paused | Ready | SignedOn | SignedOff)
        return drawn

    def tell(self, drawn: object) -> None:
        """One step, and all that must hold after it."""
        event = self.event_of(drawn)
        if isinstance(event, LegGone):
            self.held.pop(event.offer, None)
            self.talks.pop(event.offer, None)
        commands = self.play.tell(event)
        for command in commands:
            self.obey(command)
        self.nobody_has_two()
        self.order_is_kept(commands)
        self.nobody_is_left_free()
        due = self.play.floor.deadline()
        assert due is not None or not self.play.floor.waiting()
        assert due is None or not isinstance(event, Expired) or due > self.play.now

    def obey(self, command: FloorCommand) -> None:
        """An offer holds its target, a connected one talks, a withdrawn one does not."""
        match command:
            case Offer():
                assert all(command.target.key != held.target.key for held in self.held.values())
                self.held[command.offer] = command
            case Connect():
                assert command.call not in self.talks.values()
                self.talks[command.offer] = command.call
            case Withdraw():
                self.talks.pop(command.offer, None)
            case _:
                pass

    def nobody_has_two(self) -> None:
        """No operator and no phone is offered, or talks to, two callers."""
        targets = [offer.target for offer in self.held.values()]
        keys = [target.key for target in targets]
        phones = [target.endpoint for target in targets if isinstance(target, SeatTarget)]
        assert len(set(keys)) == len(keys)
        assert len(set(phones)) == len(phones)

    def order_is_kept(self, commands: tuple[FloorCommand, ...]) -> None:
        """Who is offered the group's operator had nobody of the service in front who was not."""
        floor = self.play.floor
        line = floor._queue.in_order()
        for offer in (command for command in commands if isinstance(command, Offer)):
            place = next((n for n, e in enumerate(line) if e.call == offer.call), 0)
            mine = line[place] if line else None
            if mine is None or mine.call != offer.call:
                continue
            for entry in line[:place]:
                same = entry.service == mine.service and entry.step >= mine.step
                if same and not entry.offers:
                    assert offer.target.key in entry.skipped or entry.widens is not None

    def nobody_is_left_free(self) -> None:
        """Whom a waiting caller's group has free is ringing for one: freed is offered at once."""
        floor, at = self.play.floor, self.play.at
        for entry in floor._queue:
            if entry.offers:
                continue
            limit = entry.penalty_limit(at.instant)
            seating = floor._crew.seating
            for candidate in hunt.candidates(
                floor._plan, entry.chain, entry.chain.group, at.wall, seating
            ):
                person = candidate.person
                assert person is not None
                penalty = floor._plan.operators.people[person].penalty
                if limit is None or penalty <= limit:
                    free = floor._phones.is_free(candidate.target, floor._plan, at)
                    assert not free or candidate.target.key in entry.skipped


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(Strategy), st.integers(0, 9), st.lists(EVENTS, max_size=60))
def test_whatever_happens(strategy: Strategy, seed: int, drawn: list[object]) -> None:
    """Nobody has two callers, the order is kept, and a free operator is offered at once."""
    watch = Watch(strategy, seed)
    for each in drawn:
        watch.tell(each)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(Strategy), st.lists(EVENTS, max_size=40))
def test_another_run_goes_on_from_the_snapshot(strategy: Strategy, drawn: list[object]) -> None:
    """What is kept and restored is the same again, and the revision told of every change."""
    watch = Watch(strategy, 1)
    floor = watch.play.floor
    for each in drawn:
        before, revision = replace(floor.snapshot(watch.play.at), wrap_ups={}), floor.revision
        watch.tell(each)
        after = replace(floor.snapshot(watch.play.at), wrap_ups={})
        moved = before.credits.keys() - after.credits.keys()
        assert before == after or floor.revision != revision or moved
    kept = floor.snapshot(watch.play.at)
    again = Play(PLANS[strategy])
    again.now = watch.play.now
    again.floor.restore(kept, again.at)
    restored = again.floor.snapshot(again.at)
    assert replace(restored, wrap_ups={}) == replace(kept, wrap_ups={})
    assert restored.wrap_ups.keys() == kept.wrap_ups.keys()


def test_a_wrap_up_and_a_pause_go_on_in_another_run() -> None:
    """By the wall clock: what is over meanwhile is over, and who is unknown is ready."""
    first = Play(PLANS[Strategy.LINEAR])
    first.come("a")
    first.talk("person:ani")
    first.tell(Paused(PersonId("budi")))
    kept = first.floor.snapshot(first.at)
    for later, ready in ((2.0, []), (20.0, ["person:ani"])):
        second = Play(PLANS[Strategy.LINEAR])
        second.now = first.now + later
        second.floor.restore(kept, second.at)
        commands = second.come("b")
        rung = [command.target.key for command in commands if isinstance(command, Offer)]
        assert rung == ready


def test_settings_that_changed_meanwhile_are_heeded() -> None:
    """People, groups and seats of the snapshot that are no more do no harm."""
    first = Play(PLANS[Strategy.RRMEMORY])
    first.come("a")
    first.talk("person:ani")
    first.tell(SignedOn(PersonId("ani"), SeatId("pos")))
    first.tell(Paused(PersonId("ani")))
    kept = first.floor.snapshot(first.at)
    assert kept.rung == {GroupId("medis"): "ani"}
    second = Play(make_plan(people=("budi",), strategy=Strategy.RRMEMORY))
    second.floor.restore(kept, second.at)
    assert [c.target.key for c in second.come("b") if isinstance(c, Offer)] == ["person:budi"]
    second.tell(PlanChanged(PLANS[Strategy.RRMEMORY]))


def test_a_clock_that_was_put_back_keeps_nobody_away() -> None:
    """A wrap-up ends within the settings' time, and a talk that is to come was just now."""
    ahead, play = 365 * 86_400.0, Play(PLANS[Strategy.LEASTRECENT])
    ani, budi, now = PersonId("ani"), PersonId("budi"), play.at.wall.timestamp()
    kept = Snapshot(work={ani: Work(last=now + ahead)}, wrap_ups={ani: now + ahead, budi: now - 1})
    play.floor.restore(kept, play.at)
    snapshot = play.floor.snapshot(play.at)
    assert snapshot.work[ani].last == now
    longest = max(g.wrap_up_s for g in PLANS[Strategy.LEASTRECENT].catalogue.hunt_groups.values())
    assert longest > 0
    assert snapshot.wrap_ups == {ani: pytest.approx(now + longest)}


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Snapshot,
        work=st.dictionaries(IN_FILE, WORK, max_size=3),
        rung=st.dictionaries(st.sampled_from(["medis", "x"]), IN_FILE, max_size=2),
        pauses=st.dictionaries(IN_FILE, PAUSE, max_size=3),
        seats=st.dictionaries(st.sampled_from(["pos", "ani-1", "x"]), IN_FILE, max_size=3),
        wrap_ups=st.dictionaries(IN_FILE, FLOATS, max_size=3),
        credits=st.dictionaries(st.just("0812345678"), CREDIT, max_size=1),
    ),
    st.sampled_from(Strategy),
)
def test_whatever_the_file_says_a_caller_rings(kept: Snapshot, strategy: Strategy) -> None:
    """A foreign or damaged one stops nothing, and what is unknown is not kept again."""
    play = Play(PLANS[strategy])
    play.floor.restore(kept, play.at)
    play.come("a", number="0812345678")
    while not play.live:
        play.wait()
    again = play.floor.snapshot(play.at)
    for people in (again.work, again.pauses, again.wrap_ups):
        assert "x" not in people
    assert all(abs(place.waited_s) <= WAITED_MOST_S for place in again.credits.values())
    facts = [fact for note in play.notes for fact in note.detail.values()]
    assert all(abs(fact) < 2**63 for fact in facts if isinstance(fact, int | float))
