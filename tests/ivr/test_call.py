"""The call: from its arrival to its end, state by state."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.call import (
    FUSE_RENEWAL_S,
    REPLAY_PAUSE_S,
    SHORT_TALK_S,
    Call,
    CallerGone,
    CallEvent,
    CallFlow,
    Ended,
    InMenu,
    Talking,
    Waiting,
    deadline,
)
from ivr.command import Answer, Command, HangUp, Join, Play, Remember, RenewFuse
from ivr.dialogue import Digit, MenuDialogue, Silence, Spoken
from ivr.prompt import Prompt, connecting
from routing.cause import Cause
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import Connect, Enqueue, Leave, OfferId, Parted, SeatTarget
from routing.operator import PersonId, SeatId
from tests.ivr.test_dialogue import EN, ID, MEDIS, UMUM, make_menu
from tests.routing.centre import TRANSFER

CALL, OFFER = CallId("call"), OfferId("o1")
TARGET = SeatTarget(SeatId("medis-1"), "siaga-medis-1", PersonId("ani"))
START = datetime(2026, 11, 23, tzinfo=UTC)


class Scene:
    """One call and its clock."""

    def __init__(self, *, announce: bool = False) -> None:
        self.now = 50.0
        self.flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
        self.state: Call
        self.commands: tuple[Command, ...]
        self.state, self.commands = self.flow.begin(at=self.at, announce=announce)

    @property
    def at(self) -> Moment:
        """Both clocks."""
        return Moment(Instant(self.now), START + timedelta(seconds=self.now))

    def tell(self, event: CallEvent, after_s: float = 0.0) -> tuple[Command, ...]:
        """Steps the call, some time later."""
        self.now += after_s
        self.state, self.commands = self.flow.step(self.state, event, at=self.at)
        return self.commands

    def wait(self) -> tuple[Command, ...]:
        """Time passes to the call's deadline."""
        due = deadline(self.state)
        assert due is not None
        self.now = max(self.now, due)
        return self.tell(Silence())

    def waiting(self) -> "Scene":
        """The caller has pressed 1."""
        self.tell(Digit("1"))
        assert isinstance(self.state, Waiting)
        return self

    def talking(self) -> "Scene":
        """An operator has answered."""
        self.waiting().tell(Connect(CALL, OFFER, TARGET))
        assert isinstance(self.state, Talking)
        return self


def names(commands: tuple[Command, ...]) -> list[str]:
    """The names of the notes."""
    return [command.what for command in commands if isinstance(command, Note)]


def plays(commands: tuple[Command, ...]) -> list[Play]:
    """What is to be played."""
    return [command for command in commands if isinstance(command, Play)]


def test_a_caller_is_answered_and_hears_the_menu() -> None:
    """Answer and menu are the first step; an announcement comes in front, in the same breath."""
    commands = Scene().commands
    assert Answer() in commands
    assert plays(commands) == [Play(ID, (Prompt.MENU,))]
    announced = Scene(announce=True).commands
    assert plays(announced) == [Play(ID, (Prompt.ZONE_ANNOUNCE, Prompt.MENU))]


def test_a_key_puts_the_caller_into_the_queue_before_anything_is_played() -> None:
    """Operators ring at once; the caller hears whom, then ringing; the choice is remembered."""
    commands = Scene().tell(Digit("1"))
    enqueue = next(command for command in commands if isinstance(command, Enqueue))
    assert (enqueue.service, enqueue.head, enqueue.transfer) == (MEDIS, False, None)
    (play,) = plays(commands)
    assert play.prompts == (connecting(MEDIS), Prompt.RINGBACK)
    assert commands.index(enqueue) < commands.index(play)
    assert Remember(MEDIS) in commands
    assert names(commands) == ["digit", "chosen"]


def test_a_language_once_chosen_is_kept() -> None:
    """After 9 the prompts while waiting are English."""
    scene = Scene()
    scene.tell(Digit("9"))
    assert plays(scene.commands) == [Play(EN, (Prompt.MENU,))]
    assert plays(scene.tell(Digit("1")))[0].language == EN


def test_a_menu_that_is_being_spoken_is_not_spoken_anew() -> None:
    """The end of the prompt opens the wait for a digit, and plays nothing."""
    scene = Scene()
    assert plays(scene.tell(Spoken())) == []
    assert isinstance(scene.state, InMenu)


def test_silence_reaches_the_default_service() -> None:
    """Driven by deadlines alone the call comes to wait for a human."""
    scene = Scene()
    for _ in range(30):
        if isinstance(scene.state, Waiting):
            break
        scene.wait()
    assert isinstance(scene.state, Waiting)
    assert scene.state.service == UMUM


@pytest.mark.parametrize("waiting", [False, True])
def test_the_fuse_is_renewed_in_time_in_every_state_before_the_talk(waiting: bool) -> None:  # noqa: FBT001
    """Between two renewals there are never more than FUSE_RENEWAL_S."""
    scene = Scene().waiting() if waiting else Scene()
    last = scene.now
    for _ in range(40):
        if RenewFuse() in scene.wait():
            assert scene.now - last <= FUSE_RENEWAL_S + 1e-6
            last = scene.now
    assert last > 90.0


