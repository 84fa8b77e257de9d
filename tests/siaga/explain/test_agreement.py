"""What is foreseen is what the whole daemon does, on the Asterisk in memory.

Thousands of calls, over random settings, times, pauses and turns: the same verdict, service and
phones, in the same order, for the same reasons.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import pytest

from journal.record import Record
from routing.history import Work, turn_of
from routing.operator import PersonId, SeatId
from routing.service import HuntGroup, Strategy, WrapUpStep
from routing.snapshot import Pause, Snapshot
from siaga.explain.foresight import Foresight, Question, foresee
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Citizen, Ignore
from tests.siaga.explain.call import Drawn, begun, drawn, foreseen, recorded
from tests.siaga.explain.settings import example

BLOCKS, SCENES, CALLS = 4, 52, 40
WHOLE: Final = 8
"""One call in so many stays until its chain starts over; all others hang up before."""
BEGIN: Final = datetime(2026, 12, 20, tzinfo=UTC)
DAYS: Final = 20
"""With overrides, Christmas and the New Year in them."""
WARM_UP_S: Final = 8.0
KEY_S: Final = 1.0
SETTLED_S: Final = 3.0
STRATEGIES: Final = tuple(s for s in Strategy if s not in {Strategy.RANDOM, Strategy.WRANDOM})
"""What is drawn anew for each call cannot be foreseen."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro, with a neighbour whose callers are hung up on."""
    return load(example(tmp_path_factory.mktemp("settings") / "own"))


def varied(base: Settings, draw: Random) -> Settings:
    """The same with other hunting: strategies, penalties, limits, steps and waits."""

    def group(one: HuntGroup) -> HuntGroup:
        return replace(
            one,
            strategy=draw.choice(STRATEGIES),
            ring_time_s=draw.choice((3.0, 7.0)),
            busy_wait_s=draw.choice((0.0, 2.5)),
            penalty_limit=draw.choice(({}, {0.0: 0, 5.3: 2})),
            auto_pause_after=draw.choice((0, 2)),
            wrap_up_s=30.0,
        )

    people = {
        id_: replace(person, penalty=draw.choice((0, 0, 1, 2)))
        for id_, person in base.operators.people.items()
    }
    chains = {}
    for id_, chain in base.catalogue.overflow.items():
        steps = [*chain[:-2], WrapUpStep(to="wrap_up")]
        draw.shuffle(steps)
        quick = (replace(s, ring_time_s=4.0) for s in (*steps[: draw.randrange(5)], *chain[-2:]))
        chains[id_] = tuple(quick)
    services = {
        id_: replace(service, max_wait_s=draw.choice((None, None, 13.7)))
        for id_, service in base.catalogue.services.items()
    }
    catalogue = replace(
        base.catalogue,
        services=services,
        hunt_groups={id_: group(one) for id_, one in base.catalogue.hunt_groups.items()},
        overflow=chains,
    )
    return replace(base, catalogue=catalogue, operators=replace(base.operators, people=people))


def kept(settings: Settings, draw: Random, start: datetime) -> Snapshot:
    """What an earlier run may have left: work, turns, pauses, wrap-ups, somebody at the post."""
    people, now = list(settings.operators.people), start.timestamp()
    groups, roster = settings.catalogue.hunt_groups, settings.plan().roster
    work = {
        person: Work(now - draw.randrange(9999), draw.randrange(5))
        for person in draw.sample(people, 6)
    }
    return Snapshot(
        work=work,
        rung={id_: draw.choice(people) for id_ in groups},
        pauses={
            person: Pause(turn_of(roster, person, start), automatic=False)
            for person in draw.sample(people, 3)
        },
        seats={SeatId("pos"): PersonId("siti")} if draw.random() < 0.3 else {},
        wrap_ups={draw.choice(people): now + 20.0},
    )


@pytest.mark.parametrize("block", range(BLOCKS))
def test_thousands_of_calls_go_the_way_that_was_foreseen(block: int, base: Settings) -> None:
    """For each call: zone, service, phones and reasons; of those who stay, the whole chain."""
    rung = 0
    for seed in range(block, SCENES, BLOCKS):
        for each in scene(base, seed):
            live, seen = recorded(each.records), foreseen(each.seen, placed=False)
            if not each.stays:
                seen = begun(seen, live)
            assert live == seen, f"scene {seed}: {each.call}"
            rung += bool(live.targets)
    assert rung > SCENES / BLOCKS * CALLS / 2, "most calls are to ring somebody"


@dataclass(frozen=True, slots=True)
class Played:
    """A call, what was foreseen of it, and what was recorded; `stays`: to the chain's end."""

    call: Drawn
    seen: Foresight
    stays: bool
    records: list[Record]


def scene(base: Settings, seed: int) -> list[Played]:
    """Calls one after the other at one centre, and what was foreseen of each."""
    draw = Random(seed)  # noqa: S311 - the same each time
    settings = varied(base, draw)
    start = BEGIN + timedelta(minutes=draw.randrange(DAYS * 24 * 60))

    async def whole() -> list[Played]:
        simulation = Simulation(settings, seed=seed, start=start)
        simulation.notebooks[0].write(kept(settings, draw, start))
        await simulation.start()
        for seat in settings.operators.seats.values():
            simulation.asterisk.register(seat.endpoint, Ignore())
        await asyncio.sleep(WARM_UP_S)
        done = []
        for number in range(CALLS):
            call = drawn(draw, seed * CALLS + number, list(settings.operators.people))
            done.append(await _played(simulation, settings, call, draw))
        await simulation.stop()
        assert simulation.left() == []
        return done

    return run(whole(), debug=False)


async def _played(simulation: Simulation, settings: Settings, call: Drawn, draw: Random) -> Played:
    operators = settings.operators
    conductor = simulation.centre.conductor
    seating = conductor.floor.seating
    phones = [
        operators.seats[seat].endpoint
        for person in call.busy
        for seat in seating.seats_of(person, operators)
    ]
    for phone in phones:
        conductor.know_seat(phone, "INUSE")
    await asyncio.sleep(SETTLED_S)
    question = Question(
        evidence=call.evidence,
        at=simulation.clock.now().wall,
        keys=call.keys,
        busy=call.busy,
        kept=simulation.notebooks[0].read(),
    )
    seen = foresee(settings, question)
    stays = draw.randrange(WHOLE) == 0
    over_s = 1.0 if seen.over_s is None else seen.over_s
    patience_s = over_s + 6.0 if stays else draw.uniform(0.0, over_s)
    keys = tuple((KEY_S * place, key) for place, key in enumerate(call.keys, start=1))
    citizen = Citizen(keys, patience_s)
    caller = simulation.asterisk.caller(call.evidence.ani, call.evidence.trunk, citizen)
    caller.location = call.evidence.location
    caller.access = (call.evidence.access,) if call.evidence.access else ()
    before = len(simulation.records)
    channel = caller.call(call.evidence.did).channel
    await caller.closed(patience_s + 60.0)
    await asyncio.sleep(SETTLED_S)
    for phone in phones:
        conductor.know_seat(phone, "NOT_INUSE")
    own = [record for record in simulation.records[before:] if record.call == channel]
    return Played(call, seen, stays, own)
