"""The dialogue of a feature call: asks, judges, tells, and never leaves a phone in silence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.command import Answer, HangUp, Play
from ivr.dialogue import Digit, Silence, Spoken
from ivr.feature import (
    BUSY_LIMIT_S,
    ENTRY_S,
    FIRST_DIGIT_S,
    FUSE_S,
    MOST_DIGITS,
    NEXT_DIGIT_S,
    SPEAKING_LIMIT_S,
    TELLING_LIMIT_S,
    TRIES,
    FeatureFlow,
)
from ivr.query import (
    Act,
    Asking,
    Busy,
    Done,
    FeatureCommand,
    FeatureEvent,
    FeatureState,
    Field,
    Gone,
    Hush,
    Over,
    Prove,
    Proved,
    Verdict,
    deadline,
)
from ivr.reply import CodePrompt
from routing.feature import Feature, Outcome
from routing.moment import Instant
from routing.note import Note
from routing.offer import Noticed
from routing.operator import Language, PersonId, SeatId
from routing.presence import Presence

ID = Language("id")
SRI, AGUS = PersonId("sri"), PersonId("agus")
NUMBERS = {"101": SRI, "201": AGUS}
PIN = "2468"
SHARED = Presence(seat=SeatId("bersama-1"), is_post=False, owner=None)
OWN = Presence(
    seat=SeatId("medis-1"), is_post=False, owner=SRI, person=SRI, is_on_duty=True, is_last=True
)
POST = Presence(seat=SeatId("pos"), is_post=True, owner=None)
VERDICTS = [Proved(SRI, verdict) for verdict in Verdict]
RESULTS = [Done(outcome, presence) for outcome in Outcome for presence in (None, SHARED, OWN)]


class Scene:
    """One feature call with its clock."""

    def __init__(self, feature: Feature = Feature.SIGN_ON, at: Presence | None = SHARED) -> None:
        self.now = 100.0
        self.flow = FeatureFlow(feature, at, NUMBERS, ID)
        self.state: FeatureState
        self.commands: tuple[FeatureCommand, ...]
        self.state, self.commands = self.flow.begin(at=Instant(self.now))
        self.notes: list[Note] = []

    def tell(self, event: FeatureEvent, after_s: float = 0.0) -> tuple[FeatureCommand, ...]:
        """Something happens after so many seconds."""
        self.now += after_s
        self.state, self.commands = self.flow.step(self.state, event, at=Instant(self.now))
        self.notes += [command for command in self.commands if isinstance(command, Note)]
        return self.commands

    def press(self, keys: str) -> tuple[FeatureCommand, ...]:
        """Keys, a second each; what the last one has led to."""
        for key in keys:
            self.tell(Digit(key), 1.0)
        return self.commands

    def wait(self) -> tuple[FeatureCommand, ...]:
        """Nothing happens until the deadline."""
        due = deadline(self.state)
        assert due is not None
        self.now = max(self.now, due)
        return self.tell(Silence())

    def heard(self) -> tuple[str, ...]:
        """The prompts of the last commands."""
        return next((c.prompts for c in self.commands if isinstance(c, Play)), ())

    def asked(self) -> Field | None:
        """What is asked for now."""
        return self.state.wanted if isinstance(self.state, Asking) else None

    def outcomes(self) -> list[object]:
        """What was journalled."""
        return [note.detail["outcome"] for note in self.notes]


def proving() -> Scene:
    """Sri has entered number and PIN."""
    scene = Scene()
    scene.press("101#")
    scene.press(f"{PIN}#")
    assert scene.commands == (Prove(SRI, PIN),)
    return scene


def test_who_signs_on_is_asked_for_number_and_pin() -> None:
    """Answered first; the keys interrupt each question, the hash ends each entry."""
    scene = Scene()
    assert scene.commands == (Answer(), Play(ID, (CodePrompt.NUMBER,)))
    assert scene.press("1") == (Hush(),)
    assert scene.press("01") == ()
    assert scene.press("#") == (Play(ID, (CodePrompt.PIN,)),)
    assert scene.press("2") == (Hush(),)
    assert scene.press("468#") == (Prove(SRI, PIN),)
    assert scene.tell(Proved(SRI, Verdict.RIGHT)) == (Act(SRI),)
    here = replace(SHARED, person=SRI, is_on_duty=True)
    note, play = scene.tell(Done(Outcome.SIGNED_ON, here))
    assert isinstance(note, Note)
    assert note.detail == {
        "code": "*11",
        "seat": "bersama-1",
        "person": "sri",
        "outcome": "signed on",
    }
    assert isinstance(play, Play)
    assert play.prompts == (CodePrompt.SIGNED_ON, CodePrompt.ON_DUTY, CodePrompt.READY)
    assert scene.tell(Spoken(), 5.0) == (HangUp(),)
    assert scene.state == Over()


@pytest.mark.parametrize("question", ["heard", "ended", "never ended"])
def test_an_entry_may_end_by_silence(question: str) -> None:
    """Whether the question was heard to its end, or its end was never told."""
    scene = Scene()
    if question == "ended":
        assert scene.tell(Spoken(), 3.0) == ()
        assert scene.tell(Spoken(), 0.0) == ()
    elif question == "never ended":
        assert scene.wait() == ()
        assert scene.now == 100.0 + SPEAKING_LIMIT_S
    scene.press("101")
    assert scene.tell(Silence()) == ()
    before = scene.now
    assert scene.wait() == (Play(ID, (CodePrompt.PIN,)),)
    assert scene.now == before + NEXT_DIGIT_S


def test_a_whole_entry_has_its_time_too() -> None:
    """Whoever presses a key now and then does not keep the phone."""
    scene = Scene()
    scene.tell(Digit("1"))
    for _ in range(3):
        scene.tell(Digit("0"), NEXT_DIGIT_S - 0.5)
    scene.wait()
    assert scene.now == 100.0 + ENTRY_S


def test_three_tries_end_the_call() -> None:
    """Silence, an empty entry and an unknown number are one each; then it is told and over."""
    scene = Scene()
    scene.tell(Spoken(), 3.0)
    scene.wait()
    assert scene.now == 103.0 + FIRST_DIGIT_S
    assert (scene.heard(), scene.asked()) == ((CodePrompt.NUMBER,), Field.NUMBER)
    scene.press("#")
    assert scene.heard() == (CodePrompt.NUMBER,)
    scene.press("999#")
    assert scene.heard() == (CodePrompt.NUMBER_UNKNOWN, CodePrompt.GIVEN_UP)
    assert scene.outcomes() == ["given up"]
    scene.wait()
    assert (scene.state, scene.commands) == (Over(), (HangUp(),))


def test_the_star_begins_an_entry_anew() -> None:
    """What was pressed is forgotten, and the same is asked for; it counts as a try."""
    scene = Scene()
    scene.press("19*")
    assert scene.heard() == (CodePrompt.NUMBER,)
    scene.press("101#1*")
    assert scene.heard() == (CodePrompt.PIN,)
    scene.press(f"{PIN}#")
    assert scene.commands == (Prove(SRI, PIN),)


def test_an_entry_without_end_is_taken_as_it_is() -> None:
    """A stuck key leads on, too."""
    scene = Scene()
    scene.press("1" * MOST_DIGITS)
    assert scene.heard() == (CodePrompt.NUMBER_UNKNOWN, CodePrompt.NUMBER)


def test_after_a_wrong_pin_the_number_is_asked_for_again() -> None:
    """It may have been somebody else's; each is noted, with the person and without the PIN."""
    scene = proving()
    scene.tell(Proved(SRI, Verdict.WRONG))
    assert scene.heard() == (CodePrompt.PIN_WRONG, CodePrompt.NUMBER)
    assert [(n.detail["outcome"], n.detail["person"]) for n in scene.notes] == [
        ("wrong PIN", "sri")
    ]
    for _ in range(TRIES - 1):
        scene.press("101#1111#")
        scene.tell(Proved(SRI, Verdict.WRONG))
    assert scene.heard() == (CodePrompt.PIN_WRONG, CodePrompt.GIVEN_UP)
    assert scene.outcomes() == ["wrong PIN"] * TRIES + ["given up"]


