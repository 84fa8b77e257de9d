"""Whom a dialplan should ring that keeps its calls: the floor's rules, without a queue."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from routing import hunt
from routing.hunt import Candidate, Chain, GroupStep
from routing.number import shown
from routing.offer import Target, Transfer
from routing.plan import Plan
from routing.reason import Reason
from routing.service import ServiceId, Strategy
from routing.zone import Evidence, Verdict

GROUP: Final = "group"
"""The step of the hunt group; the others are called as in the settings (`to: …`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The next phones to ring.

    Attributes:
        service: What they are rung for: always one of the settings.
        label: What they should show as the caller's name.
        verdict: Where the caller is.
        step: The step of the chain that they are of; None when there is nobody to ring.
        targets: In hunting order, to be rung at once.
        ring_time_s: How long.
        starts_over: Everybody of the chain had been rung already, so this is its beginning again.
        because: The grounds, of the verdict first.
    """

    service: ServiceId
    label: str
    verdict: Verdict
    step: str | None = None
    targets: tuple[Target, ...] = ()
    ring_time_s: float = 0.0
    starts_over: bool = False
    because: tuple[Reason, ...] = ()


def advise(
    plan: Plan,
    service: str,
    evidence: Evidence,
    *,
    tried: Collection[str],
    is_free: Callable[[Target], bool],
    at: datetime,
) -> Advice:
    """The first step of the chain that has somebody to ring, and why.

    Args:
        plan: The accepted settings.
        service: What was asked for; anything that is not in the settings is the default service.
        evidence: What came with the call.
        tried: What has been dialled for this call, as dialled; passed over until all have been.
        is_free: Whether a target can be rung now.
        at: Whose shift it is.
    """
    id_, named = _service(plan, service)
    verdict = plan.zones.judge(evidence)
    chain = hunt.chain_of(plan, id_)
    for skipped in (tried, ()) if tried else ((),):
        for index, step in enumerate(chain.steps):
            found = _free(plan, chain, index, skipped, is_free, at)
            if found:
                grounds = (reason for candidate in found for reason in candidate.because)
                return Advice(
                    service=id_,
                    label=chain.label,
                    verdict=verdict,
                    step=_name(step),
                    targets=tuple(candidate.target for candidate in found),
                    ring_time_s=hunt.ring_time_of(step),
                    starts_over=len(tried) > len(skipped),
                    because=tuple(dict.fromkeys((*verdict.because, *named, *grounds))),
                )
    nobody = Reason("nobody of the whole chain can be rung now", chain.paths[0])
    because = (*verdict.because, *named, nobody)
    return Advice(service=id_, label=chain.label, verdict=verdict, because=because)


def _service(plan: Plan, asked: str) -> tuple[ServiceId, tuple[Reason, ...]]:
    """The service that is meant, and why it is another one than was asked for."""
    catalogue = plan.catalogue
    if asked in catalogue.services:
        return ServiceId(asked), ()
    text = f"there is no service {shown(asked)!r}" if asked else "no service was named"
    reason = Reason(f"{text}: the default one", ("services", "default_service"))
    return catalogue.default_service, (reason,)


def _free(
    plan: Plan,
    chain: Chain,
    index: int,
    tried: Collection[str],
    is_free: Callable[[Target], bool],
    at: datetime,
) -> list[Candidate]:
    """Who can be rung at one step: all of them, or one where they are rung one after another."""
    found: dict[str, Candidate] = {}  # nobody is rung at two phones at once
    for candidate in hunt.candidates(plan, chain, index, at):
        if candidate.target.dial not in tried and is_free(candidate.target):
            found.setdefault(candidate.target.key, candidate)
    is_all = hunt.strategy_of(chain.steps[index]) is Strategy.RINGALL
    return list(found.values()) if is_all else list(found.values())[:1]


def _name(step: hunt.Step) -> str:
    # No chain of an advice has a transfer in it.
    return GROUP if isinstance(step, GroupStep | Transfer) else step.to
