"""What the journal lacks of a call that is over, by Asterisk's own rows. Pure.

A talk without a daemon counts as the last resort counts it: whose operator hung up within three
seconds had no answer.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from journal.post import Belated
from journal.record import Record
from siaga.visit import Talk, Visit
from switch.cel import Came

FINAL: Final = frozenset({"ended", "abandoned", "dismissed"})
"""The records after which there is nothing more of a call, here or in the dialplan."""
SLIP_S: Final = 3.0
"""An operator who hangs up within this has not answered (siaga-extensions.conf)."""
SAME_S: Final = 0.002
"""Two times of one row; the rows have milliseconds."""
IN_RESORT: Final = "in the last resort"
AWAY: Final = "while no daemon was there"
LOST: Final = "the phone was gone, or hung up abnormally"
WHY: Final = "seen by Asterisk alone"


def missing(visit: Visit, records: Sequence[Record]) -> tuple[Belated, ...]:
    """What is to be recorded of a call that is over, in the order of time; nothing else of it.

    Args:
        visit: The call, which has an end.
        records: What the journal has of it.
    """
    wanted = (*_way(visit, records), *_end(visit, records))
    known = [(record.what, record.at.timestamp()) for record in records if _is_belated(record)]
    return tuple(each for each in wanted if not _is_known(each, known))


def arrival(visit: Visit, records: Sequence[Record]) -> float:
    """When the call came in, in seconds since 1970, as well as it is known."""
    if visit.came is None and records:
        return records[0].at.timestamp() - (records[0].offset_s or 0.0)
    return visit.begin or 0.0


def _is_belated(record: Record) -> bool:
    return record.detail.get("reconstructed") is True


def _is_known(each: Belated, known: Sequence[tuple[str, float]]) -> bool:
    return any(what == each.what and abs(at - each.at) < SAME_S for what, at in known)


def _way(visit: Visit, records: Sequence[Record]) -> Iterator[Belated]:
    """How it came, where it was, and whom it talked to."""
    came = visit.came
    if came is None and not records:
        # The row is lost, not the caller: the number is as unknown as if it had been withheld.
        came = Came(visit.call, arrival(visit, records), "", "", "")
    steps: list[Belated] = []
    if came is not None and not _was_seen(records):
        detail = {"trunk": came.trunk, "did": came.did, "ani": came.number, "how": "new"}
        steps.append(Belated(at=came.at, what="arrived", detail=detail))
    for resort in visit.resorts:
        service = resort.service or visit.service
        steps.append(Belated(at=resort.at, what="last_resort", detail={"service": service}))
    for talk in _talks(visit):
        began = talk.began
        detail = {"offer": "", "endpoint": began.endpoint, "number": began.number}
        steps.append(Belated(at=began.at, what="bridged", detail=detail))
        if visit.gone is None or talk.ended < visit.gone.at:
            lost: dict[str, str | float] = {"talked_s": _talked(talk), "why": LOST}
            steps.append(Belated(at=talk.ended, what="operator_lost", detail=lost))
    yield from sorted(steps, key=lambda step: step.at)


def _end(visit: Visit, records: Sequence[Record]) -> Iterator[Belated]:
    """How it ended, if a daemon has not told."""
    gone = visit.gone
    if gone is None or any(record.what in FINAL for record in records):
        return
    talks = _talks(visit)
    if talks:
        last = talks[-1]
        talked_s = _talked(last) if last.ended == gone.at else None
        yield _ended(gone.at, gone.by, talked_s)
    elif (began := _talk_of_daemon(records)) is not None:
        since = began.at.timestamp()
        # Who was lost by an operator, and then gave up, has had an answer too.
        until = min((each.at for each in visit.resorts if each.at > since), default=gone.at)
        is_told = began.what == "operator_lost"
        yield _ended(gone.at, gone.by, None if is_told else max(0.0, until - since))
    else:
        waited_s = round(max(0.0, gone.at - arrival(visit, records)), 3)
        where = IN_RESORT if visit.resorts else AWAY
        detail: dict[str, str | float] = {"where": where, "waited_s": waited_s, "why": WHY}
        yield Belated(at=gone.at, what="abandoned", detail=detail)


def _ended(at: float, by: str, talked_s: float | None) -> Belated:
    detail: dict[str, str | float] = {"by": by}
    if talked_s is not None:
        detail["talked_s"] = round(talked_s, 3)
    return Belated(at=at, what="ended", detail=detail)


def _talks(visit: Visit) -> list[Talk]:
    return [talk for talk in visit.talks if talk.by_caller or talk.ended - talk.began.at >= SLIP_S]


def _talked(talk: Talk) -> float:
    return round(max(0.0, talk.ended - talk.began.at), 3)


def _was_seen(records: Sequence[Record]) -> bool:
    """Whether its arrival is in the journal."""
    return any(
        record.what == "arrived" and (record.detail.get("how") == "new" or _is_belated(record))
        for record in records
    )


def _talk_of_daemon(records: Sequence[Record]) -> Record | None:
    """The begin of the last talk that a daemon has told of, or its end if it told that, too."""
    found = None
    for record in records:
        is_talk = record.what == "bridged" or (
            record.what == "adopted" and record.detail.get("target") is not None
        )
        is_first = is_talk and (found is None or record.what == "bridged")
        if is_first or (found is not None and record.what == "operator_lost"):
            found = record
    return found
