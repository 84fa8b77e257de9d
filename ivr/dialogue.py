"""The menu: from the greeting to a decision, which every caller reaches.

    Speaking ──prompt ends──▶ Listening ──silence──▶ Speaking again, or Decided (default service)
       └──────────any digit──────┴──▶ Decided, or Speaking again (wrong key, other language)

Silence, wrong keys and a broken keypad all end in a decision for the default service: a human.
"""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from ivr.menu import Menu
from ivr.prompt import Prompt
from routing.moment import Instant, after
from routing.operator import Language
from routing.reason import Reason
from routing.service import ServiceId

SPEAKING_LIMIT_S = 30.0
"""A menu whose end is never reported counts as spoken then; the longest one takes about 15 s."""
LANGUAGE_SWITCHES = 5
"""More presses of the language key than this are a stuck key: a human takes over."""


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key; Asterisk tells when it is let go."""

    digit: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The prompt has ended.

    Attributes:
        failed: It could not be played, or not to its end.
    """

    failed: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """The state's deadline has come."""


DialogueEvent: TypeAlias = Digit | Spoken | Silence


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried so far: menus after silence, wrong keys, switches of language."""

    silences: int = 0
    wrong_keys: int = 0
    switches: int = 0


@dataclass(frozen=True, slots=True)
class Speaking:
    """The prompts are being played; `deadline` guards against one whose end is never told."""

    language: Language
    prompts: tuple[str, ...]
    tries: Tries
    deadline: Instant


@dataclass(frozen=True, slots=True)
class Listening:
    """The menu was spoken; the first digit is awaited until the deadline."""

    language: Language
    tries: Tries
    deadline: Instant


@dataclass(frozen=True, slots=True)
class Decided:
    """The caller's service, and why it is this one."""

    language: Language
    service: ServiceId
    because: Reason


Dialogue: TypeAlias = Speaking | Listening | Decided


class MenuDialogue:
    """The dialogue's rules for one menu and its default service; holds no state of a call."""

    def __init__(self, menu: Menu, default: ServiceId) -> None:
        self._menu = menu
        self._default = default

    def begin(self, *, at: Instant, before: tuple[str, ...] = ()) -> Speaking:
        """The first state: `before` and the menu, in the first language."""
        return _speak(self._menu.languages[0], (*before, Prompt.MENU), Tries(), at)

    def announce(self, prompt: str, *, at: Instant, before: tuple[str, ...] = ()) -> Speaking:
        """`before` and a prompt instead of the menu, in the first language."""
        return _speak(self._menu.languages[0], (*before, prompt), Tries(), at)

    def announced(self, state: Speaking | Listening, *, at: Instant) -> Listening:
        """The announcement was spoken: the first digit is awaited as after the menu."""
        if isinstance(state, Listening):
            return state
        return Listening(state.language, state.tries, after(at, self._menu.first_digit_s))

    def resume(
        self,
        language: Language,
        tries: Tries,
        *,
        at: Instant,
        speaking: bool,
        prompt: str = Prompt.MENU,
    ) -> Speaking | Listening:
        """Goes on where another run left off; `speaking`: the prompt is still being heard."""
        known = language if language in self._menu.languages else self._menu.languages[0]
        if speaking:
            return _speak(known, (prompt,), tries, at)
        return Listening(known, tries, after(at, self._menu.first_digit_s))

    def step(self, state: Speaking | Listening, event: DialogueEvent, *, at: Instant) -> Dialogue:
        """The state after `event`; a `Speaking` that is not `state` itself is to be played anew."""
        match event:
            case Digit(digit):
                return self._digit(state, digit, at)
            case Spoken() | Silence():
                match state:
                    case Speaking():
                        return self.announced(state, at=at)
                    case Listening():
                        return state if isinstance(event, Spoken) else self._silence(state, at)
                    case _:
                        assert_never(state)
            case _:
                assert_never(event)

    def _digit(self, state: Speaking | Listening, digit: str, at: Instant) -> Dialogue:
        menu, tries, language = self._menu, state.tries, state.language
        if digit in menu.keys:
            because = Reason(f"pressed {digit}", ("services", "menu", "keys", digit))
            return Decided(language, menu.keys[digit], because)
        if digit == menu.human_key:
            because = Reason(f"pressed {digit} for a human", ("services", "menu", "human_key"))
            return Decided(language, self._default, because)
        if digit == menu.language_key and len(menu.languages) > 1:
            if tries.switches >= LANGUAGE_SWITCHES:
                return self._give_up(language, "the language key is stuck", "language_key")
            following = menu.languages.index(language) + 1
            other = menu.languages[following % len(menu.languages)]
            more = Tries(tries.silences, tries.wrong_keys, tries.switches + 1)
            return _speak(other, (Prompt.MENU,), more, at)
        if tries.wrong_keys >= menu.wrong_key_repeats:
            return self._give_up(language, f"pressed {digit}, no such key", "wrong_key_repeats")
        more = Tries(tries.silences, tries.wrong_keys + 1, tries.switches)
        return _speak(language, (Prompt.WRONG_KEY, Prompt.MENU), more, at)

    def _silence(self, state: Listening, at: Instant) -> Dialogue:
        tries = state.tries
        if tries.silences >= self._menu.repeats:
            return self._give_up(state.language, "pressed nothing", "repeats")
        more = Tries(tries.silences + 1, tries.wrong_keys, tries.switches)
        return _speak(state.language, (Prompt.MENU,), more, at)

    def _give_up(self, language: Language, why: str, key: str) -> Decided:
        return Decided(language, self._default, Reason(why, ("services", "menu", key)))


def _speak(language: Language, prompts: tuple[str, ...], tries: Tries, at: Instant) -> Speaking:
    return Speaking(language, prompts, tries, after(at, SPEAKING_LIMIT_S))
