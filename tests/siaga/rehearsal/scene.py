"""Scenes: callers and operators of which all that they do is fixed, to be played on two engines.

No two people do something in the same twentieth of a second: each caller has a fraction of the
second, and what follows from a call falls on it, or a quarter, a half or three quarters later. So
what decides is the core, not the milliseconds that a message takes.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from routing.floor import Floor
from routing.moment import Moment
from routing.note import CallId, Note
from routing.offer import Offer, OutsideTarget
from siaga.rehearsal.stage import Stage
from siaga.rehearsal.visit import Visit
from siaga.rehearsal.watch import Watch
from siaga.settings import Settings
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.asterisk import shipped_length
from switch.fake.behaviour import Answer, Behaviour, Citizen, Decline, Ignore

CALLERS: Final = 4
RINGS: Final = 12
STARTS: Final = (
    datetime(2026, 11, 23, 1, 0, tzinfo=UTC),  # pagi, siang and malam, and half a minute before
    datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 6, 59, 30, tzinfo=UTC),
)
WARM_UP_S: Final = 10.0
"""The simulated centre connects first."""
LIMIT_S: Final = 400.0
"""A scene is over then: who has not been answered is given up on by both."""
TOGETHER_S: Final = 0.015
"""Answers nearer than this are of one time: it takes messages so long to be there, at most."""
OUTSIDE, TRUNK = "0725000113", "telkom"
KEPT: Final = {
    "chosen": ("service",),
    "queued": ("service",),
    "offered": ("target",),
    "offer_failed": ("target", "outcome"),
    "withdrawn": ("target",),
    "operator_answered": ("target",),
    "operator_lost": ("why",),
    "nobody_to_ring": (),
    "announced": ("prompts",),
    "ended": ("by",),
    "abandoned": ("where",),
}
"""What is compared of a note, beside its name, its call and its time."""


class Told(NamedTuple):
    """A note as it is compared: seconds after the call's arrival, and what it says."""

    seconds: float
    what: str
    facts: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """All that people do.

    Attributes:
        start: The wall time of second 0.
        visits: The callers.
        seats: By endpoint, what is done at one ring after the other; nothing after the last.
        outside: The same of the number outside.
    """

    start: datetime
    visits: tuple[Visit, ...]
    seats: Mapping[str, tuple[Behaviour, ...]]
    outside: tuple[Behaviour, ...]


def scene(seed: int, endpoints: Sequence[str]) -> Scene:
    """The scene of that number."""
    draw = Random(seed)  # noqa: S311 - the same each time
    visits = []
    for number in range(CALLERS):
        fraction = 0.05 * (number + 1)
        keys = tuple(
            (draw.randrange(1, 9) + 0.25 + 10.0 * place, draw.choice("12340*9"))
            for place in range(draw.choice((0, 1, 1, 1, 2)))
        )
        patience_s = draw.choice((None, None, draw.randrange(5, 90) + 0.025))
        citizen = Citizen(keys, patience_s, draw.choice((None, float(draw.randrange(4, 60)))))
        at_s = draw.randrange(0, 40) + fraction
        visits.append(Visit(CallId(f"call-{number}"), at_s, citizen, f"08120000000{number}"))
    visits.sort(key=lambda visit: visit.at_s)
    seats = {
        endpoint: tuple(behaviour(draw, place + 1.5) for _ in range(RINGS))
        for place, endpoint in enumerate(draw.sample(endpoints, len(endpoints)))
    }
    voicemail = Answer(draw.randrange(2, 6) + 0.5, keys=())
    person = Answer(draw.randrange(2, 6) + 0.5, 20.0, keys=((6.0, "1"),))
    return Scene(
        STARTS[seed % len(STARTS)],
        tuple(visits),
        seats,
        tuple(draw.choice((Ignore(), voicemail, person)) for _ in range(3)),
    )


def behaviour(draw: Random, after_s: float) -> Behaviour:
    """What somebody does at one ring: picks up mostly, as operators do; no two after one time."""
    talk_s = draw.choice((None, 1.0, float(draw.randrange(5, 60))))
    return draw.choice(
        (Answer(after_s, talk_s), Answer(after_s, talk_s), Decline(after_s), Ignore())
    )


