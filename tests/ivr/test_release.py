"""Who is hung up on is over when gone, and has one ending, whatever gets lost on the way."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adoption import memory_of
from ivr.command import HangUp
from ivr.dialogue import Digit, Silence, Spoken
from ivr.release import AGAIN_S
from ivr.state import CallerGone, CallEvent, Ended, LettingGo, deadline
from routing.cause import Cause
from routing.note import Note
from routing.offer import SHORT_TALK_S, Connect, Parted
from tests.ivr.test_call import CALL, OFFER, TARGET, Scene, names
from tests.ivr.test_dismissal import dismissed


def after_a_talk() -> Scene:
    """The operator has hung up."""
    scene = Scene().talking()
    scene.tell(Parted(CALL, OFFER, TARGET, Cause.NORMAL_CLEARING), SHORT_TALK_S)
    return scene


def told_off() -> Scene:
    """All was heard of who is not served, and no key pressed."""
    scene = dismissed()
    scene.tell(Spoken(), 2.0)
    while not isinstance(scene.state, LettingGo):
        scene.wait()
    return scene


ENDS = pytest.mark.parametrize(("end", "what"), [(after_a_talk, "ended"), (told_off, "dismissed")])


@ENDS
def test_the_ending_is_recorded_when_the_caller_has_gone(
    end: Callable[[], Scene], what: str
) -> None:
    """Not when it is asked for: a request can get lost."""
    scene = end()
    assert scene.commands == (HangUp(),)
    assert names(scene.tell(CallerGone(Cause.NORMAL_CLEARING), 0.1)) == [what]
    assert scene.state == Ended()


@ENDS
def test_it_is_asked_for_again_until_the_caller_has_gone(
    end: Callable[[], Scene], what: str
) -> None:
    """Each second, without end and without a word in the records."""
    scene = end()
    begun = scene.now
    for _ in range(100):
        assert scene.wait() == (HangUp(),)
    assert scene.now == begun + 100 * AGAIN_S
    assert names(scene.tell(CallerGone(Cause.UNSEEN))) == [what]


@ENDS
def test_who_is_pulled_out_has_not_come_to_an_end(end: Callable[[], Scene], what: str) -> None:
    """Asterisk has the caller, who will have an ending there; how long it took is not lost."""
    scene = end()
    assert isinstance(scene.state, LettingGo)
    ending = scene.state.ending
    (note,) = scene.tell(CallerGone(0, pulled_out=True), 3.0)
    assert isinstance(note, Note)
    assert (ending.what, note.what, note.detail["where"]) == (what, "pulled_out", "being let go")
    assert note.detail.items() - {("where", "being let go")} <= ending.detail.items()
    assert len(note.detail) > 1


EVENTS = st.sampled_from(
    [
        Digit("1"),
        Spoken(),
        Spoken(failed=True),
        Silence(),
        Connect(CALL, OFFER, TARGET),
        Parted(CALL, OFFER, TARGET, 16),
    ]
)


@given(st.sampled_from([after_a_talk, told_off]), st.lists(EVENTS, max_size=8))
def test_nothing_keeps_a_call_that_is_over(
    end: Callable[[], Scene], events: list[CallEvent]
) -> None:
    """One ending comes of it, and no other command than to hang up."""
    scene = end()
    assert memory_of(scene.state) is None
    for event in events:
        assert set(scene.tell(event, 0.1)) <= {HangUp()}
        assert deadline(scene.state) is not None
    assert len(names(scene.tell(CallerGone(Cause.NORMAL_CLEARING)))) == 1
    assert deadline(scene.state) is None
