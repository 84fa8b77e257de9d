"""What a channel brings along when it enters, and what the call's first step is."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from ivr.adoption import Memory
from ivr.call import CallFlow, Step
from ivr.menu import Menu
from routing.moment import Moment
from routing.note import CallId, Note
from routing.offer import OutsideTarget, Transfer
from routing.plan import Plan
from routing.service import ServiceId
from routing.zone import Evidence, Finding, Policy
from siaga.memory import SERVICE, STATE, KeptCall, read
from switch.event import StasisStart

Begin: TypeAlias = Callable[[CallFlow, Moment], Step]

LEAST_DIGITS = 7
"""Of a subscriber's number; what is shorter is an extension or a service."""
NEW, LEG = "new", "leg"
"""First arguments of Stasis; with any other one a caller comes back from the dialplan."""


def kind_of(event: StasisStart) -> str:
    """What entered: the first argument that the dialplan or the leg's creation gave."""
    return event.args[0] if event.args else NEW


def evidence_of(event: StasisStart) -> Evidence:
    """What the dialplan knows of the call, and the caller's number."""
    variables = event.channel.channelvars
    return Evidence(
        trunk=variables.get("SIAGA_TRUNK", ""),
        did=variables.get("SIAGA_DID", ""),
        ani=event.channel.caller.number,
    )


def presented(ani: str) -> str | None:
    """The number, if a caller can be told by it: not withheld, not an extension; as received."""
    digits = ani.removeprefix("+")
    whole = digits.isascii() and digits.isdecimal() and len(digits) >= LEAST_DIGITS
    return ani if whole else None


def arrival_note(event: StasisStart) -> Note:
    """The call's first line in the journal."""
    evidence = evidence_of(event)
    detail = {
        "trunk": evidence.trunk,
        "did": evidence.did,
        "ani": evidence.ani,
        "how": kind_of(event),
    }
    return Note(CallId(event.channel.id), "arrived", detail)


def kept_before(event: StasisStart, menu: Menu) -> tuple[KeptCall, int]:
    """What the channel carries from an earlier stay, and how many playbacks that had at most."""
    kept = read(event.channel.channelvars.get(STATE, ""), KeptCall)
    if kept is not None:
        return kept, kept.plays
    nothing = KeptCall(Memory(menu.languages[0]))
    return nothing, 0 if kind_of(event) == NEW else nothing.plays


def first_step(event: StasisStart, plan: Plan, menu: Menu) -> Begin:
    """The call's beginning: the menu for a new caller, the queue for one who comes back."""
    if kind_of(event) == NEW:
        return partial(_begin, evidence_of(event), plan, menu)
    chosen = event.channel.channelvars.get(SERVICE, "") or "".join(event.args[1:2])
    return partial(_resume, ServiceId(chosen), plan, menu)


def _begin(evidence: Evidence, plan: Plan, menu: Menu, flow: CallFlow, at: Moment) -> Step:
    """What the zone's verdict means for the call, with the verdict's note in front."""
    verdict = plan.zones.judge(evidence)
    detail = {"verdict": verdict.finding.value, "neighbour": verdict.neighbour}
    note = Note(flow.call, "zone", detail, verdict.because)
    neighbour = None
    if verdict.finding is Finding.OUTSIDE and verdict.neighbour is not None:
        neighbour = plan.zones.neighbour(verdict.neighbour)
    policy = Policy.SERVE if neighbour is None else neighbour.policy
    if neighbour is not None and policy is Policy.TRANSFER and neighbour.number and neighbour.trunk:
        trunk = plan.zones.zones.trunks[neighbour.trunk]
        transfer = Transfer(
            target=OutsideTarget(neighbour.number, neighbour.trunk, trunk.endpoint),
            ring_time_s=neighbour.ring_time_s,
            confirm=neighbour.confirm,
            because=verdict.because,
        )
        state, commands = flow.transfer(menu.languages[0], transfer, at=at)
    else:
        state, commands = flow.begin(at=at, announce=policy is not Policy.SERVE)
    return state, (note, *commands)


def _resume(service: ServiceId, plan: Plan, menu: Menu, flow: CallFlow, at: Moment) -> Step:
    known = service if service in plan.catalogue.services else plan.catalogue.default_service
    return flow.resume(known, menu.languages[0], at=at)
