"""Randomness as an argument: the core has none of its own, so that every run can be replayed."""

from typing import Protocol


class Draw(Protocol):
    """Draws numbers, such as `random.Random(seed).random`."""

    def __call__(self) -> float:
        """A number in `[0, 1)`, each equally likely."""
