"""What a channel brings along when it enters, and what the call's first step is."""

import base64
import binascii
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from ivr.adoption import Memory
from ivr.call import CallFlow
from ivr.menu import Menu
from ivr.state import Step
from routing.moment import Moment
from routing.note import CallId, Note
from routing.offer import OutsideTarget, Transfer
from routing.plan import Plan
from routing.service import ServiceId
from routing.throttle import Slowed
from routing.zone import Evidence, Finding, Neighbour, Policy, Verdict
from siaga.memory import SERVICE, STATE, KeptCall, read
from switch.event import StasisStart

Begin: TypeAlias = Callable[[CallFlow, Moment], Step]
Throttled: TypeAlias = Callable[[str], Slowed | None]
"""Whether calls from a number, as received, are slowed down now."""

NEW, LEG, FEATURE, TAKE = "new", "leg", "feature", "take"
"""First arguments of Stasis; with any other one a caller comes back from the dialplan."""
EVIDENCE_LIMIT = 2048
"""Characters of an argument of evidence; the dialplan hands over 2000 at most."""


def kind_of(event: StasisStart) -> str:
    """What entered: the first argument that the dialplan or the leg's creation gave."""
    return event.args[0] if event.args else NEW


def evidence_of(event: StasisStart) -> Evidence:
    """What the dialplan knows of the call: variables, the caller's number, and arguments of `new`.

    Those are a location and any number of access networks, each in base64 or empty. What cannot be
    read counts as not there.
    """
    variables = event.channel.channelvars
    told = event.args[1:] if kind_of(event) == NEW else ()
    return Evidence(
        trunk=variables.get("SIAGA_TRUNK", ""),
        did=variables.get("SIAGA_DID", ""),
        ani=event.channel.caller.number,
        location="".join(_plain(text) for text in told[:1]),
        access=", ".join(filter(None, (_plain(text) for text in told[1:]))),
    )


def _plain(text: str) -> str:
    """What the dialplan put into base64, in whatever alphabet it was."""
    if len(text) > EVIDENCE_LIMIT:
        return ""
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace").strip()
    except (binascii.Error, ValueError):
        return ""


def arrival_note(event: StasisStart) -> Note:
    """The call's first line in the journal."""
    evidence = evidence_of(event)
    detail = {
        "trunk": evidence.trunk,
        "did": evidence.did,
        "ani": evidence.ani,
        "how": kind_of(event),
    }
    came = {"location": evidence.location, "access": evidence.access}
    detail |= {name: text for name, text in came.items() if text}
    return Note(CallId(event.channel.id), "arrived", detail)


def kept_before(event: StasisStart, menu: Menu) -> tuple[KeptCall, int]:
    """What the channel carries from an earlier stay, and how many playbacks that had at most."""
    kept = read(event.channel.channelvars.get(STATE, ""), KeptCall)
    if kept is not None:
        return kept, kept.plays
    nothing = KeptCall(Memory(menu.languages[0]))
    return nothing, 0 if kind_of(event) == NEW else nothing.plays


def first_step(event: StasisStart, plan: Plan, menu: Menu, throttled: Throttled) -> Begin:
    """The call's beginning: the menu for a new caller, the queue for one who comes back."""
    if kind_of(event) == NEW:
        return partial(begin, evidence_of(event), plan, menu, throttled)
    chosen = event.channel.channelvars.get(SERVICE, "") or "".join(event.args[1:2])
    return partial(_resume, ServiceId(chosen), plan, menu)


def begin(
    evidence: Evidence, plan: Plan, menu: Menu, throttled: Throttled, flow: CallFlow, at: Moment
) -> Step:
    """What the zone's verdict means for a new call, with the verdict's note in front."""
    verdict = plan.zones.judge(evidence)
    detail = {"verdict": verdict.finding.value, "neighbour": verdict.neighbour}
    note = Note(flow.call, "zone", detail, verdict.because)
    neighbour = None
    if verdict.finding is Finding.OUTSIDE:
        neighbour = plan.zones.neighbour(verdict.neighbour)
    transfer = None if neighbour is None else _transfer(neighbour, verdict, plan)
    if transfer is not None:
        state, commands = flow.transfer(menu.languages[0], transfer, at=at)
    elif neighbour is not None and _is_dismissed(neighbour, verdict):
        state, commands = flow.dismiss(verdict.because, at=at)
    else:
        announce = neighbour is not None and neighbour.policy is not Policy.SERVE
        slowed = throttled(evidence.ani)
        if slowed is None:
            state, commands = flow.begin(at=at, announce=announce)
        else:
            state, commands = flow.slow(slowed, at=at, announce=announce)
    return state, (note, *commands)


def _transfer(neighbour: Neighbour, verdict: Verdict, plan: Plan) -> Transfer | None:
    """To the neighbour's centre, if its callers are transferred there."""
    if neighbour.policy is not Policy.TRANSFER or not (neighbour.number and neighbour.trunk):
        return None
    trunk = plan.zones.zones.trunks[neighbour.trunk]
    return Transfer(
        target=OutsideTarget(neighbour.number, neighbour.trunk, trunk.endpoint),
        ring_time_s=neighbour.ring_time_s,
        confirm=neighbour.confirm,
        because=verdict.because,
    )


def _is_dismissed(neighbour: Neighbour, verdict: Verdict) -> bool:
    """Whether the announcement is all they get. A number alone is never a reason to hang up."""
    announced = neighbour.policy is not Policy.SERVE
    return announced and neighbour.hang_up and not verdict.by_number_only


def _resume(service: ServiceId, plan: Plan, menu: Menu, flow: CallFlow, at: Moment) -> Step:
    known = service if service in plan.catalogue.services else plan.catalogue.default_service
    return flow.resume(known, menu.languages[0], at=at)
