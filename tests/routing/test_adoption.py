"""Callers and legs of an earlier run: taken up at once, so that nobody is offered twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.hunter import ROUND_LEAST_S
from routing.moment import Instant
from routing.note import CallId
from routing.offer import (
    Adopt,
    Confirm,
    Connect,
    Enqueue,
    FloorCommand,
    Leave,
    LegAnswered,
    LegConfirmed,
    LegGone,
    OfferId,
    OutsideTarget,
    Parted,
    SeatState,
    SeatTarget,
    Stage,
    Standing,
    Target,
    Withdraw,
)
from routing.operator import PersonId, SeatId
from routing.service import TrunkId
from tests.routing.centre import CHAIN, MEDIS, Play, make_plan, offered, withdrawn

ANI, BUDI, DEDI, SITI, POST = "person:ani", "person:budi", "person:dedi", "person:siti", "seat:pos"
OUTSIDE = OutsideTarget("0811", TrunkId("telkom"), "siaga-telkom")
LEFT_S = 6.0
"""Of the ring time, when the leg was found."""


def seat(person: str) -> SeatTarget:
    """A person's own seat in the small centre."""
    return SeatTarget(SeatId(f"{person}-1"), f"siaga-{person}", PersonId(person))


def standing(
    play: Play, id_: str, call: str, target: Target, stage: Stage = Stage.RINGING
) -> Standing:
    """An offer that was found, with some ring time left."""
    return Standing(
        offer=OfferId(id_),
        call=CallId(call),
        target=target,
        confirm=isinstance(target, OutsideTarget),
        stage=stage,
        deadline=Instant(play.now + LEFT_S),
    )


def place(
    call: str, arrived: float = 0.0, *, head: bool = False, skip: tuple[str, ...] = ()
) -> Enqueue:
    """A place in the queue for the medical service."""
    return Enqueue(call=CallId(call), service=MEDIS, arrived=arrived, head=head, skip=skip)


def adopt(
    play: Play, offers: tuple[Standing, ...] = (), waiting: tuple[Enqueue, ...] = ()
) -> tuple[FloorCommand, ...]:
    """The floor learns what was found."""
    return play.tell(Adopt(offers, waiting))


def test_a_ringing_phone_rings_on_and_is_not_offered_again() -> None:
    """The rest of the hunt group rings too; the found offer runs out when it would have."""
    play = Play()
    found = standing(play, "old", "a", seat("ani"))
    assert offered(adopt(play, (found,), (place("a"),))) == [BUDI]
    assert play.floor.waiting()[0].ringing == (ANI, BUDI)
    assert play.floor.deadline() == play.now + LEFT_S
    assert withdrawn(play.wait()) == [OfferId("old")]


def test_the_chain_goes_on_from_where_it_was() -> None:
    """The post's phone rang: when it does not answer, the number outside is next, not the start."""
    play = Play()
    for person in ("ani", "budi", "dedi", "siti"):
        play.seat(person, SeatState.UNREACHABLE)
    post = SeatTarget(SeatId("pos"), "siaga-pos", None)
    assert offered(adopt(play, (standing(play, "old", "a", post),), (place("a"),))) == []
    assert offered(play.tell(LegGone(OfferId("old"), 19))) == [OUTSIDE.key]


def test_a_phone_that_rang_long_enough_is_not_rung_again() -> None:
    """Nobody was there to see its time run out: the chain goes on behind it."""
    play = Play()
    for person in ("budi", "dedi"):
        play.seat(person, SeatState.UNREACHABLE)
    assert offered(adopt(play, (), (place("a", skip=(ANI,)),))) == ["person:siti"]


def test_when_all_phones_have_rung_the_chain_begins_again() -> None:
    """Who was found with all of them behind waits no longer than a round takes at least."""
    play = Play()
    everybody = ("person:ani", "person:budi", "person:dedi", "person:siti", "seat:pos", OUTSIDE.key)
    assert offered(adopt(play, (), (place("a", skip=everybody),))) == []
    assert play.floor.deadline() == play.now + ROUND_LEAST_S
    assert ANI in offered(play.wait())


def test_the_answer_of_a_found_phone_connects() -> None:
    """As if it had been offered by this floor: the others are withdrawn."""
    play = Play()
    adopt(play, (standing(play, "old", "a", seat("ani")),), (place("a"),))
    commands = play.tell(LegAnswered(OfferId("old")))
    assert Connect(CallId("a"), OfferId("old"), seat("ani")) in commands
    assert withdrawn(commands) == [play.offer_to(BUDI)]


def test_who_talks_is_offered_nobody() -> None:
    """The talk is known before anybody is served, and its end is told to its call."""
    play = Play()
    talk = standing(play, "old", "t", seat("ani"), Stage.TALKING)
    assert offered(adopt(play, (talk,), (place("a"),))) == [BUDI]
    assert play.floor.taken() == {ANI: "t", BUDI: "a"}
    commands = play.tell(LegGone(OfferId("old"), 16))
    assert Parted(CallId("t"), OfferId("old"), seat("ani"), 16) in commands
    assert offered(commands) == [ANI]


