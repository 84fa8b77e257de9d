"""The floor's two tables: what becomes of an offer, and of a caller's place, by each event.

The floor is one object, so a state here is a scene: a floor that was driven to where an offer is at
that stage, or a caller at that place.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from itertools import product
from typing import TypeAlias

from routing.cause import Cause
from routing.entry import OpenOffer
from routing.mark import Mark
from routing.moment import after
from routing.note import CallId
from routing.offer import (
    Confirm,
    Enqueue,
    FloorCommand,
    FloorEvent,
    Leave,
    LegAnswered,
    LegConfirmed,
    LegGone,
    OfferId,
    OutsideTarget,
    SeatState,
    SeatTarget,
    Stage,
    Standing,
    Withdraw,
)
from routing.operator import PersonId, SeatId
from routing.service import TrunkId
from tests.matrix.cell import Case
from tests.matrix.sample import Facets, Values, members, samples
from tests.matrix.table import Step, Table, outcome
from tests.routing.centre import CHAIN, MEDIS, OUTSIDE, RING_S, TRANSFER, Play, make_plan

ANI, BUDI = "person:ani", "person:budi"
CALLER, OTHER, FOUND = CallId("a"), CallId("b"), CallId("of an earlier run")
UNKNOWN = OfferId("unknown")
NOBODYS = {"an unknown leg": UNKNOWN}
GONE = "gone"
"""After an offer's last stage: its leg has ended, its target is free."""


class Place(Enum):
    """Where a caller stands who has something to do with the floor."""

    ELSEWHERE = "elsewhere"
    RUNG = "rung"
    BUSY = "busy"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Scene:
    """A floor at one moment.

    Attributes:
        play: The floor with its clock.
        name: The stage or place that it is a scene of.
        facets: What else is special about it.
        offer: The offer that is looked at, or one of the caller's, or an unknown one.
        others: An offer to another phone for the same caller or another one.
        caller: Whose place is looked at.
    """

    play: Play
    name: str
    facets: Facets
    offer: OfferId
    others: OfferId = UNKNOWN
    caller: CallId = CALLER

    @property
    def open(self) -> OpenOffer | None:
        """The offer, as long as its leg is not known to be gone."""
        return self.play.floor._board._offers.get(self.offer)

    @property
    def place(self) -> Place:
        """Where the caller stands."""
        entry = self.play.floor._queue.get(self.caller)
        if entry is None:
            return Place.ELSEWHERE
        if entry.offers:
            return Place.RUNG
        return Place.BUSY if entry.resume is None else Place.PAUSED

    @property
    def stage(self) -> str:
        """How far the offer is, by the name of its stage."""
        return GONE if self.open is None else self.open.stage.name


Make: TypeAlias = Callable[[], Scene]
FloorStep: TypeAlias = Step[Scene, FloorEvent, FloorCommand]
FloorTable: TypeAlias = Table[Scene, FloorEvent, FloorCommand]


def _ringing(*, outside: bool, several: bool) -> Scene:
    """The caller is rung: at a phone of the post, or at a number outside that has to confirm."""
    if outside:
        play = Play(make_plan(people=("ani",), chain=CHAIN[4:]))
        play.seat("ani", SeatState.UNREACHABLE)
        play.call(CALLER)
        if several:
            play.seat("ani", SeatState.READY)
    else:
        people = ("ani", "budi") if several else ("ani",)
        play = Play(make_plan(people=people, chain=CHAIN[3:4]))
        play.call(CALLER)
    facets = {
        "where": "outside" if outside else "at the post",
        "several": "other phones ring too" if several else "alone",
    }
    offer = play.offer_to(OUTSIDE if outside else ANI)
    others = play.offer_to(ANI if outside else BUDI) if several else UNKNOWN
    return Scene(play, Stage.RINGING.name, facets, offer, others)


def _confirming(*, several: bool) -> Scene:
    scene = _ringing(outside=True, several=several)
    scene.play.tell(LegAnswered(scene.offer))
    return _now(scene, Stage.CONFIRMING)


def _talking(*, outside: bool) -> Scene:
    scene = _ringing(outside=outside, several=False)
    scene.play.tell(LegAnswered(scene.offer))
    if outside:
        scene.play.tell(LegConfirmed(scene.offer))
    return _now(scene, Stage.TALKING)


