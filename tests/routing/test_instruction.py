"""Operators who are paused or ready by somebody's word, and pauses that end by themselves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.condition import Condition
from routing.instruction import Decision, Instruction, Outcome, Wanted, decide
from routing.note import Note
from routing.offer import Expired, Paused, Ready, SeatChanged, SeatState
from routing.operator import PersonId
from routing.snapshot import Pause
from tests.routing.centre import CHAIN, Play, make_plan, offered

ANI, POST = "person:ani", "seat:pos"
ANIS, BUDIS, NOBODYS = PersonId("ani"), PersonId("budi"), PersonId("x")
ASKED, AUTOMATIC = Pause(1.0, automatic=False), Pause(1.0, automatic=True)
TIMED = Pause(1.0, automatic=False, until=100.0)
TURN_S = 16 * 3600.0
"""From the beginning of a play to midnight, when everybody's next turn of duty begins."""
HERE = Condition(is_on_duty=True)
PAUSE = Instruction(person=ANIS, wanted=Wanted.PAUSE)
READY = Instruction(person=ANIS, wanted=Wanted.READY)
DECISIONS = {
    "of somebody unknown": (PAUSE, None, Decision(Outcome.UNKNOWN)),
    "a pause": (
        Instruction(person=ANIS, wanted=Wanted.PAUSE, for_s=60.0, reason="makan"),
        HERE,
        Decision(Outcome.PAUSED, Paused(ANIS, 60.0, "makan")),
    ),
    "of who is off duty": (PAUSE, Condition(), Decision(Outcome.OFF_DUTY)),
    "of who is paused": (PAUSE, replace(HERE, pause=ASKED), Decision(Outcome.ALREADY_PAUSED)),
    "of who did not answer": (
        PAUSE,
        replace(HERE, pause=AUTOMATIC),
        Decision(Outcome.PAUSED, Paused(ANIS)),
    ),
    "without an end, for one with an end": (
        PAUSE,
        replace(HERE, pause=TIMED, is_last=True),
        Decision(Outcome.PAUSED, Paused(ANIS)),
    ),
    "with an end, for one without": (
        replace(PAUSE, for_s=5.0),
        replace(HERE, pause=ASKED),
        Decision(Outcome.PAUSED, Paused(ANIS, 5.0)),
    ),
    "of the last one": (PAUSE, replace(HERE, is_last=True), Decision(Outcome.LAST)),
    "of the last one, meant": (
        replace(PAUSE, force=True),
        replace(HERE, is_last=True),
        Decision(Outcome.PAUSED, Paused(ANIS)),
    ),
    "ready": (READY, replace(HERE, pause=ASKED), Decision(Outcome.READY, Ready(ANIS))),
    "ready out of the wrap-up": (
        READY,
        replace(HERE, wrap_up_s=3.0),
        Decision(Outcome.READY, Ready(ANIS)),
    ),
    "ready already": (READY, HERE, Decision(Outcome.ALREADY_READY)),
    "ready off duty": (READY, Condition(), Decision(Outcome.OFF_DUTY)),
    "ready off duty, paused": (
        READY,
        Condition(pause=ASKED),
        Decision(Outcome.READY, Ready(ANIS)),
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_what_comes_of_it(name: str) -> None:
    """By the person's condition; the agency's last one is paused only where that is meant."""
    instruction, condition, decision = DECISIONS[name]
    assert decide(instruction, condition) == decision
    assert decision.event is None or decision.outcome.holds


def test_what_holds_is_what_was_wanted() -> None:
    """Whether it was so before or not."""
    assert {each for each in Outcome if each.holds} == {
        Outcome.PAUSED,
        Outcome.READY,
        Outcome.ALREADY_PAUSED,
        Outcome.ALREADY_READY,
    }


def post() -> Play:
    """Ani and Budi of one agency, and the post's phone."""
    return Play(make_plan(people=("ani", "budi"), chain=CHAIN[3:4]))


def words(play: Play, person: PersonId = ANIS) -> list[str]:
    """The grounds of a person's condition."""
    condition = play.floor.condition(person, play.at)
    assert condition is not None
    return [ground.text for ground in condition.because[1:]]


def test_the_condition_is_that_of_the_person_wherever_they_sit() -> None:
    """Also of who has no seat; who is not of the settings has none."""
    play = post()
    assert play.floor.condition(NOBODYS, play.at) is None
    assert play.floor.condition(ANIS, play.at) == play.floor.condition(BUDIS, play.at)
    play.tell(Paused(BUDIS))
    condition = play.floor.condition(ANIS, play.at)
    assert condition is not None
    assert (condition.is_last, condition.pause) == (True, None)
    assert words(play, BUDIS) == ["paused: as asked for"]


def test_a_pause_for_so_long_ends_by_itself_and_is_told() -> None:
    """Not a second before; whoever waits is offered to the operator at that second."""
    play = post()
    play.tell(SeatChanged("siaga-budi", SeatState.UNREACHABLE))
    (note,) = play.tell(Paused(ANIS, 60.0, "makan"))
    assert isinstance(note, Note)
    assert note.detail == {
        "person": "ani",
        "automatic": False,
        "missed": 0,
        "for_s": 60.0,
        "reason": "makan",
    }
    assert play.floor.deadline() == play.at.instant + 60.0
    play.now += 59.9
    assert words(play) == ["paused: as asked for"]
    play.now += 0.2
    assert words(play) == [], "also for who looks before the floor is stepped"
    told = play.tell(Expired())
    assert [(each.what, each.detail) for each in told if isinstance(each, Note)] == [
        ("ready", {"person": "ani", "why": "the pause is over"})
    ]
    assert play.floor.deadline() is None


def test_who_waits_is_offered_when_a_pause_is_over() -> None:
    """The floor wakes up for it."""
    play = post()
    for person in (ANIS, BUDIS):
        play.tell(Paused(person, 2.0 if person == ANIS else None))
    assert offered(play.call("a")) == [POST]
    play.now += 2.0
    assert offered(play.tell(Expired())) == [ANI]


def test_a_pause_that_ends_by_itself_outlives_the_process() -> None:
    """What is left of it holds for the next one, and the next one wakes up for it."""
    play = post()
    play.tell(Paused(ANIS, 60.0, "makan"))
    kept = play.floor.snapshot(play.at)
    assert kept.pauses[ANIS].since == play.at.wall.timestamp()
    again = post()
    again.now += 20.0
    again.floor.restore(kept, again.at)
    assert again.floor.deadline() == again.at.instant + 40.0
    assert words(again) == ["paused: as asked for"]


@given(st.floats(0.1, TURN_S), st.floats(0, TURN_S - 1))
def test_a_pause_is_over_at_its_end_and_not_before(for_s: float, later_s: float) -> None:
    """Whenever it is looked at, in the turn of duty in which it began."""
    play = post()
    play.tell(Paused(ANIS, for_s))
    ends = play.floor.snapshot(play.at).pauses[ANIS].until
    assert ends is not None
    play.now += later_s
    assert (words(play) == []) is (play.at.wall.timestamp() >= ends)
