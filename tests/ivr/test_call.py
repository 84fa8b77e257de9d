"""The call: from its arrival to its end, state by state."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.announcer import PLAYING_LIMIT_S, REPLAY_PAUSE_S
from ivr.call import CallFlow
from ivr.command import Answer, Command, HangUp, Join, Play, RenewFuse
from ivr.dialogue import (
    LANGUAGE_SWITCHES,
    SPEAKING_LIMIT_S,
    Digit,
    MenuDialogue,
    Silence,
    Spoken,
)
from ivr.fuse import FUSE_RENEWAL_S
from ivr.menu import Menu
from ivr.prompt import Prompt, connecting
from ivr.state import Call, CallerGone, CallEvent, Ended, InMenu, Talking, Waiting, deadline
from routing.cause import Cause
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import SHORT_TALK_S, Connect, Enqueue, Leave, OfferId, Parted, SeatTarget
from routing.operator import PersonId, SeatId
from routing.service import ServiceId
from tests.ivr.test_dialogue import EN, ID, MEDIS, UMUM, make_menu
from tests.routing.centre import TRANSFER

CALL, OFFER = CallId("call"), OfferId("o1")
TARGET = SeatTarget(SeatId("medis-1"), "siaga-medis-1", PersonId("ani"))
START = datetime(2026, 11, 23, tzinfo=UTC)


class Scene:
    """One call and its clock."""

    def __init__(
        self,
        *,
        announce: bool = False,
        menu: Menu | None = None,
        recorded: frozenset[ServiceId] = frozenset(),
    ) -> None:
        self.began = self.now = 50.0
        self.steps = 0
        self.renewals: list[float] = []
        dialogue = MenuDialogue(menu or make_menu(), UMUM)
        self.flow = CallFlow(CALL, dialogue, UMUM, recorded=recorded)
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
        self.steps += 1
        self.renewals += [self.now] * self.commands.count(RenewFuse())
        return self.commands

    def wait(self) -> tuple[Command, ...]:
        """Time passes to the call's deadline."""
        due = deadline(self.state)
        assert due is not None
        self.now = max(self.now, due)
        return self.tell(Silence())

    def live(self, seconds: float, *, prompt_s: float, digits: list[tuple[float, str]]) -> None:
        """The call goes on by itself: its deadlines, prompts that end, keys that are pressed."""
        end, spoken = self.now + seconds, self.now + prompt_s
        keys, pressed = iter(digits), self.now
        pause_s, digit = next(keys, (math.inf, ""))
        while True:
            due = deadline(self.state)
            assert due is not None
            at = max(self.now, min(due, spoken, pressed + pause_s))
            if at > end:
                self.now = end
                return
            self.now = at
            if spoken <= at:
                spoken = math.inf
                self.tell(Spoken())
            elif pressed + pause_s <= at:
                pressed = at
                self.tell(Digit(digit))
                pause_s, digit = next(keys, (math.inf, ""))
            else:
                self.tell(Silence())
            if plays(self.commands):
                spoken = self.now + prompt_s

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


PROMPTS_S = st.sampled_from([0.0, 0.2, 4.0, 15.0, math.inf])
"""How long prompts take: broken at once, short, usual, long, or without a known end."""
DIGITS = st.lists(st.tuples(st.floats(0.0, 20.0), st.sampled_from("0123456789*#ABCD")), max_size=30)
"""Pauses, and the key that is pressed after each."""
MENUS = st.builds(
    make_menu,
    repeats=st.integers(0, 3),
    wrong=st.integers(0, 3),
    first_digit_s=st.sampled_from([0.0, 0.5, 2.0, 3.0, 10.0]),
)


@settings(deadline=None)
@given(MENUS, PROMPTS_S, DIGITS)
def test_the_fuse_is_renewed_in_time_in_every_state_before_the_talk(
    menu: Menu, prompt_s: float, digits: list[tuple[float, str]]
) -> None:
    """Between two renewals there are never more than FUSE_RENEWAL_S, from the menu to the queue."""
    scene = Scene(menu=menu)
    scene.live(300.0, prompt_s=prompt_s, digits=digits)
    moments = [scene.began, *scene.renewals, scene.now]
    assert all(second - first <= FUSE_RENEWAL_S + 1e-6 for first, second in pairwise(moments))


