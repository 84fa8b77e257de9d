"""What an operator says of a call after it."""

from enum import Enum


class Mark(Enum):
    """What a call was; one that nobody has marked is unknown."""

    GENUINE = "genuine"
    INFORMATION = "information"
    PRANK = "prank"
    GHOST = "ghost"
    """Nobody spoke: a pocket call, a child at play, a line that broke."""

    @property
    def is_nuisance(self) -> bool:
        """True of a call that needed nobody and took an operator's time."""
        return self in {Mark.PRANK, Mark.GHOST}
