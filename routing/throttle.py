"""Which numbers are slowed down, for what operators have said of their calls (ADR 21).

Kept is only what operators said; whether a number is slowed down now follows from that, the rule in
force and the time. So it ends by itself, and other settings count at once. Nobody is refused:
`Slowed` is a question that is asked first, and a place further behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from routing.mark import Mark
from routing.moment import Moment
from routing.note import CallId, Detail
from routing.number import identify, presented
from routing.number_list import NumberList
from routing.plan import Plan
from routing.reason import Reason
from routing.service import ThrottleRule

NUMBERS: Final = 1000
"""Kept at most, those marked last: a city has fewer pranksters, and who is forgotten is served."""
MARKS: Final = 20
"""Kept of a number at most, the newest: twice what a rule may ask for."""
RULE: Final = ("services", "throttle")
"""The rule's settings path."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A call that an operator marked as a nuisance.

    Attributes:
        at: When, in wall-clock seconds since the epoch.
    """

    call: CallId
    mark: Mark
    at: float


@dataclass(frozen=True, slots=True)
class Charges:
    """What operators said, as a value: it outlives the process.

    Attributes:
        marks: By number in international form, its nuisance calls.
    """

    marks: Mapping[str, tuple[Marked, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slowed:
    """What being slowed down means for a number's calls.

    Attributes:
        handicap_s: The caller's place is that of who comes so many seconds later.
        marks: How many marks it comes from.
        until: When it ends.
        because: The rule.
    """

    handicap_s: float
    marks: int
    until: datetime
    because: tuple[Reason, ...]

    @property
    def detail(self) -> Mapping[str, Detail]:
        """For a record of it."""
        return {
            "marks": self.marks,
            "until": f"{self.until:%Y-%m-%dT%H:%M:%S%z}",
            "handicap_s": self.handicap_s,
        }


class Throttle:
    """What operators said of the calls of each number.

    Args:
        plan: The accepted settings.

    Attributes:
        revision: Another number whenever the `snapshot` would be another one.
    """

    def __init__(self, plan: Plan) -> None:
        self.revision = 0
        self._marks: dict[str, tuple[Marked, ...]] = {}
        self.use(plan)

    def use(self, plan: Plan) -> None:
        """Other settings are in force; where none ask for it, nothing is kept."""
        catalogue, zones = plan.catalogue, plan.zones.zones
        self._country, self._area_code = zones.country, zones.area_code
        self._ageing_s = catalogue.ageing_s
        self._rule = rule = catalogue.throttle
        never = (*(() if rule is None else rule.allow), *catalogue.shared_numbers)
        self._never = NumberList(never, country=zones.country, area_code=zones.area_code)
        if rule is None and self._marks:
            self._marks.clear()
            self.revision += 1

    def mark(self, number: str, mark: Mark, call: CallId, at: Moment) -> None:
        """An operator has said what a call was; the last word on a call counts.

        A genuine call wipes out what its number is charged with. What cannot be told apart from
        other callers is not kept: a number that is withheld, incomplete, shared or allowed.

        Args:
            number: The caller's as received.
            mark: What the call was.
            call: The call.
            at: Now.
        """
        rule, e164 = self._rule, self._slowable(number)
        if rule is None or e164 is None:
            return
        now = at.wall.timestamp()
        kept = [one for one in self._marks.pop(e164, ()) if one.call != call]
        if mark.is_nuisance:
            kept.append(Marked(call, mark, now))
        if kept and mark is not Mark.GENUINE:
            self._marks[e164] = tuple(kept[-MARKS:])
        self._forget(rule, now)
        self.revision += 1

    def verdict(self, number: str, at: Moment) -> Slowed | None:
        """Whether calls from a number, as received, are slowed down now."""
        if self._rule is None or not self._marks:
            return None
        e164 = self._slowable(number)
        return None if e164 is None else self._slowed(self._rule, self._marks.get(e164, ()), at)

    def slowed(self, at: Moment) -> Mapping[str, Slowed]:
        """All that are slowed down now, by number in international form."""
        if self._rule is None:
            return {}
        found = {
            e164: self._slowed(self._rule, marks, at)
            for e164, marks in self._marks.items()
            if e164 not in self._never
        }
        return {e164: slowed for e164, slowed in found.items() if slowed is not None}

    def snapshot(self) -> Charges:
        """What operators said, to be kept for another run."""
        return Charges(self._marks.copy())

    def restore(self, kept: Charges, at: Moment) -> None:
        """Goes on from what another run knew, within the bounds of this one."""
        if self._rule is not None:
            self._marks = {e164: marks[-MARKS:] for e164, marks in kept.marks.items()}
            self._forget(self._rule, at.wall.timestamp())

    def _forget(self, rule: ThrottleRule, now: float) -> None:
        """What is too old to matter is not kept, nor what is too much."""
        oldest = now - rule.within_s - rule.lasts_s
        live = [
            (e164, marks)
            for e164, marks in self._marks.items()
            if any(one.at > oldest for one in marks)
        ]
        self._marks = dict(live[-NUMBERS:])

    def _slowable(self, number: str) -> str | None:
        """The number in international form, if it stands for one caller who can be slowed down."""
        if presented(number) is None:
            return None
        e164 = identify(number, country=self._country, area_code=self._area_code).e164
        return None if e164 is None or e164 in self._never else e164

    def _slowed(self, rule: ThrottleRule, marks: tuple[Marked, ...], at: Moment) -> Slowed | None:
        """By the newest mark that came soon enough after others; marks of the future do not count.

        The wall clock was put back then, and nobody is slowed down for longer by that.
        """
        now = at.wall.timestamp()
        times = sorted(one.at for one in marks if one.at <= now)
        for last in range(len(times) - 1, rule.after - 2, -1):
            left_s = times[last] + rule.lasts_s - now
            if left_s <= 0:
                return None
            count = sum(times[last] - rule.within_s < time for time in times[: last + 1])
            if count >= rule.after:
                until = at.wall + timedelta(seconds=left_s)
                return self._said(rule, count, until)
        return None

    def _said(self, rule: ThrottleRule, count: int, until: datetime) -> Slowed:
        told = f"{count} calls within {rule.within_s:g} s were pranks or ghosts"
        ends = f"slowed down until {until:%Y-%m-%d %H:%M:%S %z}"
        return Slowed(
            handicap_s=-rule.priority * self._ageing_s,
            marks=count,
            until=until,
            because=(Reason(told, (*RULE, "after")), Reason(ends, (*RULE, "lasts_s"))),
        )
