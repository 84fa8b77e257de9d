"""Who is served first, what an abandoned call had earned, and how waiting widens the hunt."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.credit import CREDITS, Credit, Credits
from routing.hunter import ROUND_LEAST_S
from routing.moment import Instant
from routing.note import CallId
from routing.offer import (
    Adopt,
    Enqueue,
    Expired,
    Leave,
    LegAnswered,
    LegGone,
    PlanChanged,
    SeatState,
)
from routing.operator import AgencyId
from routing.plan import Plan
from routing.service import GroupId, HuntGroup, ServiceId, Strategy
from tests.routing.centre import (
    BUSY_WAIT_S,
    CHAIN,
    DAMKAR,
    MEDIS,
    OUTSIDE,
    RING_S,
    TRANSFER,
    URGENT,
    Play,
    make_group,
    make_plan,
    offered,
    withdrawn,
)

ANI, BUDI, DEDI, SITI, POST = "person:ani", "person:budi", "person:dedi", "person:siti", "seat:pos"
NUMBER = "081234567890"
WORTH_S = 9 * 60.0
"""Of waiting: the urgent service's nine steps of priority, each of `ageing_s`."""


def order(play: Play) -> list[str]:
    """The queue, first to be served first."""
    return [view.call for view in play.floor.waiting()]


def closed() -> Play:
    """A floor on which nobody can be rung."""
    play = Play()
    for person in ("ani", "budi", "dedi", "siti", "pos"):
        play.seat(person, SeatState.UNREACHABLE)
    return play


# Order


def test_waiting_makes_up_for_priority() -> None:
    """A step of priority is worth a minute of waiting, neither more nor less."""
    play = closed()
    play.come("early")
    play.now += 1.0
    play.come("later")
    play.now += WORTH_S - 0.5
    play.come("urgent", URGENT)
    assert order(play) == ["early", "urgent", "later"]
    assert [play.floor.position(CallId(call), 9) for call in ("urgent", "later", "x")] == [
        2,
        3,
        None,
    ]


@settings(max_examples=60, deadline=None)
@given(st.floats(1.0, 300.0), st.integers(0, 30))
def test_nobody_starves(gap_s: float, before: int) -> None:
    """Callers of a higher priority come for ever: those who came WORTH_S later do not pass.

    So a caller is served when all who came before, and those of the next WORTH_S, have been.
    """
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    play.seat("pos", SeatState.UNREACHABLE)
    play.come("talks")
    play.tell(LegAnswered(play.offer_to(ANI)))
    for number in range(before):
        play.come(f"urgent before {number}", URGENT)
    play.come("patient")
    came, served = play.now, 0
    bound = before + 1 + int(WORTH_S / gap_s) + 1
    while True:
        play.now += gap_s
        play.come(f"urgent {play.now}", URGENT)
        rung = play.tell(LegGone(play.offer_to(ANI), 16))
        assert offered(rung) == [ANI]
        served += 1
        call = play.live[play.offer_to(ANI)].call
        play.tell(LegAnswered(play.offer_to(ANI)))
        if call == "patient":
            break
        assert served <= bound
    assert served <= bound
    assert play.now - came <= bound * gap_s


def test_a_place_counts_those_who_wait_for_the_same_people() -> None:
    """Whoever waits for another agency takes nobody away; a group of both agencies does."""
    play = closed()
    both = HuntGroup(agencies=(AgencyId("dinkes"), AgencyId("bpbd")))
    groups = {**make_plan().catalogue.hunt_groups, GroupId("both"): both}
    general = replace(make_plan().catalogue.services[MEDIS], group=GroupId("both"))
    services = {**make_plan().catalogue.services, ServiceId("general"): general}
    catalogue = replace(make_plan().catalogue, hunt_groups=groups, services=services)
    play.tell(PlanChanged(replace(make_plan(), catalogue=catalogue)))
    for number, service in enumerate((MEDIS, DAMKAR, DAMKAR, ServiceId("general"), MEDIS, DAMKAR)):
        play.come(str(number), service)
        play.now += 1.0
    assert [play.floor.position(CallId(str(n)), 9) for n in range(6)] == [1, 1, 2, 4, 3, 4]


