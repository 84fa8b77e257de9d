"""More callers than operators: nobody gets two calls, and nobody is passed over."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest

from journal.record import Record
from journal.spool import read
from sandbox import scenario
from sandbox.behaviour import Answer
from sandbox.call import Call
from sandbox.system import System
from tests.live.centre import recorded, records, sipp_callers

pytestmark = pytest.mark.live

SEATS = ("medis-1", "medis-2", "damkar-1", "dishub-1", "satpol-1")
NUMBERS = [f"0812340000{number:02}" for number in range(20)]
CALLS_A_SECOND = 200.0
RING_S = 0.2
"""All five answer in the same instant, again and again."""
PRESS_S = 0.1
"""So that the last to arrive is there before the first has chosen."""
CALL_LIMIT_S = 5.0


async def test_twenty_callers_at_once_share_five_operators(crowded: System) -> None:
    """All are served in the order of arrival, and each phone has one call at a time at most."""
    phones = [await crowded.register(seat, Answer(RING_S)) for seat in SEATS]
    text = scenario.caller("112", digit="0", press_after_s=PRESS_S, cued=True)
    async with sipp_callers(crowded, NUMBERS, text, rate_per_s=CALLS_A_SECOND) as callers:
        talking: list[str | None] = []
        for number in range(1, len(NUMBERS) + 1):
            bridged = await recorded(crowded, "bridged", count=number)
            talking.append(bridged.call)
            if len(talking) == len(SEATS):
                callers.cue(_place(crowded, talking.pop(0)))
        for call in talking:
            callers.cue(_place(crowded, call))
        outcome = await callers.finished(CALL_LIMIT_S)
    await recorded(crowded, "ended", count=len(NUMBERS))
    assert (outcome.succeeded, outcome.failed) == (len(NUMBERS), 0)
    assert [record.detail["by"] for record in records(crowded, "ended")] == ["caller"] * 20
    for phone in phones:
        await phone.closed(3.0)
        assert_one_after_another(phone.offers)
    assert_in_order_of_arrival(read(crowded.spool))


def _place(system: System, call: str | None) -> int:
    """Which of SIPp's calls that is, counted from 1."""
    (arrived,) = (record for record in records(system, "arrived") if record.call == call)
    return NUMBERS.index(str(arrived.detail["ani"])) + 1


def assert_one_after_another(offers: Sequence[Call]) -> None:
    """The phone was offered no call before the one before was over."""
    for before, following in pairwise(offers):
        assert before.closed_at is not None
        assert before.closed_at <= following.began_at


def assert_in_order_of_arrival(spool: Iterable[Record]) -> None:
    """A person is offered only the one who has waited longest; everybody reaches one."""
    order: dict[str | None, int] = {}
    waiting: set[str | None] = set()
    served = 0
    for record in spool:
        match record.what:
            case "arrived":
                order[record.call] = len(order)
            case "queued":
                waiting.add(record.call)
            case "offered" if str(record.detail["target"]).startswith("person:"):
                assert order[record.call] == min(order[call] for call in waiting)
            case "operator_answered":
                waiting.remove(record.call)
                served += 1
            case _:
                pass
    assert served == len(NUMBERS)
