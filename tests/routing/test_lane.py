"""The lanes spare work and change nothing: a floor that serves everybody does the very same.

Histories come from a seed, for they must be dense: many wait, phones become free, few of them suit.
"""

import random
from dataclasses import replace
from datetime import time

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor import Floor
from routing.moment import Moment
from routing.note import CallId
from routing.offer import (
    Enqueue,
    Expired,
    FloorEvent,
    Leave,
    LegAnswered,
    LegConfirmed,
    LegGone,
    LegRinging,
    Offer,
    OfferId,
    Paused,
    PlanChanged,
    Ready,
    SeatChanged,
    SeatState,
    SignedOff,
    SignedOn,
    Withdraw,
)
from routing.operator import Language, PersonId, SeatId
from routing.plan import Plan
from routing.service import Strategy, WrapUpStep
from tests.routing.centre import (
    CHAIN,
    DAMKAR,
    MEDIS,
    RING_S,
    TRANSFER,
    URGENT,
    Play,
    crowded,
    make_group,
    make_plan,
)

CALLERS = 20
PEOPLE = [PersonId(name) for name in ("ani", "budi", "dedi", "siti")]
PHONES = [f"siaga-{name}" for name in (*PEOPLE, "pos", "0", "1", "2", "3")]
SHIFTS = {
    "pagi": (time(8), time(8, 1), ("ani", "dedi")),
    "siang": (time(8, 1), time(8), ("ani", "budi")),
}
"""The play begins at eight o'clock: somebody comes and goes while callers wait."""


class Plain(Floor):
    """Serves all waiting callers in their order, as long as a phone is ready."""

    def _serve(self, at: Moment) -> None:
        board, queue = self._board, self._queue
        concerned = queue.touched | queue.roused
        if not queue or not (concerned or board.freed):
            return
        ready, offers = board.freed and self._is_anybody_ready(at), len(board)
        for entry in sorted(queue, key=lambda entry: entry.place):
            if ready or entry.call in concerned:
                self._hunter.serve(entry, at)
                queue.served(entry, at.instant)
                if board.freed and len(board) != offers:
                    ready, offers = self._is_anybody_ready(at), len(board)


LANGUAGES = (Language("id"), Language("en"))


def plans_of(strategy: Strategy) -> list[Plan]:
    """Limits, shifts, a crowd with and without limits: settings that follow one another."""
    limits = {0.0: 0, 6.0: 1}
    group = make_group(strategy, wrap_up_s=7.0, auto_pause_after=2, penalty_limit=limits)
    chain = (*CHAIN[:3], WrapUpStep(to="wrap_up", ring_time_s=RING_S), *CHAIN[3:])
    whole = make_plan(group=group, chain=chain, max_wait_s=45.0)
    urgent = {**whole.catalogue.services}
    urgent[DAMKAR] = replace(urgent[DAMKAR], priority=3)
    return [
        make_plan(strategy=strategy),
        make_plan(strategy=strategy, chain=()),
        whole,
        replace(whole, catalogue=replace(whole.catalogue, services=urgent)),
        make_plan(group=group, chain=chain, shifts=SHIFTS),
        crowded(group, (0, 0, 1, 2)),
        bilingual(crowded(make_group(strategy), (0, 0, 0))),
    ]


def bilingual(plan: Plan) -> Plan:
    """The same, in which some speak another language, too."""
    people = {
        person: replace(who, languages=LANGUAGES[: 1 + place % 2])
        for place, (person, who) in enumerate(plan.operators.people.items())
    }
    return replace(plan, operators=replace(plan.operators, people=people))


PLANS = {strategy: plans_of(strategy) for strategy in Strategy}


SKIPS = [(), (), (), ("person:ani",), ("person:ani", "person:budi"), ("person:0",)]
CAUSES = [16, 16, 17, 19, 21, 44]


