"""Operators as people: pauses, wrap-ups and seats, and what the floor makes of them."""

from dataclasses import replace
from datetime import time

import pytest

from routing.moment import Instant
from routing.note import CallId, Note
from routing.offer import (
    Adopt,
    Leave,
    LegAnswered,
    LegGone,
    OfferId,
    Paused,
    PlanChanged,
    Ready,
    SeatState,
    SeatTarget,
    SignedOff,
    SignedOn,
    Stage,
    Standing,
    Withdraw,
)
from routing.operator import PersonId, Seat, SeatId
from routing.plan import Plan
from routing.service import HuntGroup, Strategy, WrapUpStep
from tests.routing.centre import CHAIN, MEDIS, RING_S, Play, make_group, make_plan, offered

ANI, BUDI, SITI, POST = "person:ani", "person:budi", "person:siti", "seat:pos"
ANIS, BUDIS = PersonId("ani"), PersonId("budi")
POS = SeatId("pos")
WRAP_UP_S = 30.0
POSTED = CHAIN[3:4]


def play_with(group: HuntGroup, *people: str) -> Play:
    """A floor with these people, whose chain is the group and the post's phone."""
    return Play(make_plan(people=people or ("ani", "budi"), group=group, chain=POSTED))


def noted(play: Play, what: str) -> list[Note]:
    """The notes of that name."""
    return [note for note in play.notes if note.what == what]


# Wrap-up


def wrapping(*people: str) -> Play:
    """Ani has just talked, and is in wrap-up."""
    play = play_with(make_group(Strategy.LINEAR, wrap_up_s=WRAP_UP_S), *people)
    play.come("a")
    play.talk(ANI)
    return play


def test_nobody_is_rung_in_wrap_up_and_at_once_after_it() -> None:
    """The floor asks to be told when it is over, and the caller who waits is offered then."""
    play = wrapping("ani")
    play.seat("pos", SeatState.UNREACHABLE)
    play.seat("siti", SeatState.UNREACHABLE)
    assert offered(play.come("b")) == []
    begun = play.now
    while not (rung := offered(play.wait())):
        pass
    assert rung == [ANI]
    assert play.now == begun + WRAP_UP_S


def test_wrap_up_counts_as_busy_so_it_is_waited_for_a_moment() -> None:
    """The busy wait, then the chain goes on."""
    play = wrapping("ani")
    assert offered(play.come("b")) == []
    assert offered(play.wait()) == [POST]


def test_no_wrap_up_is_awaited_while_nobody_waits() -> None:
    """An empty queue needs no deadline."""
    play = wrapping("ani")
    assert play.floor.deadline() is None
    play.now += WRAP_UP_S
    assert offered(play.come("b")) == [ANI]


def test_the_overflow_step_wrap_up_rings_who_is_in_it() -> None:
    """Before the post's phone: a colleague who writes a note is better than nobody."""
    chain = (WrapUpStep(to="wrap_up", ring_time_s=RING_S), *POSTED)
    group = make_group(wrap_up_s=WRAP_UP_S)
    play = Play(make_plan(people=("ani",), group=group, chain=chain))
    play.come("a")
    play.talk(ANI)
    play.come("b")
    assert offered(play.wait()) == [ANI]
    (note,) = [note for note in play.notes if note.what == "offered"][-1:]
    assert note.because[0].text == "the agency's operators in wrap-up"


def test_ready_ends_the_wrap_up() -> None:
    """The operator is rung at once, and it is told once."""
    play = wrapping("ani")
    play.come("b")
    assert offered(play.tell(Ready(ANIS))) == [ANI]
    assert len(noted(play, "ready")) == 1
    play.tell(Ready(ANIS))
    assert len(noted(play, "ready")) == 1


def test_the_callers_end_of_a_talk_begins_the_wrap_up_too() -> None:
    """Whoever hangs up, there is a note to be written."""
    play = play_with(make_group(wrap_up_s=WRAP_UP_S), "ani")
    play.come("a")
    play.tell(LegAnswered(play.offer_to(ANI)))
    play.now += 1.0
    play.tell(Leave(CallId("a")))
    play.tell(LegGone(play.offer_to(ANI), 16))
    assert offered(play.come("b")) == []


