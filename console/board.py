"""Calls in progress and figures, as a projection of the records."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from journal.record import ENDINGS, Record
from journal.standard import TIMES_S

CALLS: Final = 10_000
"""Calls that are held at most; the one that came first goes. Asterisk would not carry so many."""
NAMES: Final = 200
"""Names of records that are counted; the code has some thirty."""
NEW: Final = "new"
"""How a call arrives that was not here before; others come back from the dialplan."""

STAGES: Final = {
    "arrived": "arriving",
    "answered": "menu",
    "queued": "waiting",
    "resumed": "waiting",
    "bridged": "talking",
    "operator_lost": "waiting",
}
"""What a caller does after a record of that name."""


class CallInProgress(msgspec.Struct):
    """One call on the board.

    Attributes:
        since: When it arrived.
        stage: One of `STAGES`' values.
        service: What was chosen, or None.
        target: Who is talked to, or None.
        answered_s: From arrival to the first human, in seconds; None before.
        number: The caller's. The board does not know it: whoever shows the call says how much of it
            is shown.
    """

    since: datetime
    stage: str = STAGES["arrived"]
    service: str | None = None
    target: str | None = None
    answered_s: float | None = None
    number: str = ""


class AnswerTimes(msgspec.Struct):
    """From arrival to the first human, in seconds.

    Attributes:
        count: Calls that reached a human.
        total_s: All their times together.
        longest_s: The longest.
        within: How many of them by each time of `TIMES_S`.
    """

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0
    within: dict[int, int] = msgspec.field(default_factory=lambda: dict.fromkeys(TIMES_S, 0))

    def add(self, seconds: float) -> None:
        """One more call has reached a human."""
        self.count += 1
        self.total_s += seconds
        self.longest_s = max(self.longest_s, seconds)
        for limit in self.within:
            self.within[limit] += seconds <= limit


class Board:
    """What a supervisor wants to know at a glance; holds only calls in progress."""

    def __init__(self) -> None:
        self._calls: dict[str, CallInProgress] = {}
        self._arrived = 0
        self._times = AnswerTimes()
        self.counts: Counter[str] = Counter()

    @property
    def calls(self) -> Mapping[str, CallInProgress]:
        """The calls in progress by id, in the order in which this process learnt of them."""
        return self._calls

    @property
    def figures(self) -> dict[str, Any]:
        """What has been since this process began, by the words of the glossary."""
        times = self._times
        return {
            "calls": self._arrived,
            "answered": times.count,
            "abandoned": self.counts["abandoned"],
            "answer_time_s": {
                "mean": round(times.total_s / times.count, 3) if times.count else None,
                "longest": round(times.longest_s, 3) if times.count else None,
                "within": {str(limit): count for limit, count in times.within.items()},
            },
        }

    def take(self, record: Record) -> None:
        """Brings the board up to a record."""
        if record.what in self.counts or len(self.counts) < NAMES:
            self.counts[record.what] += 1
        if record.call is None:
            return
        if record.what in ENDINGS:
            self._calls.pop(record.call, None)
            return
        if record.detail.get("reconstructed"):  # it is over: told afterwards, and perhaps in part
            self._arrived += record.what == "arrived"
            return
        if record.what in {"arrived", "adopted"}:
            self._arrive(record, record.call)
        call = self._calls.get(record.call)
        if call is not None:
            self._advance(call, record)

    def _arrive(self, record: Record, id_: str) -> None:
        self._arrived += record.what == "arrived" and record.detail.get("how", NEW) == NEW
        stage = str(record.detail.get("stage", STAGES["arrived"]))
        since = record.at - timedelta(seconds=record.offset_s or 0.0)
        self._calls[id_] = CallInProgress(since, stage)
        if len(self._calls) > CALLS:
            del self._calls[next(iter(self._calls))]

    def _advance(self, call: CallInProgress, record: Record) -> None:
        call.stage = STAGES.get(record.what, call.stage)
        if record.what in {"queued", "chosen", "resumed", "adopted"}:
            call.service = record.detail.get("service")
        if record.what in {"adopted", "operator_lost"}:
            call.target = record.detail.get("target")
        if record.what == "bridged":
            call.target = record.detail.get("target")
            if call.answered_s is None and record.offset_s is not None:
                call.answered_s = record.offset_s
                self._times.add(record.offset_s)
