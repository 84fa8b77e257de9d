"""What has come of a rehearsal's calls, told by the notes of the core, in bounded memory."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from journal.wait import Served
from routing.mark import Mark
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.operator import PersonId
from routing.plan import Plan
from routing.service import ServiceId
from siaga.rehearsal.hour import Hours
from siaga.rehearsal.visit import Visit
from siaga.roster.slot import SlotId, Slots


@dataclass(slots=True)
class Load:
    """What a person or a phone had to do.

    Attributes:
        calls: Talks.
        talk_s: Seconds of them.
        desk_s: Seconds of what followed on the same phone.
        missed: Offers that rang out.
    """

    calls: int = 0
    talk_s: float = 0.0
    desk_s: float = 0.0
    missed: int = 0

    def add(self, other: "Load") -> None:
        """What somebody else had to do, too."""
        self.calls += other.calls
        self.talk_s += other.talk_s
        self.desk_s += other.desk_s
        self.missed += other.missed


@dataclass(slots=True)
class _Open:
    """A call that is not over."""

    visit: Visit
    arrived: Instant
    slot: SlotId | None = None
    hour: datetime | None = None
    service: ServiceId | None = None
    queued: Instant | None = None
    answered: bool = False
    target: str = ""
    steps: dict[str, str] = field(default_factory=dict)


class Tally:
    """Counts.

    Args:
        plan: The accepted settings of routing.
        slots: Which shift an instant belongs to.

    Attributes:
        all: Every call; waits are from the arrival to a human, menu included.
        chosen: Calls that left the menu; waits are from there to a human.
        marks: As `all`, by what operators would say of the call.
        slots: As `chosen`, by the shift in which the call came, and its service.
        loads: By target key: what they had to do.
        steps: By step of the chain: calls that were answered there.
        hours: The worst of them.
    """

    def __init__(self, plan: Plan, slots: Slots) -> None:
        self.all = Served()
        self.chosen = Served()
        self.marks = {mark: Served() for mark in Mark}
        self.slots: dict[tuple[SlotId, ServiceId], Served] = {}
        self.loads: dict[str, Load] = {}
        self.steps: Counter[str] = Counter()
        self.hours = Hours(plan)
        self._plan = plan
        self._slot_at = slots.at
        self._open: dict[CallId, _Open] = {}
        self._take: dict[str, Callable[[_Open, Note, Moment], None]] = {
            "arrived": self._arrived,
            "queued": self._queued,
            "offered": self._offered,
            "offer_failed": self._offer_failed,
            "operator_answered": self._answered,
            "operator_lost": self._talked,
            "ended": self._ended,
            "abandoned": self._abandoned,
        }

    @property
    def ringing(self) -> int:
        """Calls that have neither reached a human nor ended."""
        return sum(not one.answered for one in self._open.values())

    def expect(self, visits: Iterator[Visit]) -> Iterator[Visit]:
        """The same visits; each is known before its first note."""
        for visit in visits:
            self._open[visit.call] = _Open(visit, Instant(visit.at_s))
            yield visit

    def hear(self, note: Note, at: Moment) -> None:
        """A note of the core."""
        take = self._take.get(note.what)
        if take is not None and note.call is not None:
            one = self._open.get(note.call)
            if one is not None:
                take(one, note, at)

    def person(self, person: PersonId) -> Load:
        """What a person had to do."""
        return self.loads.get(f"person:{person}", Load())

    def _arrived(self, one: _Open, _: Note, at: Moment) -> None:
        one.slot = self._slot_at(at.wall)
        self.all.calls += 1
        self.marks[one.visit.mark].calls += 1
        self.hours.arrives(at.wall, one.visit.mark)

    def _queued(self, one: _Open, note: Note, at: Moment) -> None:
        if one.queued is not None:  # the operator was lost: the wait that counts is the first one
            return
        one.queued = at.instant
        one.service = ServiceId(str(note.detail["service"]))
        self.chosen.calls += 1
        self._served(one).calls += 1
        one.hour = self.hours.joins(one.service, at.wall)

    def _offered(self, one: _Open, note: Note, _: Moment) -> None:
        one.steps[str(note.detail["target"])] = self._step(note.because[0].path)

    def _offer_failed(self, one: _Open, note: Note, _: Moment) -> None:
        if one.hour is not None and one.service is not None:
            self.hours.rang_out(one.hour, one.service)
        if note.detail["outcome"] == "no answer":
            self._load(str(note.detail["target"])).missed += 1

    def _answered(self, one: _Open, note: Note, at: Moment) -> None:
        one.target = str(note.detail["target"])
        self._load(one.target).calls += 1
        self.steps[one.steps.get(one.target, "")] += 1
        if one.answered:
            return
        one.answered = True
        waited, rang = at.instant - one.arrived, at.instant - (one.queued or at.instant)
        self.all.answered.add(waited)
        self.marks[one.visit.mark].answered.add(waited)
        self.chosen.answered.add(rang)
        self._served(one).answered.add(rang)
        if one.hour is not None and one.service is not None:
            self.hours.waited(one.hour, one.service, rang, answered=True)

    def _talked(self, one: _Open, note: Note, _: Moment) -> None:
        load = self._load(one.target)
        load.talk_s += float(note.detail["talked_s"] or 0.0)
        load.desk_s += one.visit.desk_s

    def _ended(self, one: _Open, note: Note, at: Moment) -> None:
        self._talked(one, note, at)
        self._over(one)

    def _abandoned(self, one: _Open, _: Note, at: Moment) -> None:
        waited = at.instant - one.arrived
        if not one.answered:
            self.all.given_up.add(waited)
            self.marks[one.visit.mark].given_up.add(waited)
            if one.queued is not None:
                rang = at.instant - one.queued
                self.chosen.given_up.add(rang)
                self._served(one).given_up.add(rang)
                if one.hour is not None and one.service is not None:
                    self.hours.waited(one.hour, one.service, rang, answered=False)
        self._over(one)

    def _over(self, one: _Open) -> None:
        del self._open[one.visit.call]
        if one.hour is not None and one.service is not None:
            self.hours.leaves(one.hour, one.service)

    def _served(self, one: _Open) -> Served:
        if one.slot is None or one.service is None:
            return Served()
        return self.slots.setdefault((one.slot, one.service), Served())

    def _load(self, target: str) -> Load:
        return self.loads.setdefault(target, Load())

    def _step(self, path: tuple[str | int, ...]) -> str:
        """The name of a chain's step, by its settings path."""
        match path:
            case ("services", "overflow", str(chain), int(index)):
                steps = {str(id_): steps for id_, steps in self._plan.catalogue.overflow.items()}
                return steps[chain][index].to
            case _:
                return "hunt_group"