WITHDRAWN_CALLERS = ("caller waits on", "caller talks", "caller gone")


def _withdrawn(why: str) -> Scene:
    """Withdrawn, since its time was over, another phone was faster, or the caller went."""
    scene = _ringing(outside=False, several=True)
    if why == "caller talks":
        scene.play.tell(LegAnswered(scene.others))
    elif why == "caller gone":
        scene.play.tell(Leave(CALLER))
    else:
        scene.play.wait()
    return _now(replace(scene, facets={"caller": why}), Stage.WITHDRAWN)


def _now(scene: Scene, stage: Stage) -> Scene:
    """The scene, which has come to that stage."""
    assert scene.stage == stage.name
    return replace(scene, name=stage.name)


BOTH = (False, True)
STAGES: dict[Enum, tuple[Make, ...]] = {
    Stage.RINGING: tuple(
        partial(_ringing, outside=outside, several=several)
        for outside, several in product(BOTH, BOTH)
    ),
    Stage.CONFIRMING: tuple(partial(_confirming, several=several) for several in BOTH),
    Stage.TALKING: tuple(partial(_talking, outside=outside) for outside in BOTH),
    Stage.WITHDRAWN: tuple(map(partial(partial, _withdrawn), WITHDRAWN_CALLERS)),
}


def _elsewhere(*, talks: bool) -> Scene:
    """Not in the queue: has not come to it, or talks; another caller is rung."""
    scene = _ringing(outside=False, several=True)
    if talks:
        scene.play.tell(LegAnswered(scene.offer))
        scene.play.tell(LegGone(scene.others, Cause.ANSWERED_ELSEWHERE))
    else:
        scene.play.tell(Leave(CALLER))
        scene.play.tell(LegGone(scene.offer, 0))
        scene.play.tell(LegGone(scene.others, 0))
    scene.play.call(OTHER)
    others = scene.play.offer_to(BUDI)
    facets = {"caller": "talks" if talks else "not in the queue"}
    return Scene(scene.play, Place.ELSEWHERE.name, facets, scene.offer, others)


def _rung(make: Make) -> Scene:
    scene = make()
    what = "to confirm" if scene.name == Stage.CONFIRMING.name else "ringing"
    return replace(scene, name=Place.RUNG.name, facets={"stage": what, **scene.facets})


def _busy() -> Scene:
    """Waits a moment for the only operator, who talks to another caller."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    play.call(OTHER)
    others = play.offer_to(ANI)
    play.tell(LegAnswered(others))
    play.call(CALLER)
    return Scene(play, Place.BUSY.name, {}, UNKNOWN, others)


def _paused() -> Scene:
    """A whole round found nobody to ring."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    for person in ("ani", "pos", "siti"):
        play.seat(person, SeatState.UNREACHABLE)
    play.call(CALLER)
    return Scene(play, Place.PAUSED.name, {}, UNKNOWN)


PLACES: dict[Enum, tuple[Make, ...]] = {
    Place.ELSEWHERE: tuple(partial(_elsewhere, talks=talks) for talks in BOTH),
    Place.RUNG: tuple(
        partial(_rung, make) for make in (*STAGES[Stage.RINGING], *STAGES[Stage.CONFIRMING])
    ),
    Place.BUSY: (_busy,),
    Place.PAUSED: (_paused,),
}
MEANING = {
    Place.ELSEWHERE: "not in the queue, since the caller hears the menu, talks or has gone",
    Place.RUNG: "in the queue, and a phone rings or is asked to confirm",
    Place.BUSY: "in the queue, waiting a moment for an operator who is busy",
    Place.PAUSED: "in the queue, until the next round: the last one found nobody to ring",
}


