"""A small centre for tests: two agencies, everybody always on duty, and a floor to play on."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from routing.floor import Floor
from routing.judge import ZoneMap
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import (
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    LegAnswered,
    LegGone,
    Offer,
    OfferId,
    OutsideTarget,
    SeatChanged,
    SeatState,
    Transfer,
    Withdraw,
)
from routing.operator import Agency, AgencyId, Language, Operators, Person, PersonId, Seat, SeatId
from routing.plan import Plan
from routing.roster import Roster, RosterPlan
from routing.rotation import Weekday, WeeklyRow
from routing.service import (
    Catalogue,
    ChainId,
    GroupId,
    HuntGroup,
    OtherAgenciesStep,
    OutsideStep,
    OverflowStep,
    PostStep,
    PreviousShiftStep,
    Service,
    ServiceId,
    Strategy,
    SupervisorStep,
    TrunkId,
)
from routing.shift import Shift, ShiftId
from routing.zone import Trunk, Zones

RING_S, BUSY_WAIT_S = 10.0, 4.0
MEDIS, DAMKAR, URGENT = ServiceId("medis"), ServiceId("damkar"), ServiceId("urgent")
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OUTSIDE = "outside:0811@telkom"
CHAIN: tuple[OverflowStep, ...] = (
    SupervisorStep(to="supervisor", ring_time_s=RING_S),
    OtherAgenciesStep(to="other_agencies", ring_time_s=RING_S),
    PreviousShiftStep(to="previous_shift", ring_time_s=RING_S),
    PostStep(to="post", ring_time_s=RING_S),
    OutsideStep(to="outside", number="0811", trunk=TrunkId("telkom"), ring_time_s=RING_S),
)
TRANSFER = Transfer(
    target=OutsideTarget("0725112", TrunkId("telkom"), "siaga-telkom"),
    ring_time_s=RING_S,
    confirm=True,
    because=(),
)


def make_plan(
    *,
    people: tuple[str, ...] = ("ani", "budi", "dedi"),
    chain: tuple[OverflowStep, ...] = CHAIN,
    strategy: Strategy = Strategy.RINGALL,
    group: HuntGroup | None = None,
    max_wait_s: float | None = None,
    shifts: Mapping[str, tuple[time, time, tuple[str, ...]]] | None = None,
) -> Plan:
    """Agency dinkes has ani and budi (budi with a penalty), bpbd has dedi; siti supervises.

    Args:
        people: Who is there; siti always is.
        chain: The overflow of all services.
        strategy: Of the medical hunt group.
        group: All of that group, in place of one with this strategy.
        max_wait_s: Of the medical service.
        shifts: Who works when; without it everybody always does.
    """
    everybody = {
        "ani": Person(name="Ani", agency=AgencyId("dinkes")),
        "budi": Person(name="Budi", agency=AgencyId("dinkes"), penalty=1),
        "dedi": Person(name="Dedi", agency=AgencyId("bpbd")),
        "siti": Person(name="Siti", agency=AgencyId("bpbd")),
    }
    known = {PersonId(name): everybody[name] for name in (*people, "siti")}
    turns = shifts or {"penuh": (time(0), time(0), tuple(reversed(people)))}
    services = {
        id_: Service(
            name={},
            label=f"112 {id_.upper()}",
            group=GroupId(group),
            overflow=ChainId("biasa"),
            priority=priority,
            max_wait_s=max_wait_s if id_ == MEDIS else None,
            record=False,
        )
        for id_, group, priority in (
            (MEDIS, "medis", 0),
            (DAMKAR, "damkar", 0),
            (URGENT, "medis", 9),
        )
    }
    return Plan(
        zones=ZoneMap(
            Zones(
                country="ID",
                area_code="725",
                order=("trunk", "number"),
                trunks={TrunkId("telkom"): Trunk(name="T", endpoint="siaga-telkom")},
                prefixes=(),
                neighbours={},
            )
        ),
        catalogue=Catalogue(
            services=services,
            default_service=MEDIS,
            hunt_groups={
                GroupId("medis"): group or make_group(strategy),
                GroupId("damkar"): HuntGroup(
                    agencies=(AgencyId("bpbd"),), ring_time_s=RING_S, busy_wait_s=BUSY_WAIT_S
                ),
            },
            overflow={ChainId("biasa"): chain},
        ),
        operators=Operators(
            agencies={
                AgencyId("dinkes"): Agency(name="D", supervisor=PersonId("siti")),
                AgencyId("bpbd"): Agency(name="B"),
            },
            people=known,
            seats={
                **{SeatId(f"{p}-1"): Seat(endpoint=f"siaga-{p}", person=p) for p in known},
                SeatId("pos"): Seat(endpoint="siaga-pos"),
            },
            post=SeatId("pos"),
        ),
        roster=Roster(
            RosterPlan(
                timezone="Asia/Jakarta",
                shifts={ShiftId(k): Shift(start=v[0], end=v[1]) for k, v in turns.items()},
                weekly=tuple(
                    WeeklyRow(
                        days=tuple(Weekday),
                        shift=ShiftId(k),
                        people=tuple(PersonId(p) for p in v[2]),
                    )
                    for k, v in turns.items()
                ),
            )
        ),
    )


def make_group(strategy: Strategy = Strategy.RINGALL, **more: Any) -> HuntGroup:
    """The medical hunt group."""
    return HuntGroup(
        agencies=(AgencyId("dinkes"),),
        strategy=strategy,
        ring_time_s=RING_S,
        busy_wait_s=BUSY_WAIT_S,
        **more,
    )


def crowded(group: HuntGroup, penalties: Sequence[int]) -> Plan:
    """A plan whose medical agency has operators `0`, `1` and so on, with these penalties."""
    plan = make_plan(people=("ani",), group=group, chain=CHAIN[3:4])
    people = {
        PersonId(str(number)): Person(name=str(number), agency=AgencyId("dinkes"), penalty=penalty)
        for number, penalty in enumerate(penalties)
    }
    known = {**plan.operators.people, **people}
    seats = {SeatId(f"{p}-1"): Seat(endpoint=f"siaga-{p}", person=p) for p in people}
    whole = RosterPlan(
        timezone="Asia/Jakarta",
        shifts={ShiftId("penuh"): Shift(start=time(0), end=time(0))},
        weekly=(WeeklyRow(days=tuple(Weekday), shift=ShiftId("penuh"), people=tuple(people)),),
    )
    operators = replace(plan.operators, people=known, seats={**plan.operators.seats, **seats})
    return replace(plan, operators=operators, roster=Roster(whole))


class Play:
    """A floor, its clock, and what it has asked for so far."""

    def __init__(self, plan: Plan | None = None, seed: int = 112) -> None:
        self.floor = Floor(plan or make_plan(), "t", random.Random(seed).random)  # noqa: S311 - to be replayed
        self.now = 100.0
        self.live: dict[OfferId, Offer] = {}
        self.commands: tuple[FloorCommand, ...] = ()
        self.notes: list[Note] = []

    @property
    def at(self) -> Moment:
        """Both clocks, which go together."""
        return Moment(Instant(self.now), START + timedelta(seconds=self.now - 100.0))

    def tell(self, event: FloorEvent) -> tuple[FloorCommand, ...]:
        """Steps the floor; what it said is also kept."""
        self.commands = self.floor.step(event, at=self.at)
        self.live |= {c.offer: c for c in self.commands if isinstance(c, Offer)}
        self.notes += [c for c in self.commands if isinstance(c, Note)]
        return self.commands

    def call(
        self,
        name: str,
        service: ServiceId = MEDIS,
        *,
        arrived: float = 0.0,
        head: bool = False,
        skip: tuple[str, ...] = (),
        transfer: Transfer | None = None,
        number: str | None = None,
        language: str | None = None,
    ) -> tuple[FloorCommand, ...]:
        """A caller wants a human."""
        return self.tell(
            Enqueue(
                call=CallId(name),
                service=service,
                arrived=arrived,
                head=head,
                skip=skip,
                transfer=transfer,
                number=number,
                language=None if language is None else Language(language),
            )
        )

    def come(
        self, name: str, service: ServiceId = MEDIS, *, number: str | None = None
    ) -> tuple[FloorCommand, ...]:
        """A caller who has just arrived wants a human."""
        return self.call(name, service, arrived=self.at.wall.timestamp(), number=number)

    def talk(self, key: str, seconds: float = 60.0) -> tuple[FloorCommand, ...]:
        """The target answers, talks for so long and hangs up."""
        offer = self.offer_to(key)
        self.tell(LegAnswered(offer))
        self.now += seconds
        return self.tell(LegGone(offer, 16))

    def miss(self, key: str) -> tuple[FloorCommand, ...]:
        """The target's ring time ends without an answer, and its leg is gone."""
        offer = self.offer_to(key)
        self.now += RING_S
        return (*self.tell(Expired()), *self.tell(LegGone(offer, 19)))

    def wait(self) -> tuple[FloorCommand, ...]:
        """Time passes to the floor's deadline."""
        due = self.floor.deadline()
        assert due is not None
        self.now = max(self.now, due)
        return self.tell(Expired())

    def seat(self, person: str, state: SeatState) -> tuple[FloorCommand, ...]:
        """Asterisk reports a phone's state."""
        return self.tell(SeatChanged(f"siaga-{person}", state))

    def offer_to(self, key: str) -> OfferId:
        """The newest offer to a target."""
        return [offer.offer for offer in self.live.values() if offer.target.key == key][-1]


def offered(commands: tuple[FloorCommand, ...]) -> list[str]:
    """The targets of the offers among these commands, in order."""
    return [command.target.key for command in commands if isinstance(command, Offer)]


def withdrawn(commands: tuple[FloorCommand, ...]) -> list[OfferId]:
    """The offers that are withdrawn by these commands."""
    return [command.offer for command in commands if isinstance(command, Withdraw)]
