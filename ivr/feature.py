"""The dialogue of a feature call: asks who it is, has it done, and tells what has come of it.

    Asking ──number and PIN──▶ Busy ──proved, done──▶ Telling ──told──▶ Over
       ▲                        │                        ▲
       └──wrong, or nothing─────┘      three tries───────┘     (whoever hangs up: Over)

Only to sign on is anything asked. Every state has a deadline, so that no phone hears silence.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias, assert_never

from ivr.command import Answer, HangUp, Play
from ivr.dialogue import Digit, Silence, Spoken
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
    Telling,
    Verdict,
)
from ivr.reply import CodePrompt, reply
from routing.feature import Feature, Outcome
from routing.moment import Instant, after
from routing.note import Note
from routing.offer import Noticed
from routing.operator import Language, PersonId
from routing.presence import Presence

TRIES: Final = 3
"""Of number and PIN, in one call."""
SPEAKING_LIMIT_S: Final = 15.0
"""A question whose end is never told counts as spoken then; the longest one takes about 6 s."""
FIRST_DIGIT_S, NEXT_DIGIT_S, ENTRY_S = 6.0, 4.0, 12.0
"""Of silence before the first digit, between two, and all together from the question's end."""
BUSY_LIMIT_S: Final = 5.0
"""For a PIN to be judged, which takes some 50 ms."""
TELLING_LIMIT_S: Final = 25.0
"""The longest reply takes about 15 s."""
FUSE_S: Final = 30
"""The call's fuse, renewed with each prompt; question and answer fit into it. The dialplan sets the
same before Stasis."""
WRONG_PIN, HUNG_UP = "wrong PIN", "hung up"
"""What the journal says of a try, and of a call that ended before anything came of it."""
MOST_DIGITS: Final = 12
"""More than any number or PIN has; so many are taken as they are."""
END, CLEAR = "#", "*"
"""The keys that end an entry and that begin it anew."""


Step: TypeAlias = tuple[FeatureState, tuple[FeatureCommand, ...]]


