"""Telephone numbers outside the journal: enough to tell two callers apart, not enough to ring one.

In full a caller's number stands only in the journal's records (DESIGN §9).
"""

from typing import Final

HEAD: Final = 4
"""Digits shown at the beginning: the network, such as 0812."""
TAIL: Final = 3
"""Digits shown at the end, if so many are left."""
HIDDEN: Final = 4
"""At least so many digits are hidden: 10,000 numbers look the same."""
STARS: Final = "***"


def mask(number: str) -> str:
    """The number with its middle hidden: `0812***890`; a short one is hidden altogether."""
    spare = len(number) - HEAD - HIDDEN
    if spare < 0:
        return STARS
    return number[:HEAD] + STARS + number[len(number) - min(spare, TAIL) :]