def test_a_talk_of_an_earlier_run_ends_in_wrap_up() -> None:
    """By the service that its caller wanted; without one there is none."""
    for service, expected in ((MEDIS, []), (None, [ANI])):
        play = play_with(make_group(wrap_up_s=WRAP_UP_S), "ani")
        talk = Standing(
            offer=OfferId("old"),
            call=CallId("a"),
            target=SeatTarget(SeatId("ani-1"), "siaga-ani", ANIS),
            confirm=False,
            stage=Stage.TALKING,
            deadline=Instant(0.0),
            service=service,
        )
        play.tell(Adopt((talk,), ()))
        play.tell(LegGone(OfferId("old"), 16))
        assert offered(play.come("b")) == expected


def test_the_posts_phone_has_no_wrap_up() -> None:
    """It is nobody's own: whoever is in the room picks it up."""
    play = Play(make_plan(people=("ani",), group=make_group(wrap_up_s=WRAP_UP_S), chain=POSTED))
    play.seat("ani", SeatState.UNREACHABLE)
    assert offered(play.come("a")) == [POST]
    play.talk(POST)
    assert offered(play.come("b")) == [POST]


# Pause


def test_who_is_paused_is_not_rung_nor_waited_for() -> None:
    """The chain goes on at once."""
    play = play_with(make_group(), "ani")
    play.tell(Paused(ANIS))
    assert offered(play.come("a")) == [POST]
    assert offered(play.tell(Ready(ANIS))) == [ANI]


def test_a_pause_while_a_caller_waits_for_the_busy_one_sends_the_caller_on() -> None:
    """Nobody is waited for who will not be free."""
    play = play_with(make_group(), "ani")
    play.seat("ani", SeatState.BUSY)
    assert offered(play.come("a")) == []
    assert offered(play.tell(Paused(ANIS))) == [POST]


def test_a_pause_ends_with_the_turn_of_duty() -> None:
    """Who forgot to come back is rung in the next one."""
    play = play_with(make_group(), "ani")
    play.tell(Paused(ANIS))
    play.now += 86_400
    assert offered(play.come("a")) == [ANI]


def test_of_somebody_unknown_it_means_nothing() -> None:
    """A person whom the settings do not have."""
    play = Play()
    for event in (Paused(PersonId("x")), Ready(PersonId("x")), SignedOff(PersonId("x"))):
        assert play.tell(event) == ()


def missing(*people: str, after: int = 2) -> Play:
    """Whoever does not answer twice in a row is paused."""
    return play_with(make_group(Strategy.LINEAR, auto_pause_after=after), *people)


def test_offers_in_a_row_without_an_answer_pause_an_operator() -> None:
    """With a notice, and the next caller rings the colleague."""
    play = missing()
    play.come("a")
    for _ in range(2):
        play.miss(ANI)
        play.miss(BUDI)
        play.miss(POST)
    (note,) = noted(play, "paused")
    assert note.detail == {"person": "ani", "automatic": True, "missed": 2}
    assert note.call is None


def test_the_last_one_of_an_agency_is_never_paused() -> None:
    """Budi did not answer as often, but ani is paused already; it is told."""
    play = missing()
    play.come("a")
    for _ in range(4):
        for key in (ANI, BUDI, POST):
            if any(offer.target.key == key for offer in play.live.values()):
                play.miss(key)
    assert [note.detail["person"] for note in noted(play, "paused")] == ["ani"]
    assert {note.detail["person"] for note in noted(play, "not_paused")} == {"budi"}


@pytest.mark.parametrize("cause", [17, 21])
def test_to_decline_shows_that_somebody_is_there(cause: int) -> None:
    """The row is broken."""
    play = missing()
    play.come("a")
    play.miss(ANI)
    play.miss(BUDI)
    play.miss(POST)
    play.tell(LegGone(play.offer_to(ANI), cause))
    play.miss(BUDI)
    play.miss(POST)
    play.miss(ANI)
    assert "ani" not in [note.detail["person"] for note in noted(play, "paused")]


