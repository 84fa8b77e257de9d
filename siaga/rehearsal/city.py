"""What a synthetic city's callers and operators do: assumptions, each with its source or reason.

They are a value, and a file (`rehearse --city FILE`) puts others in their place. Where no city has
published a figure, it says so: put in your own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from routing.operator import STRICT
from routing.rotation import Weekday
from routing.service import ServiceId

CALLS_PER_DAY: Final = 290.0
"""Kota Batu (some 220,000 people): 61,897 calls from June to December 2024, 214 days."""
HOURS: Final = tuple(
    float(weight)
    for weight in (2, 2, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 7, 7, 6, 5, 4, 3)
)
"""Emergency centres the world over are quietest before dawn and busiest in the early evening, about
five to one; no Indonesian city has published its hours."""
WEEKDAYS: Final = {Weekday.FRI: 1.1, Weekday.SAT: 1.2, Weekday.SUN: 1.1}
"""Weekends bring more traffic, crowds and children at home; a house figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something takes: log-normal, as service times of telephone calls are.

    Source of the shape: Brown, Gans, Mandelbaum and others, Statistical Analysis of a Telephone
    Call Center, JASA 100 (2005).

    Attributes:
        median_s: Seconds within which it is over for half of the people.
        p90_s: Seconds within which it is over for nine of ten.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    median_s: float
    p90_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What callers of one kind do.

    Attributes:
        share: How many of all callers they are, relative to the other kinds.
        silent: The share of them who press no key.
        decide: From the answer of the machine to the key.
        patience: From dialling to giving up, unanswered.
        stays: The share of them who never give up.
        talk: With the operator; that of genuine callers is their service's.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    share: float
    silent: float
    decide: Spread
    patience: Spread
    stays: float
    talk: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """The kinds of callers, as operators mark their calls.

    Shares: Kota Semarang 2025: 43 % emergencies, 18 % information, 39 % prank and ghost. Kota Batu
    2024: 67 genuine ones of 61,897, most of the others broken off before anybody could answer.
    Kota Cirebon 2024: more prank and ghost calls than others. A city in between is taken.
    Patience and talk: no city has published any; house figures.

    Attributes:
        genuine: Somebody is in need: most stay until they are answered.
        information: Wants to know something.
        prank: Children and bored people: they listen to the menu, and to the operator's patience.
        ghost: Pocket calls and toddlers: no key, no word.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    genuine: Habit = Habit(
        share=0.15,
        silent=0.1,
        decide=Spread(median_s=5.0, p90_s=10.0),
        patience=Spread(median_s=90.0, p90_s=240.0),
        stays=0.5,
        talk=Spread(median_s=90.0, p90_s=210.0),
    )
    information: Habit = Habit(
        share=0.1,
        silent=0.1,
        decide=Spread(median_s=8.0, p90_s=12.0),
        patience=Spread(median_s=45.0, p90_s=120.0),
        stays=0.0,
        talk=Spread(median_s=60.0, p90_s=150.0),
    )
    prank: Habit = Habit(
        share=0.2,
        silent=0.2,
        decide=Spread(median_s=6.0, p90_s=12.0),
        patience=Spread(median_s=25.0, p90_s=60.0),
        stays=0.0,
        talk=Spread(median_s=20.0, p90_s=60.0),
    )
    ghost: Habit = Habit(
        share=0.55,
        silent=0.9,
        decide=Spread(median_s=6.0, p90_s=12.0),
        patience=Spread(median_s=10.0, p90_s=45.0),
        stays=0.0,
        talk=Spread(median_s=10.0, p90_s=20.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What genuine callers of one service need.

    Attributes:
        weight: How many they are, relative to those of the other services.
        talk: With the operator.
        desk: What the operator then does on the same phone: sends the ambulance, the engine.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    weight: float = 1.0
    talk: Spread = Spread(median_s=90.0, p90_s=210.0)
    desk: Spread = Spread(median_s=45.0, p90_s=120.0)


SERVICES: Final = {
    ServiceId("medis"): Demand(
        weight=5.0,
        talk=Spread(median_s=120.0, p90_s=270.0),
        desk=Spread(median_s=60.0, p90_s=150.0),
    ),
    ServiceId("damkar"): Demand(weight=4.0),
    ServiceId("lalin"): Demand(weight=2.0),
    ServiceId("tibum"): Demand(weight=2.0),
}
"""Reports in Kota Batu 2024: health 23, fire brigade 15, police 8, disasters 4; times are house
figures, longest where first aid is explained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What people at phones do; house figures, to be replaced by what the records of a post show.

    Attributes:
        answer: From the first ring to picking up: one or two rings of 1 s on, 4 s off.
        misses: The share of rings that somebody on duty leaves unanswered: away from the desk.
        declines: The share that somebody on duty declines.
        off_duty_answers: The share that somebody off duty answers: a supervisor at home, somebody
            of the shift before.
        post_answers: The share of rings of the post's phone that somebody in the room answers.
        outside_answers: The share that a number outside answers.
        outside_presses: The share of those who press 1; all else is a voicemail.
        ends: The share of talks that the operator ends, not the caller.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    answer: Spread = Spread(median_s=4.0, p90_s=8.0)
    misses: float = 0.05
    declines: float = 0.01
    off_duty_answers: float = 0.2
    post_answers: float = 0.8
    outside_answers: float = 0.9
    outside_presses: float = 0.9
    ends: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city on the phone.

    Attributes:
        calls_per_day: On an average day of the week.
        hours: The weight of each hour of the day, from 00:00, by the site's clock.
        weekdays: The weight of a day of the week; 1 where none is written.
        wrong_key: The share of callers who press a key that means nothing first.
        other_language: The share of callers who press the language key first.
        callers: The kinds of callers.
        services: What genuine callers need, by service; all keys of the menu where none is written.
        operators: The people at the phones.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT
    calls_per_day: float = CALLS_PER_DAY
    hours: tuple[float, ...] = HOURS
    weekdays: Mapping[Weekday, float] = field(default_factory=WEEKDAYS.copy)
    wrong_key: float = 0.03
    other_language: float = 0.02
    callers: Callers = field(default_factory=Callers)
    services: Mapping[ServiceId, Demand] = field(default_factory=SERVICES.copy)
    operators: Staff = field(default_factory=Staff)
