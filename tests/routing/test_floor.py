"""The floor: who is offered whom, and never twice."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.hunter import ROUND_LEAST_S, ROUND_PAUSE_S
from routing.moment import Instant
from routing.note import CallId
from routing.offer import (
    Confirm,
    Connect,
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
    Parted,
    PlanChanged,
    SeatChanged,
    SeatState,
    SeatTarget,
    Withdraw,
)
from routing.operator import SeatId
from routing.plan import Plan
from routing.service import Catalogue, ServiceId, Strategy
from routing.switchboard import CONFIRM_TIME_S
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
    make_plan,
    offered,
    withdrawn,
)

ANI, BUDI, DEDI, SITI, POST = "person:ani", "person:budi", "person:dedi", "person:siti", "seat:pos"


def gone(play: Play, key: str, cause: int = 16) -> None:
    """The leg of the newest offer to a target has ended."""
    play.tell(LegGone(play.offer_to(key), cause))


def all_off(play: Play, *but: str) -> None:
    """All phones are unreachable except those."""
    for person in ("ani", "budi", "dedi", "siti", "pos"):
        if person not in but:
            play.seat(person, SeatState.UNREACHABLE)


def test_ringall_rings_everybody_of_the_group_by_penalty() -> None:
    """Both of the agency ring at once, the one without a penalty first."""
    play = Play()
    assert offered(play.call("a")) == [ANI, BUDI]
    assert [view.ringing for view in play.floor.waiting()] == [(ANI, BUDI)]
    assert play.floor.taken() == {ANI: "a", BUDI: "a"}


def test_linear_rings_one_after_another() -> None:
    """The second phone rings only when the first has not answered."""
    play = Play(make_plan(strategy=Strategy.LINEAR))
    assert offered(play.call("a")) == [ANI]
    first = play.offer_to(ANI)
    after = play.wait()
    assert offered(after) == [BUDI]
    assert withdrawn(after) == [first]


def test_the_first_answer_wins_and_the_others_are_withdrawn() -> None:
    """Connect for one, answered elsewhere for the other; the late answer means nothing."""
    play = Play()
    play.call("a")
    play.tell(LegRinging(play.offer_to(ANI)))
    commands = play.tell(LegAnswered(play.offer_to(BUDI)))
    connect = next(command for command in commands if isinstance(command, Connect))
    assert (connect.call, connect.target.key) == ("a", BUDI)
    assert Withdraw(play.offer_to(ANI), answered_elsewhere=True) in commands
    assert play.tell(LegAnswered(play.offer_to(ANI))) == ()
    assert play.tell(LegRinging(play.offer_to(ANI))) == ()
    assert play.floor.waiting() == ()


def test_a_target_is_free_only_when_its_leg_is_gone() -> None:
    """The withdrawn phone is not offered the next caller before Asterisk has confirmed."""
    play = Play()
    play.call("a")
    play.tell(LegAnswered(play.offer_to(BUDI)))
    assert ANI not in offered(play.call("b"))
    assert offered(play.tell(LegGone(play.offer_to(ANI), 26))) == [ANI]


def test_the_end_of_a_talk_is_told_once() -> None:
    """Parted for the talking caller, nothing for a leg that is unknown or known to be gone."""
    play = Play()
    play.call("a")
    talk = play.offer_to(ANI)
    play.tell(LegAnswered(talk))
    commands = play.tell(LegGone(talk, 44))
    assert [type(command) for command in commands] == [Parted]
    assert play.tell(LegGone(talk, 44)) == ()


def test_leaving_withdraws_ringing_and_talking_legs() -> None:
    """Whatever the caller had is ended; leaving again means nothing."""
    play = Play()
    play.call("a")
    talk = play.offer_to(ANI)
    assert len(withdrawn(play.tell(Leave(CallId("a"))))) == 2
    assert play.tell(Leave(CallId("a"))) == ()
    gone(play, ANI)
    gone(play, BUDI)
    play.call("b")
    talk = play.offer_to(ANI)
    play.tell(LegAnswered(talk))
    assert withdrawn(play.tell(Leave(CallId("b")))) == [talk]


def test_a_declined_offer_goes_on_along_the_chain() -> None:
    """When nobody of a step is left the next step rings, up to the number outside."""
    play = Play(make_plan(people=("ani", "dedi")))
    play.call("a")
    way = []
    for key in (ANI, SITI, DEDI, POST):
        way += offered(play.tell(LegGone(play.offer_to(key), 17)))
    assert way == [SITI, DEDI, POST, OUTSIDE]


def test_the_chain_starts_over_and_rings_who_was_skipped() -> None:
    """After the last step everybody is rung again."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    play.call("a")
    play.now += RING_S
    assert offered(play.tell(LegGone(play.offer_to(ANI), 19))) == [POST]
    assert offered(play.tell(LegGone(play.offer_to(POST), 19))) == [ANI]