def test_a_talk_has_no_deadline() -> None:
    """Nothing is renewed, nothing is played, as long as they talk."""
    scene = Scene().talking()
    assert deadline(scene.state) is None
    assert scene.tell(Silence()) == scene.tell(Spoken()) == ()
    assert scene.tell(Connect(CALL, OFFER, TARGET)) == ()


def test_the_prompts_of_a_waiting_caller_go_round() -> None:
    """After the ring tone an apology and ringing again."""
    scene = Scene().waiting()
    (play,) = plays(scene.tell(Spoken(), 30.0))
    assert play.prompts == (Prompt.WAITING, Prompt.RINGBACK)


def test_a_broken_prompt_does_not_spin() -> None:
    """A prompt that ends at once is tried again only after a pause."""
    scene = Scene().waiting()
    assert scene.tell(Spoken()) == ()
    began, tried = scene.now, 0
    while scene.now < began + 20.0:
        if plays(scene.wait()):
            tried += 1
            scene.tell(Spoken())
    assert 1 <= tried <= 20.0 / REPLAY_PAUSE_S


def test_the_first_answer_joins_the_two() -> None:
    """One command does it: the leg comes to the caller."""
    scene = Scene().waiting()
    assert scene.tell(Connect(CALL, OFFER, TARGET)) == (Join(OFFER),)


def test_an_operator_who_hangs_up_after_a_talk_ends_the_call() -> None:
    """A normal clearing after more than a slip of the hand."""
    scene = Scene().talking()
    commands = scene.tell(Parted(CALL, OFFER, TARGET, Cause.NORMAL_CLEARING), SHORT_TALK_S)
    assert HangUp() in commands
    assert names(commands) == ["ended"]
    assert scene.state == Ended()
    assert scene.tell(Silence()) == ()
    assert deadline(scene.state) is None


@pytest.mark.parametrize(
    ("cause", "after_s"),
    [(Cause.NORMAL_CLEARING, SHORT_TALK_S - 0.1), (44, 60.0), (0, 60.0)],
)
def test_an_operator_who_is_lost_brings_the_caller_to_the_head(cause: int, after_s: float) -> None:
    """A slip of the hand, a dead phone, a crash: the fuse is lit, the caller told, and first."""
    scene = Scene().talking()
    commands = scene.tell(Parted(CALL, OFFER, TARGET, cause), after_s)
    enqueue = next(command for command in commands if isinstance(command, Enqueue))
    assert (enqueue.head, enqueue.skip, enqueue.service) == (True, (TARGET.key,), MEDIS)
    assert RenewFuse() in commands
    assert plays(commands)[0].prompts == (Prompt.OPERATOR_LOST, Prompt.RINGBACK)


def test_the_end_of_another_leg_does_not_end_the_talk() -> None:
    """A loser's leg is told late; the talk goes on."""
    scene = Scene().talking()
    assert scene.tell(Parted(CALL, OfferId("other"), TARGET, 16), 9.0) == ()
    assert isinstance(scene.state, Talking)


@pytest.mark.parametrize("pulled_out", [False, True])
def test_a_caller_who_goes_leaves_the_queue(pulled_out: bool) -> None:  # noqa: FBT001
    """From the menu and from the queue: the floor is told, and why is recorded."""
    what = "pulled_out" if pulled_out else "abandoned"
    for scene in (Scene(), Scene().waiting()):
        commands = scene.tell(CallerGone(16, pulled_out=pulled_out), 2.0)
        assert Leave(CALL) in commands
        assert names(commands) == [what]
        assert scene.state == Ended()


def test_a_caller_who_goes_from_a_talk_has_ended_it() -> None:
    """Not abandoned: a human was reached."""
    commands = Scene().talking().tell(CallerGone(16), 5.0)
    assert Leave(CALL) in commands
    assert names(commands) == ["ended"]


def test_digits_after_the_menu_are_recorded_and_mean_nothing() -> None:
    """Waiting and talking callers may press what they like."""
    for scene in (Scene().waiting(), Scene().talking()):
        before = scene.state
        assert names(scene.tell(Digit("1"))) == ["digit"]
        assert scene.state == before


def test_what_cannot_concern_the_state_changes_nothing() -> None:
    """A menu knows no operators, and a waiting caller has no partner to lose."""
    menu, waiting = Scene(), Scene().waiting()
    assert menu.tell(Connect(CALL, OFFER, TARGET)) == ()
    assert menu.tell(Parted(CALL, OFFER, TARGET, 16)) == ()
    assert waiting.tell(Parted(CALL, OFFER, TARGET, 16)) == ()


def test_a_transfer_rings_the_neighbour_first() -> None:
    """No menu: the caller is told, and the neighbour's centre is the first step of the chain."""
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
    state, commands = flow.transfer(ID, TRANSFER, at=Scene().at)
    enqueue = next(command for command in commands if isinstance(command, Enqueue))
    assert (enqueue.transfer, enqueue.service) == (TRANSFER, UMUM)
    assert plays(commands)[0].prompts[0] == Prompt.ZONE_TRANSFER
    assert isinstance(state, Waiting)


def test_a_caller_who_comes_back_waits_at_once() -> None:
    """From the dialplan, with the service that was chosen before."""
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
    state, commands = flow.resume(MEDIS, EN, at=Scene().at)
    assert isinstance(state, Waiting)
    assert names(commands) == ["resumed"]
    assert plays(commands)[0].language == EN
