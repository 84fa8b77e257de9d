"""Callers who wait for the same: where nobody is found for one of them, nobody is for the next.

What a hunt finds depends on the caller's lane and on who is free, and on nothing else of the
caller. While the queue is walked, phones are only taken. So once one caller of a lane was served,
all behind in the same lane would be served in vain, until a time of their own comes.
"""

from typing import NamedTuple

from routing.hunt import Chain


class Lane(NamedTuple):
    """All of a caller that a hunt goes by; what else changes it has its time in `Entry.due`.

    Attributes:
        chain: Compared as the object that it is: a service has one as long as its settings last.
        step: How far along the chain the hunt is.
        is_rung: Something rings already: most strategies ring one phone at a time.
        has_paused: Waits for the next round of the chain: then nobody has to be waited for here.
        limit: The highest penalty that may ring; None for any.
        skipped: Who is not rung again in this round.
    """

    chain: Chain
    step: int
    is_rung: bool
    has_paused: bool
    limit: int | None
    skipped: frozenset[str]
