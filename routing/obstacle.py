"""Why a target cannot be offered a caller now, in words; the hunter only asks whether it can."""

from enum import Enum


class Obstacle(Enum):
    """What keeps a target from being rung; the value is a clause for people."""

    TAKEN = "rings or talks for a caller"
    PAUSED = "is paused"
    WRAP_UP = "is in wrap-up after a call"
    IN_USE = "is on a call"
    UNREACHABLE = "cannot be reached: the phone is not registered, or does not answer"