@pytest.mark.parametrize(
    ("verdict", "prompt"),
    [(Verdict.LOCKED, CodePrompt.LOCKED), (Verdict.NO_PIN, CodePrompt.NO_PIN)],
)
def test_who_cannot_be_judged_is_told_why(verdict: Verdict, prompt: CodePrompt) -> None:
    """Another try would not help."""
    scene = proving()
    scene.tell(Proved(SRI, verdict))
    assert scene.heard() == (prompt,)
    assert scene.notes[-1].detail["person"] == "sri"
    assert scene.outcomes() == [verdict.value]


def test_at_a_phone_of_ones_own_no_pin_is_asked_for() -> None:
    """Neither who owns it nor who does not can change that."""
    for number, person in (("101", SRI), ("201", AGUS)):
        scene = Scene(at=OWN)
        assert scene.press(f"{number}#") == (Act(person),)


@pytest.mark.parametrize("feature", [f for f in Feature if f is not Feature.SIGN_ON])
def test_all_else_is_done_without_a_question(feature: Feature) -> None:
    """Answered, done, told."""
    scene = Scene(feature, OWN)
    assert scene.commands == (Answer(), Act(None))


@pytest.mark.parametrize("at", [None, POST])
def test_where_nobody_can_sign_on_nobody_is_asked(at: Presence | None) -> None:
    """It is told at once."""
    scene = Scene(at=at)
    assert scene.commands == (Answer(), Act(None))


