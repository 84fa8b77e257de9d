"""What Asterisk has, against what this process knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adoption import Memory
from routing.note import CallId
from routing.offer import Offer, OfferId, SeatTarget
from routing.operator import Language, PersonId, SeatId
from routing.service import ServiceId
from siaga.adoption import Difference, Held, LostLeg, Seen, age_s, differ
from siaga.line import BRIDGE
from siaga.memory import LEG_CAUSE, OFFER, STATE, KeptCall, kept_of, text_of
from switch.event import BridgeView, ChannelView, DialplanPlace

APP = "siaga"
NOTHING = Held()


def offer(id_: str, call: str) -> Offer:
    """An offer of a seat to a call."""
    target = SeatTarget(SeatId(f"seat-{id_}"), f"siaga-{id_}", PersonId(id_))
    return Offer(
        offer=OfferId(id_), call=CallId(call), target=target, ring_time_s=15.0, label="112"
    )


@dataclass
class Pbx:
    """An Asterisk to be looked at."""

    channels: dict[str, ChannelView] = field(default_factory=dict)
    bridges: dict[str, BridgeView] = field(default_factory=dict)

    def put(
        self,
        id_: str,
        app_data: str,
        state: str = "Up",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """A channel in Stasis with these arguments."""
        self.channels[id_] = ChannelView(
            id=id_,
            state=state,
            dialplan=DialplanPlace(app_name="Stasis" if app_data else "Dial", app_data=app_data),
            creationtime=f"2026-11-24T22:00:{len(self.channels):02d}.000+0000",
            channelvars=dict(variables or {}),
        )

    def caller(
        self,
        id_: str,
        *legs: str,
        bridged: bool = True,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """A caller in the application, in a bridge of their own with these legs."""
        self.put(id_, f"{APP},new", variables=variables)
        if bridged:
            self.bridges[BRIDGE + id_] = BridgeView(id=BRIDGE + id_, channels=(id_, *legs))

    def leg(self, id_: str, call: str, state: str = "Ringing", *, readable: bool = True) -> None:
        """An operator's leg for a call."""
        kept = {OFFER: text_of(kept_of(offer(id_, call)))} if readable else {}
        self.put(id_, f"{APP},leg,{id_}", state, kept)

    def against(self, held: Held = NOTHING) -> Difference:
        """The differences."""
        return differ(Seen(self.channels, self.bridges), held, APP)


def test_a_caller_of_an_earlier_run_is_found_with_what_was_kept() -> None:
    """State and legs; the talking leg comes first."""
    kept = KeptCall(Memory(Language("id"), ServiceId("medis")), 3)
    pbx = Pbx()
    pbx.leg("b", "a")
    pbx.leg("c", "a", "Up")
    pbx.caller("a", "c", variables={STATE: text_of(kept)})
    (call,) = pbx.against().calls
    assert (call.channel.id, call.kept, call.bridged, call.talks) == ("a", kept, True, True)
    assert [(leg.offer, leg.talks) for leg in call.legs] == [
        (offer("c", "a"), True),
        (offer("b", "a"), False),
    ]


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", '{"memory":{"language":7}}', "\x00"])
def test_garbage_in_a_variable_is_nothing_kept(text: str) -> None:
    """The caller is found all the same."""
    pbx = Pbx()
    pbx.caller("a", variables={STATE: text})
    (call,) = pbx.against().calls
    assert call.kept is None


def test_callers_come_in_the_order_of_their_arrival() -> None:
    """By Asterisk's own time."""
    pbx = Pbx()
    for id_ in ("z", "m", "a"):
        pbx.caller(id_)
    pbx.channels = dict(reversed(pbx.channels.items()))
    assert [call.channel.id for call in pbx.against().calls] == ["z", "m", "a"]


def test_who_has_no_bridge_yet_has_not_been_served() -> None:
    """The old run died before it had answered; what rings already is nobody's."""
    pbx = Pbx()
    pbx.caller("a", bridged=False)
    pbx.leg("b", "a")
    difference = pbx.against()
    assert [(call.bridged, call.legs) for call in difference.calls] == [(False, ())]
    assert difference.orphans == ("b",)


