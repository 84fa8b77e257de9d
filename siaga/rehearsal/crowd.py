"""The callers of a synthetic city: who they are is drawn before anybody answers.

So the same seed brings the same callers whatever the roster is, and two rosters can be compared.
"""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from math import log
from random import Random
from typing import Final

from ivr.menu import Menu
from routing.mark import Mark
from routing.note import CallId
from routing.offer import SHORT_TALK_S
from routing.service import ServiceId
from siaga.rehearsal.city import City, Demand, Habit, Spread
from siaga.rehearsal.span import Curve
from siaga.rehearsal.visit import Visit
from switch.fake.behaviour import Citizen

P90: Final = 1.2815515655446004
"""Standard deviations above the median of nine tenths of a normal distribution."""
SECOND_KEY_S: Final = 2.0
"""After a wrong key, or the language key, the right one comes so much later."""
LEAST_TALK_S: Final = SHORT_TALK_S + 1.0
"""An operator who ended a talk sooner would not have answered."""
KEYPAD: Final = "123456789*0#"


def drawn(spread: Spread, draw: Random) -> float:
    """Seconds of something that takes so long."""
    sigma = log(spread.p90_s / spread.median_s) / P90
    return draw.lognormvariate(log(spread.median_s), sigma)


class Crowd:
    """The callers.

    Args:
        city: What they do.
        menu: What they hear.
        curve: When they call.
        seed: Of all that is drawn.
    """

    def __init__(self, city: City, menu: Menu, curve: Curve, seed: int) -> None:
        self._city = city
        self._curve = curve
        self._seed = seed
        kinds = {
            Mark.GENUINE: city.callers.genuine,
            Mark.INFORMATION: city.callers.information,
            Mark.PRANK: city.callers.prank,
            Mark.GHOST: city.callers.ghost,
        }
        self._kinds = tuple(kinds.items())
        self._kind_sums = list(accumulate(habit.share for habit in kinds.values()))
        self._keys = tuple(menu.keys)
        self._demands = tuple(demand_of(service, city.services) for service in menu.keys.values())
        self._key_sums = list(accumulate(demand.weight for demand in self._demands))
        taken = {*menu.keys, menu.human_key, menu.language_key}
        self._wrong = next((key for key in KEYPAD if key not in taken), None)
        self._language = menu.language_key if len(menu.languages) > 1 else None

    def visits(self, calls: int) -> Iterator[Visit]:
        """So many calls, in the order in which they come."""
        draw = Random(f"crowd {self._seed}")  # noqa: S311 - the same callers each time
        times = Random(f"times {self._seed}")  # noqa: S311
        for number, at_s in enumerate(self._curve.times(calls, times)):
            yield self._visit(number, at_s, draw)

    def _visit(self, number: int, at_s: float, draw: Random) -> Visit:
        """Draws the same number of numbers for every caller of a kind, used or not."""
        mark, habit = draw.choices(self._kinds, cum_weights=self._kind_sums)[0]
        place = draw.choices(range(len(self._keys)), cum_weights=self._key_sums)[0]
        demand = self._demands[place]
        is_genuine = mark is Mark.GENUINE
        if not is_genuine:
            place = draw.randrange(len(self._keys))
        keys = self._pressed(self._keys[place], habit, draw)
        patience_s: float | None = drawn(habit.patience, draw)
        if draw.random() < habit.stays:
            patience_s = None
        talk_s = drawn(demand.talk if is_genuine else habit.talk, draw)
        desk_s = drawn(demand.desk, draw)
        is_operators = draw.random() < self._city.operators.ends
        return Visit(
            call=CallId(f"call-{number + 1}"),
            at_s=at_s,
            citizen=Citizen(keys, patience_s, None if is_operators else talk_s),
            number=f"0812{number:08}",
            mark=mark,
            talk_s=max(talk_s, LEAST_TALK_S) if is_operators else None,
            desk_s=desk_s if is_genuine else 0.0,
            seed=f"{self._seed} {number}",
        )

    def _pressed(self, key: str, habit: Habit, draw: Random) -> tuple[tuple[float, str], ...]:
        city, chance = self._city, draw.random()
        decided = drawn(habit.decide, draw)
        if draw.random() < habit.silent:
            return ()
        before: str | None = None
        if chance < city.wrong_key:
            before = self._wrong
        elif chance < city.wrong_key + city.other_language:
            before = self._language
        if before is None:
            return ((decided, key),)
        return ((decided, before), (decided + SECOND_KEY_S, key))


def demand_of(service: ServiceId, demands: Mapping[ServiceId, Demand]) -> Demand:
    """What genuine callers of a service need; what is written of no service is the average."""
    return demands.get(service, Demand())
