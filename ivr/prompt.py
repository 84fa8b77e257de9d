"""The names of what callers and callees hear; the texts are in `prompts.yaml`."""

from enum import StrEnum


class Prompt(StrEnum):
    """A prompt that the dialogue needs whatever the settings say."""

    MENU = "menu"
    EMERGENCY = "emergency"
    WRONG_KEY = "wrong_key"
    WAITING = "waiting"
    ZONE_ANNOUNCE = "zone_announce"
    ZONE_TRANSFER = "zone_transfer"
    ZONE_HANG_UP = "zone_hang_up"
    OPERATOR_LOST = "operator_lost"
    OUTSIDE_CONFIRM = "outside_confirm"
    RINGBACK = "nada_tunggu"


def connecting(service: str) -> str:
    """The prompt that says which service is being called."""
    return f"connecting_{service}"
