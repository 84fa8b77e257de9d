"""What callers hear, as people write it (`prompts.yaml`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ivr.prompt import HIGHEST_PLACE, Prompt, connecting, position
from ivr.reply import CodePrompt
from routing.operator import STRICT, Language
from routing.service import Catalogue

LAST_RESORT: tuple[str, ...] = ("cadangan_menu", "cadangan_tunggu", "maaf")
"""The prompts of the dialplan that serves callers without the daemon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A synthetic voice of espeak-ng.

    Attributes:
        voice: Its name there, such as `id` or `en-gb`.
        speed_wpm: Words a minute, 80 to 450.
        pitch: 0 to 99.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    voice: str
    speed_wpm: int = 165
    pitch: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """A tone with pauses, such as a ring-back.

    Attributes:
        frequency_hz: Of the sine.
        on_s: Seconds of tone.
        off_s: Seconds of silence after it.
        length_s: Seconds of the whole sound.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    frequency_hz: float
    on_s: float
    off_s: float
    length_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """All of `prompts.yaml`.

    Attributes:
        voices: By language; each of them gets a folder of prompts.
        texts: By the prompt's name, then by language.
        tones: By name; the same in every language.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    voices: Mapping[Language, Voice]
    texts: Mapping[str, Mapping[Language, str]]
    tones: Mapping[str, Tone]


POSITIONS: tuple[str, ...] = tuple(position(place) for place in range(1, HIGHEST_PLACE + 2))
"""The prompts that tell a place in the queue."""
SELDOM: tuple[str, ...] = (
    Prompt.ZONE_HANG_UP,
    Prompt.EMERGENCY,
    Prompt.TURNED,
    Prompt.RECORDED,
    *POSITIONS,
)
"""Prompts that only some settings need; having them ready is no mistake."""


def needed_texts(catalogue: Catalogue, *, hang_up: bool) -> tuple[str, ...]:
    """The names of all prompts that have words and must be there.

    Args:
        catalogue: The services of the settings.
        hang_up: There is a neighbour whose callers are hung up on.
    """
    told = catalogue.announcements
    wanted = {
        Prompt.ZONE_HANG_UP: hang_up,
        Prompt.EMERGENCY: catalogue.throttle is not None,
        Prompt.TURNED: told.turned,
        Prompt.RECORDED: bool(catalogue.recorded),
    }
    spoken = (str(p) for p in Prompt if p is not Prompt.RINGBACK and wanted.get(p, True))
    positions = () if told.position_every_s is None else POSITIONS
    codes = (str(p) for p in CodePrompt)
    services = map(connecting, catalogue.services)
    return (*spoken, *positions, *services, *LAST_RESORT, *codes)
