"""Calls in progress and counts, as a projection of the records."""

from collections import Counter
from typing import Any

from journal.record import Record

STAGES = {
    "arrived": "arriving",
    "answered": "menu",
    "queued": "waiting",
    "resumed": "waiting",
    "bridged": "talking",
    "operator_lost": "waiting",
}
ENDS = frozenset({"ended", "abandoned", "handed_back", "pulled_out"})


class Board:
    """What a supervisor wants to know at a glance; holds only calls in progress."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()

    def take(self, record: Record) -> None:
        """Brings the board up to a record."""
        self.counts[record.what] += 1
        if record.call is None:
            return
        if record.what in ENDS:
            self.calls.pop(record.call, None)
            return
        call = self.calls.get(record.call)
        if record.what == "arrived":
            call = {"since": record.at.isoformat(), "stage": "", "service": None}
            self.calls[record.call] = call
        if call is None:
            return
        call["stage"] = STAGES.get(record.what, call["stage"])
        if record.what == "queued":
            call["service"] = record.detail.get("service")
