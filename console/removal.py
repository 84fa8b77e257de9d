"""What a purge has removed, or would: one value for the control socket, the journal and people."""

from datetime import datetime

import msgspec


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """The personal facts that were older than they may be kept.

    Attributes:
        dry_run: Nothing was removed: these would have been.
        recordings: How many recordings of talks.
        numbers: How many callers' numbers.
        locations: How many callers' locations and access networks.
        recordings_before: What is older than this is removed; None: no recording is.
        numbers_before: The same of numbers.
        locations_before: The same of locations.
        fault: Why there may be more of them; None when all of it was done.
    """

    dry_run: bool
    recordings: int = 0
    numbers: int = 0
    locations: int = 0
    recordings_before: datetime | None = None
    numbers_before: datetime | None = None
    locations_before: datetime | None = None
    fault: str | None = None