def test_a_chain_that_fails_at_once_is_not_tried_without_end() -> None:
    """A trunk that refuses, a phone that declines at once: the next round begins a little later."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    began = play.now
    play.call("a")
    assert offered(play.tell(LegGone(play.offer_to(ANI), 17))) == [POST]
    assert offered(play.tell(LegGone(play.offer_to(POST), 34))) == []
    assert play.floor.deadline() == began + ROUND_LEAST_S
    assert offered(play.wait()) == [ANI]


def test_a_phone_that_becomes_ready_does_not_wait_for_the_next_round() -> None:
    """The pause is for those who were tried, not for the caller."""
    play = Play(make_plan(people=("ani", "budi"), chain=CHAIN[3:4]))
    play.seat("budi", SeatState.UNREACHABLE)
    play.call("a")
    play.tell(LegGone(play.offer_to(ANI), 17))
    play.tell(LegGone(play.offer_to(POST), 34))
    assert offered(play.seat("budi", SeatState.READY)) == [BUDI]


def test_a_busy_operator_is_waited_for_and_an_unreachable_one_is_not() -> None:
    """The busy wait is bounded; with nobody reachable the next step rings at once."""
    play = Play()
    play.seat("ani", SeatState.BUSY)
    play.seat("budi", SeatState.UNREACHABLE)
    assert offered(play.call("a")) == []
    assert play.floor.deadline() == Instant(play.now + BUSY_WAIT_S)
    assert offered(play.wait()) == [SITI]
    other = Play()
    all_off(other, "siti")
    assert offered(other.call("a")) == [SITI]


def test_a_freed_operator_is_offered_at_once_whatever_step_is_reached() -> None:
    """The chain widens: the agency's own operator still gets the caller."""
    play = Play()
    play.seat("ani", SeatState.BUSY)
    play.seat("budi", SeatState.BUSY)
    play.call("a")
    play.wait()
    assert offered(play.seat("ani", SeatState.READY)) == [ANI]


def test_a_person_with_one_busy_seat_is_busy() -> None:
    """Somebody who talks at one phone is not rung at the other."""
    play = Play()
    play.seat("ani", SeatState.BUSY)
    assert offered(play.call("a")) == [BUDI]


def test_an_offer_beyond_the_hunt_group_says_so() -> None:
    """The caller may be told; not of the group's own people, nor of a neighbour's centre."""
    play = Play()
    play.call("c1", transfer=TRANSFER)
    play.tell(LegGone(play.offer_to(TRANSFER.target.key), 17))
    play.miss(ANI)
    play.tell(LegGone(play.offer_to(BUDI), 19))
    told = {offer.target.key: offer.overflow for offer in play.live.values()}
    assert told == {TRANSFER.target.key: False, ANI: False, BUDI: False, SITI: True}


def test_nobody_at_all_is_tried_again_after_a_pause() -> None:
    """Every phone is gone and the number outside is taken: a pause, then a new round."""
    play = Play(make_plan(chain=CHAIN[3:4]))
    all_off(play)
    assert offered(play.call("a")) == []
    assert play.notes[-1].what == "nobody_to_ring"
    assert play.floor.deadline() == Instant(play.now + ROUND_PAUSE_S)
    play.wait()
    assert offered(play.seat("pos", SeatState.READY)) == [POST]


def test_a_number_outside_counts_only_when_it_confirms() -> None:
    """An answer is asked to press 1; only that connects."""
    play = Play()
    play.call("a", transfer=TRANSFER)
    key = TRANSFER.target.key
    assert play.tell(LegConfirmed(play.offer_to(key))) == ()
    commands = play.tell(LegAnswered(play.offer_to(key)))
    assert Confirm(play.offer_to(key)) in commands
    assert play.floor.deadline() == Instant(play.now + CONFIRM_TIME_S)
    commands = play.tell(LegConfirmed(play.offer_to(key)))
    assert any(isinstance(command, Connect) for command in commands)


def test_a_voicemail_outside_is_left_and_the_caller_served_here() -> None:
    """Without the 1 the offer fails; the neighbour is not rung a second time."""
    play = Play()
    assert offered(play.call("a", transfer=TRANSFER)) == [TRANSFER.target.key]
    play.tell(LegAnswered(play.offer_to(TRANSFER.target.key)))
    commands = play.wait()
    assert offered(commands) == [ANI, BUDI]
    assert withdrawn(commands) == [play.offer_to(TRANSFER.target.key)]
    for _ in range(20):
        play.wait()
    assert sum(o.target.key == TRANSFER.target.key for o in play.live.values()) == 1


