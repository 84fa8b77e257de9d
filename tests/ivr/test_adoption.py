"""A call goes on from what its channel remembers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import adoption
from ivr.adoption import Memory, memory_of
from ivr.announcer import PLAYING_LIMIT_S
from ivr.call import CallFlow
from ivr.command import HangUp, Play, RenewFuse
from ivr.dialogue import Digit, Listening, MenuDialogue, Silence, Speaking, Spoken, Tries
from ivr.prompt import Prompt
from ivr.state import Call, InMenu, Talking, Waiting, deadline
from routing.cause import Cause
from routing.moment import Instant, Moment
from routing.note import CallId
from routing.offer import Connect, Enqueue, Parted
from routing.operator import Language
from tests.ivr.test_call import CALL, OFFER, START, TARGET, Scene
from tests.ivr.test_dialogue import EN, FIRST_DIGIT_S, ID, MEDIS, UMUM, make_menu

AT = Moment(Instant(500.0), START)
ARRIVED = Moment(Instant(480.0), START)
FLOW = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)


def in_menu(*, playing: bool, memory: Memory | None = None) -> InMenu:
    """A caller who was found in the menu."""
    menu = MenuDialogue(make_menu(), UMUM)
    state = adoption.menu(memory or Memory(ID), ARRIVED, menu, at=AT, playing=playing)
    assert isinstance(state, InMenu)
    return state


def test_the_fuse_of_every_found_caller_is_renewed_at_once() -> None:
    """In the menu and in the queue; nobody knows how much of it is left."""
    waiting, _ = adoption.waiting(Memory(ID, MEDIS), CALL, MEDIS, ARRIVED, at=AT, playing=True)
    for state in (in_menu(playing=True), in_menu(playing=False), waiting):
        assert deadline(state) == AT.instant
        _, commands = FLOW.step(state, Silence(), at=AT)
        assert RenewFuse() in commands


def test_a_menu_that_is_still_heard_is_heard_to_its_end() -> None:
    """Its end begins the silence that leads to a human."""
    state = in_menu(playing=True)
    assert isinstance(state.dialogue, Speaking)
    heard, commands = FLOW.step(state, Spoken(), at=AT)
    assert isinstance(heard, InMenu)
    assert isinstance(heard.dialogue, Listening)
    assert commands == ()


def test_who_has_heard_the_menu_is_listened_to() -> None:
    """For as long as after any menu; then the default service."""
    state = in_menu(playing=False)
    assert state.dialogue == Listening(ID, Tries(), Instant(AT.instant + FIRST_DIGIT_S))
    chosen, _ = FLOW.step(state, Digit("1"), at=AT)
    assert isinstance(chosen, Waiting)
    assert (chosen.service, chosen.arrived) == (MEDIS, ARRIVED)


def test_a_language_that_is_not_offered_any_more_is_the_first_one() -> None:
    """The settings may have changed between the two runs."""
    assert in_menu(playing=False, memory=Memory(Language("jv"))).dialogue.language == ID
    assert in_menu(playing=True, memory=Memory(EN)).dialogue.language == EN


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("playing", [True, False])
def test_who_waited_waits_on_with_the_old_place(*, playing: bool, head: bool) -> None:
    """The place is that of the arrival; silence is filled at once."""
    memory = Memory(EN, MEDIS, head)
    state, place = adoption.waiting(memory, CALL, MEDIS, ARRIVED, at=AT, playing=playing)
    arrived = START.timestamp()
    assert place == Enqueue(call=CALL, service=MEDIS, arrived=arrived, head=head, language=EN)
    _, commands = FLOW.step(state, Silence(), at=AT)
    plays = [command for command in commands if isinstance(command, Play)]
    assert plays == ([] if playing else [Play(EN, (Prompt.WAITING, Prompt.RINGBACK))])
    assert state.replay == AT.instant + (PLAYING_LIMIT_S if playing else 0.0)


def test_who_talked_talks_on() -> None:
    """The operator's normal end is the call's, a lost operator is replaced."""
    state = adoption.talking(
        Memory(ID, MEDIS), MEDIS, ARRIVED, offer=OFFER, target=TARGET, since=Instant(490.0)
    )
    assert deadline(state) is None
    _, ended = FLOW.step(state, Parted(CALL, OFFER, TARGET, Cause.NORMAL_CLEARING), at=AT)
    assert HangUp() in ended
    lost, _ = FLOW.step(state, Parted(CALL, OFFER, TARGET, 44), at=AT)
    assert isinstance(lost, Waiting)
    assert lost.head


def test_what_is_remembered_of_each_state() -> None:
    """A talk needs nothing new, and of an ended call nothing is needed."""
    scene = Scene()
    assert memory_of(scene.state) == Memory(ID)
    scene.tell(Digit("9"))
    assert memory_of(scene.state) == Memory(EN, tries=Tries(switches=1))
    scene.waiting()
    assert memory_of(scene.state) == Memory(EN, MEDIS)
    scene.tell(Connect(CALL, OFFER, TARGET))
    assert memory_of(scene.state) is None
    scene.tell(Parted(CALL, OFFER, TARGET, 44))
    assert memory_of(scene.state) == Memory(EN, MEDIS, head=True)
    scene.tell(Connect(CALL, OFFER, TARGET), after_s=1.0)
    scene.tell(Parted(CALL, OFFER, TARGET, Cause.NORMAL_CLEARING), after_s=10.0)
    assert memory_of(scene.state) is None


def restored(memory: Memory, *, playing: bool, at: Moment, arrived: Moment) -> Call:
    """The state that another run makes of a memory."""
    if memory.service is None:
        menu = MenuDialogue(make_menu(), UMUM)
        return adoption.menu(memory, arrived, menu, at=at, playing=playing)
    return adoption.waiting(memory, CallId(CALL), memory.service, arrived, at=at, playing=playing)[
        0
    ]


@given(
    st.lists(st.sampled_from(["1", "9", "7", "0", "spoken", "silence", "lost"]), max_size=12),
    st.booleans(),
)
def test_a_cut_anywhere_costs_nobody_a_human(events: list[str], playing: bool) -> None:  # noqa: FBT001
    """After any beginning, the restored call chooses no later than the uncut one, in silence."""
    scene = Scene()
    for event in events:
        match event:
            case "spoken":
                scene.tell(Spoken(), after_s=1.0)
            case "silence":
                if not isinstance(scene.state, Talking):
                    scene.wait()
            case "lost":
                if isinstance(scene.state, Waiting):
                    scene.tell(Connect(CALL, OFFER, TARGET))
                    scene.tell(Parted(CALL, OFFER, TARGET, 44), after_s=5.0)
            case key:
                scene.tell(Digit(key), after_s=0.5)
    memory = memory_of(scene.state)
    assert memory is not None
    state = restored(memory, playing=playing, at=scene.at, arrived=scene.at)
    assert type(state) is type(scene.state)
    assert memory_of(state) == memory
    if isinstance(state, InMenu):
        assert isinstance(state.dialogue, Speaking) is playing
        assert playing or state.dialogue.deadline <= scene.now + FIRST_DIGIT_S
