"""Feature codes: who is meant, what comes of them, and what state one is told."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.feature import MARKS, Decision, Feature, Outcome, decide
from routing.mark import Mark
from routing.note import CallId, Note
from routing.offer import (
    Marked,
    Noticed,
    Paused,
    PlanChanged,
    Ready,
    SeatState,
    Seen,
    SignedOff,
    SignedOn,
)
from routing.operator import PersonId, Seat, SeatId
from routing.plan import Plan
from routing.presence import Presence
from routing.service import Strategy
from routing.talk import Talk
from tests.routing.centre import CHAIN, Play, make_group, make_plan, offered

ANI, BUDI = "person:ani", "person:budi"
ANIS, BUDIS = PersonId("ani"), PersonId("budi")
SHARED, PHONE, OWN, POST = SeatId("bersama"), "siaga-bersama", "siaga-ani", "siaga-pos"
GROUP = make_group(Strategy.LINEAR, auto_pause_after=1, wrap_up_s=30.0)


def plan_of(*people: str) -> Plan:
    """The plan of these people, and a seat that is nobody's."""
    plan = make_plan(people=people, group=GROUP, chain=CHAIN[3:4])
    seats = {**plan.operators.seats, SHARED: Seat(endpoint=PHONE)}
    return replace(plan, operators=replace(plan.operators, seats=seats))


def post(*people: str) -> Play:
    """A floor with that plan."""
    return Play(plan_of(*(people or ("ani", "budi"))))


def at(play: Play, phone: str = OWN) -> Presence:
    """The state of who sits there."""
    presence = play.floor.presence(phone, play.at)
    assert presence is not None
    return presence


def why(presence: Presence) -> list[str]:
    """The grounds, in words."""
    return [ground.text for ground in presence.because]


def noted(play: Play, what: str) -> list[Note]:
    """The notes of that name."""
    return [note for note in play.notes if note.what == what]


# What one's state is


def test_who_sits_at_a_phone_of_their_own_is_known() -> None:
    """On duty by the roster's rule, with nothing else to be told."""
    presence = at(post())
    assert (presence.seat, presence.owner, presence.person) == ("ani-1", ANIS, ANIS)
    assert (presence.is_on_duty, presence.is_elsewhere, presence.is_post) == (True, False, False)
    assert (presence.pause, presence.wrap_up_s, presence.talk) == (None, 0.0, None)
    assert presence.because[0].path[0] == "roster"


def test_a_phone_that_nobody_sits_at_has_no_state() -> None:
    """Nor has one that the settings do not know."""
    play = post()
    assert at(play, PHONE) == Presence(seat=SHARED, is_post=False, owner=None)
    assert at(play, POST).is_post
    assert play.floor.presence("siaga-telkom", play.at) is None


def test_pause_and_wrap_up_are_told_with_their_grounds() -> None:
    """The seconds that are left, and who asked for the pause."""
    play = post()
    play.come("a")
    play.talk(ANI)
    play.now += 10.0
    assert at(play).wrap_up_s == 20.0
    assert why(at(play))[1:] == ["in wrap-up for 20 s more"]
    play.tell(Ready(ANIS))
    play.tell(Paused(ANIS))
    assert why(at(play))[1:] == ["paused: as asked for"]
    play.tell(Ready(ANIS))
    assert at(play).pause is None


def test_off_duty_is_told() -> None:
    """Siti supervises, and is in no shift."""
    presence = at(post(), "siaga-siti")
    assert (presence.is_on_duty, presence.is_last, why(presence)) == (False, False, ["off duty"])


def test_the_last_one_of_an_agency_is_known() -> None:
    """Nobody else of it is on duty at a phone that works."""
    play = post()
    assert not at(play).is_last
    play.seat("budi", SeatState.UNREACHABLE)
    assert at(play).is_last
    play.seat("budi", SeatState.BUSY)
    assert not at(play).is_last
    play.tell(Paused(BUDIS))
    assert at(play).is_last


# An automatic pause


def missed(play: Play) -> None:
    """Ani does not answer, and is paused for it."""
    play.come("a")
    play.miss(ANI)
    assert why(at(play))[1:] == ["paused: did not answer"]


@pytest.mark.parametrize("by", ["code", "phone", "colleague"])
def test_who_was_paused_without_knowing_is_told(by: str) -> None:
    """Whatever ended the pause, it is told until it was heard, and once."""
    play = post()
    missed(play)
    assert not at(play).is_noticed
    match by:
        case "code":
            play.tell(Seen(ANIS))
        case "phone":
            play.seat("ani", SeatState.BUSY)
        case _:
            play.seat("budi", SeatState.UNREACHABLE)
            play.tell(Seen(BUDIS))
    assert (at(play).pause, at(play).is_noticed) == (None, True)
    assert len(noted(play, "ready")) == 1
    play.tell(Noticed(ANIS))
    play.tell(Noticed(ANIS))
    assert not at(play).is_noticed


def test_who_is_seen_without_a_pause_has_nothing_to_be_told() -> None:
    """A pause of one's own stays."""
    play = post()
    play.tell(Seen(ANIS))
    play.tell(Paused(ANIS))
    play.tell(Seen(ANIS))
    assert (noted(play, "ready"), at(play).is_noticed) == ([], False)
    assert at(play).pause is not None


def test_a_notice_outlives_the_process_but_not_the_turn_of_duty() -> None:
    """What happened in an earlier turn is nothing to be told any more."""
    play = post()
    missed(play)
    play.tell(Seen(ANIS))
    kept = play.floor.snapshot(play.at)
    again = post()
    again.floor.restore(kept, again.at)
    assert at(again).is_noticed
    again.now += 86400.0
    assert not at(again).is_noticed
    other = post("budi")
    other.floor.restore(kept, other.at)
    assert other.floor.snapshot(other.at).notices == {}


