"""A call that nobody has made, played by the core to the end of its chain: nobody answers.

Zone, dialogue, floor and roster are those of the daemon, on the stage of a rehearsal (ADR 25); what
they do is written down, and nothing is decided here (ADR 26).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from random import Random
from typing import Final

from routing import hunt
from routing.floor import Floor
from routing.hunt import Chain
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.number import presented
from routing.obstacle import Obstacle
from routing.offer import (
    Enqueue,
    FloorCommand,
    FloorEvent,
    Offer,
    SeatChanged,
    SeatState,
)
from routing.operator import Language, PersonId
from routing.plan import Plan
from routing.reason import Reason
from routing.seating import Seating
from routing.service import WrapUpStep
from routing.snapshot import Snapshot
from routing.throttle import Charges, Throttle
from routing.zone import Evidence, Verdict
from siaga import arrival
from siaga.patience import prompt_s
from siaga.rehearsal.stage import Stage
from siaga.rehearsal.visit import Visit
from siaga.rehearsal.watch import Watch
from siaga.settings import Settings
from switch.fake.behaviour import Behaviour, Citizen, Ignore

CALL: Final = CallId("explained")
KEY_S: Final = 1.0
"""From the answer to the first key, and from one key to the next: as people press them."""
SEED: Final = 112
"""Of groups that ring at random: one of the orders that a live call may bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The call.

    Attributes:
        evidence: What comes with it.
        at: When; aware.
        keys: What the caller presses, one after the other; nothing is silence.
        busy: Who is on a call.
        kept: What a daemon has kept of pauses, seats and turns; None: nothing has happened yet.
        charges: What it has kept of nuisance calls; None: there were none.
    """

    evidence: Evidence
    at: datetime
    keys: str = ""
    busy: frozenset[PersonId] = frozenset()
    kept: Snapshot | None = None
    charges: Charges | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone that rings.

    Attributes:
        after_s: Seconds after the arrival.
        step: Of the chain, by its index.
        offer: What is rung, for how long.
        because: Why, as the journal has it.
    """

    after_s: float
    step: int
    offer: Offer
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """A target of a step that is not rung at it.

    Attributes:
        step: Of the chain, by its index.
        key: The target's.
        person: Who is not rung; None for a phone of nobody.
        has_rung: It had rung before, in this round.
        obstacle: What else was in the way when the step was reached; None: the chain went on.
        because: The grounds for which it would have been rung.
    """

    step: int
    key: str
    person: PersonId | None
    has_rung: bool
    obstacle: Obstacle | None
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What the core does with the call.

    Attributes:
        question: The call.
        settings: By which it was decided.
        verdict: Where the caller is.
        notes: What the journal would have of the call, with seconds after the arrival.
        place: How the caller joins the queue; None for one who is hung up on.
        chain: Along which phones ring then.
        rings: The phones, in order, until the chain starts over.
        passes: Whom it passes.
        reached: When each step was reached, by its index.
        seating: Who sits where.
        over_s: When the chain starts over, in seconds after the arrival.
    """

    question: Question
    settings: Settings
    plan: Plan
    verdict: Verdict
    notes: tuple[tuple[float, Note], ...]
    place: Enqueue | None
    chain: Chain | None
    rings: tuple[Ring, ...]
    passes: tuple[Pass, ...]
    reached: dict[int, datetime]
    seating: Seating
    over_s: float | None


def foresee(settings: Settings, question: Question) -> Foresight:
    """What the core does with a call on these settings, until its chain starts over."""
    plan = settings.plan()
    floor, now = _Witness(plan), Moment(Instant(0.0), question.at)
    if question.kept is not None:
        floor.restore(question.kept, now)
    for endpoint in _phones(settings, floor.seating, question.busy):
        floor.step(SeatChanged(endpoint, SeatState.BUSY), at=now)
    notes: list[tuple[float, Note]] = []

    def hear(note: Note, at: Moment) -> None:
        if note.call == CALL and not floor.is_over:
            notes.append((at.instant, note))

    @cache
    def media_s(language: str, name: str) -> float:
        return prompt_s(settings, Language(language), name)

    stage = Stage(
        floor,
        settings.menu,
        plan.catalogue,
        start=question.at,
        people=_Nobody(),
        media_s=media_s,
        hear=hear,
        watch=Watch(),
    )
    throttle = Throttle(plan)
    if question.charges is not None:
        throttle.restore(question.charges, now)
    throttled = partial(throttle.verdict, at=now)
    begin = partial(arrival.begin, question.evidence, plan, settings.menu, throttled)
    stage.play(iter([_visit(question)]), begin=begin, until=lambda: floor.is_over)
    return Foresight(
        question=question,
        settings=settings,
        plan=plan,
        verdict=plan.zones.judge(question.evidence),
        notes=tuple(notes),
        place=floor.place,
        chain=floor.chain,
        rings=tuple(floor.rings),
        passes=floor.passes(),
        reached=floor.reached,
        seating=floor.seating,
        over_s=floor.over_s,
    )


def _visit(question: Question) -> Visit:
    keys = tuple((KEY_S * place, key) for place, key in enumerate(question.keys, start=1))
    return Visit(CALL, 0.0, Citizen(keys), presented(question.evidence.ani))


def _phones(settings: Settings, seating: Seating, people: Iterable[PersonId]) -> Iterable[str]:
    operators = settings.operators
    for person in people:
        for seat in seating.seats_of(person, operators):
            yield operators.seats[seat].endpoint


class _Nobody:
    """Nobody picks up."""

    def rings(self, _: Offer, __: Visit, ___: Moment, ____: int) -> Behaviour:
        """Nothing is done about it."""
        return Ignore()

    def desk_s(self, _: Offer, __: Visit) -> float:
        """Nobody has talked."""
        return 0.0


class _Witness(Floor):
    """The floor itself, which writes down whom it rings and whom it passes for the one caller.

    Attributes:
        place: As of `Foresight`, and so are the others.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, "", Random(SEED).random)  # noqa: S311 - the same each time
        self._rung: set[str] = set()
        self._found: dict[tuple[int, str], Pass] = {}
        self.rings: list[Ring] = []
        self.reached: dict[int, datetime] = {}
        self.place: Enqueue | None = None
        self.chain: Chain | None = None
        self.over_s: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the chain has started over."""
        return self.over_s is not None

    @property
    def seating(self) -> Seating:
        """Who sits where."""
        return self._crew.seating

    def step(self, event: FloorEvent, *, at: Moment) -> tuple[FloorCommand, ...]:
        """What is to be done after `event`."""
        commands = super().step(event, at=at)
        if isinstance(event, Enqueue):
            self.place = event
            self.chain = hunt.chain_of(self._plan, event.service, event.transfer)
        if self.chain is not None and not self.is_over:
            self._see(commands, self.chain, at)
        return commands

    def passes(self) -> tuple[Pass, ...]:
        """Who was not rung at a step that leads to them."""
        rung = {(ring.step, ring.offer.target.key) for ring in self.rings}
        return tuple(one for place, one in self._found.items() if place not in rung)

    def _see(self, commands: tuple[FloorCommand, ...], chain: Chain, at: Moment) -> None:
        """A phone that rings again, and a round in which none could, are a chain's end."""
        because: tuple[Reason, ...] = ()
        for command in commands:
            match command:
                case Note(what="offered"):
                    because = command.because
                case Note(what="nobody_to_ring"):
                    self.over_s = at.instant
                    self._look(len(chain.steps) - 1, chain, at)
                    return
                case Offer() if command.target.key in self._rung:
                    self.over_s = at.instant
                    return
                case Offer():
                    step = _step_of(because, chain)
                    self._rung.add(command.target.key)
                    self.rings.append(Ring(at.instant, step, command, because))
                case _:
                    pass
        self._look(max((ring.step for ring in self.rings), default=0), chain, at)

    def _look(self, last: int, chain: Chain, at: Moment) -> None:
        """What is in the way of whom, at the steps that were reached just now."""
        for index in range(len(self.reached), last + 1):
            self.reached[index] = at.wall
            rouse = isinstance(chain.steps[index], WrapUpStep)
            for one in hunt.candidates(self._plan, chain, index, at.wall, self.seating):
                has_rung = one.key in self._rung
                obstacle = None if has_rung else self.obstacle(one.target, at, rouse=rouse)
                found = Pass(index, one.key, one.person, has_rung, obstacle, one.because)
                self._found.setdefault((index, one.key), found)


def _step_of(because: tuple[Reason, ...], chain: Chain) -> int:
    """The step that a phone is rung for: its settings path is among the reasons."""
    paths = [reason.path for reason in because]
    return next(index for index, path in enumerate(chain.paths) if path in paths)