def test_what_rings_for_nobody_is_an_orphan() -> None:
    """The caller has gone, or is unknown; so is a leg that was never dialled."""
    pbx = Pbx()
    pbx.caller("a")
    pbx.leg("b", "gone")
    pbx.leg("c", "a", "Down")
    pbx.leg("d", "a", readable=False)
    assert set(pbx.against().orphans) == {"b", "c", "d"}


def test_a_phone_that_has_dialled_a_code_is_no_caller() -> None:
    """One that is not known here is told of; neither of the two is adopted or an orphan."""
    pbx = Pbx()
    pbx.put("a", f"{APP},feature,*15,siaga-medis-1")
    pbx.put("b", f"{APP},feature,*11,siaga-bersama-1")
    difference = pbx.against(Held(features=frozenset("a")))
    assert difference.features == ("b",)
    assert (difference.calls, difference.orphans, difference.left) == ((), (), ())


def test_a_talk_is_never_an_orphan() -> None:
    """Not even one whose leg does not say whose it is."""
    pbx = Pbx()
    pbx.leg("b", "a", "Up", readable=False)
    pbx.caller("a", "b")
    assert pbx.against().orphans == ()


def test_what_the_dialplan_has_is_left_alone() -> None:
    """Callers in the last resort and their legs; other applications; whatever else there is."""
    pbx = Pbx()
    pbx.put("a", "")
    pbx.put("b", "other,new")
    pbx.put("c", "siaga2,leg,c")
    difference = pbx.against()
    assert (difference.calls, difference.orphans) == ((), ())


def test_bridges_of_calls_that_are_over_are_removed() -> None:
    """Only ours, and not those of callers who are known or found."""
    pbx = Pbx()
    pbx.caller("a")
    pbx.caller("b")
    for id_ in (f"{BRIDGE}gone", "conference"):
        pbx.bridges[id_] = BridgeView(id=id_, channels=())
    held = Held(frozenset({"b"}))
    assert pbx.against(held).bridges == (f"{BRIDGE}gone",)


def test_known_callers_who_ended_or_left() -> None:
    """The channel is gone; or it is in the dialplan; or all is as it was."""
    pbx = Pbx()
    pbx.caller("here")
    pbx.put("left", "")
    difference = pbx.against(Held(frozenset({"here", "left", "ended"})))
    assert (difference.ended, difference.left, difference.calls) == (("ended",), ("left",), ())


@pytest.mark.parametrize(("noted", "cause"), [("16", 16), ("", 0), ("x", 0), ("-1", 0)])
def test_the_cause_of_a_lost_leg_is_the_one_that_its_handler_noted(noted: str, cause: int) -> None:
    """On the caller's channel; without it nobody knows."""
    pbx = Pbx()
    pbx.caller("a", variables={LEG_CAUSE: noted})
    difference = pbx.against(Held(frozenset({"a"}), {"b": "a", "c": "nobody"}))
    assert difference.lost == (LostLeg("b", cause), LostLeg("c", 0))


def test_known_legs_are_told_as_they_are_now() -> None:
    """Ringing or answered; never an orphan."""
    pbx = Pbx()
    pbx.leg("b", "a", "Up")
    difference = pbx.against(Held(frozenset({"a"}), {"b": "a"}))
    assert [(view.id, view.state) for view in difference.legs] == [("b", "Up")]
    assert difference.orphans == ()


def test_an_operator_who_hung_up_unseen_has_ended_the_call() -> None:
    """Normal clearing and nobody else's leg: it is over. Any other cause: another one is rung."""
    pbx = Pbx()
    pbx.caller("a", variables={LEG_CAUSE: "16"})
    pbx.caller("b", variables={LEG_CAUSE: "44"})
    pbx.leg("l", "c")
    pbx.caller("c", variables={LEG_CAUSE: "16"})
    assert [call.is_over for call in pbx.against().calls] == [True, False, False]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-24T22:00:00"])
