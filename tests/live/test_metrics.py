"""A scrape of a running daemon tells what its callers have had."""

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox.behaviour import Answer
from sandbox.system import System
from tests.live.centre import dial_112, recorded

pytestmark = pytest.mark.live


async def scraped(system: System) -> dict[str, float]:
    """The values by name, all labels together."""
    url = f"http://127.0.0.1:{system.settings.daemon.console.port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        text = await response.text()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


async def test_a_call_moves_the_figures(patient: System) -> None:
    """Arrival, answer and end; requests, events and fuses of Asterisk; no number of anybody."""
    system = patient
    phone = await system.register("medis-1", Answer(3.5))
    before = await scraped(system)
    assert (before["siaga_ready"], before["siaga_arrivals_total"]) == (1, 0)
    caller = await dial_112(system, "1")
    await phone.established(8.0)
    await recorded(system, "bridged")
    during = await scraped(system)
    assert (during["siaga_arrivals_total"], during["siaga_answer_seconds_count"]) == (1, 1)
    assert 3.5 <= during["siaga_answer_seconds_sum"] < 20.0
    assert during["siaga_fuse_renewals_total"] >= 1
    await caller.hangup()
    await recorded(system, "ended")
    after = await scraped(system)
    assert (after["siaga_calls_total"], after["siaga_asterisk_connects_total"]) == (1, 1)
    for grown in ("siaga_ari_request_seconds_count", "siaga_event_lag_seconds_count"):
        assert after[grown] > before[grown] > 0
    assert after["siaga_events_malformed_total"] == 0
