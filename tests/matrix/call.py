"""The call's table: what each state makes of each event."""

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_type_hints

from ivr import call as module
from ivr.announcement import Announcing
from ivr.announcer import REPLAY_PAUSE_S
from ivr.call import CallFlow
from ivr.command import Command
from ivr.fuse import FUSE_RENEWAL_S
from ivr.state import Call, CallEvent
from ivr.state import Step as CallStep
from routing.cause import Cause
from routing.moment import Instant, Moment, after
from routing.note import CallId, Note
from routing.offer import SHORT_TALK_S, OfferId, SeatTarget
from routing.operator import PersonId, SeatId
from routing.reason import Reason
from routing.service import Announcements
from routing.throttle import Slowed
from tests.ivr.test_dialogue import MEDIS, UMUM
from tests.matrix import dialogue
from tests.matrix.cell import Case
from tests.matrix.sample import Values, members, samples
from tests.matrix.table import Step, Table, outcome
from tests.routing.centre import TRANSFER

CALL, OFFER = CallId("call"), OfferId("o1")
TARGET = SeatTarget(SeatId("medis-1"), "siaga-medis-1", PersonId("ani"))
NOW = Instant(100.0)
AT = Moment(NOW, datetime(2026, 11, 23, tzinfo=UTC))
ARRIVED = Moment(after(NOW, -60.0), AT.wall - timedelta(seconds=60))
LATER = after(NOW, 1.0)
SLOWED = Slowed(120.0, 3, AT.wall, (Reason("3 calls within 86400 s were pranks or ghosts"),))
BECAUSE = (Reason("calls to 0725112 on trunk telkom come from outside"),)
RULES = Announcements(position_every_s=60.0, apology_every_s=60.0, turned=True)
QUIET = Announcing(spoken=ARRIVED.instant, position=after(NOW, 50.0), apology=after(NOW, 50.0))
ASKING = replace(QUIET, position=NOW, asked=LATER)
VALUES: Values = {
    **dialogue.VALUES,
    "call": {"": CALL},
    "arrived": {"": ARRIVED},
    "at": {"": AT},
    "service": {"": MEDIS},
    "target": {"": TARGET},
    "transfer": {"": TRANSFER},
    "announce": {"": False},
    "because": {"": BECAUSE},
    "head": {"": False},
    "handicap_s": {"": 120.0},
    "slowed": {"": SLOWED},
    "renewal": {"renewal not due": LATER, "renewal due": NOW},
    "replay": {"prompt not overdue": LATER, "prompt overdue": NOW},
    "announcing": {
        "nothing to be said": QUIET,
        "others rung were told of": replace(QUIET, turned=True),
        "apology due": replace(QUIET, apology=NOW),
        "place due": replace(QUIET, position=NOW),
        "place asked for": ASKING,
        "place not told": replace(ASKING, asked=NOW),
    },
    "place": {"place known": 3, "place unknown": None},
    "playing_since": {
        "prompt lasted": after(NOW, -REPLAY_PAUSE_S),
        "prompt broke at once": after(NOW, 0.1 - REPLAY_PAUSE_S),
    },
    "since": {
        f"talk of {SHORT_TALK_S:g} s or more": after(NOW, -SHORT_TALK_S),
        "shorter talk": after(NOW, 0.1 - SHORT_TALK_S),
    },
    "deadline": {"before the deadline": LATER, "deadline come": NOW},
    "Talking.offer": {"": OFFER},
    "ending": {"": Note(CALL, "ended", {"by": "operator", "talked_s": 60.0})},
    "again": {"": NOW},
    "offer": {"its own leg": OFFER, "another leg": OfferId("o2")},
    "cause": {
        "cause 16": Cause.NORMAL_CLEARING,
        "another cause": Cause.REQUESTED_CHANNEL_UNAVAILABLE,
        "no cause": 0,
    },
    "pulled_out": {"hung up": False, "pulled out by the fuse": True},
}
FLOWS = {
    words: CallFlow(CALL, menu, UMUM, announcements=RULES) for words, menu in dialogue.MENUS.items()
}
ENDED = "the caller's task ends with `Ended` and takes no more events"
UNASKED = "who is told or asked something is not in the queue: the floor has nobody to connect"
UNTOLD = "who is told or asked something is not in the queue: there is nothing to tell of it"
UNBEGUN = "the floor tells of a talk's begin before its end, and neither is shed"
RESTING = "a talk has no deadline"
TAKEN = "the floor connects who waits, and this caller does not"
EARLIER = "a phone rings, and the call is told, before it is answered"
OVER = "who is let go is in no queue, and the other one has gone"
UNREACHABLE = {
    ("InMenu", "Connect"): UNASKED,
    ("InMenu", "Parted"): UNASKED,
    ("Dismissing", "Connect"): UNASKED,
    ("Dismissing", "Parted"): UNASKED,
    ("Slowing", "Connect"): UNASKED,
    ("Slowing", "Parted"): UNASKED,
    **{(s, e): UNTOLD for s in ("InMenu", "Dismissing", "Slowing") for e in ("Placed", "Turned")},
    ("Waiting", "Parted"): UNBEGUN,
    ("Talking", "Silence"): RESTING,
    ("Talking", "Connect"): TAKEN,
    ("Talking", "Turned"): EARLIER,
    **{("LettingGo", event): OVER for event in ("Connect", "Parted", "Turned")},
    **{("Ended", event.__name__): ENDED for event in members(CallEvent)},
}


def _stepped() -> list[Step[Call, CallEvent, Command]]:
    found = []
    for (languages, flow), state, event in product(
        FLOWS.items(), samples(Call, VALUES), samples(CallEvent, VALUES)
    ):
        after_, commands = flow.step(state.value, event.value, at=AT)
        name = type(after_).__name__
        case = Case(
            {"languages": languages, **state.facets, **event.facets},
            name,
            outcome(name, commands, same=after_ == state.value),
        )
        before = type(state.value).__name__
        found.append(Step(before, state.value, event.value, after_, commands, case))
    return found


def beginnings() -> dict[str, tuple[Call, tuple[Command, ...]]]:
    """By name, what each way into a call leads to: all methods of the flow that give a step.

    Raises:
        LookupError: One wants an argument without values.
    """
    found = {}
    for name, method in inspect.getmembers(CallFlow, inspect.isfunction):
        hints = get_type_hints(method, vars(module))
        if name.startswith("_") or name == "step" or hints.get("return") != CallStep:
            continue
        arguments: dict[str, Any] = {}
        for wanted in list(inspect.signature(method).parameters)[1:]:
            if wanted not in VALUES:
                raise LookupError(f"CallFlow.{name}: {wanted} has no values in tests/matrix")
            arguments[wanted] = next(iter(VALUES[wanted].values()))
        found[name] = method(next(iter(FLOWS.values())), **arguments)
    return found


def table() -> Table[Call, CallEvent, Command]:
    """Drawn from the code as it is now."""
    return Table(
        title="The call",
        about=(
            "`ivr/call.py`. The fuse's renewal is due every "
            f"{FUSE_RENEWAL_S:g} s until the talk; `Silence` comes at the state's deadline."
        ),
        states=tuple(kind.__name__ for kind in members(Call)),
        events=tuple(kind.__name__ for kind in members(CallEvent)),
        begins={name: type(state).__name__ for name, (state, _) in beginnings().items()},
        steps=_stepped(),
        unreachable=UNREACHABLE,
    )