def test_the_last_one_who_pauses_is_noted() -> None:
    """The journal says that nobody else of the agency was there."""
    scene = Scene(Feature.PAUSE, OWN)
    scene.tell(Done(Outcome.PAUSED, OWN))
    assert scene.notes[0].detail["last"] is True
    scene = Scene(Feature.PAUSE, OWN)
    scene.tell(Done(Outcome.PAUSED, replace(OWN, is_last=False)))
    assert "last" not in scene.notes[0].detail


@pytest.mark.parametrize("failed", [False, True])
def test_only_a_notice_that_was_heard_is_over(*, failed: bool) -> None:
    """A prompt that failed, or was hung up on, is heard another time."""
    scene = Scene(Feature.STATE, OWN)
    scene.tell(Done(Outcome.STATE, replace(OWN, is_noticed=True)))
    assert scene.heard()[0] == CodePrompt.NOTICE
    expected = (HangUp(),) if failed else (Noticed(SRI), HangUp())
    assert scene.tell(Spoken(failed)) == expected


def test_what_takes_too_long_is_told_as_a_fault() -> None:
    """Of a judge or a floor that does not answer."""
    scene = proving()
    before = scene.now
    assert scene.tell(Silence()) == ()
    scene.wait()
    assert scene.now == before + BUSY_LIMIT_S
    assert scene.heard() == (CodePrompt.FAILED,)


@pytest.mark.parametrize("stage", ["asking", "busy", "telling"])
def test_whoever_hangs_up_is_let_go(stage: str) -> None:
    """What was not told yet is noted."""
    scene = Scene() if stage == "asking" else proving()
    if stage == "telling":
        scene.tell(Proved(SRI, Verdict.LOCKED))
    told = len(scene.notes)
    scene.tell(Gone())
    assert scene.state == Over()
    assert scene.outcomes()[told:] == ([] if stage == "telling" else ["hung up"])
    assert scene.tell(Gone()) == ()


def test_no_pin_is_shown() -> None:
    """Neither what was pressed nor what is judged stands in any text of these values."""
    scene = Scene()
    scene.press("101#2468")
    assert PIN not in repr(scene.state)
    scene.press("#")
    assert PIN not in repr((scene.state, scene.commands))


def test_question_and_answer_fit_into_the_fuse() -> None:
    """It is renewed with each prompt, and with nothing else."""
    assert max(SPEAKING_LIMIT_S + ENTRY_S, TELLING_LIMIT_S) + BUSY_LIMIT_S / 5 <= FUSE_S


EVENTS: st.SearchStrategy[FeatureEvent] = st.one_of(
    st.builds(Digit, st.sampled_from("0123456789*#ABCD")),
    st.builds(Spoken, st.booleans()),
    st.just(Silence()),
    st.sampled_from(VERDICTS),
    st.sampled_from(RESULTS),
)


@given(
    feature=st.sampled_from(Feature),
    at=st.sampled_from([None, SHARED, OWN, POST]),
    events=st.lists(EVENTS, max_size=40),
)
def test_whatever_comes_every_call_ends_by_itself(
    feature: Feature, at: Presence | None, events: list[FeatureEvent]
) -> None:
    """Without a PIN nobody is signed on, the phone is hung up on once, and no digit is noted."""
    scene = Scene(feature, at)
    commands = list(scene.commands)
    for event in events:
        before = scene.state
        commands += scene.tell(event, 0.1)
        proved = [c.proved for c in scene.commands if isinstance(c, Act) and c.proved]
        if proved and not (at is not None and at.owner):
            assert isinstance(before, Busy)
            assert event == Proved(proved[0], Verdict.RIGHT)
    for _ in range(4 * TRIES):
        if not isinstance(scene.state, Over):
            commands += scene.wait()
    assert scene.state == Over()
    assert deadline(scene.state) is None
    assert commands.count(HangUp()) == 1
    allowed = {"code", "seat", "person", "outcome", "last"}
    assert all(set(c.detail) <= allowed for c in commands if isinstance(c, Note))
