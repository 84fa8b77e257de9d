"""What a caller can ask for, who is hunted for it, and what happens when they do not answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Literal, NewType, TypeAlias

from routing.operator import STRICT, AgencyId, Language

ServiceId = NewType("ServiceId", str)
GroupId = NewType("GroupId", str)
ChainId = NewType("ChainId", str)
TrunkId = NewType("TrunkId", str)


class Strategy(StrEnum):
    """How a hunt group rings its operators; names and meaning as in Asterisk's `app_queue`.

    What differs is told in `routing.order`.
    """

    RINGALL = "ringall"
    LINEAR = "linear"
    RRMEMORY = "rrmemory"
    LEASTRECENT = "leastrecent"
    FEWESTCALLS = "fewestcalls"
    RANDOM = "random"
    WRANDOM = "wrandom"


@dataclass(frozen=True, slots=True, kw_only=True)
class HuntGroup:
    """The operators who are rung for a service: those on duty of these agencies.

    Attributes:
        agencies: Whose operators; with `linear` in this order.
        strategy: How they are rung.
        ring_time_s: Seconds that all of them (ringall) or the one who is rung (all others) ring.
        busy_wait_s: Seconds that a caller waits for a busy operator before the overflow goes on.
        penalty_limit: By seconds of waiting, the highest penalty that is rung from then on; none
            without it. Before the chain leaves the group all are rung, whatever their penalty.
        wrap_up_s: Seconds that an operator is not rung after a talk with one of its callers.
        auto_pause_after: So many offers in a row not answered pause an operator; 0 for never.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    agencies: tuple[AgencyId, ...]
    strategy: Strategy = Strategy.RINGALL
    ring_time_s: float = 15.0
    busy_wait_s: float = 5.0
    penalty_limit: Mapping[float, int] = field(default_factory=dict)
    wrap_up_s: float = 0.0
    auto_pause_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorStep:
    """Rings the supervisors of the group's agencies, on duty or not."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    to: Literal["supervisor"]
    ring_time_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAgenciesStep:
    """Rings everybody on duty at the post, of whatever agency."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    to: Literal["other_agencies"]
    ring_time_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousShiftStep:
    """Rings the group's operators of the previous shift: some are still at their phones."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    to: Literal["previous_shift"]
    ring_time_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpStep:
    """Rings the group's operators on duty who are in wrap-up, as if they were not."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    to: Literal["wrap_up"]
    ring_time_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStep:
    """Rings the post's own phone, which anybody picks up."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    to: Literal["post"]
    ring_time_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideStep:
    """Rings a number outside the post.

    Attributes:
        number: As dialled on that trunk.
        trunk: The trunk that carries the call out.
        ring_time_s: Seconds until it counts as no answer.
        confirm: Counts as reached only when the callee presses 1: it may be a voicemail.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    to: Literal["outside"]
    number: str
    trunk: TrunkId
    ring_time_s: float = 25.0
    confirm: bool = True


OverflowStep: TypeAlias = (
    SupervisorStep | OtherAgenciesStep | PreviousShiftStep | WrapUpStep | PostStep | OutsideStep
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A help that a caller can choose.

    Attributes:
        name: By language, for people.
        label: What the operator's phone shows as the caller's name.
        group: Who is hunted first.
        overflow: What follows when they do not answer.
        priority: Higher is served first; a step is worth `Catalogue.ageing_s` of waiting.
        max_wait_s: After so many seconds the chain is at its end at once, in what always rings.
        record: Whether talks about it are recorded, and callers told so. There is no default: who
            runs a centre has to decide it.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    name: Mapping[Language, str]
    label: str
    group: GroupId
    overflow: ChainId
    priority: int = 0
    max_wait_s: float | None = None
    record: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """What a waiting caller is told beside the ringing (`services.yaml`, `announcements`).

    Attributes:
        first_after_s: Seconds from the choice of a service to the first place and apology.
        position_every_s: Seconds from one telling of the place in the queue to the next; never
            told without it.
        apology_every_s: The same of the apology; without it, it comes when the ring-back tone
            has ended.
        turned: Say once that others are rung, when the hunt group has not answered.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    first_after_s: float = 20.0
    position_every_s: float | None = None
    apology_every_s: float | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleRule:
    """When a number is slowed down for what operators say of its calls, and how (ADR 21).

    Attributes:
        after: So many prank or ghost calls slow a number down,
        within_s: when they were marked within so many seconds,
        lasts_s: for so many seconds from the last of them.
        priority: Steps, less than 0, that are added to the service's priority for who does not say
            that it is an emergency.
        allow: Numbers that are never slowed down: whole ones, or `0725*` for all that begin so.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    after: int = 3
    within_s: float = 86_400.0
    lasts_s: float = 7_200.0
    priority: int = -2
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The services, their hunt groups and overflow chains (`services.yaml`, without the menu).

    Attributes:
        services: By id.
        default_service: Where silence, confusion and a broken keypad lead; all reach a human.
        hunt_groups: By id.
        overflow: Chains by id; each starts over at its end, after the hunt group again.
        ageing_s: Seconds of waiting that make up for one step of priority: nobody starves.
        redial_credit_s: Seconds in which who gave up keeps the earned place on dialling again.
        shared_numbers: Numbers, as presented, with many people behind them: they earn no credit,
            and are never slowed down.
        announcements: What who waits is told.
        throttle: Slows numbers of repeated pranks down; without it none is.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    services: Mapping[ServiceId, Service]
    default_service: ServiceId
    hunt_groups: Mapping[GroupId, HuntGroup]
    overflow: Mapping[ChainId, tuple[OverflowStep, ...]]
    ageing_s: float = 60.0
    redial_credit_s: float = 300.0
    shared_numbers: tuple[str, ...] = ()
    announcements: Announcements = field(default_factory=Announcements)
    throttle: ThrottleRule | None = None

    @property
    def recorded(self) -> frozenset[ServiceId]:
        """The services whose talks are recorded."""
        return frozenset(id_ for id_, service in self.services.items() if service.record)