def test_a_time_that_cannot_be_read_is_now(text: str) -> None:
    """Nobody loses a place by it, nobody rings for hours."""
    view = ChannelView(id="a", creationtime=text)
    assert age_s(view, datetime(2026, 11, 24, 22, tzinfo=UTC)) == 0.0


def test_a_clock_that_was_put_back_makes_nobody_younger_than_now() -> None:
    """The age is never negative."""
    view = ChannelView(id="a", creationtime="2026-11-24T22:00:00.000+0000")
    noon = datetime(2026, 11, 24, 22, tzinfo=UTC)
    assert age_s(view, noon - timedelta(hours=1)) == 0.0
    assert age_s(view, noon + timedelta(seconds=5)) == 5.0


IDS = st.sampled_from(["a", "b", "c", "d"])


@given(
    st.dictionaries(IDS, st.tuples(st.booleans(), st.booleans())),
    st.dictionaries(st.sampled_from(["l1", "l2", "l3"]), st.tuples(IDS, st.booleans())),
    st.sets(IDS),
    st.dictionaries(st.sampled_from(["l1", "l2", "l4"]), IDS),
)
def test_each_thing_has_one_fate_and_a_second_look_finds_nothing(
    callers: dict[str, tuple[bool, bool]],
    legs: dict[str, tuple[str, bool]],
    known: set[str],
    known_legs: dict[str, str],
) -> None:
    """No caller falls through, no talk is ended, and adopting what was found settles it."""
    pbx = Pbx()
    for leg, (call, talks) in legs.items():
        pbx.leg(leg, call, "Up" if talks else "Ringing")
    for call, (inside, bridged) in callers.items():
        inside_legs = [leg for leg, (whose, talks) in legs.items() if whose == call and talks]
        if inside:
            pbx.caller(call, *inside_legs, bridged=bridged)
        else:
            pbx.put(call, "")
    held = Held(frozenset(known), known_legs)
    found = pbx.against(held)
    inside_ids = {call for call, (inside, _) in callers.items() if inside}
    assert {call.channel.id for call in found.calls} == inside_ids - known
    assert set(found.ended) == known - callers.keys()
    assert set(found.left) == known & (callers.keys() - inside_ids)
    adopted = {leg.channel.id for call in found.calls for leg in call.legs}
    assert adopted.isdisjoint(found.orphans)
    assert adopted | set(found.orphans) <= legs.keys() - known_legs.keys()
    talking = {id_ for bridge in pbx.bridges.values() for id_ in bridge.channels}
    assert talking.isdisjoint(found.orphans)
    for orphan in found.orphans:
        del pbx.channels[orphan]
    for bridge_id in found.bridges:
        del pbx.bridges[bridge_id]
    still = (known | {call.channel.id for call in found.calls}) - set(found.ended + found.left)
    kept = {leg: call for leg, call in known_legs.items() if leg in pbx.channels}
    kept |= {leg.channel.id: call.channel.id for call in found.calls for leg in call.legs}
    again = pbx.against(Held(frozenset(still), kept))
    assert (again.ended, again.left, again.lost, again.calls, again.orphans, again.bridges) == (
        (),
    ) * 6


def test_a_leg_that_the_dialplan_has_joined_with_a_caller_talks_on() -> None:
    """It still looks as if it were in Stasis; another run does not end it, its own lets go."""
    pbx = Pbx()
    pbx.put("a", "")
    pbx.leg("b", "a", "Up")
    pbx.bridges["basic"] = BridgeView(id="basic", channels=("a", "b"))
    assert pbx.against().orphans == ()
    assert pbx.against(Held(legs={"b": "a"})).joined == ("b",)


def test_a_leg_alone_in_a_bridge_of_the_dialplan_is_nobodys() -> None:
    """The caller has gone before it was joined."""
    pbx = Pbx()
    pbx.leg("b", "a", "Up")
    pbx.bridges["basic"] = BridgeView(id="basic", channels=("b",))
    assert pbx.against().orphans == ("b",)
    assert pbx.against(Held(legs={"b": "a"})).joined == ()