class Pair:
    """The floor and the plain one, told the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same each time
        self.draws = [random.Random(seed) for _ in range(2)]  # noqa: S311 - the same each time
        self.plans = PLANS[self.random.choice([*Strategy])]
        plan = self.random.choice(self.plans)
        self.play, self.plain = Play(plan), Play(plan)
        self.play.floor = Floor(plan, "t", self.draws[0].random)
        self.plain.floor = Plain(plan, "t", self.draws[1].random)
        self.held: list[OfferId] = []
        self.withdrawn: list[OfferId] = []

    def live(self) -> None:
        """Many come while some phones are busy, then all kinds of things happen."""
        for phone in PHONES:
            if self.random.random() < 0.5:
                self.tell(SeatChanged(phone, SeatState.BUSY))
        for _ in range(self.random.randrange(8, CALLERS)):
            self.tell(self.arrival())
        kinds = [self.arrival, self.leg, self.time, self.word, self.leaving, self.settings]
        for _ in range(self.random.randrange(80)):
            event = self.random.choices(kinds, [2, 8, 3, 4, 2, 1])[0]()
            if event is not None:
                self.tell(event)

    def tell(self, event: FloorEvent) -> None:
        """Something happens, and legs that are withdrawn are gone before the next thing does."""
        self.compare(event)
        while self.withdrawn:
            self.compare(LegGone(self.withdrawn.pop(), 26))

    def compare(self, event: FloorEvent) -> None:
        """Both do the same, are due at the same time, and have drawn as often."""
        commands = self.play.tell(event)
        assert commands == self.plain.tell(event)
        assert self.draws[0].getstate() == self.draws[1].getstate()
        floor, plain = self.play.floor, self.plain.floor
        assert floor.deadline() == plain.deadline()
        assert floor.snapshot(self.play.at) == plain.snapshot(self.play.at)
        line = sorted(floor._queue, key=lambda entry: entry.place)
        assert floor._queue.in_order() == line
        self.held += [command.offer for command in commands if isinstance(command, Offer)]
        self.withdrawn += [each.offer for each in commands if isinstance(each, Withdraw)]
        if isinstance(event, LegGone):
            self.held.remove(event.offer)

    def arrival(self) -> FloorEvent:
        """Somebody calls who may have waited before."""
        pick = self.random.choice
        return Enqueue(
            call=self.caller(),
            service=pick([MEDIS, MEDIS, DAMKAR, URGENT]),
            arrived=self.play.at.wall.timestamp() - pick([0.0, 0.0, 5.0, 40.0]),
            head=pick([True, *[False] * 6]),
            skip=pick(SKIPS),
            transfer=pick([TRANSFER, *[None] * 6]),
            number=pick([None, "0811111111"]),
            language=pick([None, Language("id"), Language("en")]),
        )

    def leg(self) -> FloorEvent | None:
        """A leg rings, is answered or is gone."""
        if not self.held:
            return None
        offer, gone = self.random.choice(self.held), self.random.choice(CAUSES)
        events: list[FloorEvent] = [
            LegRinging(offer),
            LegAnswered(offer),
            LegAnswered(offer),
            LegConfirmed(offer),
            LegGone(offer, gone),
            LegGone(offer, gone),
        ]
        return self.random.choice(events)

    def time(self) -> FloorEvent | None:
        """It passes, sometimes to the floor's deadline, of which the floor may hear too late."""
        now, due = self.play.now, self.play.floor.deadline()
        is_exact = due is not None and self.random.random() < 0.5
        later = due if is_exact and due is not None else now + self.random.uniform(0, 2 * RING_S)
        self.play.now = self.plain.now = max(now, later)
        return self.random.choice([Expired(), None])

    def word(self) -> FloorEvent:
        """A phone or a person tells something."""
        person, phone = self.random.choice(PEOPLE), self.random.choice(PHONES)
        if self.random.random() < 0.5:
            return SeatChanged(phone, self.random.choice([*SeatState, SeatState.READY]))
        events: list[FloorEvent] = [
            Paused(person),
            Ready(person),
            SignedOn(person, SeatId("pos")),
            SignedOff(person),
        ]
        return self.random.choice(events)

    def leaving(self) -> FloorEvent:
        """A caller gives up."""
        return Leave(self.caller())

    def settings(self) -> FloorEvent:
        """Other settings are accepted."""
        return PlanChanged(self.random.choice(self.plans))

    def caller(self) -> CallId:
        """One of a few, who may be here already."""
        return CallId(f"c{self.random.randrange(CALLERS)}")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_floor_that_serves_everybody_does_the_same(seed: int) -> None:
    """Whatever happens: the same commands in the same order, draws, deadlines and shares."""
    Pair(seed).live()
