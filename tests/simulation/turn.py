"""The order of callers, by the records: who was offered an operator had nobody in front of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from journal.record import Record
from tests.simulation.account import Account

GONE: Final = frozenset(
    {"operator_answered", "ended", "abandoned", "dismissed", "pulled_out", "handed_back", "let_go"}
)
"""Records after which a caller waits no more."""
LEAVING_S: Final = 1.0
"""A caller who leaves within this of an offer had left the queue already: the record follows."""
SAME_S, CREDIT_S, LATE_S = 0.01, 1.0, 5.0
"""So exactly it is known when callers came: mostly, with a credit that records tell in whole
seconds, and when their arrival may have been told late."""


@dataclass(slots=True)
class _Place:
    """A waiting caller.

    Attributes:
        earned: When the caller came, earlier by what an earlier call had earned.
        head: Goes first, for the operator was lost.
        rung: Whom this caller rang, as far as is known.
        slack_s: So exactly `earned` is known.
        ringing: The offers that ring.
    """

    service: str
    earned: float
    head: bool
    rung: set[str] = field(default_factory=set)
    slack_s: float = 0.0
    ringing: set[str] = field(default_factory=set)

    def before(self, other: "_Place") -> bool:
        """Whether this one is to be served before the other one of the same service."""
        if self.service != other.service:
            return False
        slack_s = max(self.slack_s, other.slack_s)
        return (not self.head, self.earned + slack_s) < (not other.head, other.earned)


class _Line:
    """The callers who wait, as one run's records tell.

    Callers who were found in Asterisk are left out: their place is not in the records.
    """

    def __init__(self, account: Account, records: tuple[Record, ...]) -> None:
        self._account = account
        self._records = records
        self._waiting: dict[str, _Place] = {}
        self._adopted = {record.call for record in records if record.what == "adopted"}
        self._partners: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        self._leaves: dict[str, list[float]] = {}
        self._came = {caller.channel: caller.since for caller in account.callers}
        for record in records:
            if record.call is not None and record.what in GONE:
                self._leaves.setdefault(record.call, []).append(account.at(record))

    def breaches(self) -> Iterator[str]:
        """Who was passed."""
        for record in self._records:
            call, what = record.call, record.what
            if call is None:
                continue
            if what == "operator_lost":
                self._lost[call] = self._partners.get(call, "")
            elif what == "queued":
                self._join(record, call)
            elif what == "offered":
                yield from self._offered(record, call)
            elif what in {"offer_failed", "withdrawn"} and call in self._waiting:
                self._waiting[call].ringing.discard(str(record.detail["offer"]))
            elif what in GONE:
                self._waiting.pop(call, None)
                self._lost.pop(call, None)
                if what == "operator_answered":
                    self._partners[call] = str(record.detail["target"])

    def _join(self, record: Record, call: str) -> None:
        came = self._came.get(call)
        if came is None or call in self._adopted:
            return
        credit_s = float(record.detail.get("credit_s", 0))
        # Whoever was lost is passed over in the first round.
        lost = {self._lost[call]} if call in self._lost else set()
        service = str(record.detail["service"])
        slack_s = CREDIT_S if credit_s else SAME_S
        if not self._account.is_quiet(came - LATE_S, came + LATE_S):
            slack_s = LATE_S
        self._waiting[call] = _Place(service, came - credit_s, call in self._lost, lost, slack_s)

    def _offered(self, record: Record, call: str) -> Iterator[str]:
        own, target = self._waiting.get(call), str(record.detail["target"])
        if own is None:
            return
        if _is_of_the_group(record) and target not in own.rung:
            at = self._account.at(record)
            for other, place in self._waiting.items():
                passed = place.before(own) and not place.ringing and target not in place.rung
                if passed and not self._leaves_at(other, at):
                    yield f"{call} is offered {target} before {other} at {at:.3f}"
        own.rung.add(target)
        own.ringing.add(str(record.detail["offer"]))

    def _leaves_at(self, call: str, at: float) -> bool:
        return any(at <= left <= at + LEAVING_S for left in self._leaves.get(call, ()))


def _is_of_the_group(record: Record) -> bool:
    """Of the overflow each caller comes in their own time."""
    return record.because[0].path.startswith("services.hunt_groups.")


def order_is_kept(account: Account) -> Iterator[str]:
    """Of two callers for one service the first is offered the group's operators first."""
    for _, records in account.runs():
        yield from _Line(account, records).breaches()
