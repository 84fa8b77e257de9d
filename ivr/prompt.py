"""The names of what callers and callees hear; the texts are in `prompts.yaml`."""

from enum import StrEnum
from typing import Final

HIGHEST_PLACE: Final = 10
"""The last place in the queue that is told by its number: a higher one only discourages."""


class Prompt(StrEnum):
    """A prompt that the dialogue needs whatever the settings say."""

    MENU = "menu"
    EMERGENCY = "emergency"
    WRONG_KEY = "wrong_key"
    RECORDED = "recorded"
    WAITING = "waiting"
    ZONE_ANNOUNCE = "zone_announce"
    ZONE_TRANSFER = "zone_transfer"
    ZONE_HANG_UP = "zone_hang_up"
    OPERATOR_LOST = "operator_lost"
    TURNED = "turned"
    OUTSIDE_CONFIRM = "outside_confirm"
    RINGBACK = "nada_tunggu"


def connecting(service: str) -> str:
    """The prompt that says which service is being called."""
    return f"connecting_{service}"


def position(place: int) -> str:
    """The prompt that tells the place in the queue, the first being 1."""
    return f"position_{place}" if place <= HIGHEST_PLACE else "position_many"