# Seats


def test_who_has_signed_on_is_rung_there_and_not_at_their_own_phone() -> None:
    """And again at their own when they have signed off."""
    play = post("ani")
    play.tell(SignedOn(ANIS, SHARED))
    assert (at(play, PHONE).person, at(play, PHONE).owner) == (ANIS, None)
    assert at(play).is_elsewhere
    assert play.floor.seating.seats_of(ANIS, plan_of("ani").operators) == (SHARED,)
    play.come("a")
    (offer,) = [offer for offer in play.live.values() if offer.target.key == ANI]
    assert offer.target.endpoint == PHONE
    play.miss(ANI)
    play.tell(SignedOff(ANIS))
    assert not at(play).is_elsewhere
    assert at(play, PHONE).person is None


def test_who_signs_on_takes_the_seat_and_the_one_before_is_told_of() -> None:
    """One person a seat, one seat a person; to sign on again at the same one changes nothing."""
    play = post()
    for person in (ANIS, ANIS, BUDIS):
        play.tell(SignedOn(person, SHARED))
    assert at(play, PHONE).person == BUDIS
    assert [note.detail for note in noted(play, "signed_off")] == [{"person": "ani", "for": "budi"}]
    play.tell(PlanChanged(plan_of("ani")))
    assert at(play, PHONE).person is None


def test_nobody_is_awaited_at_a_shared_seat() -> None:
    """As long as nobody has signed on there, its phone keeps nobody waiting and rings for none."""
    play = post("ani")
    for phone in ("ani", "pos", "siti"):
        play.seat(phone, SeatState.UNREACHABLE)
    assert offered(play.come("a")) == []
    assert not play.floor._is_anybody_ready(play.at)
    assert offered(play.tell(SignedOn(ANIS, SHARED))) == [ANI]


# What comes of a code

NOBODYS = Presence(seat=SHARED, is_post=False, owner=None)
POSTS = Presence(seat=SeatId("pos"), is_post=True, owner=None)
TALK = Talk(CallId("a"), None, ANIS)
ANIS_OWN = Presence(seat=SeatId("ani-1"), is_post=False, owner=ANIS, person=ANIS, talk=TALK)
ANIS_SHARED = replace(ANIS_OWN, seat=SHARED, owner=None)
CASES: dict[tuple[Feature, Presence | None, PersonId | None], Decision] = {
    (Feature.SIGN_ON, NOBODYS, ANIS): Decision(Outcome.SIGNED_ON, SignedOn(ANIS, SHARED)),
    (Feature.SIGN_ON, ANIS_SHARED, BUDIS): Decision(Outcome.SIGNED_ON, SignedOn(BUDIS, SHARED)),
    (Feature.SIGN_ON, NOBODYS, None): Decision(Outcome.GIVEN_UP),
    (Feature.SIGN_ON, POSTS, ANIS): Decision(Outcome.POSTS_PHONE),
    (Feature.SIGN_ON, ANIS_OWN, ANIS): Decision(Outcome.OWN_SEAT, SignedOff(ANIS)),
    (Feature.SIGN_ON, ANIS_OWN, BUDIS): Decision(Outcome.OTHERS_SEAT),
    (Feature.SIGN_OFF, ANIS_SHARED, None): Decision(Outcome.SIGNED_OFF, SignedOff(ANIS)),
    (Feature.SIGN_OFF, ANIS_OWN, None): Decision(Outcome.OWN_SEAT),
    (Feature.SIGN_OFF, replace(ANIS_OWN, is_elsewhere=True), None): Decision(
        Outcome.SIGNED_OFF, SignedOff(ANIS)
    ),
    (Feature.PAUSE, ANIS_OWN, None): Decision(Outcome.PAUSED, Paused(ANIS)),
    (Feature.READY, ANIS_SHARED, None): Decision(Outcome.READY, Ready(ANIS)),
    (Feature.STATE, ANIS_OWN, None): Decision(Outcome.STATE),
    (Feature.GENUINE, ANIS_OWN, None): Decision(Outcome.MARKED, Marked(ANIS, Mark.GENUINE)),
    (Feature.GHOST, replace(ANIS_OWN, talk=None), None): Decision(Outcome.NO_TALK),
    (Feature.PAUSE, NOBODYS, None): Decision(Outcome.NOBODY),
    (Feature.PRANK, POSTS, None): Decision(Outcome.POSTS_PHONE),
    (Feature.STATE, None, None): Decision(Outcome.NO_SEAT),
}


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case[0].name}-{CASES[case].outcome.name}"
)
def test_what_comes_of_a_code(case: tuple[Feature, Presence | None, PersonId | None]) -> None:
    """By who sits there, and what the seat is."""
    assert decide(*case) == CASES[case]


def test_each_mark_has_a_code() -> None:
    """And each code of a mark its own."""
    assert set(MARKS.values()) == set(Mark)


@given(
    feature=st.sampled_from(Feature),
    presence=st.sampled_from([None, NOBODYS, POSTS, ANIS_OWN, ANIS_SHARED]),
    proved=st.sampled_from([None, ANIS, BUDIS]),
)
def test_only_who_sits_there_or_has_proved_it_is_spoken_for(
    feature: Feature, presence: Presence | None, proved: PersonId | None
) -> None:
    """Nobody says anything of anybody else."""
    event = decide(feature, presence, proved).event
    if event is not None:
        sits = None if presence is None else presence.person
        assert event.person == (proved if feature is Feature.SIGN_ON else sits)