@settings(deadline=None)
@given(MENUS, PROMPTS_S, DIGITS)
def test_whatever_is_pressed_or_broken_the_caller_comes_to_wait_for_a_human(
    menu: Menu, prompt_s: float, digits: list[tuple[float, str]]
) -> None:
    """However prompts end and keys are pressed, in bounded time, and nothing spins on the way."""
    scene = Scene(menu=menu)
    spoken_s = min(prompt_s, SPEAKING_LIMIT_S) + menu.first_digit_s
    rounds = 1 + menu.repeats + menu.wrong_key_repeats + LANGUAGE_SWITCHES
    limit_s = rounds * spoken_s + 1e-3
    scene.live(limit_s, prompt_s=prompt_s, digits=digits)
    assert isinstance(scene.state, Waiting)
    assert scene.steps <= limit_s / FUSE_RENEWAL_S + limit_s / REPLAY_PAUSE_S + 3 * rounds + 60


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
    assert commands == (HangUp(),)
    assert names(scene.tell(CallerGone(Cause.NORMAL_CLEARING))) == ["ended"]
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


def test_a_caller_who_is_pulled_out_of_a_talk_has_not_hung_up() -> None:
    """The operator was lost while nobody watched, and Asterisk took the caller: so it is told."""
    commands = Scene().talking().tell(CallerGone(0, pulled_out=True), 5.0)
    assert Leave(CALL) in commands
    assert names(commands) == ["pulled_out"]


def test_digits_after_the_menu_are_recorded_and_mean_nothing() -> None:
    """Waiting and talking callers may press what they like."""
    for scene in (Scene().waiting(), Scene().talking()):
        before = scene.state
        assert names(scene.tell(Digit("1"))) == ["digit"]
        assert scene.state == before


def test_what_cannot_concern_the_state_changes_nothing() -> None:
    """A caller in the menu has asked for nobody, and has nobody to lose."""
    menu = Scene()
    assert menu.tell(Connect(CALL, OFFER, TARGET)) == ()
    assert menu.tell(Parted(CALL, OFFER, TARGET, 16)) == ()


def test_a_talk_that_was_missed_leaves_nobody_without_a_place() -> None:
    """The floor took the caller for talking and gave the place away: the caller gets it again."""
    commands = Scene().waiting().tell(Parted(CALL, OFFER, TARGET, 16), 9.0)
    enqueue = next(command for command in commands if isinstance(command, Enqueue))
    assert (enqueue.head, enqueue.skip) == (True, (TARGET.key,))


def test_a_prompt_whose_end_is_never_told_does_not_leave_a_caller_in_silence() -> None:
    """While waiting the prompts go on after a limit, whatever became of the last one."""
    scene, began = Scene().waiting(), 50.0
    while not plays(scene.wait()):
        assert scene.now <= began + PLAYING_LIMIT_S
    assert scene.now == began + PLAYING_LIMIT_S


def test_who_is_recorded_is_told_first_of_all_and_once() -> None:
    """While phones ring already; who lost an operator has heard it; others are told nothing."""
    scene = Scene(recorded=frozenset({MEDIS})).waiting()
    enqueue, play = (c for c in scene.commands if isinstance(c, Enqueue | Play))
    assert isinstance(enqueue, Enqueue)
    assert play == Play(ID, (Prompt.RECORDED, connecting(MEDIS), Prompt.RINGBACK))
    scene.tell(Connect(CALL, OFFER, TARGET))
    scene.tell(Parted(CALL, OFFER, TARGET, Cause.NORMAL_CLEARING), 1.0)
    assert Play(ID, (Prompt.OPERATOR_LOST, Prompt.RINGBACK)) in scene.commands
    assert scene.flow.records(MEDIS)
    assert not scene.flow.records(UMUM)
    other = Scene(recorded=frozenset({UMUM})).waiting()
    assert Play(ID, (connecting(MEDIS), Prompt.RINGBACK)) in other.commands


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


def test_who_came_before_the_call_begins_keeps_the_time_of_the_arrival() -> None:
    """The place in the queue is that of the arrival; time-outs begin now."""
    at = Moment(Instant(60.0), START + timedelta(seconds=10.0))
    came = Moment(Instant(50.0), START)
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM, came)
    for state, commands in (
        flow.begin(at=at),
        flow.resume(MEDIS, ID, at=at),
        flow.transfer(ID, TRANSFER, at=at),
    ):
        assert isinstance(state, InMenu | Waiting)
        assert (state.arrived, state.renewal) == (came, at.instant + FUSE_RENEWAL_S)
        places = [command for command in commands if isinstance(command, Enqueue)]
        assert all(place.arrived == START.timestamp() for place in places)


def test_a_talk_that_ended_unseen_is_nobodys_hang_up() -> None:
    """Asterisk was restarted, or the connection cut: who hung up is not known."""
    scene = Scene().talking()
    commands = scene.tell(CallerGone(Cause.UNSEEN), after_s=5.0)
    ended = next(command for command in commands if isinstance(command, Note))
    assert (ended.what, ended.detail["by"]) == ("ended", "unseen")
