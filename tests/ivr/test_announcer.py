"""What a waiting caller is told: place, apology and turn, each in its time, and ringing between."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr import adoption
from ivr.adoption import Memory, memory_of
from ivr.announcement import Placed, Turned
from ivr.announcer import ANSWER_S, APART_S, PLAYING_LIMIT_S, REPLAY_PAUSE_S
from ivr.call import CallFlow
from ivr.command import AskPlace, Command, Join, Play, RenewFuse
from ivr.dialogue import Digit, MenuDialogue, Silence, Spoken
from ivr.prompt import HIGHEST_PLACE, Prompt, connecting, position
from ivr.state import Call, CallEvent, Talking, Waiting, deadline
from routing.cause import Cause
from routing.moment import Instant, Moment
from routing.note import Note
from routing.offer import Connect, Enqueue, Parted
from routing.service import Announcements
from tests.ivr.test_call import CALL, OFFER, START, TARGET, plays
from tests.ivr.test_dialogue import EN, ID, MEDIS, UMUM, make_menu

RULES = Announcements(first_after_s=20.0, position_every_s=30.0, apology_every_s=60.0, turned=True)
RING_S = 30.0
"""The ring-back tone; words take no time here."""


class Wait:
    """A caller who waits from second 0 on, and whom the floor tells a place.

    Attributes:
        heard: By second, what began to be played, without the ringing behind it.
        places: What the floor would say; a place may change with the time.
    """

    def __init__(
        self, rules: Announcements, places: Callable[[float], int | None] = lambda _: 3
    ) -> None:
        self.now = 0.0
        self.steps = 0
        self.spoken = math.inf
        self.heard: list[tuple[float, tuple[str, ...]]] = []
        self.notes: list[Note] = []
        self.places = places
        self.answers = True
        self.flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM, announcements=rules)
        self.state: Call
        self.state, commands = self.flow.resume(MEDIS, ID, at=self.at)
        self.take(commands)

    @property
    def at(self) -> Moment:
        """Both clocks."""
        return Moment(Instant(self.now), START)

    def tell(self, event: CallEvent) -> tuple[Command, ...]:
        """Steps the call now, and does what it asks for."""
        self.steps += 1
        self.state, commands = self.flow.step(self.state, event, at=self.at)
        self.take(commands)
        return commands

    def take(self, commands: tuple[Command, ...]) -> None:
        """As the shell does: the place is told at once."""
        self.notes += [command for command in commands if isinstance(command, Note)]
        for play in plays(commands):
            assert play.prompts[-1] == Prompt.RINGBACK
            self.heard.append((self.now, play.prompts[:-1]))
            self.spoken = self.now + RING_S
        for command in commands:
            if isinstance(command, AskPlace) and self.answers:
                place = self.places(self.now)
                self.tell(Placed(None if place is None else min(place, command.up_to)))

    def until(self, end: float) -> "Wait":
        """Time passes: deadlines come, and the ringing ends."""
        while True:
            due = deadline(self.state)
            assert due is not None
            at = max(self.now, min(due, self.spoken))
            if at > end:
                self.now = end
                return self
            self.now = at
            if self.spoken <= at:
                self.spoken = math.inf
                self.tell(Spoken())
            else:
                self.tell(Silence())

    @property
    def words(self) -> list[tuple[float, tuple[str, ...]]]:
        """What was heard after the first words, without what was nothing but ringing."""
        return [(when, words) for when, words in self.heard[1:] if words]


def test_place_and_apology_come_at_their_intervals() -> None:
    """After 20 s, the place every 30 s and the apology every 60 s; due together, in one breath."""
    wait = Wait(RULES).until(115.0)
    assert wait.heard[0] == (0.0, (connecting(MEDIS),))
    assert wait.words == [
        (20.0, (Prompt.WAITING, "position_3")),
        (50.0, ("position_3",)),
        (80.0, (Prompt.WAITING, "position_3")),
        (110.0, ("position_3",)),
    ]


def test_what_was_said_is_recorded() -> None:
    """Each time words are said, with their prompts."""
    notes = [note for note in Wait(RULES).until(55.0).notes if note.what == "announced"]
    assert [note.detail for note in notes] == [
        {"prompts": "waiting+position_3"},
        {"prompts": "position_3"},
    ]


def test_without_settings_the_apology_follows_the_ringing() -> None:
    """Nothing is told of the place or of a turn, whatever is known."""
    wait = Wait(Announcements())
    wait.tell(Turned())
    wait.until(95.0)
    assert wait.words == [
        (30.0, (Prompt.WAITING,)),
        (60.0, (Prompt.WAITING,)),
        (90.0, (Prompt.WAITING,)),
    ]


def test_a_place_alone_leaves_the_apology_to_the_end_of_the_ringing() -> None:
    """Every 40 s the place; where the ringing ends before, the apology as ever."""
    wait = Wait(Announcements(position_every_s=60.0)).until(85.0)
    assert wait.words == [
        (20.0, ("position_3",)),
        (50.0, (Prompt.WAITING,)),
        (80.0, (Prompt.WAITING, "position_3")),
    ]


def test_with_an_interval_the_apology_does_not_follow_the_ringing() -> None:
    """The ringing that ends goes on without a word."""
    wait = Wait(Announcements(apology_every_s=300.0)).until(100.0)
    assert wait.heard[1:] == [(20.0, (Prompt.WAITING,)), (50.0, ()), (80.0, ())]


def test_a_place_that_got_worse_is_not_told() -> None:
    """Somebody of a higher priority came: silence on it, until it is as good as it was."""
    places = {20.0: 4, 50.0: 5, 80.0: 6, 110.0: 4, 140.0: 1, 170.0: 2}
    wait = Wait(replace(RULES, apology_every_s=600.0), places.get).until(175.0)
    assert [(when, words[-1]) for when, words in wait.words] == [
        (20.0, "position_4"),
        (110.0, "position_4"),
        (140.0, "position_1"),
    ]


def test_a_place_that_is_not_known_is_not_told() -> None:
    """The apology comes without it; by itself it interrupts nothing."""
    wait = Wait(RULES, lambda _: None).until(95.0)
    assert wait.heard[1:] == [
        (20.0, (Prompt.WAITING,)),
        (50.0, ()),  # the ringing has ended
        (80.0, (Prompt.WAITING,)),
    ]
    assert Wait(RULES, lambda when: None if when > 30.0 else 2).until(49.9).words[-1][1] == (
        Prompt.WAITING,
        "position_2",
    )


def test_a_place_far_behind_has_no_number() -> None:
    """Beyond ten a number would only discourage; nor is more than that counted."""
    wait = Wait(RULES, lambda when: 4000 if when < 30.0 else 10).until(55.0)
    assert wait.words == [
        (20.0, (Prompt.WAITING, "position_many")),
        (50.0, ("position_10",)),
    ]
    assert [position(place) for place in (1, HIGHEST_PLACE, HIGHEST_PLACE + 1)] == [
        "position_1",
        "position_10",
        "position_many",
    ]


def test_that_others_are_rung_is_said_once() -> None:
    """In place of the apology, with what falls due soon, and never into other words."""
    wait = Wait(RULES)
    wait.until(2.0).tell(Turned())
    wait.until(40.0).tell(Turned())
    wait.until(85.0)
    assert wait.words == [
        (APART_S, (Prompt.TURNED, "position_3")),
        (45.0, ("position_3",)),  # the ringing has ended, and it is nearly time
        (75.0, (Prompt.WAITING, "position_3")),
    ]


def test_what_is_said_early_keeps_its_measure() -> None:
    """An apology every 30 s beside a place every 20 s: it goes with one, and then waits longer."""
    wait = Wait(Announcements(position_every_s=20.0, apology_every_s=30.0)).until(145.0)
    apologies = [when for when, words in wait.words if Prompt.WAITING in words]
    assert apologies == [20.0, 40.0, 80.0, 100.0, 140.0]


def test_that_others_are_rung_is_said_at_once_into_ringing() -> None:
    """Nothing else has been said for a while."""
    wait = Wait(replace(RULES, first_after_s=300.0)).until(17.0)
    wait.tell(Turned())
    wait.until(17.0)
    assert wait.words == [(17.0, (Prompt.TURNED,))]


def test_nobody_waits_for_a_place_that_is_not_told() -> None:
    """The apology comes a second later, without it; an answer after that means nothing."""
    wait = Wait(RULES)
    wait.answers = False
    wait.until(25.0)
    assert wait.words == [(20.0 + ANSWER_S, (Prompt.WAITING,))]
    assert wait.tell(Placed(2)) == ()
    assert memory_of(wait.state) == Memory(ID, MEDIS)


def test_an_answer_takes_the_caller_out_of_any_words() -> None:
    """Also while a place is asked for, which means nothing to a talk, nor that others are rung."""
    wait = Wait(RULES)
    wait.answers = False
    wait.until(20.5)
    assert wait.tell(Connect(CALL, OFFER, TARGET)) == (Join(OFFER),)
    assert wait.tell(Placed(2)) == wait.tell(Turned()) == ()
    assert isinstance(wait.state, Talking)


def test_a_lost_operator_begins_it_anew() -> None:
    """The caller is told so, and then as anybody who has begun to wait."""
    wait = Wait(RULES).until(25.0)
    wait.tell(Connect(CALL, OFFER, TARGET))
    wait.tell(Parted(CALL, OFFER, TARGET, Cause.REQUESTED_CHANNEL_UNAVAILABLE))
    wait.places = lambda _: 5
    wait.until(50.0)
    assert wait.heard[-2:] == [
        (25.0, (Prompt.OPERATOR_LOST,)),
        (45.0, (Prompt.WAITING, "position_5")),
    ]


def test_in_the_menu_there_is_nothing_to_tell() -> None:
    """Neither a place nor a turn changes anything for who does not wait."""
    wait = Wait(RULES)
    menu, _ = wait.flow.begin(at=wait.at)
    leaving, _ = wait.flow.dismiss((), at=wait.at)
    for state in (menu, leaving):
        assert wait.flow.step(state, Placed(1), at=wait.at) == (state, ())
        assert wait.flow.step(state, Turned(), at=wait.at) == (state, ())


# After a restart


def adopted(*, playing: bool, told: int | None = None) -> Wait:
    """A caller whom another run had told a place."""
    wait = Wait(RULES)
    memory = Memory(EN, MEDIS, told=told)
    wait.state, _ = adoption.waiting(
        memory, CALL, MEDIS, wait.at, at=wait.at, playing=playing, announcements=RULES
    )
    wait.heard, wait.spoken = [], RING_S if playing else math.inf
    return wait


def test_who_hears_nothing_after_a_restart_is_told_at_once() -> None:
    """Then at the intervals, in the language that was chosen."""
    wait = adopted(playing=False).until(55.0)
    assert wait.heard == [
        (0.0, (Prompt.WAITING, "position_3")),
        (30.0, ("position_3",)),
    ]


def test_who_hears_ringing_after_a_restart_is_told_as_from_the_beginning() -> None:
    """Nobody knows how long ago the last words were: no longer than an interval and a beginning."""
    assert adopted(playing=True).until(25.0).heard == [(20.0, (Prompt.WAITING, "position_3"))]


def test_a_restart_makes_no_place_worse() -> None:
    """What the other run had told still counts, and is kept with the channel."""
    wait = adopted(playing=False, told=2)
    assert memory_of(wait.state) == Memory(EN, MEDIS, told=2)
    assert wait.until(10.0).heard == [(0.0, (Prompt.WAITING,))]
    wait.places = lambda _: 1
    wait.until(40.0)
    assert memory_of(wait.state) == Memory(EN, MEDIS, told=1)


# Whatever happens

EVERY_S = st.none() | st.sampled_from([APART_S, 22.5, 60.0, 600.0])
ANY_RULES = st.builds(
    Announcements,
    first_after_s=st.sampled_from([10.0, 20.0, 300.0]),
    position_every_s=EVERY_S,
    apology_every_s=EVERY_S,
    turned=st.booleans(),
)
HAPPENS = st.lists(
    st.tuples(
        st.floats(0.0, 40.0),
        st.sampled_from(["spoken", "failed", "turned", "digit", "lost answer", "answer", "late"]),
        st.none() | st.integers(1, 15),
    ),
    max_size=25,
)


def happen(rules: Announcements, happens: list[tuple[float, str, int | None]]) -> Wait:
    """A wait in which this happens, beside the deadlines."""
    place: int | None = None
    wait = Wait(rules, lambda _: place)
    for pause_s, what, now in happens:
        wait.until(wait.now + pause_s)
        match what:
            case "spoken" | "failed":
                wait.spoken = math.inf
                wait.tell(Spoken(failed=what == "failed"))
            case "turned":
                wait.tell(Turned())
            case "digit":
                wait.tell(Digit("5"))
            case "late":
                wait.tell(Placed(now))
            case _:
                wait.answers = what == "answer"
        place = now
    return wait.until(wait.now + 120.0)


@settings(deadline=None)
@given(ANY_RULES, HAPPENS)
def test_there_is_always_something_to_be_heard(
    rules: Announcements, happens: list[tuple[float, str, int | None]]
) -> None:
    """Between two sounds the time is bounded, whatever is lost; and nothing spins."""
    wait = happen(rules, happens)
    moments = [when for when, _ in wait.heard]
    gaps = [b - a for a, b in zip(moments, [*moments[1:], wait.now], strict=True)]
    assert max(gaps) <= PLAYING_LIMIT_S + ANSWER_S + 1e-6
    assert wait.steps <= wait.now / REPLAY_PAUSE_S * 3 + len(happens) * 3 + wait.now


@settings(deadline=None)
@given(ANY_RULES, HAPPENS)
def test_no_place_is_told_that_is_not_true_or_is_worse(
    rules: Announcements, happens: list[tuple[float, str, int | None]]
) -> None:
    """Each is what the floor said in that moment; along a wait they only get better."""
    told: list[int] = []
    place: int | None = None
    wait = Wait(rules, lambda _: place)
    for pause_s, _, now in happens:
        before = len(wait.heard)
        wait.until(wait.now + pause_s)
        for _, words in wait.heard[before:]:
            numbers = [word for word in words if word.startswith("position_")]
            assert numbers == [] or (place is not None and numbers == [position(place)])
            told += [min(place, HIGHEST_PLACE + 1) for _ in numbers if place is not None]
        place = now
    assert told == sorted(told, reverse=True)
    assert not told or rules.position_every_s is not None


@settings(deadline=None)
@given(ANY_RULES, HAPPENS)
def test_no_words_cut_off_others(
    rules: Announcements, happens: list[tuple[float, str, int | None]]
) -> None:
    """They begin APART_S apart, or when the ringing has ended; the first as the settings say."""
    calm = [each for each in happens if each[1] not in {"spoken", "failed"}]
    wait = happen(rules, calm)
    spoken = [when for when, words in wait.heard if words]
    gaps = [now - before for before, now in pairwise(spoken)]
    assert all(gap >= APART_S - 1e-6 for gap in gaps[1:])
    assert not gaps or gaps[0] >= min(APART_S, rules.first_after_s) - 1e-6


@settings(deadline=None)
@given(ANY_RULES, st.floats(0.0, 700.0))
def test_whoever_is_in_the_queue_is_told_in_time(rules: Announcements, till_s: float) -> None:
    """From one place or apology to the next: no more than the interval and what it was early."""
    wait = Wait(rules).until(till_s)
    for every_s, found in (
        (rules.position_every_s, "position_3"),
        (rules.apology_every_s, Prompt.WAITING),
    ):
        if every_s is not None:
            moments = [when for when, words in wait.heard if found in words]
            waited = [rules.first_after_s, *(every_s + APART_S for _ in moments)]
            gaps = [b - a for a, b in zip([0.0, *moments], [*moments, till_s], strict=True)]
            assert all(gap <= most + 1e-6 for gap, most in zip(gaps, waited, strict=True))
            times = (till_s + APART_S - rules.first_after_s) / every_s + 1
            assert len(moments) <= max(0.0, times) + 1e-6


@settings(deadline=None)
@given(ANY_RULES, HAPPENS)
def test_no_prompt_makes_a_human_later(
    rules: Announcements, happens: list[tuple[float, str, int | None]]
) -> None:
    """The queue is joined before anything is played, and an answer is joined in any moment."""
    wait = happen(rules, happens)
    assert isinstance(wait.state, Waiting)
    _, commands = wait.flow.resume(MEDIS, ID, at=wait.at)
    order = [type(command) for command in commands]
    assert order.index(Enqueue) < order.index(Play)
    talking, commands = wait.flow.step(wait.state, Connect(CALL, OFFER, TARGET), at=wait.at)
    assert isinstance(talking, Talking)
    assert commands == (Join(OFFER),)


@pytest.mark.parametrize("rules", [Announcements(), RULES])
def test_the_fuse_is_renewed_beside_it(rules: Announcements) -> None:
    """A renewal that is due in the same moment comes first."""
    wait = Wait(rules)
    wait.now = 50.0
    commands = wait.tell(Silence())
    assert commands[0] == RenewFuse()
