"""A line of the journal.

Where NENA-STA-010.3 (i3) has a LogEvent of the same meaning it is named here: `arrived` is a
CallStart, `ended` and `abandoned` are CallEnd. The other names are this house's own.
"""

from datetime import datetime
from typing import Any

import msgspec


class Ground(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason of a decision, with the settings path of its rule and the place in the file."""

    text: str
    path: str = ""
    where: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    Attributes:
        id: `<run>-<sequence>`; unique, and ascending within a run of the daemon.
        at: Wall time, aware.
        offset_s: Seconds since the call arrived; None for what is about no call.
        call: The call's id, or None.
        what: A stable snake_case name.
        detail: Flat facts.
        because: The grounds, where it was a decision.
    """

    id: str
    at: datetime
    what: str
    call: str | None = None
    offset_s: float | None = None
    detail: dict[str, Any] = {}
    because: tuple[Ground, ...] = ()


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Record)
