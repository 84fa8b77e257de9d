"""Who is slowed down is asked first, and reaches a human whatever the answer is."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import adoption
from ivr.adoption import Memory, memory_of
from ivr.command import Answer, HangUp, Play, RenewFuse
from ivr.dialogue import SPEAKING_LIMIT_S, Digit, MenuDialogue, Spoken, Tries
from ivr.fuse import FUSE_RENEWAL_S
from ivr.prompt import Prompt
from ivr.state import CallerGone, Ended, InMenu, Slowing, Talking, Waiting
from routing.cause import Cause
from routing.note import Note
from routing.offer import Connect, Enqueue, Leave, Parted
from routing.reason import Reason
from routing.throttle import Slowed
from tests.ivr.test_call import CALL, OFFER, START, TARGET, Scene, plays
from tests.ivr.test_dialogue import EN, FIRST_DIGIT_S, ID, MEDIS, UMUM, make_menu

HANDICAP_S = 120.0
BECAUSE = (Reason("3 calls within 86400 s were pranks or ghosts", ("services", "throttle")),)
SLOWED = Slowed(HANDICAP_S, 3, START + timedelta(hours=2), BECAUSE)
MANY = 100
"""Deadlines; the fuse is renewed some twenty times at most."""
LONGEST_S = 2 * SPEAKING_LIMIT_S + 2 * FIRST_DIGIT_S
"""Prompts whose ends are never told, and silence after each: the question, then the menu."""


def slowed(*, announce: bool = False) -> Scene:
    """A caller of a slowed number, hearing the question."""
    scene = Scene()
    scene.state, scene.commands = scene.flow.slow(SLOWED, at=scene.at, announce=announce)
    return scene


def enqueued(scene: Scene) -> Enqueue:
    """The place that the last step has asked for."""
    (enqueue,) = [command for command in scene.commands if isinstance(command, Enqueue)]
    return enqueue


def silent(scene: Scene) -> Waiting:
    """The caller is silent until there is a place in the queue."""
    for _ in range(MANY):
        if isinstance(scene.state, Waiting):
            return scene.state
        scene.wait()
        assert HangUp() not in scene.commands
    raise AssertionError("no place in the queue")


def test_the_caller_is_answered_and_asked() -> None:
    """Before the menu; the record has the rule's reasons."""
    scene = slowed()
    assert Answer() in scene.commands
    (play,) = plays(scene.commands)
    assert play == Play(ID, (Prompt.EMERGENCY,))
    (note,) = [c for c in scene.commands if isinstance(c, Note) and c.what == "slowed"]
    assert note.because == BECAUSE
    assert note.detail == SLOWED.detail


def test_a_word_on_the_zone_comes_first() -> None:
    """As before the menu."""
    (play,) = plays(slowed(announce=True).commands)
    assert play.prompts == (Prompt.ZONE_ANNOUNCE, Prompt.EMERGENCY)


@pytest.mark.parametrize("heard", [False, True])
def test_who_presses_1_goes_on_as_everybody(*, heard: bool) -> None:
    """During the question or after it: the menu, and no handicap."""
    scene = slowed()
    if heard:
        scene.tell(Spoken(), 2.0)
    (play,) = plays(scene.tell(Digit("1"), 1.0))
    assert play.prompts == (Prompt.MENU,)
    assert isinstance(scene.state, InMenu)
    scene.tell(Digit("1"), 1.0)
    assert (enqueued(scene).service, enqueued(scene).handicap_s) == (MEDIS, 0.0)


def test_who_is_silent_waits_behind_others() -> None:
    """After the question and the time that the menu gives, for the default service."""
    scene = slowed()
    assert scene.tell(Spoken(), 2.0) == ()
    state = silent(scene)
    assert scene.now == scene.began + 2.0 + FIRST_DIGIT_S
    assert (enqueued(scene).service, enqueued(scene).handicap_s) == (UMUM, HANDICAP_S)
    (chosen,) = [c for c in scene.commands if isinstance(c, Note)]
    assert chosen.because[0].path == ("services", "throttle", "priority")
    assert state.handicap_s == HANDICAP_S


@pytest.mark.parametrize("digit", ["0", "2", "9", "*"])
def test_another_key_is_no_answer(digit: str) -> None:
    """A pocket presses any key; the question can still be answered."""
    scene = slowed()
    before = scene.state
    (note,) = scene.tell(Digit(digit), 1.0)
    assert isinstance(note, Note)
    assert note.detail == {"digit": digit, "ignored": True}
    assert scene.state == before
    scene.tell(Digit("1"), 1.0)
    assert isinstance(scene.state, InMenu)


def test_who_may_not_have_heard_the_question_is_not_held_to_it() -> None:
    """A prompt that failed or whose end was never told has asked nobody."""
    failed = slowed()
    failed.tell(Spoken(failed=True), 0.1)
    assert isinstance(failed.state, InMenu)
    lost = slowed()
    while isinstance(lost.state, Slowing):
        lost.wait()
    assert isinstance(lost.state, InMenu)
    assert lost.now == lost.began + SPEAKING_LIMIT_S