def test_a_phone_that_stops_ringing_by_itself_was_not_answered() -> None:
    """Asterisk's own time-out, and the hang-up within three seconds (DESIGN §4.7), count too."""
    play = missing(after=2)
    play.come("a")
    play.now += 3.0
    play.tell(LegGone(play.offer_to(ANI), 19))
    play.tell(Leave(CallId("a")))
    play.tell(LegGone(play.offer_to(BUDI), 0))
    play.come("b")
    play.talk(ANI, 1.0)
    assert [note.detail["person"] for note in noted(play, "paused")] == ["ani"]


def test_without_a_limit_nobody_is_paused() -> None:
    """As shipped."""
    play = missing(after=0)
    play.come("a")
    for _ in range(5):
        for key in (ANI, BUDI, POST):
            play.miss(key)
    assert noted(play, "paused") == []


def test_the_phones_of_others_do_not_count() -> None:
    """A supervisor, the post and a group that is no more: nobody is paused for them."""
    plan = make_plan(people=("ani",), group=make_group(auto_pause_after=1), chain=CHAIN[:4])
    play = Play(plan)
    play.come("a")
    play.tell(PlanChanged(_renamed(plan)))
    play.miss(ANI)
    other = Play(plan)
    other.seat("ani", SeatState.UNREACHABLE)
    other.come("a")
    other.miss(SITI)
    other.miss(POST)
    for one in (play, other):
        assert noted(one, "paused") == noted(one, "not_paused") == []


def _renamed(plan: Plan) -> Plan:
    """The same plan without the medical hunt group under that name."""
    catalogue = plan.catalogue
    groups = {k: v for k, v in catalogue.hunt_groups.items() if k != "medis"}
    services = {
        k: replace(service, group=next(iter(groups))) for k, service in catalogue.services.items()
    }
    return replace(plan, catalogue=replace(catalogue, hunt_groups=groups, services=services))


def away() -> Play:
    """Ani is paused for not answering; budi is there."""
    play = missing("ani", "budi", after=1)
    play.come("a")
    play.miss(ANI)
    play.talk(BUDI)
    assert len(noted(play, "paused")) == 1
    return play


@pytest.mark.parametrize("states", [(SeatState.BUSY,), (SeatState.UNREACHABLE, SeatState.READY)])
def test_who_is_at_the_phone_again_is_rung_again(states: tuple[SeatState, ...]) -> None:
    """A call of their own, or a phone that registers, ends an automatic pause."""
    play = away()
    for state in states:
        play.seat("ani", state)
    play.seat("ani", SeatState.READY)
    assert offered(play.come("b")) == [ANI]
    assert noted(play, "ready")[-1].detail["why"] == "is at the phone"


def test_a_phone_that_stays_away_is_no_sign_of_life() -> None:
    """After a cut Asterisk tells every phone's state again: unreachable twice is not back."""
    play = away()
    play.seat("ani", SeatState.UNREACHABLE)
    play.seat("ani", SeatState.UNREACHABLE)
    assert noted(play, "ready") == []
    assert list(play.floor.snapshot(play.at).pauses) == ["ani"]


def test_who_signs_on_is_there() -> None:
    """It ends an automatic pause, and not one that was asked for."""
    play = away()
    play.tell(SignedOn(ANIS, POS))
    assert offered(play.come("b"))[:1] == [ANI]
    asked = away()
    asked.tell(Paused(ANIS))
    asked.tell(SignedOn(ANIS, POS))
    assert offered(asked.come("b")) == [BUDI]


def test_a_pause_that_was_asked_for_does_not_end_by_a_call() -> None:
    """Who is paused may telephone."""
    play = away()
    play.tell(Paused(ANIS))
    play.seat("ani", SeatState.BUSY)
    play.seat("ani", SeatState.READY)
    assert offered(play.come("b")) == [BUDI]


def test_the_ringing_of_our_own_call_is_no_sign_of_life() -> None:
    """Asterisk reports the phone in use while it rings."""
    play = missing("ani", "budi", after=1)
    play.come("a")
    play.seat("ani", SeatState.BUSY)
    play.miss(ANI)
    play.seat("ani", SeatState.READY)
    assert noted(play, "ready") == []
    play.seat("nobody", SeatState.BUSY)