def test_a_callee_outside_is_asked_again() -> None:
    """The found leg has answered; it counts only when 1 is pressed."""
    play = Play()
    found = standing(play, "old", "a", OUTSIDE, Stage.CONFIRMING)
    assert Confirm(OfferId("old")) in adopt(play, (found,), (place("a"),))
    commands = play.tell(LegConfirmed(OfferId("old")))
    assert Connect(CallId("a"), OfferId("old"), OUTSIDE) in commands


def test_a_phone_that_rings_for_nobody_is_ended() -> None:
    """Its caller was not found: the phone is free once the leg is gone, and not before."""
    play = Play()
    commands = adopt(play, (standing(play, "old", "x", seat("ani")),), (place("a"),))
    assert withdrawn(commands) == [OfferId("old")]
    assert offered(commands) == [BUDI]
    assert offered(play.tell(LegGone(OfferId("old"), 16))) == [ANI]


@pytest.mark.parametrize("stage", [Stage.RINGING, Stage.CONFIRMING])
def test_of_two_legs_at_one_target_the_talk_stays(stage: Stage) -> None:
    """Whatever the order in which they were found; the end of the other one frees nobody."""
    play = Play()
    other = standing(play, "old", "a", seat("ani"), stage)
    talk = standing(play, "talk", "t", seat("ani"), Stage.TALKING)
    commands = adopt(play, (other, talk), (place("a"),))
    assert Withdraw(OfferId("old"), answered_elsewhere=False) in commands
    play.tell(LegGone(OfferId("old"), 16))
    assert play.floor.taken()[ANI] == "t"


@pytest.mark.parametrize("target", [seat("ani"), SeatTarget(SeatId("ani-1"), "siaga-ani", None)])
def test_an_operator_is_free_when_the_last_of_two_legs_is_gone(target: SeatTarget) -> None:
    """The talk may end before the leg that rang beside it is known to be gone."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    talk = standing(play, "o1", "a", seat("ani"), Stage.TALKING)
    commands = adopt(play, (talk, standing(play, "o2", "b", target)), (place("b"),))
    assert Withdraw(OfferId("o2"), answered_elsewhere=False) in commands
    play.tell(Leave(CallId("b")))
    play.tell(LegGone(OfferId("o1"), 16))
    play.come("c")
    assert "person:ani" not in offered(play.commands)
    assert offered(play.tell(LegGone(OfferId("o2"), 26)))[:1] == ["person:ani"]


def test_of_three_legs_at_one_phone_each_is_waited_for() -> None:
    """In whatever order they go."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    adopt(play, tuple(standing(play, f"o{n}", f"c{n}", seat("ani")) for n in range(3)))
    play.come("c")
    for number in (2, 0, 1):
        assert "person:ani" not in [*play.floor.taken()][1:]
        assert "person:ani" in play.floor.taken()
        play.tell(LegGone(OfferId(f"o{number}"), 26))
    assert "person:ani" in offered(play.commands)


def test_the_old_order_holds() -> None:
    """First the head of the queue, then who came first, whatever order they were found in."""
    play = Play()
    for person in ("budi", "dedi", "siti", "pos"):
        play.seat(person, SeatState.UNREACHABLE)
    adopt(play, (), (place("late", 9.0), place("early", 1.0), place("first", 99.0, head=True)))
    assert [view.call for view in play.floor.waiting()] == ["first", "early", "late"]
    assert play.floor.taken()[ANI] == "first"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "gone"]),
            st.sampled_from(["ani", "budi", "dedi", "siti"]),
            st.sampled_from([Stage.RINGING, Stage.TALKING]),
        ),
        max_size=8,
        unique_by=lambda row: (row[1], row[2] is Stage.TALKING),
    )
)
def test_whatever_is_found_nobody_has_two_callers(rows: list[tuple[str, str, Stage]]) -> None:
    """Of all legs at one target that are not being ended there is one, and every talk stays."""
    play = Play()
    offers = tuple(
        standing(play, f"old{number}", call, seat(person), stage)
        for number, (call, person, stage) in enumerate(rows)
    )
    talking = {offer.call for offer in offers if offer.stage is Stage.TALKING}
    waiting = tuple(place(call) for call in ("a", "b") if call not in talking)
    commands = adopt(play, offers, waiting)
    ended = set(withdrawn(commands))
    live = [offer.target.key for offer in offers if offer.offer not in ended] + offered(commands)
    assert len(live) == len(set(live))
    assert ended.isdisjoint(offer.offer for offer in offers if offer.stage is Stage.TALKING)
