"""Personal facts outside the journal: in full they stand only in its records (DESIGN §9).

Of a telephone number enough is shown to tell two callers apart, not enough to ring one; of a place
nothing, since a part of it is a place too.
"""

from collections.abc import Callable, Mapping
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


def _hide(_place: str) -> str:
    return STARS


PERSONAL: Final[Mapping[str, Callable[[str], str]]] = {
    **dict.fromkeys(("ani", "number", "caller"), mask),
    "location": _hide,
    "access": _hide,
}
"""Names of facts that say who or where a caller is, and how each of them is shown."""
