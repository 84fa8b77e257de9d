"""Who waited when, and what rang for them: the queue as the records tell it, held to the phones."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from journal.record import ENDINGS, Record
from tests.simulation.account import FLOOR_LEG, Account, run_of

ROUND_S: Final = 70.0
"""A round of a chain takes no longer: six steps ring for 4 s, one has 12 s more to confirm, and
there are a busy wait and a pause."""


@dataclass(slots=True)
class Ring:
    """An offer.

    Attributes:
        id: The offer's.
        target: Whom it rings.
        path: The settings path of the chain's step.
        since: When it was made.
        until: When it was over: it failed, was withdrawn or answered, or its leg was gone.
    """

    id: str
    target: str
    path: str
    since: float
    until: float


@dataclass(slots=True)
class Wait:
    """One stay of a caller in the queue, over all restarts of the daemon.

    Attributes:
        call: Whose.
        number: The caller's.
        service: What for.
        since: When it began.
        until: When a human answered, the caller was gone, or the dialplan had the caller.
        place: The second of the arrival, less what an earlier call had earned.
        earliest: The same of the channel: who came back from the dialplan has the one or the other.
        credit_s: What that was.
        lost: Whom the caller was lost by; such a one goes before everybody else, and past that one.
        rings: In their order.
    """

    call: str
    number: str
    service: str
    since: float
    until: float
    place: float
    earliest: float
    credit_s: float
    lost: str | None
    rings: list[Ring] = field(default_factory=list)

    def is_unrung(self, at: float) -> bool:
        """Whether nothing rings for the caller then."""
        return all(at < ring.since or at >= ring.until for ring in self.rings)

    def has_rung(self, target: str, at: float) -> bool:
        """Whether that target was rung for the caller by then, within the last round at least."""
        if target == self.lost and self.since > at - ROUND_S:
            return True
        rings = (ring for ring in self.rings if ring.target == target)
        return any(ring.since <= at and ring.until > at - ROUND_S for ring in rings)


class _Reader:
    """Goes through the records."""

    def __init__(self, account: Account) -> None:
        self.waits: list[Wait] = []
        self._account = account
        self._gone = {leg.channel: leg.until for leg in account.legs}
        self._came = {caller.channel: caller.since for caller in account.callers}
        self._left = {
            caller.channel: sorted((*caller.burnt, caller.until or account.over))
            for caller in account.callers
        }
        self._open: dict[str, Wait] = {}
        self._arrived: dict[str, tuple[float, str]] = {}
        self._runs: dict[str, str] = {}
        self._answered: dict[str, str] = {}
        self._lost: dict[str, str] = {}

    def read(self, record: Record) -> None:
        """One record."""
        call, at, detail = record.call, self._account.at(record), record.detail
        if call is None:
            return
        match record.what:
            case "arrived":
                self._end(call, at)
                self._arrived[call] = at, str(detail.get("ani", ""))
                self._lost.pop(call, None)
            case "adopted" if detail["stage"] != "waiting":
                self._end(call, at)
            case "operator_lost":
                self._lost[call] = self._answered.get(call, "")
            case "queued":
                self._queued(record, call, at)
            case "offered":
                self._offered(record, call, at)
            case "offer_failed" | "withdrawn" | "operator_answered":
                wait = self._open.get(call)
                if wait is not None:
                    self._over(wait, str(detail["offer"]), at)
                    if record.what == "operator_answered":
                        self._answered[call] = str(detail["target"])
                        self._end(call, at)
            case what if what in ENDINGS:
                self._end(call, at)
            case _:
                pass

    def _queued(self, record: Record, call: str, at: float) -> None:
        run, before = run_of(record), self._runs.get(call)
        self._runs[call] = run
        if call in self._open and before != run:
            return  # adopted: the wait goes on
        self._end(call, at)
        service, credit_s = str(record.detail["service"]), record.detail.get("credit_s", 0.0)
        arrived, number = self._arrived.get(call, (at, ""))
        until = next((left for left in self._left.get(call, ()) if left >= at), at)
        lost = self._lost.get(call)
        place, earliest = arrived - credit_s, min(arrived, self._came.get(call, at)) - credit_s
        wait = Wait(call, number, service, at, until, place, earliest, credit_s, lost)
        self._open[call] = wait
        self.waits.append(wait)

    def _offered(self, record: Record, call: str, at: float) -> None:
        wait, id_ = self._open.get(call), str(record.detail["offer"])
        gone = self._gone.get(f"{FLOOR_LEG}{id_}")
        if wait is not None:
            until = wait.until if gone is None else min(wait.until, gone)
            path = _path(record)
            wait.rings.append(Ring(id_, str(record.detail["target"]), path, at, until))

    def _over(self, wait: Wait, offer: str, at: float) -> None:
        for ring in wait.rings:
            if ring.id == offer:
                ring.until = at

    def _end(self, call: str, at: float) -> None:
        wait = self._open.pop(call, None)
        if wait is not None:
            wait.until = min(wait.until, at)
            for ring in wait.rings:
                ring.until = min(ring.until, at)


def _path(record: Record) -> str:
    """The step of the chain, among the grounds of an offer."""
    steps: Iterable[str] = (ground.path for ground in record.because)
    return next((path for path in steps if path.startswith(("services.", "zones."))), "")


def waits(account: Account) -> tuple[Wait, ...]:
    """All of them, in the order in which they began."""
    reader = _Reader(account)
    for record in account.records:
        reader.read(record)
    return tuple(reader.waits)
