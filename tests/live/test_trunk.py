"""A carrier that does not answer is told, if Asterisk is to ask it."""

import pytest

from sandbox.behaviour import Ignore
from sandbox.system import System
from tests.live.centre import OUTSIDE, alarmed, alarms, records

pytestmark = pytest.mark.live

SETTLED_S = 25.0
"""For Asterisk to give up on an OPTIONS (3 s), and the daemon to believe that it lasts (10 s)."""


async def test_a_trunk_that_does_not_answer_is_an_alarm_until_it_does(system: System) -> None:
    """Nothing is said of the other one, which is not asked."""
    config = system.pbx.duty_folder / "siaga-pjsip.conf"
    text = config.read_text()
    asked = "[siaga-telkom](siaga-trunk-address)\nqualify_frequency = 2\n"
    assert "[siaga-telkom](siaga-trunk-address)\n" in text
    config.write_text(text.replace("[siaga-telkom](siaga-trunk-address)\n", asked))
    await system.pbx.cli("module reload res_pjsip.so")
    await alarmed(system, "trunk_down", limit_s=SETTLED_S)
    told = next(r for r in records(system, "alarm") if r.detail["alarm"] == "trunk_down")
    assert "telkom (siaga-telkom)" in told.detail["why"]
    assert "seluler" not in told.detail["why"]
    await system.outside(OUTSIDE, Ignore())
    await alarmed(system, "trunk_down", over=True, limit_s=SETTLED_S)
    assert await alarms(system) == []