def test_who_seemed_away_is_rung_again_when_nobody_else_is_left() -> None:
    """The last one of an agency is not paused, however it came to be."""
    play = away()
    play.come("b")
    play.tell(LegAnswered(play.offer_to(BUDI)))
    play.seat("pos", SeatState.UNREACHABLE)
    play.come("c")
    assert offered(play.seat("budi", SeatState.UNREACHABLE)) == [ANI]


def test_somebody_whom_the_settings_lost_is_not_in_the_way() -> None:
    """A paused person who is no more is forgotten."""
    play = away()
    play.tell(PlanChanged(make_plan(people=("budi", "dedi"), chain=POSTED)))
    assert offered(play.come("b")) == [BUDI]


# Seats


def test_who_signs_on_is_rung_there() -> None:
    """At the post's phone, which then is that person's and rings for no step of its own."""
    play = play_with(make_group(), "ani")
    play.seat("ani", SeatState.UNREACHABLE)
    play.tell(SignedOn(ANIS, POS))
    assert offered(play.come("a")) == [ANI]
    offer = play.live[play.offer_to(ANI)]
    assert offer.target.dial == "PJSIP/siaga-pos"
    assert offered(play.miss(ANI)) == [ANI]


def test_who_signs_off_is_not_rung_there_any_more() -> None:
    """The seat is whoever's is in the room again; to sign off twice is nothing."""
    play = play_with(make_group(), "ani")
    play.seat("ani", SeatState.UNREACHABLE)
    play.tell(SignedOn(ANIS, POS))
    play.tell(SignedOff(ANIS))
    assert offered(play.come("a")) == [POST]
    play.tell(SignedOff(ANIS))
    assert len(noted(play, "signed_off")) == 1


def test_the_newest_at_a_seat_counts() -> None:
    """A person sits at one such seat, and a seat has one person."""
    play = play_with(make_group(), "ani", "budi")
    for person in ("ani", "budi"):
        play.seat(person, SeatState.UNREACHABLE)
    play.tell(SignedOn(ANIS, POS))
    play.tell(SignedOn(BUDIS, POS))
    assert offered(play.come("a")) == [BUDI]


@pytest.mark.parametrize("seat", ["budi-1", "nowhere"])
def test_a_seat_of_somebody_else_is_not_signed_on_to(seat: str) -> None:
    """Nor one that is not there; it is told."""
    play = play_with(make_group(), "ani", "budi")
    play.tell(SignedOn(ANIS, SeatId(seat)))
    assert len(noted(play, "sign_on_refused")) == 1
    assert sorted(offered(play.come("a"))) == [ANI, BUDI]


def test_a_phone_that_rings_for_nobody_in_particular_is_not_offered_to_who_signs_on() -> None:
    """One phone has one caller, whoever sits down at it meanwhile."""
    play = play_with(make_group(), "ani")
    play.seat("ani", SeatState.UNREACHABLE)
    assert offered(play.come("a")) == [POST]
    play.tell(SignedOn(ANIS, POS))
    assert offered(play.come("b")) == []
    commands = play.miss(POST)
    assert Withdraw(play.offer_to(POST), answered_elsewhere=False) in commands
    assert offered(commands)[0] == ANI


def test_new_settings_take_a_seat_away() -> None:
    """Somebody who is now fixed to it, or a seat that is no more: the sign-on is forgotten."""
    play = play_with(make_group(), "ani", "budi")
    play.tell(SignedOn(ANIS, POS))
    plan = make_plan(people=("ani", "budi"), chain=POSTED)
    seats = {**plan.operators.seats, POS: Seat(endpoint="siaga-pos", person=BUDIS)}
    play.tell(PlanChanged(replace(plan, operators=replace(plan.operators, seats=seats))))
    play.seat("ani", SeatState.UNREACHABLE)
    assert offered(play.come("a")) == [BUDI]


def test_a_shift_that_has_ended_does_not_stand_in() -> None:
    """Only colleagues on duty keep a paused operator's place."""
    turns = {
        "pagi": (time(7), time(14), ("ani",)),
        "siang": (time(14), time(7), ("budi",)),
    }
    group = make_group(auto_pause_after=1)
    play = Play(make_plan(people=("ani", "budi"), group=group, chain=POSTED, shifts=turns))
    play.come("a")
    play.miss(ANI)
    assert len(noted(play, "not_paused")) == 1
