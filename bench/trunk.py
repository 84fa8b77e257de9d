"""Calls that come in by a trunk of a system that is measured, and the dialplan that takes them."""

from collections.abc import Mapping, Sequence

from sandbox.mark import Mark
from sandbox.sipp import place_calls
from sandbox.site import TRUNK_ADDRESS
from sandbox.system import System

TRUNK = "seluler"
CONTEXT = f"siaga-from-{TRUNK}"
FIRST_NUMBER = 81_200_000_000
GRACE_S = 20.0
"""For the calls that were begun last, on a busy machine."""


async def extend(system: System, extensions: Mapping[str, Sequence[str]]) -> None:
    """The trunk can dial these extensions from now on; each is its applications in order."""
    for extension, steps in extensions.items():
        for priority, step in enumerate(steps, 1):
            application = step.replace(",", "\\,")
            added = f"{extension},{priority},{application}"
            await system.pbx.cli(f"dialplan add extension {added} into {CONTEXT}")


async def calls(
    system: System, text: str, number: int, *, count: int, rate_per_s: float
) -> tuple[Mark, ...]:
    """One round of calls from numbers of its own, and SIPp's marks of them.

    Args:
        system: What is measured.
        text: SIPp's scenario of each caller.
        number: The round's, from 0.
        count: Calls in a round, the same in each.
        rate_per_s: Calls begun per second.

    Raises:
        RuntimeError: A call failed: what is measured is not what was meant.
    """
    first = FIRST_NUMBER + number * count
    outcome = await place_calls(
        system.toolbox,
        system.workdir / f"callers-{number}",
        trunk_ip=TRUNK_ADDRESS[TRUNK],
        server=(system.pbx.sip_host, system.pbx.sip_port),
        numbers=[f"0{first + call}" for call in range(count)],
        text=text,
        rate_per_s=rate_per_s,
        limit_s=count / rate_per_s + GRACE_S,
    )
    if outcome.failed:
        raise RuntimeError(f"round {number}: {outcome.failed} of {count} calls failed")
    return outcome.marks