def test_one_number_outside_is_rung_for_one_caller_at_a_time() -> None:
    """The second caller does not make it ring twice."""
    play = Play(make_plan(chain=CHAIN[4:]))
    all_off(play)
    assert offered(play.call("a")) == [OUTSIDE]
    assert offered(play.call("b")) == []


def test_a_number_outside_that_is_free_again_is_rung_for_the_next_at_once() -> None:
    """After a talk, and when its caller has gone; who waits does not wait for the next round."""
    play = Play(make_plan(people=(), chain=CHAIN[4:]))
    for name in ("a", "b", "c"):
        play.come(name)
    play.seat("siti", SeatState.UNREACHABLE)
    play.tell(Leave(CallId("a")))
    assert offered(play.tell(LegGone(play.offer_to(OUTSIDE), 26))) == [OUTSIDE]
    assert play.live[play.offer_to(OUTSIDE)].call == "b"
    play.tell(LegAnswered(play.offer_to(OUTSIDE)))
    play.tell(LegConfirmed(play.offer_to(OUTSIDE)))
    play.now += 60.0
    assert offered(play.tell(LegGone(play.offer_to(OUTSIDE), 16))) == [OUTSIDE]
    assert play.live[play.offer_to(OUTSIDE)].call == "c"


def test_the_queue_is_by_head_then_priority_then_arrival() -> None:
    """Each phone that becomes free goes to the caller whose turn it is."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    all_off(play)
    play.call("late", arrived=9.0)
    play.call("early", arrived=1.0)
    play.call("urgent", URGENT, arrived=10.0)
    play.call("head", arrived=11.0, head=True)
    assert [view.call for view in play.floor.waiting()] == ["head", "urgent", "early", "late"]
    play.seat("ani", SeatState.READY)
    assert play.live[play.offer_to(ANI)].call == "head"


def test_skipped_targets_wait_for_the_next_round() -> None:
    """The operator who was lost is passed over at first."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    assert offered(play.call("a", skip=(ANI,))) == [POST]
    play.now += RING_S
    assert offered(play.tell(LegGone(play.offer_to(POST), 19))) == [ANI]


def test_enqueuing_again_replaces_the_place() -> None:
    """A caller stands in the queue once; what rang for the old place is withdrawn."""
    play = Play()
    play.call("a")
    assert len(withdrawn(play.call("a", DAMKAR))) == 2
    assert len(play.floor.waiting()) == 1


def test_an_unknown_service_is_the_default_one() -> None:
    """A service that a reload took away still rings somebody."""
    assert offered(Play().call("a", ServiceId("gone"))) == [ANI, BUDI]


def test_a_new_plan_counts_for_who_is_waiting() -> None:
    """A person who is new is rung; a step that is no more is not missed."""
    play = Play(make_plan(people=("ani",)))
    all_off(play, "pos")
    play.call("a")
    play.tell(PlanChanged(make_plan(people=("ani", "budi"), chain=CHAIN[3:4])))
    assert offered(play.seat("budi", SeatState.READY)) == [BUDI]


def test_a_change_of_shift_is_heeded_at_that_second() -> None:
    """The operator of the next shift is offered the caller when the shift begins."""
    day = {
        "pagi": (time(7), time(9), ("ani",)),
        "siang": (time(9), time(7), ("budi",)),
    }
    play = Play(make_plan(people=("ani", "budi"), chain=CHAIN[3:4], shifts=day))
    all_off(play, "budi")
    play.call("a")
    for _ in range(10_000):
        if offered(play.wait()):
            break
    assert play.at.wall.hour == 2
    assert play.at.wall.minute == 0
    assert play.live[play.offer_to(BUDI)].call == "a"


def test_a_deadline_of_one_caller_leaves_the_others_alone() -> None:
    """One waits for a busy operator, the other's phone stops ringing: each in its own time."""
    play = Play()
    play.call("a", DAMKAR)
    play.seat("ani", SeatState.BUSY)
    play.seat("budi", SeatState.BUSY)
    play.now += RING_S - 1.0
    play.call("b")
    commands = play.wait()
    assert withdrawn(commands) == [play.offer_to(DEDI)]
    assert {view.call: view.ringing for view in play.floor.waiting()}[CallId("b")] == ()


def test_events_of_unknown_offers_mean_nothing() -> None:
    """A leg of a run before, or one that is long gone, changes nothing."""
    play = Play()
    nobody = OfferId("x")
    for event in (
        LegRinging(nobody),
        LegAnswered(nobody),
        LegConfirmed(nobody),
        LegGone(nobody, 0),
    ):
        assert play.tell(event) == ()
    assert play.floor.deadline() is None
    assert (
        play.floor.state_of(SeatTarget(SeatId("new"), "siaga-new", None), play.at)
        is SeatState.READY
    )


