"""A line of the journal.

Names of NENA i3 log events that mean the same (NENA-STA-010.3, Logging Service):

    arrived             CallStartLogEvent
    ended, abandoned    CallEndLogEvent

The other names are this house's own. `pulled_out`, `handed_back` and `let_go` end a call only for
this process: the caller goes on in the dialplan, in a talk, or with another daemon, so they are no
CallEndLogEvent.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec

VERSION: Final = 1
"""Of the schema of records (docs/records.md): grows when a name or a fact changes its meaning, not
when one comes along."""
ENDINGS: Final = frozenset(
    {"ended", "abandoned", "dismissed", "pulled_out", "handed_back", "let_go"}
)
"""The names after which this process has nothing more to say of a call."""


class Ground(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason of a decision.

    Attributes:
        text: A short clause for people.
        path: The settings path of its rule, dotted; empty when no rule was involved.
        where: `file:line` of that rule; empty when it is written nowhere.
    """

    text: str
    path: str = ""
    where: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    Attributes:
        id: `<writer>-<sequence>`: unique, ascending; a number left out is a record that was shed.
        at: Wall time, UTC.
        what: A stable snake_case name.
        call: The call's id, or None for what is about the whole centre.
        offset_s: Seconds by the monotonic clock since the call arrived; for what is about no call
            since this writer's first record; None for a call whose arrival is not known.
        detail: Flat facts. A caller's number stands here in full, and nowhere else.
        because: The grounds, where it was a decision.
    """

    id: str
    at: datetime
    what: str
    call: str | None = None
    offset_s: float | None = None
    detail: dict[str, Any] = {}
    because: tuple[Ground, ...] = ()


_ENCODER: Final = msgspec.json.Encoder(enc_hook=repr)
_DECODER: Final = msgspec.json.Decoder(Record)


def in_order(records: Iterable[Record]) -> list[Record]:
    """A call's records as things happened: what was found out afterwards stands at its time.

    All else keeps its order, which no step of a clock changes.

    Args:
        records: In the order in which they were written.
    """
    ordered: list[Record] = []
    belated: list[Record] = []
    for record in records:
        is_belated = record.detail.get("reconstructed") is True
        (belated if is_belated else ordered).append(record)
    for record in belated:
        places = (place for place, other in enumerate(ordered) if other.at > record.at)
        ordered.insert(next(places, len(ordered)), record)
    return ordered


def encode(record: Record) -> bytes:
    """The record as one line of JSON, newline included; for every record there is one.

    What JSON does not know is written as its `repr`; a text that UTF-8 has no form for (half of a
    surrogate pair) makes the whole detail one escaped text.
    """
    try:
        return _ENCODER.encode(record) + b"\n"
    except (TypeError, ValueError, RecursionError):
        return _ENCODER.encode(_escaped(record)) + b"\n"


def decode(line: bytes) -> Record | None:
    """The record of a line; None for one that is torn or something else."""
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _escaped(record: Record) -> Record:
    return msgspec.structs.replace(
        record,
        call=None if record.call is None else ascii(record.call)[1:-1],
        detail={"escaped": ascii(record.detail)},
        because=(),
    )