class FeatureFlow:
    """The rules of one feature call.

    Args:
        feature: What was dialled.
        presence: The state of who sits at the phone, as the call begins; None if it is no seat.
        numbers: Whose each personnel number is.
        language: Of the prompts.
    """

    def __init__(
        self,
        feature: Feature,
        presence: Presence | None,
        numbers: Mapping[str, PersonId],
        language: Language,
    ) -> None:
        self._feature = feature
        self._presence = presence
        self._numbers = numbers
        self._language = language

    def begin(self, *, at: Instant) -> Step:
        """The phone is answered; who wants to sign on is asked, all else is done at once."""
        presence = self._presence
        if self._feature is Feature.SIGN_ON and presence is not None and not presence.is_post:
            asking, commands = self._ask(Field.NUMBER, 0, at)
            return asking, (Answer(), *commands)
        busy, acts = self._act(None, 0, at)
        return busy, (Answer(), *acts)

    def step(self, state: FeatureState, event: FeatureEvent, *, at: Instant) -> Step:
        """The state after `event`, and what is to be done; what means nothing changes nothing."""
        match state:
            case Over():
                return state, ()
            case Asking() | Busy() | Telling() if isinstance(event, Gone):
                return self._gone(state)
            case Asking():
                return self._asking(state, event, at)
            case Busy():
                return self._busy(state, event, at)
            case Telling():
                return self._telling(state, event)
            case _:
                assert_never(state)

    def _asking(self, state: Asking, event: FeatureEvent, at: Instant) -> Step:
        match event:
            case Digit(digit):
                return self._digit(state, digit, at)
            case Spoken():
                return self._listen(state, at) if state.until is None else (state, ())
            case Silence():
                if at < state.deadline:
                    return state, ()
                if state.until is None:
                    return self._listen(state, at)
                if state.typed:
                    return self._entered(state, at)
                return self._again(state.wanted, state.tries, at, person=state.person)
            case Proved() | Done() | Gone():
                return state, ()
            case _:
                assert_never(event)

    def _busy(self, state: Busy, event: FeatureEvent, at: Instant) -> Step:
        match event:
            case Proved():
                return self._proved(state, event, at)
            case Done():
                return self._tell(event.outcome, event.presence, at)
            case Silence():
                if at < state.deadline:
                    return state, ()
                return self._tell(Outcome.FAILED, self._presence, at)
            case Digit() | Spoken() | Gone():
                return state, ()
            case _:
                assert_never(event)

    def _telling(self, state: Telling, event: FeatureEvent) -> Step:
        """Whoever has heard all of it is hung up on; what is not heard to its end was not told."""
        match event:
            case Spoken():
                heard = () if event.failed or state.noticed is None else (Noticed(state.noticed),)
                return Over(), (*heard, HangUp())
            case Silence():
                return Over(), (HangUp(),)
            case Digit() | Proved() | Done() | Gone():
                return state, ()
            case _:
                assert_never(event)

    def _gone(self, state: Asking | Busy | Telling) -> Step:
        if isinstance(state, Telling):
            return Over(), ()
        return Over(), (self._note(HUNG_UP, None, self._presence),)

    def _listen(self, state: Asking, at: Instant) -> Step:
        """The question was heard."""
        first, until = after(at, FIRST_DIGIT_S), after(at, ENTRY_S)
        return Asking(state.wanted, state.tries, first, until, state.person, state.typed), ()

    def _digit(self, state: Asking, digit: str, at: Instant) -> Step:
        """A key interrupts the question."""
        hush = (Hush(),) if state.until is None else ()
        until = after(at, ENTRY_S) if state.until is None else state.until
        if digit == CLEAR:
            return self._again(state.wanted, state.tries, at, person=state.person)
        typed = state.typed if digit == END else state.typed + digit
        deadline = min(after(at, NEXT_DIGIT_S), until)
        heard = Asking(state.wanted, state.tries, deadline, until, state.person, typed)
        if digit == END or len(typed) >= MOST_DIGITS:
            entered, commands = self._entered(heard, at)
            return entered, (*hush, *commands)
        return heard, hush

    def _entered(self, state: Asking, at: Instant) -> Step:
        if state.wanted is Field.PIN and state.person is not None:
            prove = Prove(state.person, state.typed)
            return Busy(state.tries, after(at, BUSY_LIMIT_S)), (prove,)
        person = self._numbers.get(state.typed)
        if person is None:
            before = (CodePrompt.NUMBER_UNKNOWN,) if state.typed else ()
            return self._again(Field.NUMBER, state.tries, at, before=before)
        owner = None if self._presence is None else self._presence.owner
        if owner is not None:
            # At a seat that is somebody's own there is nothing to be proved: both ways it stays so.
            return self._act(person, state.tries, at)
        return self._ask(Field.PIN, state.tries, at, person=person)

    def _proved(self, state: Busy, event: Proved, at: Instant) -> Step:
        match event.verdict:
            case Verdict.RIGHT:
                return self._act(event.person, state.tries, at)
            case Verdict.WRONG:
                wrong = (CodePrompt.PIN_WRONG,)
                following, commands = self._again(Field.NUMBER, state.tries, at, before=wrong)
                refused = self._note(WRONG_PIN, event.person, self._presence)
                return following, (refused, *commands)
            case Verdict.LOCKED:
                return self._tell(Outcome.LOCKED, self._presence, at, person=event.person)
            case Verdict.NO_PIN:
                return self._tell(Outcome.NO_PIN, self._presence, at, person=event.person)
            case _:
                assert_never(event.verdict)

    def _again(
        self,
        wanted: Field,
        tries: int,
        at: Instant,
        *,
        person: PersonId | None = None,
        before: tuple[CodePrompt, ...] = (),
    ) -> Step:
        """A try has come to nothing."""
        if tries + 1 >= TRIES:
            return self._tell(Outcome.GIVEN_UP, self._presence, at, before=before)
        return self._ask(wanted, tries + 1, at, person=person, before=before)

    def _ask(
        self,
        wanted: Field,
        tries: int,
        at: Instant,
        *,
        person: PersonId | None = None,
        before: tuple[CodePrompt, ...] = (),
    ) -> Step:
        state = Asking(wanted, tries, after(at, SPEAKING_LIMIT_S), person=person)
        return state, (Play(self._language, (*before, wanted.value)),)

    def _act(self, proved: PersonId | None, tries: int, at: Instant) -> Step:
        return Busy(tries, after(at, BUSY_LIMIT_S)), (Act(proved),)

    def _tell(
        self,
        outcome: Outcome,
        presence: Presence | None,
        at: Instant,
        *,
        person: PersonId | None = None,
        before: tuple[CodePrompt, ...] = (),
    ) -> Step:
        sits = None if presence is None else presence.person
        is_noticed = presence is not None and presence.is_noticed
        state = Telling(after(at, TELLING_LIMIT_S), sits if is_noticed else None)
        sentences = (*before, *reply(self._feature, outcome, presence))
        note = self._note(outcome.value, person, presence)
        return state, (note, Play(self._language, sentences))

    def _note(self, outcome: str, person: PersonId | None, presence: Presence | None) -> Note:
        sits = None if presence is None else presence.person
        detail: dict[str, str | bool | None] = {
            "code": self._feature.value,
            "seat": None if presence is None else presence.seat,
            "person": person or sits,
            "outcome": outcome,
        }
        if outcome == Outcome.PAUSED.value and presence is not None and presence.is_last:
            detail["last"] = True
        return Note(None, "feature", detail, () if presence is None else presence.because)
