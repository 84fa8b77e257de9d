"""Who is not served is told so, and has a way to a human until the end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.command import Answer, HangUp, RenewFuse
from ivr.dialogue import SPEAKING_LIMIT_S, Digit, Spoken
from ivr.fuse import FUSE_RENEWAL_S
from ivr.prompt import Prompt
from ivr.state import CallerGone, Dismissing, Ended, InMenu, LettingGo, Waiting
from routing.cause import Cause
from routing.note import Note
from routing.offer import Connect, Enqueue, Leave, Parted
from routing.reason import Reason
from tests.ivr.test_call import CALL, OFFER, TARGET, Scene, plays
from tests.ivr.test_dialogue import FIRST_DIGIT_S, MEDIS, UMUM

BECAUSE = (Reason("calls to 0725112 on trunk telkom come from outside"),)


def dismissed() -> Scene:
    """A caller from outside whom the settings hang up on, hearing so."""
    scene = Scene()
    scene.state, scene.commands = scene.flow.dismiss(BECAUSE, at=scene.at)
    return scene


def test_who_is_not_served_is_told_so_before_the_end() -> None:
    """Answered, told all of it, given the time that the menu gives, and only then hung up on."""
    scene = dismissed()
    assert Answer() in scene.commands
    (play,) = plays(scene.commands)
    assert play.prompts == (Prompt.ZONE_HANG_UP,)
    assert scene.tell(Spoken(), 2.0) == ()
    told = scene.now
    while isinstance(scene.state, Dismissing):
        scene.wait()
    assert scene.now == told + FIRST_DIGIT_S
    assert scene.commands == (HangUp(),)
    assert isinstance(scene.state, LettingGo)
    note = scene.state.ending
    assert (note.what, note.because) == ("dismissed", BECAUSE)
    assert note.detail == {"waited_s": 2.0 + FIRST_DIGIT_S}


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(("digit", "service"), [("0", UMUM), ("1", MEDIS)])
def test_a_key_that_means_somebody_reaches_them(*, heard: bool, digit: str, service: str) -> None:
    """Whoever is in danger has a way to a human: during the announcement, and after it."""
    scene = dismissed()
    if heard:
        scene.tell(Spoken(), 2.0)
    (enqueue,) = [c for c in scene.tell(Digit(digit), 1.0) if isinstance(c, Enqueue)]
    assert enqueue.service == service
    assert isinstance(scene.state, Waiting)


@pytest.mark.parametrize("digit", ["7", "9", "*"])
def test_any_other_key_leads_to_the_menu(digit: str) -> None:
    """A finger that slips does not cost the call."""
    scene = dismissed()
    (play,) = plays(scene.tell(Digit(digit), 1.0))
    assert play.prompts[-1] == Prompt.MENU
    assert isinstance(scene.state, InMenu)


def test_who_may_not_have_heard_it_is_served() -> None:
    """A prompt that failed or whose end was never told has told nobody anything."""
    failed = dismissed()
    (play,) = plays(failed.tell(Spoken(failed=True), 0.1))
    assert play.prompts == (Prompt.MENU,)
    assert isinstance(failed.state, InMenu)
    lost = dismissed()
    while isinstance(lost.state, Dismissing):
        lost.wait()
    assert isinstance(lost.state, InMenu)
    assert plays(lost.commands)
    assert lost.now == lost.began + SPEAKING_LIMIT_S


def test_the_fuse_is_renewed_while_somebody_is_told() -> None:
    """As in the menu: the announcement may be longer than a fuse."""
    scene = dismissed()
    for _ in range(3):
        assert scene.wait() == (RenewFuse(),)
    assert [b - a for a, b in pairwise(scene.renewals)] == [FUSE_RENEWAL_S] * 2
    assert isinstance(scene.state, Dismissing)


def test_who_hangs_up_while_being_told_has_given_up() -> None:
    """An abandoned call, to be rung back like every other."""
    scene = dismissed()
    leave, note = scene.tell(CallerGone(Cause.NORMAL_CLEARING), 1.0)
    assert leave == Leave(CALL)
    assert isinstance(note, Note)
    assert (note.what, note.detail["where"]) == ("abandoned", "hearing of another centre")
    assert isinstance(scene.state, Ended)


def test_what_the_floor_tells_means_nothing_to_who_is_being_told() -> None:
    """Nobody was rung for them; and an announcement ends once."""
    scene = dismissed()
    for event in (Connect(CALL, OFFER, TARGET), Parted(CALL, OFFER, TARGET, 16)):
        assert scene.tell(event) == ()
    scene.tell(Spoken(), 2.0)
    state = scene.state
    assert scene.tell(Spoken(), 1.0) == ()
    assert scene.state == state


HAPPENINGS = st.sampled_from([*"0179*", "end", "failure", "time"])


@given(st.lists(HAPPENINGS, max_size=8))
def test_only_silence_after_the_whole_announcement_is_hung_up_on(events: list[str]) -> None:
    """Whatever happens, in whatever order: a key or a failure keeps the call."""
    scene, happened = dismissed(), list[str]()
    for event in events:
        if isinstance(scene.state, Dismissing):
            happened.append(event)
            match event:
                case "end":
                    scene.tell(Spoken(), 0.5)
                case "failure":
                    scene.tell(Spoken(failed=True), 0.5)
                case "time":
                    scene.wait()
                case _:
                    scene.tell(Digit(event), 0.5)
    if isinstance(scene.state, LettingGo):
        assert set(happened) == {"end", "time"}
