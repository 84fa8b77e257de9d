"""A floor that does not know yet who is on a call offers nobody, and forgets nobody."""

import math

from hypothesis import given
from hypothesis import strategies as st

from routing.floor import Floor
from routing.moment import after
from routing.note import CallId
from routing.offer import (
    Adopt,
    Enqueue,
    Expired,
    FloorEvent,
    Leave,
    Offer,
    OfferId,
    Paused,
    PlanChanged,
    SeatChanged,
    SeatState,
    SeatTarget,
    Sighted,
    Stage,
    Standing,
    Unsighted,
)
from routing.operator import PersonId, SeatId
from tests.routing.centre import MEDIS, Play, make_plan

CALLS = ("a", "b", "c")
TALK = Standing(
    offer=OfferId("of an earlier run"),
    call=CallId("talks"),
    target=SeatTarget(SeatId("ani-1"), "siaga-ani", PersonId("ani")),
    confirm=False,
    stage=Stage.TALKING,
    deadline=after(Play().at.instant, 0.0),
)


def blind() -> Play:
    """A floor that has begun without a look at Asterisk."""
    play = Play()
    play.floor = Floor(make_plan(), "t", lambda: 0.5, blind=True)
    return play


def enqueue(call: str) -> Enqueue:
    """A caller wants medical help."""
    return Enqueue(call=CallId(call), service=MEDIS, arrived=5.0)


EVENTS = st.one_of(
    st.sampled_from(CALLS).map(enqueue),
    st.sampled_from(CALLS).map(lambda call: Leave(CallId(call))),
    st.builds(
        SeatChanged, st.sampled_from(["siaga-ani", "siaga-budi"]), st.sampled_from(SeatState)
    ),
    st.just(Paused(PersonId("ani"))),
    st.just(PlanChanged(make_plan())),
    st.just(Expired()),
)


@given(st.lists(EVENTS, max_size=12))
def test_nobody_is_offered_before_it_sees(events: list[FloorEvent]) -> None:
    """Whatever happens, and it wants no deadline that would come again and again."""
    play = blind()
    for event in events:
        assert not any(isinstance(command, Offer) for command in play.tell(event))
        assert play.floor.deadline() is None
        play.now += 7.0


@given(st.lists(EVENTS, max_size=12))
def test_whoever_waits_is_served_when_it_sees(events: list[FloorEvent]) -> None:
    """As by a floor that always saw, to which the same phones are known, in the same order."""
    late, early = blind(), Play()
    early.floor = Floor(make_plan(), "t", lambda: 0.5)
    for event in events:
        late.tell(event)
        if not isinstance(event, Enqueue | Leave | Expired):
            early.tell(event)
    offered = [c for c in late.tell(Sighted()) if isinstance(c, Offer)]
    waiting = late.floor.waiting()
    expected = [
        c for place in waiting for c in early.tell(enqueue(place.call)) if isinstance(c, Offer)
    ]
    assert [(o.call, o.target) for o in offered] == [(o.call, o.target) for o in expected]
    assert (late.floor.deadline() or math.inf) <= late.now + 60.0 or not waiting


def test_who_talks_in_a_call_of_an_earlier_run_is_not_rung_for_another_one() -> None:
    """The look finds the talk before anybody is offered; the colleague is rung."""
    play = blind()
    play.tell(enqueue("a"))
    play.tell(Adopt((TALK,), ()))
    offers = [c for c in play.tell(Sighted()) if isinstance(c, Offer)]
    assert [offer.target.key for offer in offers] == ["person:budi"]


def test_what_is_told_piece_by_piece_counts_at_once() -> None:
    """After a cut one operator is told to be free before the other one is told to be busy."""
    play = Play()
    for endpoint in ("siaga-ani", "siaga-budi"):
        play.tell(SeatChanged(endpoint, SeatState.BUSY))
    play.tell(enqueue("a"))
    told: list[FloorEvent] = [
        Unsighted(),
        SeatChanged("siaga-ani", SeatState.READY),
        SeatChanged("siaga-budi", SeatState.READY),
        SeatChanged("siaga-ani", SeatState.BUSY),
    ]
    for event in told:
        assert not any(isinstance(command, Offer) for command in play.tell(event))
    offers = [c for c in play.tell(Sighted()) if isinstance(c, Offer)]
    assert [offer.target.key for offer in offers] == ["person:budi"]


def test_a_second_look_changes_nothing() -> None:
    """Only the first one is waited for."""
    play = blind()
    play.tell(Sighted())
    play.tell(enqueue("a"))
    assert play.tell(Sighted()) == ()
