"""What a channel carries comes back as it was, or as nothing."""

from hypothesis import given
from hypothesis import strategies as st

from ivr.adoption import Memory
from ivr.dialogue import Tries
from routing.note import CallId
from routing.offer import Offer, OfferId, OutsideTarget, SeatTarget
from routing.operator import Language, PersonId, SeatId
from routing.service import ServiceId, TrunkId
from siaga.memory import KeptCall, KeptOffer, kept_of, legs_text, read, rung_of, text_of

TEXT = st.text(max_size=20)


@given(TEXT, st.none() | TEXT, st.booleans(), st.integers(0, 9), st.integers(0, 99))
def test_a_call(language: str, service: str | None, head: bool, tries: int, plays: int) -> None:  # noqa: FBT001
    """Whatever characters ids are made of."""
    memory = Memory(
        Language(language),
        None if service is None else ServiceId(service),
        head,
        Tries(tries, tries, tries),
    )
    assert read(text_of(KeptCall(memory, plays)), KeptCall) == KeptCall(memory, plays)


@given(TEXT, st.none() | TEXT, st.booleans(), st.floats(0.0, 60.0))
def test_an_offer(text: str, person: str | None, confirm: bool, ring_time_s: float) -> None:  # noqa: FBT001
    """To a seat, or to a number outside."""
    seat = SeatTarget(SeatId(text), text, None if person is None else PersonId(person))
    for target in (seat, OutsideTarget(text, TrunkId(text), text)):
        offer = Offer(
            offer=OfferId(text),
            call=CallId(text),
            target=target,
            ring_time_s=ring_time_s,
            label=text,
            confirm=confirm,
        )
        kept = read(text_of(kept_of(offer)), KeptOffer)
        assert kept is not None
        assert kept.restored() == offer


def test_an_offer_without_a_target_is_none() -> None:
    """It could not be told who rings."""
    kept = KeptOffer(OfferId("o"), CallId("c"), 15.0, "112")
    assert kept.restored() is None


def test_who_was_rung_is_told_apart_from_the_legs() -> None:
    """Whether legs are left or not; what was there before this was kept has legs only."""
    rung = ("person:sri", "seat:pos", "outside:0725000113@telkom")
    assert rung_of(legs_text(["siaga-leg-1", "siaga-leg-2"], rung)) == rung
    assert rung_of(legs_text([], rung)) == rung
    assert rung_of(legs_text(["siaga-leg-1"], ())) == ()
    assert rung_of("") == ()


@given(st.text(max_size=40))
def test_anything_else_is_nothing(text: str) -> None:
    """Somebody's hand was in it."""
    assert read(text, KeptOffer) is None
