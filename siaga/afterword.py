"""Records what Asterisk alone has seen of a call, when the journal lacks it.

It comes from the process that reads Asterisk's rows (siaga/chronicler.py), again and again until
the store has it. What this run has recorded itself is not in the store at once, so that is known
here.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog

from journal.post import Belated, Untold
from journal.record import Record
from routing.moment import Instant, Moment
from routing.note import CallId, Detail, Note
from routing.offer import OutsideTarget, SeatTarget
from routing.service import TrunkId
from siaga.belated import FINAL
from siaga.centre import Centre

log = structlog.get_logger(__name__)

K = TypeVar("K")
REMEMBERED: Final = 10_000
"""Of calls that have ended, and of what was recorded, in this run; the store has it within
seconds."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Afterword:
    """Takes what is not told of calls that are over.

    Args:
        centre: Whose calls they were.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._ended: dict[str, None] = {}
        self._told: dict[tuple[str, str, float], None] = {}

    def know(self, record: Record) -> None:
        """A record of this run."""
        if record.call is not None and record.what in FINAL:
            _remember(self._ended, record.call)

    def take(self, untold: Untold) -> None:
        """Records it, unless this run has or will have more to say of the call."""
        conductor = self._centre.conductor
        if not conductor.serves or conductor.is_blind:
            return
        if conductor.caller(CallId(untold.call)) is not None:
            return
        new = [each for each in untold.told if _key(untold, each) not in self._told]
        if untold.call in self._ended and any(each.what in FINAL for each in new):
            return
        for each in new:
            _remember(self._told, _key(untold, each))
            self._record(untold, each)
        if new:
            log.info("reconstructed", call_id=untold.call, records=[each.what for each in new])

    def _record(self, untold: Untold, each: Belated) -> None:
        detail: dict[str, Detail] = {**each.detail}
        if each.what == "bridged":
            endpoint, number = str(detail.pop("endpoint")), str(detail.pop("number"))
            detail["target"] = self._target(endpoint, number)
        note = Note(CallId(untold.call), each.what, {**detail, "reconstructed": True})
        wall = _EPOCH + timedelta(milliseconds=round(each.at * 1000))
        since = Instant(max(0.0, each.at - untold.arrived))
        self._centre.journal.note(note, at=Moment(since, wall), arrived=Instant(0.0))

    def _target(self, endpoint: str, number: str) -> str:
        """Who has answered there; who sat at a phone then is who sits there now."""
        plan = self._centre.conductor.plan
        if number:
            trunks = plan.zones.zones.trunks.items()
            trunk = next((id_ for id_, each in trunks if each.endpoint == endpoint), None)
            return OutsideTarget(number, trunk or TrunkId(endpoint), endpoint).key
        for id_, seat in plan.operators.seats.items():
            if seat.endpoint == endpoint:
                person = self._centre.conductor.floor.seating.person_at(id_, plan.operators)
                return SeatTarget(id_, endpoint, person).key
        return f"seat:{endpoint}"


def _key(untold: Untold, each: Belated) -> tuple[str, str, float]:
    return untold.call, each.what, each.at


def _remember(known: dict[K, None], key: K) -> None:
    known[key] = None
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