def values(scene: Scene) -> Values:
    """What events can be about, in this scene."""
    offers = {"its leg": scene.offer, "another leg": scene.others}
    return {
        "call": {"its caller": CALLER, "another caller": OTHER},
        "offer": {word: id_ for word, id_ in offers.items() if id_ != UNKNOWN} | NOBODYS,
        "target": {"": SeatTarget(SeatId("ani-1"), "siaga-ani", PersonId("ani"))},
        "cause": {"": Cause.NO_ANSWER},
        "service": {"": MEDIS},
        "arrived": {"": 5.0},
        "mark": {"": Mark.PRANK},
        "head": {"": False},
        "handicap_s": {"": 0.0},
        "language": {"": None},
        "skip": {"": ()},
        "number": {"": None},
        "for_s": {"": None},
        "reason": {"": ""},
        "person": {"the operator": PersonId("ani"), "somebody unknown": PersonId("nobody")},
        "seat": {"the post's phone": SeatId("pos"), "the operator's own": SeatId("ani-1")},
        "transfer": {"by the chain": None, "to a neighbour first": TRANSFER},
        "endpoint": {"the post's phone": "siaga-pos", "the operator's phone": "siaga-ani"},
        "offers": {"no legs": (), "a ringing leg": (found(scene.play),)},
        "waiting": {"nobody waits": (), "its caller waits": (_place_of(FOUND),)},
        "state": {f"is {state.value}": state for state in SeatState},
        "plan": {
            "same people": scene.play.floor._plan,
            "one operator more": make_plan(people=("ani", "budi", "dedi"), chain=CHAIN[3:]),
        },
    }


def found(play: Play) -> Standing:
    """A leg of an earlier run that rings outside for a caller of that run."""
    return Standing(
        offer=OfferId("found"),
        call=FOUND,
        target=OutsideTarget("0899", TrunkId("telkom"), "siaga-telkom"),
        confirm=True,
        stage=Stage.RINGING,
        deadline=after(play.at.instant, RING_S),
    )


def _place_of(call: CallId) -> Enqueue:
    return Enqueue(call=call, service=MEDIS, arrived=5.0)


def _scenes(kinds: type[Enum], makes: Mapping[Enum, tuple[Make, ...]]) -> Iterator[Make]:
    """Each scene twice: at once, and when the next deadline has come.

    Raises:
        LookupError: A stage or place has no scene.
    """
    for kind in kinds:
        if kind not in makes:
            raise LookupError(f"{kind} has no scene: tests/matrix/floor.py drives a floor to it")
        for make, due in product(makes[kind], BOTH):
            yield partial(_at, make, due=due)


def _at(make: Make, *, due: bool) -> Scene:
    scene = make()
    deadline = scene.play.floor.deadline()
    if due and deadline is not None:
        scene.play.now = max(scene.play.now, deadline)
    time = "deadline come" if due else "before the deadline"
    return replace(scene, facets={**scene.facets, "time": time})


def _stepped(
    kinds: type[Enum], makes: Mapping[Enum, tuple[Make, ...]], state_of: Callable[[Scene], str]
) -> Iterator[FloorStep]:
    for make in _scenes(kinds, makes):
        for event in samples(FloorEvent, values(make())):
            before, scene = make(), make()
            assert state_of(before) == before.name
            commands = scene.play.tell(event.value)
            mine = [command for command in commands if _concerns(command, scene)]
            after = state_of(scene)
            same = after == scene.name
            case = Case({**scene.facets, **event.facets}, after, outcome(after, mine, same=same))
            yield Step(scene.name, before, event.value, scene, commands, case)


def _concerns(command: FloorCommand, scene: Scene) -> bool:
    """Whether a command is about the scene's caller; what is for others is not of this cell."""
    if isinstance(command, Withdraw | Confirm):
        offer = scene.play.live.get(command.offer)
        return offer is not None and offer.call == CALLER
    return command.call == CALLER


def _table(
    title: str, about: str, kinds: type[Enum], begin: tuple[str, Enum], steps: Iterator[FloorStep]
) -> FloorTable:
    name, first = begin
    events = tuple(kind.__name__ for kind in members(FloorEvent))
    states = tuple(kind.name for kind in kinds)
    return Table(title, about, states, events, {name: first.name}, tuple(steps), {})


def offers() -> FloorTable:
    """What becomes of an offer, drawn from the code as it is now."""
    about = f"`routing/floor.py`. Commands are those for the offer's caller; *{GONE}*: forgotten."
    steps = _stepped(Stage, STAGES, lambda scene: scene.stage)
    return _table("An offer", about, Stage, ("offered", Stage.RINGING), steps)


def places() -> FloorTable:
    """What becomes of a caller's place, drawn from the code as it is now."""
    about = "`routing/floor.py`. " + ". ".join(f"{p.name}: {MEANING[p]}" for p in Place) + "."
    steps = _stepped(Place, PLACES, lambda scene: scene.place.name)
    return _table("A caller's place", about, Place, ("arrived", Place.ELSEWHERE), steps)
