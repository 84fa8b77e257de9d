"""A leg that Asterisk will not end or join now is ended or joined when it will."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from ivr.adoption import Memory
from ivr.call import CallFlow
from ivr.dialogue import Digit, MenuDialogue
from routing.offer import Connect, LegGone, Offer, OfferId
from siaga.caller import Caller
from siaga.clock import SystemClock
from siaga.leg import Leg, LegReport
from siaga.line import Line
from siaga.memory import KeptCall
from switch.asterisk import Asterisk
from switch.error import Refused
from switch.event import ChannelDestroyed, ChannelStateChange, ChannelView
from tests.ivr.test_call import CALL
from tests.ivr.test_dialogue import ID, UMUM, make_menu
from tests.siaga.test_adoption import offer
from tests.siaga.test_caller import Quiet

LEG = "siaga-leg-1"


class Failing(Quiet):
    """Requests on some paths are refused, as long as there is a status."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__()
        self.status: int | None = 500
        self.refused = asyncio.Event()
        self.done: list[str] = []
        self._what = method, path

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Done, or refused."""
        if self.status is not None and (method, path) == self._what:
            self.refused.set()
            raise Refused(f"{method} {path}", self.status, "no")
        self.done.append(f"{method} {path}")
        return await super().request(method, path, query=query, body=body)


def leg_of(house: Failing, line: Line, reports: list[LegReport]) -> Leg:
    """A leg that rings already."""
    switch = Asterisk(house, "siaga")
    made: Offer = offer("1", CALL)
    return Leg(made, LEG, line, switch, reports.append, language="id", found=True)


def line_of(house: Failing) -> Line:
    """The caller's."""
    return Line(Asterisk(house, "siaga"), CALL, "0812", KeptCall(Memory(ID)))


@pytest.mark.parametrize("status", [500, 503, 401, 403])
async def test_a_leg_is_gone_only_when_it_has_ended(status: int) -> None:
    """A phone that still rings is not free, though Asterisk says no to its end for a while."""
    house = Failing("DELETE", f"/channels/{LEG}")
    house.status = status
    reports: list[LegReport] = []
    leg = leg_of(house, line_of(house), reports)
    running = asyncio.create_task(leg.run())
    leg.withdraw(answered_elsewhere=False)
    await house.refused.wait()
    await asyncio.sleep(0)
    assert reports == []
    house.status = None
    async with asyncio.timeout(5.0):
        while not house.done:  # noqa: ASYNC110 - the request is the only sign
            await asyncio.sleep(0.01)
        leg.take(ChannelDestroyed(ChannelView(LEG), cause=26))
        await running
    assert [type(report) for report in reports] == [LegGone]


async def test_a_leg_that_is_refused_for_good_is_given_up() -> None:
    """A phone must not be kept from all callers by a request that is wrong."""
    house = Failing("DELETE", f"/channels/{LEG}")
    house.status = 409
    reports: list[LegReport] = []
    leg = leg_of(house, line_of(house), reports)
    leg.withdraw(answered_elsewhere=False)
    async with asyncio.timeout(5.0):
        await leg.run()
    assert [type(report) for report in reports] == [LegGone]


async def test_who_has_answered_is_joined_once_asterisk_obeys() -> None:
    """The operator is on the line: nobody else is rung because Asterisk failed for a moment."""
    house = Failing("POST", f"/bridges/siaga-bridge-{CALL}/addChannel")
    house.status = None
    clock, line, reports = SystemClock(), line_of(house), list[LegReport]()
    flow = CallFlow(CALL, MenuDialogue(make_menu(), UMUM), UMUM)
    caller = Caller(line, flow, clock.now(), house, clock)
    leg = leg_of(house, line, reports)
    caller.legs[OfferId("1")] = leg
    ringing = asyncio.create_task(leg.run())
    living = asyncio.create_task(caller.live(lambda own, at: own.begin(at=at)))
    async with asyncio.timeout(5.0):
        caller.post(Digit("1"))
        while not house.told:  # noqa: ASYNC110 - the floor is the only one who is told
            await asyncio.sleep(0.01)
        house.status = 500
        leg.take(ChannelStateChange(ChannelView(LEG, state="Up")))
        caller.post(Connect(CALL, OfferId("1"), leg.offer.target))
        await house.refused.wait()
        assert not leg.joined
        house.status = None
        while "bridged" not in house.notes:  # noqa: ASYNC110 - the note is the only sign
            await asyncio.sleep(0.01)
    assert f"DELETE /channels/{LEG}" not in house.done
    for task in (ringing, living):
        task.cancel()
    await asyncio.gather(ringing, living, return_exceptions=True)
