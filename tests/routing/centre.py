"""A small centre for tests: two agencies, everybody always on duty, and a floor to play on."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from routing.floor import Floor
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.offer import (
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Offer,
    OfferId,
    OutsideTarget,
    SeatChanged,
    SeatState,
    Transfer,
    Withdraw,
)
from routing.operator import Agency, AgencyId, Operators, Person, PersonId, Seat, SeatId
from routing.plan import Plan
from routing.roster import Roster, RosterPlan, Shift, ShiftId, Weekday, WeeklyRow
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
from routing.zone import Trunk, ZoneMap, Zones

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
    shifts: Mapping[str, tuple[time, time, tuple[str, ...]]] | None = None,
) -> Plan:
    """Agency dinkes has ani and budi (budi with a penalty), bpbd has dedi; siti supervises."""
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
                GroupId("medis"): HuntGroup(
                    agencies=(AgencyId("dinkes"),),
                    strategy=strategy,
                    ring_time_s=RING_S,
                    busy_wait_s=BUSY_WAIT_S,
                ),
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
            )
        )

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
