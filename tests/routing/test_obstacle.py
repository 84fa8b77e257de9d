"""Why a target cannot be rung agrees with whether it can, whatever has happened on the floor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.obstacle import Obstacle
from routing.offer import OutsideTarget, Paused, SeatState, SeatTarget, Target
from routing.operator import PersonId, SeatId
from routing.service import Strategy, TrunkId
from tests.routing.centre import CHAIN, Play, make_group, make_plan
from tests.routing.test_invariant import EVENTS, PEOPLE, Watch

ANI = SeatTarget(SeatId("ani-1"), "siaga-ani", PersonId("ani"))
POST = SeatTarget(SeatId("pos"), "siaga-pos", None)
NUMBER = OutsideTarget("0811", TrunkId("telkom"), "siaga-telkom")
STATES = {
    None: SeatState.READY,
    Obstacle.TAKEN: SeatState.BUSY,
    Obstacle.WRAP_UP: SeatState.BUSY,
    Obstacle.IN_USE: SeatState.BUSY,
    Obstacle.PAUSED: SeatState.UNREACHABLE,
    Obstacle.UNREACHABLE: SeatState.UNREACHABLE,
}
"""What the hunter takes each of them for."""


def targets() -> list[Target]:
    """All that the chains of the invariants' plans lead to."""
    people = [SeatTarget(SeatId(f"{name}-1"), f"siaga-{name}", name) for name in PEOPLE]
    return [*people, POST, NUMBER]


@given(st.sampled_from(Strategy), st.integers(), st.lists(EVENTS, max_size=60))
def test_whoever_has_no_obstacle_is_free(
    strategy: Strategy, seed: int, drawn: list[object]
) -> None:
    """After any events: free and nothing in the way are one thing, and so are busy and away."""
    watch = Watch(strategy, seed)
    for event in drawn:
        watch.tell(event)
        floor, at = watch.play.floor, watch.play.at
        for target in targets():
            obstacle = floor.obstacle(target, at)
            assert (obstacle is None) is floor.is_free(target, at)
            if isinstance(target, SeatTarget):
                assert STATES[obstacle] is floor.state_of(target, at)


def told(play: Play, target: Target = ANI, *, rouse: bool = False) -> Obstacle | None:
    """What is in the way of that target now."""
    return play.floor.obstacle(target, play.at, rouse=rouse)


def test_who_rings_or_talks_is_taken() -> None:
    """From the offer until the leg is known to be gone."""
    play = Play()
    assert told(play) is None
    play.come("a")
    assert told(play) is Obstacle.TAKEN


def test_a_number_outside_is_taken_by_one_caller() -> None:
    """Nothing else is known of it."""
    play = Play(make_plan(people=(), chain=CHAIN[4:]))
    assert told(play, NUMBER) is None
    play.come("a")
    assert told(play, NUMBER) is Obstacle.TAKEN


def test_a_pause_is_told_as_one() -> None:
    """Before the phone is looked at."""
    play = Play()
    play.tell(Paused(PersonId("ani")))
    play.seat("ani", SeatState.BUSY)
    assert told(play) is Obstacle.PAUSED


def test_a_wrap_up_is_told_as_one_unless_it_does_not_count() -> None:
    """For the step that rouses, nothing is in the way."""
    play = Play(make_plan(group=make_group(wrap_up_s=30.0)))
    play.come("a")
    play.talk("person:ani")
    assert told(play) is Obstacle.WRAP_UP
    assert told(play, rouse=True) is None


@pytest.mark.parametrize(
    ("state", "obstacle"),
    [
        (SeatState.READY, None),
        (SeatState.BUSY, Obstacle.IN_USE),
        (SeatState.UNREACHABLE, Obstacle.UNREACHABLE),
    ],
)
def test_a_phone_is_as_asterisk_says(state: SeatState, obstacle: Obstacle | None) -> None:
    """Somebody's own, and the one that anybody picks up."""
    play = Play()
    for name, target in (("ani", ANI), ("pos", POST)):
        play.seat(name, state)
        assert told(play, target) is obstacle
