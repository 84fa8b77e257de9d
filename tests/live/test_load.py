"""A thousand records a second beside the calls: every caller is served, every record is kept."""

import asyncio
from collections import Counter

import pytest

from journal.spool import read
from sandbox import scenario
from sandbox.loaded import PREFIX, STEPS
from sandbox.system import System
from tests.journal.follower import Follower
from tests.live.centre import records, sipp_callers, sipp_operators
from tests.live.test_journal import assert_whole

pytestmark = pytest.mark.live

NUMBERS = [f"0812350000{number:02}" for number in range(20)]
CALLS_PER_S = 4.0
TALK_S = 0.15
CALL_LIMIT_S = 60.0
"""For all of them; one operator takes them one after the other, on a busy machine as well."""
FOLLOW_S = 30.0
"""For the broker to be told of all."""
AT_LEAST = 2_000
"""Records of the load while the callers called: half of the rate would be that many."""


async def test_nobody_and_nothing_is_lost_beside_a_thousand_records_a_second(
    loaded: System, kota: Follower
) -> None:
    """Twenty calls are answered; what happened is stored once, published whole, nothing shed."""
    text = scenario.caller("112", digit="1", press_after_s=0.1, talk_s=TALK_S)
    async with sipp_operators(loaded, ["medis-1"], scenario.operator()):
        loaded.daemon.load()
        async with sipp_callers(loaded, NUMBERS, text, rate_per_s=CALLS_PER_S) as callers:
            outcome = await callers.finished(CALL_LIMIT_S)
        loaded.daemon.unload()
        assert (outcome.succeeded, outcome.failed) == (len(NUMBERS), 0)
    await ended(loaded)
    whole = [record for record in records(loaded) if (record.call or "").startswith(PREFIX)]
    counts = Counter(record.what for record in whole)
    assert len(whole) > AT_LEAST
    assert set(counts) == {what for what, _, _ in STEPS}
    assert len(set(counts.values())) == 1, "each call of the load is told from begin to end"
    assert (await loaded.daemon.status())["spool"]["shed"] == {}
    numbers = [int(record.id.rpartition("-")[2]) for record in records(loaded)]
    assert numbers == list(range(1, len(numbers) + 1)), "one writer's records, none missing"
    await assert_whole(loaded)
    wanted = {record.id for record in read(loaded.spool)}
    async with asyncio.timeout(FOLLOW_S):
        while not wanted <= set(kota.ids):  # noqa: ASYNC110 - the broker tells in its own thread
            await asyncio.sleep(0.5)


async def ended(system: System) -> None:
    """Returns when no call is in progress any more, real or of the load."""
    async with asyncio.timeout(FOLLOW_S):
        while (await system.daemon.status())["calls"]:  # noqa: ASYNC110 - the daemon tells when asked
            await asyncio.sleep(0.1)
