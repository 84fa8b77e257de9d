"""Many callers wait at the same time, and nobody answers: each one's fuse is renewed in time."""

import pytest

from ivr.fuse import FUSE_RENEWAL_S
from sandbox.crowd import Crowd
from sandbox.fuse import FuseWatch
from sandbox.system import System
from siaga.line import FUSE_S
from tests.live.centre import records

pytestmark = pytest.mark.live

CALLERS, WATCH_S = 40, 15.0
MARGIN_S = FUSE_S - 2 * FUSE_RENEWAL_S
"""What is always left of a fuse: a renewal may be as late as its whole period."""


async def test_no_fuse_of_forty_waiting_callers_burns_low(system: System) -> None:
    """Read from Asterisk itself: all are renewed, none late; nobody leaves before hanging up."""
    crowd = Crowd(system, CALLERS, rate_per_s=20.0, stay_s=WATCH_S + 3.0)
    watch = FuseWatch(system.pbx)
    try:
        waiting = await crowd.waiting()
        await watch.watch(waiting, WATCH_S)
        assert await crowd.still_waiting() == waiting
        assert len(watch.gaps_s) >= CALLERS * (WATCH_S // FUSE_RENEWAL_S - 2)
        assert watch.least_left_s >= MARGIN_S
        outcome = await crowd.gone()
    finally:
        await watch.close()
        await crowd.disperse()
    assert (outcome.succeeded, outcome.failed) == (CALLERS, 0)
    assert [records(system, what) for what in ("pulled_out", "resumed", "handed_back")] == [[]] * 3