def test_the_fuse_is_renewed_while_somebody_is_asked() -> None:
    """As in the menu; and where the waiting begins it burns on as it did."""
    scene = slowed()
    for _ in range(3):
        assert scene.wait() == (RenewFuse(),)
    assert [b - a for a, b in pairwise(scene.renewals)] == [FUSE_RENEWAL_S] * 2
    scene.tell(Spoken(), 0.5)
    assert silent(scene).renewal <= scene.renewals[-1] + FUSE_RENEWAL_S


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (CallerGone(Cause.NORMAL_CLEARING), "abandoned"),
        (CallerGone(0, pulled_out=True), "pulled_out"),
    ],
)
def test_who_leaves_while_being_asked_is_told_of(event: CallerGone, what: str) -> None:
    """An abandoned call is one to be rung back; who is pulled out is with the last resort."""
    scene = slowed()
    leave, note = scene.tell(event, 1.0)
    assert leave == Leave(CALL)
    assert isinstance(note, Note)
    assert (note.what, note.detail["where"]) == (what, "asked for an emergency")
    assert isinstance(scene.state, Ended)


def test_what_the_floor_tells_means_nothing_to_who_is_asked() -> None:
    """Nobody was rung for them yet."""
    scene = slowed()
    for event in (Connect(CALL, OFFER, TARGET), Parted(CALL, OFFER, TARGET, 16)):
        assert scene.tell(event) == ()


def test_who_has_lost_an_operator_is_behind_nobody() -> None:
    """A human has spoken to them: the place is the head of the queue."""
    scene = slowed()
    scene.tell(Spoken(), 2.0)
    silent(scene)
    scene.tell(Connect(CALL, OFFER, TARGET))
    assert isinstance(scene.state, Talking)
    scene.tell(Parted(CALL, OFFER, TARGET, 44), 5.0)
    assert (enqueued(scene).head, enqueued(scene).handicap_s) == (True, 0.0)


HAPPENINGS = st.sampled_from([*"0129*", "end", "failure", "time"])


@given(st.lists(HAPPENINGS, max_size=30))
def test_everybody_who_stays_is_given_a_place_in_bounded_time(events: list[str]) -> None:
    """Whatever is pressed or breaks, and however long the fingers go on; nobody is hung up on."""
    scene = slowed()
    for event in events:
        match event:
            case "end":
                scene.tell(Spoken(), 0.5)
            case "failure":
                scene.tell(Spoken(failed=True), 0.5)
            case "time":
                scene.wait()
            case _:
                scene.tell(Digit(event), 0.5)
        assert HangUp() not in scene.commands
        if isinstance(scene.state, Waiting):
            return
    pressed_out = scene.now
    silent(scene)
    assert scene.now - pressed_out <= LONGEST_S
    assert enqueued(scene).handicap_s in {0.0, HANDICAP_S}


@given(st.integers(0, 200), st.floats(0.01, 1.0))
def test_no_storm_of_keys_keeps_the_question_open(keys: int, pause_s: float) -> None:
    """Other keys do not put off its end."""
    scene = slowed()
    scene.live(LONGEST_S, prompt_s=4.0, digits=[(pause_s, "5")] * keys)
    assert isinstance(scene.state, Waiting)


@pytest.mark.parametrize("playing", [False, True])
def test_another_run_goes_on_asking(*, playing: bool) -> None:
    """Who hears the question hears it to its end, who has heard it has the time to answer."""
    scene = slowed()
    memory = memory_of(scene.state)
    assert memory == Memory(ID, handicap_s=HANDICAP_S)
    dialogue = MenuDialogue(make_menu(), UMUM)
    scene.state = adoption.menu(memory, scene.at, dialogue, at=scene.at, playing=playing)
    assert isinstance(scene.state, Slowing)
    assert memory_of(scene.state) == memory
    if playing:
        scene.tell(Spoken(), 1.0)
    silent(scene)
    assert enqueued(scene).handicap_s == HANDICAP_S


def test_another_run_keeps_the_place_of_who_waits() -> None:
    """Behind others, as before; nobody gets ahead by a restart."""
    scene = slowed()
    scene.tell(Spoken(), 2.0)
    silent(scene)
    memory = memory_of(scene.state)
    assert memory == Memory(ID, UMUM, handicap_s=HANDICAP_S)
    state, place = adoption.waiting(memory, CALL, UMUM, scene.at, at=scene.at, playing=True)
    assert (state.handicap_s, place.handicap_s) == (HANDICAP_S, HANDICAP_S)


def test_who_has_said_that_it_is_an_emergency_is_not_asked_again() -> None:
    """Not by another run either."""
    scene = slowed()
    scene.tell(Digit("1"), 1.0)
    scene.tell(Digit("9"), 1.0)
    memory = memory_of(scene.state)
    assert memory == Memory(EN, tries=Tries(switches=1))
    dialogue = MenuDialogue(make_menu(), UMUM)
    assert isinstance(adoption.menu(memory, scene.at, dialogue, at=scene.at, playing=False), InMenu)
