"""What it costs a call that the dialplan looks for evidence in its INVITE: from INVITE to answer.

Three flows alternate on one Asterisk; each call is answered by the daemon and hears the menu:

    blind    the way into the application without a look
    nothing  the shipped way, siaga-evidence, on an INVITE with which nothing came
    both     the same on one with a circle in its body and a radio cell in its head
"""

import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench import trunk
from sandbox import pidf, scenario
from sandbox.mark import latencies
from sandbox.pidf import Circle, Point
from sandbox.system import System
from tests.live.centre import quick_settings

ROUNDS = 4
CALLS = 50
"""Of each flow in each round."""
RATE_PER_S = 5.0
STAY_S = 0.1
ENTER = ("Set(SIAGA_TRUNK=seluler)", "Set(TIMEOUT(absolute)=10)")
EXTENSIONS = {
    "7001": (*ENTER, "Stasis(siaga,new)"),
    "7002": (*ENTER, "Gosub(siaga-evidence,s,1)", "Stasis(siaga,new${GOSUB_RETVAL})"),
}
PLACE = pidf.document(Circle(Point(-5.1131, 105.3067), 50.0).xml)
CELL = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=510991A2B0C0FF01;network-provided"


@dataclass(slots=True)
class Flow:
    """One flow, and what was measured of it."""

    name: str
    text: str
    seconds: list[float] = field(default_factory=list)


FLOWS = (
    Flow("blind", scenario.caller("7001", talk_s=STAY_S)),
    Flow("nothing", scenario.caller("7002", talk_s=STAY_S)),
    Flow(
        "both",
        scenario.caller(
            "7002",
            talk_s=STAY_S,
            voice=pidf.voice(PLACE),
            origin=pidf.origin(located=True, access=(CELL,)),
        ),
    ),
)


async def _measure() -> None:
    with tempfile.TemporaryDirectory(prefix="siaga-") as folder:
        config = quick_settings(Path(folder) / "settings")
        async with System(Path(folder), config) as system:
            await trunk.extend(system, EXTENSIONS)
            for number in range(ROUNDS * len(FLOWS)):
                flow = FLOWS[number % len(FLOWS)]
                marks = await trunk.calls(
                    system, flow.text, number, count=CALLS, rate_per_s=RATE_PER_S
                )
                flow.seconds += latencies("invite", marks, "answer", marks)
            await system.empty()
    print(f"{'flow':<8} {'calls':>5} {'p50 ms':>7} {'p90 ms':>7}")
    for flow in FLOWS:
        ordered = sorted(flow.seconds)
        p50, p90 = statistics.median(ordered), ordered[int(len(ordered) * 0.9)]
        print(f"{flow.name:<8} {len(ordered):>5} {p50 * 1e3:>7.2f} {p90 * 1e3:>7.2f}")


def main() -> int:
    """Measures and prints; 0 when every call got through."""
    asyncio.run(_measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
