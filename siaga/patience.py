"""How long a caller waits until a human's phone rings, whatever is pressed or not pressed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ivr.dialogue import SPEAKING_LIMIT_S
from ivr.prompt import Prompt
from routing.operator import Language
from routing.zone import Policy
from siaga.prompt import seconds_of
from siaga.settings import Settings
from siaga.speech import POSITIONS

LETTERS_PER_WORD: Final = 3.6
"""Of espeak-ng's speed, measured on menus full of digits: an estimate, rather long than short."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a wait.

    Attributes:
        what: For people.
        seconds: All of it, when it comes more than once.
        is_estimate: The prompt is not rendered yet; its length was guessed from the text.
    """

    what: str
    seconds: float
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """From arrival until a human's phone rings.

    Attributes:
        parts: In the order in which they come first.
    """

    parts: tuple[Part, ...]

    @property
    def seconds(self) -> float:
        """All parts together."""
        return sum(part.seconds for part in self.parts)

    @property
    def is_estimate(self) -> bool:
        """Some prompt's length was guessed."""
        return any(part.is_estimate for part in self.parts)

    def __str__(self) -> str:
        told = " + ".join(f"{part.what} {part.seconds:.1f}" for part in self.parts)
        return f"{self.seconds:.1f} s ({told})"


def silent_wait(settings: Settings) -> Wait:
    """Of who presses nothing: the menu in the first language, and again for each repeat."""
    menu = settings.menu
    turns = menu.repeats + 1
    spoken = _spoken(settings, menu.languages[:1], Prompt.MENU, turns)
    silence = Part(_times("silence", turns), menu.first_digit_s * turns)
    return Wait((*_announced(settings), spoken, silence))


def confused_wait(settings: Settings) -> Wait:
    """Of who does the worst with wrong keys and silence, each key in the last moment.

    Each press of the language key, up to `ivr.dialogue.LANGUAGE_SWITCHES`, adds one menu more.
    """
    menu = settings.menu
    wrong, turns = menu.wrong_key_repeats, menu.repeats + menu.wrong_key_repeats + 1
    told = [_spoken(settings, menu.languages, Prompt.WRONG_KEY, wrong)] if wrong else []
    spoken = _spoken(settings, menu.languages, Prompt.MENU, turns)
    silence = Part(_times("silence", turns), menu.first_digit_s * turns)
    return Wait((*_announced(settings), spoken, silence, *told))


def announcement(settings: Settings) -> Wait:
    """The longest words that a waiting caller is told in one breath (`ivr.announcer`)."""
    rules, languages = settings.catalogue.announcements, settings.menu.languages
    either = (Prompt.WAITING, Prompt.TURNED) if rules.turned else (Prompt.WAITING,)
    said: list[tuple[str, ...]] = (
        [either] if rules.position_every_s is None else [either, POSITIONS]
    )
    return Wait(
        tuple(
            max((_spoken(settings, languages, one, 1) for one in ones), key=lambda p: p.seconds)
            for ones in said
        )
    )


def slowed_wait(settings: Settings) -> Wait:
    """Of who is slowed down, says in the last moment that it is an emergency, and no more then.

    Who says nothing at all is given a place in the queue already when the question has been heard.
    """
    asked = _spoken(settings, settings.menu.languages[:1], Prompt.EMERGENCY, 1)
    announced = _announced(settings)
    thought = Part("silence", settings.menu.first_digit_s)
    return Wait((*announced, asked, thought, *silent_wait(settings).parts[len(announced) :]))


def prompt_s(settings: Settings, language: Language, name: str) -> float:
    """Seconds that a prompt takes; from its text when it is not rendered, rather long than short.

    A prompt that the settings do not have ends at once.
    """
    tone = settings.prompts.tones.get(name)
    if tone is not None:
        return tone.length_s
    if language not in settings.prompts.texts.get(name, {}):
        return 0.0
    return _length(settings, language, name)[0]


def _announced(settings: Settings) -> tuple[Part, ...]:
    """A caller who is announced to be from outside hears that first, and the menu then."""
    policies = {neighbour.policy for neighbour in settings.zones.neighbours.values()}
    if Policy.ANNOUNCE not in policies:
        return ()
    return (_spoken(settings, settings.menu.languages[:1], Prompt.ZONE_ANNOUNCE, 1),)


def _spoken(settings: Settings, languages: Iterable[Language], prompt: str, turns: int) -> Part:
    """A prompt in the language in which it takes longest; one that does not end is cut off."""
    lengths = [_length(settings, language, prompt) for language in languages]
    seconds, is_estimate = max(lengths)
    what = prompt.replace("_", " ")
    return Part(_times(what, turns), min(seconds, SPEAKING_LIMIT_S) * turns, is_estimate)


def _length(settings: Settings, language: Language, name: str) -> tuple[float, bool]:
    rendered = seconds_of(settings.daemon.sounds.folder, language, name)
    if rendered is not None:
        return rendered, False
    text = settings.prompts.texts[name][language]
    per_second = settings.prompts.voices[language].speed_wpm * LETTERS_PER_WORD / 60
    return len(text) / per_second, True


def _times(what: str, turns: int) -> str:
    return what if turns == 1 else f"{turns} x {what}"