def test_no_more_of_a_place_is_counted_than_is_asked_for() -> None:
    """Of who is far behind, only that."""
    play = closed()
    for number in range(20):
        play.come(str(number))
    assert [play.floor.position(CallId(str(n)), 11) for n in (0, 9, 10, 19)] == [1, 10, 11, 11]


@given(st.lists(st.sampled_from([MEDIS, DAMKAR, URGENT]), min_size=1, max_size=30))
def test_places_are_those_of_the_order(services: list[ServiceId]) -> None:
    """Whoever is asked: the place in the queue without those who wait for other people."""
    play = closed()
    for number, service in enumerate(services):
        play.come(str(number), service)
        play.now += 7.0
    waiting = play.floor.waiting()
    for here, caller in enumerate(waiting):
        other_people = {MEDIS, URGENT} if caller.service == DAMKAR else {DAMKAR}
        ahead = [one for one in waiting[:here] if one.service not in other_people]
        assert play.floor.position(caller.call, 99) == 1 + len(ahead)


def test_waiting_asks_for_nothing_between_its_deadlines() -> None:
    """No polling: in an hour of ringing the floor is asked only when a phone has rung enough."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    for number in range(30):
        play.come(str(number))
    began, steps = play.now, 0
    while play.now < began + 3600.0:
        due = play.floor.deadline()
        assert due is not None
        play.now = (play.now + due) / 2
        assert play.tell(Expired()) == ()
        for offer in withdrawn(play.wait()):
            play.tell(LegGone(offer, 19))
        steps += 1
    assert steps <= 30 * 3600.0 / ROUND_LEAST_S


# Credit


def abandoned(wait_s: float = 120.0, *, number: str | None = NUMBER) -> Play:
    """A caller has waited and hung up; another one came a minute after that one did."""
    play = closed()
    play.come("first", number=number)
    play.now += wait_s / 2
    play.come("between")
    play.now += wait_s / 2
    play.tell(Leave(CallId("first")))
    return play


def test_who_dials_again_keeps_the_waiting_done() -> None:
    """Before who came in between, and it is written down."""
    play = abandoned()
    play.now += 10.0
    play.come("again", number=NUMBER)
    assert order(play) == ["again", "between"]
    assert play.notes[-1].detail.get("credit_s", play.notes[-2].detail.get("credit_s")) == 120


def test_the_time_between_the_calls_does_not_count() -> None:
    """A minute of waiting earned, two minutes away: who waited on is first."""
    play = abandoned()
    play.now += 70.0
    play.come("again", number=NUMBER)
    assert order(play) == ["between", "again"]


def test_a_credit_is_used_once() -> None:
    """The next caller from that number waits as everybody does."""
    play = abandoned()
    play.come("again", number=NUMBER)
    play.now += 1.0
    play.come("another", number=NUMBER)
    assert order(play) == ["again", "between", "another"]


def test_a_credit_expires() -> None:
    """After redial_credit_s it is forgotten."""
    play = abandoned(1000.0)
    play.now += 301.0
    play.come("again", number=NUMBER)
    assert order(play) == ["between", "again"]


def test_a_number_that_is_not_presented_earns_nothing() -> None:
    """Nobody can be told by it."""
    play = abandoned(number=None)
    play.come("again")
    assert order(play) == ["between", "again"]


def test_a_shared_number_earns_nothing() -> None:
    """It is in the settings, or two wait with it at once."""
    play = closed()
    play.tell(PlanChanged(_shared(make_plan())))
    play.come("first", number=NUMBER)
    play.now += 60.0
    play.come("between")
    play.tell(Leave(CallId("first")))
    play.come("again", number=NUMBER)
    assert order(play) == ["between", "again"]
    twice = closed()
    twice.come("first", number=NUMBER)
    twice.now += 60.0
    twice.come("second", number=NUMBER)
    twice.tell(Leave(CallId("first")))
    twice.come("third", number=NUMBER)
    assert order(twice) == ["second", "third"]


def _shared(plan: Plan) -> Plan:
    return replace(plan, catalogue=replace(plan.catalogue, shared_numbers=(NUMBER,)))


def test_a_credit_outlives_the_process() -> None:
    """The next run gives the place that this one owes."""
    first = abandoned()
    second = closed()
    second.now = first.now
    second.floor.restore(first.floor.snapshot(first.at), second.at)
    second.come("between")
    second.come("again", number=NUMBER)
    assert order(second) == ["again", "between"]


def test_a_credit_that_is_in_use_outlives_the_process() -> None:
    """The place is on no channel: who is adopted takes it up again, once."""
    first = abandoned()
    first.come("again", number=NUMBER)
    second = closed()
    second.now = first.now
    second.floor.restore(first.floor.snapshot(first.at), second.at)
    arrived = first.at.wall.timestamp()
    places = [
        Enqueue(call=CallId(name), service=MEDIS, arrived=when, number=number)
        for name, when, number in (
            ("between", arrived - 60.0, None),
            ("again", arrived, NUMBER),
            ("third", arrived + 1.0, NUMBER),
        )
    ]
    second.tell(Adopt((), tuple(places)))
    assert order(second) == [*order(first), "third"] == ["again", "between", "third"]


def test_a_credit_in_use_ends_with_the_waiting() -> None:
    """Whoever answers the caller, it is told as a change, and no other run gives it again."""
    play = abandoned()
    play.come("again", number=NUMBER)
    revision = play.floor.revision
    play.seat("ani", SeatState.READY)
    play.talk(ANI, 5.0)
    assert play.floor.revision > revision
    assert play.floor.snapshot(play.at).credits == {}


@pytest.mark.parametrize("waited_s", [-1.0, 1e300])
def test_a_credit_that_cannot_be_is_left(waited_s: float) -> None:
    """A damaged file gives nobody a place of all times."""
    credits_ = Credits()
    credits_.restore({NUMBER: Credit(place=0.0, waited_s=waited_s, until=50.0)}, 100.0)
    assert credits_.kept(0.0) == {}


def test_a_clock_that_was_put_back_lengthens_no_credit() -> None:
    """It counts from the start for redial_credit_s at most."""
    credits_ = Credits()
    credits_.restore({NUMBER: Credit(place=0.0, waited_s=60.0, until=1e9)}, 400.0)
    assert credits_.take(NUMBER, 400.0) is None


def test_who_was_answered_earns_nothing() -> None:
    """The credit is for a call that nobody took."""
    play = Play()
    play.come("first", number=NUMBER)
    play.now += 60.0
    play.tell(LegAnswered(play.offer_to(ANI)))
    play.tell(Leave(CallId("first")))
    assert play.floor.snapshot(play.at).credits == {}


def test_an_old_arrival_is_not_credited_twice() -> None:
    """A caller who comes back with the arrival of the first stay has that place, not a better."""
    assert Credit(place=1000.0, waited_s=60.0, until=2000.0).place_of(1000.0) == 1000.0


def test_credits_are_bounded() -> None:
    """A storm of callers who give up pushes out the oldest ones."""
    credits_ = Credits()
    for number in range(CREDITS + 5):
        credits_.keep(str(number), Credit(0.0, 0.0, 10.0))
    kept = credits_.kept(0.0)
    assert len(kept) == CREDITS
    assert "4" not in kept
    assert "5" in kept
    assert credits_.kept(10.0) == {}


# Waiting widens the hunt


def limited(*, people: tuple[str, ...] = ("ani", "budi"), **more: object) -> Play:
    """Budi has a penalty of 1, and is rung after 20 s of waiting."""
    group = make_group(Strategy.RINGALL, penalty_limit={0.0: 0, 20.0: 1, 40.0: 5}, **more)
    return Play(make_plan(people=people, group=group, chain=CHAIN[3:4]))


def test_a_penalty_limit_grows_with_the_waiting() -> None:
    """At first only who has no penalty; the others join at that second, while the first rings."""
    play = limited(people=("ani", "budi"))
    play.tell(PlanChanged(_ringing(play, 60.0)))
    assert offered(play.come("a")) == [ANI]
    assert play.floor.deadline() == Instant(play.now + 20.0)
    assert offered(play.wait()) == [BUDI]
    assert play.floor.deadline() == Instant(play.now + 20.0)
    assert offered(play.wait()) == []


def _ringing(play: Play, ring_time_s: float) -> Plan:
    plan = play.floor._plan
    groups = plan.catalogue.hunt_groups
    group = groups[plan.catalogue.services[MEDIS].group]
    longer = {plan.catalogue.services[MEDIS].group: replace(group, ring_time_s=ring_time_s)}
    return replace(plan, catalogue=replace(plan.catalogue, hunt_groups={**groups, **longer}))


def test_the_chain_does_not_leave_the_group_before_everybody_was_rung() -> None:
    """The right agency's operator with a penalty is better than the post's phone."""
    play = limited()
    play.come("a")
    play.now += 1.0
    assert offered(play.tell(LegGone(play.offer_to(ANI), 17))) == [BUDI]
    assert offered(play.tell(LegGone(play.offer_to(BUDI), 17))) == [POST]


def test_who_is_over_the_limit_is_not_waited_for() -> None:
    """Only somebody busy within the limit is; after the busy wait the others are rung."""
    play = limited()
    play.seat("ani", SeatState.BUSY)
    assert offered(play.come("a")) == []
    assert play.floor.deadline() == Instant(play.now + BUSY_WAIT_S)
    assert offered(play.wait()) == [BUDI]


def test_a_caller_of_long_ago_is_not_limited() -> None:
    """The waiting of an earlier run or call counts."""
    play = limited()
    assert sorted(offered(play.call("a", arrived=play.at.wall.timestamp() - 30.0))) == [ANI, BUDI]


def test_whoever_has_waited_the_most_has_everybody_rung() -> None:
    """All at once, up to the end of the chain; and so in each later round."""
    group = make_group(Strategy.LINEAR)
    play = Play(make_plan(group=replace(group, ring_time_s=40.0), max_wait_s=15.0))
    assert offered(play.come("a")) == [ANI]
    assert play.floor.deadline() == Instant(play.now + 15.0)
    assert offered(play.wait()) == [SITI, DEDI, POST]
    assert [note.what for note in play.notes].count("hurried") == 1
    seen = set()
    for _ in range(30):
        rung = offered(play.wait())
        for key in rung:
            seen.add(key)
        for offer in [*play.live.values()]:
            if offer.offer not in play.floor._board._offers:
                continue
            if play.floor._board._offers[offer.offer].stage.name == "WITHDRAWN":
                play.tell(LegGone(offer.offer, 19))
    assert {ANI, OUTSIDE} <= seen
    assert [note.what for note in play.notes].count("hurried") == 1


def test_who_was_hurried_is_so_after_a_reload_too() -> None:
    """However long the new chain is, what always rings comes next."""
    short = make_plan(people=("ani",), chain=CHAIN[3:], max_wait_s=30.0)
    play = Play(short)
    for person in ("ani", "siti", "dedi", "pos"):
        play.seat(person, SeatState.UNREACHABLE)
    play.come("a")
    play.now += 31.0
    play.tell(Expired())
    long = make_plan(people=("ani", "dedi"), chain=(*CHAIN[:3], *CHAIN[:3], *CHAIN[3:]))
    play.tell(PlanChanged(long))
    (entry,) = play.floor._queue
    assert entry.is_hurried
    assert entry.step >= entry.chain.tail


def test_a_caller_who_waits_for_the_next_round_is_hurried_too() -> None:
    """The pause between two rounds does not hold up what always rings."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4], max_wait_s=12.0))
    for person in ("ani", "pos"):
        play.seat(person, SeatState.UNREACHABLE)
    play.come("a")
    begun = play.now
    while "hurried" not in [note.what for note in play.notes]:
        play.wait()
    assert play.now == begun + 12.0
    assert play.notes[-1].what == "nobody_to_ring"


def test_a_neighbours_centre_goes_before_the_group_and_its_limit() -> None:
    """While it rings nobody here does; the limit is that of the group."""
    play = limited()
    assert offered(play.call("a", transfer=TRANSFER, arrived=play.at.wall.timestamp())) == [
        TRANSFER.target.key
    ]
    assert offered(play.tell(LegGone(play.offer_to(TRANSFER.target.key), 17))) == [ANI]


def test_the_ring_time_is_the_groups() -> None:
    """Each group says its own."""
    play = limited()
    play.come("a", ServiceId("medis"))
    assert play.live[play.offer_to(ANI)].ring_time_s == RING_S
