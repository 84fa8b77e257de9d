"""The menu as an administrator writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from routing.operator import STRICT, Language
from routing.service import ServiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """What the caller hears first and what each key does (`services.yaml`, `menu`).

    Attributes:
        languages: Offered languages; the first is spoken first, `language_key` goes to the next.
        keys: Digit to service.
        human_key: The digit that reaches a human directly, in the default service.
        language_key: The digit that switches the language.
        first_digit_s: Seconds of silence after the menu was spoken, before it counts as no choice.
        repeats: How often the menu is spoken again after silence.
        wrong_key_repeats: How often it is spoken again after a key that means nothing.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    languages: tuple[Language, ...]
    keys: Mapping[str, ServiceId]
    human_key: str = "0"
    language_key: str = "9"
    first_digit_s: float = 3.0
    repeats: int = 0
    wrong_key_repeats: int = 1