class ScenePeople:
    """Does what the scene says, ring by ring.

    Attributes:
        are_even: Two people do something about one call at one time: milliseconds decide.
    """

    def __init__(self, scene_: Scene) -> None:
        self._seats = {name: deque(acts) for name, acts in scene_.seats.items()}
        self._outside = deque(scene_.outside)
        self._times: dict[CallId, list[float]] = {}
        self.are_even = False

    def rings(self, offer: Offer, visit: Visit, at: Moment, _: int) -> Behaviour:
        """The next act at that phone."""
        target = offer.target
        is_outside = isinstance(target, OutsideTarget)
        acts = self._outside if is_outside else self._seats[target.endpoint]
        act = acts.popleft() if acts else Ignore()
        if not isinstance(act, Ignore):
            due, times = at.instant + act.after_s, self._times.setdefault(visit.call, [])
            self.are_even |= any(abs(due - other) < TOGETHER_S for other in times)
            times.append(due)
        return act

    def desk_s(self, _: Offer, __: Visit) -> float:
        """Nobody has anything to do after a talk."""
        return 0.0


def on_stage(settings: Settings, scene_: Scene) -> dict[str, list[Told]] | None:
    """The scene on the rehearsal's engine: what was noted of each call; None if it was even."""
    notes: dict[str, list[tuple[float, Note]]] = {}

    def hear(note: Note, at: Moment) -> None:
        if note.call is not None:
            notes.setdefault(note.call, []).append((at.instant, note))

    watch, plan, people = Watch(), settings.plan(), ScenePeople(scene_)
    stage = Stage(
        Floor(plan, "", Random(1).random),  # noqa: S311 - never drawn from
        settings.menu,
        plan.catalogue,
        start=scene_.start,
        people=people,
        media_s=lambda _, name: shipped_length(f"/{name}"),
        hear=hear,
        watch=watch,
    )
    stage.play(iter(scene_.visits))
    assert watch.shown == [], watch.shown
    if people.are_even:
        return None
    return {call: told([(s, n.what, n.detail) for s, n in own]) for call, own in notes.items()}


def on_simulation(settings: Settings, scene_: Scene, seed: int) -> dict[str, list[Told]]:
    """The scene on the whole daemon and the Asterisk in memory."""

    async def whole() -> dict[str, list[Told]]:
        begin = scene_.start - timedelta(seconds=WARM_UP_S)
        simulation = Simulation(settings, seed=seed, start=begin)
        begun = asyncio.get_running_loop().time()
        await simulation.start()
        for endpoint, acts in scene_.seats.items():
            simulation.asterisk.register(endpoint, Ignore()).following.extend(acts)
        outside = simulation.asterisk.outside(OUTSIDE, TRUNK, Ignore())
        outside.following.extend(scene_.outside)
        names: dict[str, str] = {}
        for visit in scene_.visits:
            due = begun + WARM_UP_S + visit.at_s
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            caller = simulation.asterisk.caller(str(visit.number), citizen=visit.citizen)
            names[caller.call("112").channel] = visit.call
        await asyncio.sleep(LIMIT_S)
        found: dict[str, list[tuple[float, str, Mapping[str, object]]]] = {}
        for record in simulation.records:
            if record.call in names:
                seconds = (record.at - scene_.start).total_seconds()
                found.setdefault(names[record.call], []).append(
                    (seconds, record.what, record.detail)
                )
        await simulation.stop()
        return {call: told(own) for call, own in found.items()}

    return run(whole(), debug=False)


def told(notes: Sequence[tuple[float, str, Mapping[str, object]]]) -> list[Told]:
    """What is compared, with times after the call's first note, each kind in the order of time.

    What messages bring about that are on their way at one time comes in any order.
    """
    first = notes[0][0]
    found = [
        Told(seconds - first, what, tuple(detail[key] for key in KEPT[what]))
        for seconds, what, detail in notes
        if what in KEPT and seconds - first <= LIMIT_S / 2
    ]
    return sorted(found, key=by_text)


def by_text(one: Told) -> str:
    """Puts what is told alike side by side."""
    return f"{one.what} {one.facts}"