def _other_centre() -> Plan:
    """A plan of one service that the others do not have, and one agency."""
    plan = make_plan(people=("dedi",), chain=CHAIN[-2:])
    damkar = plan.catalogue.services[DAMKAR]
    other = ServiceId("lalin")
    catalogue = Catalogue(
        services={other: damkar},
        default_service=other,
        hunt_groups={damkar.group: plan.catalogue.hunt_groups[damkar.group]},
        overflow=plan.catalogue.overflow,
    )
    return replace(plan, catalogue=catalogue)


def test_a_caller_whose_service_is_no_more_is_served_as_the_default() -> None:
    """New settings without the service: who waits for it is offered on, and so is who comes."""
    play = Play()
    all_off(play)
    play.call("a", MEDIS)
    play.tell(PlanChanged(_other_centre()))
    assert offered(play.seat("dedi", SeatState.READY)) == [DEDI]
    gone(play, DEDI)
    play.call("b", URGENT)
    assert {waiting.call for waiting in play.floor.waiting()} == {"a", "b"}
    play.wait()


CALLS = [CallId(name) for name in "abcd"]
EVENTS = st.one_of(
    st.builds(
        Enqueue,
        call=st.sampled_from(CALLS),
        service=st.sampled_from([MEDIS, DAMKAR, URGENT]),
        arrived=st.floats(0, 100),
        head=st.booleans(),
        transfer=st.sampled_from([None, TRANSFER]),
    ),
    st.builds(Leave, st.sampled_from(CALLS)),
    st.builds(
        SeatChanged,
        st.sampled_from([f"siaga-{p}" for p in ("ani", "budi", "dedi", "siti", "pos")]),
        st.sampled_from(SeatState),
    ),
    st.builds(
        PlanChanged,
        st.sampled_from(
            [
                make_plan(),
                make_plan(people=("budi",), chain=CHAIN[3:]),
                make_plan(strategy=Strategy.LINEAR),
                _other_centre(),
            ]
        ),
    ),
    st.tuples(
        st.sampled_from([LegRinging, LegAnswered, LegConfirmed, LegGone]), st.integers(0, 30)
    ),
    st.floats(0.0, 2 * RING_S),
)


def _as_event(play: Play, drawn: object) -> FloorEvent:
    """Draws of numbers become legs of offers that were made, or time that passes."""
    if isinstance(drawn, float):
        play.now += drawn
        return Expired()
    if isinstance(drawn, tuple):
        kind, number = drawn
        known = list(play.live) or [OfferId("x")]
        offer = known[number % len(known)]
        event: FloorEvent = LegGone(offer, 16) if kind is LegGone else kind(offer)
        return event
    assert isinstance(drawn, Enqueue | Leave | SeatChanged | PlanChanged)
    return drawn


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_no_target_is_taken_twice_and_no_caller_is_forgotten(
    drawn: list[object],
) -> None:
    """One call per target until its leg is gone; for who waits there is always a deadline ahead."""
    play = Play()
    taken: dict[OfferId, str] = {}
    for draw in drawn:
        event = _as_event(play, draw)
        if isinstance(event, LegGone):
            taken.pop(event.offer, None)
        for command in play.tell(event):
            if isinstance(command, Offer):
                assert command.target.key not in taken.values()
                taken[command.offer] = command.target.key
        due = play.floor.deadline()
        if isinstance(event, Expired) and due is not None:
            assert due > play.now
        if play.floor.waiting():
            assert due is not None


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["ani", "budi", "dedi", "siti", "pos"]),
    st.integers(0, 12),
    st.sampled_from(Strategy),
)
def test_a_caller_who_stays_rings_any_phone_that_becomes_ready(
    person: str, waits: int, strategy: Strategy
) -> None:
    """Driven by deadlines alone, whenever the phone appears, it rings within one round."""
    play = Play(make_plan(strategy=strategy))
    all_off(play)
    play.call("a")
    for _ in range(waits):
        _lapse(play)
    play.seat(person, SeatState.READY)
    for _ in range(12):
        if any(o.target.key.endswith(f":{person}") for o in play.live.values()):
            return
        _lapse(play)
    pytest.fail(f"{person} was never rung")


def _lapse(play: Play) -> None:
    """Time passes to the deadline; what is withdrawn by then is gone."""
    for offer in withdrawn(play.wait()):
        play.tell(LegGone(offer, 19))


def test_a_thousand_callers_are_stepped_without_delay() -> None:
    """Nothing in a step grows worse than with the length of the queue."""
    play = Play()
    all_off(play)
    for number in range(1000):
        play.call(f"c{number}", arrived=float(number))
    assert offered(play.seat("ani", SeatState.READY)) == [ANI]
    assert play.live[play.offer_to(ANI)].call == "c0"
