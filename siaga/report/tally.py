"""Counts of calls and of work, as a whole and by agency, service, shift, hour, day and verdict.

Whatever is counted is a whole number or a count of waits, so the order of calls does not matter, a
period's figures are those of its parts together, and memory does not grow with the calls.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from journal.standard import TIMES_S
from journal.story import Outcome
from journal.wait import Served
from routing.mark import Mark
from routing.operator import AgencyId, PersonId
from routing.service import ServiceId
from siaga.period import Period
from siaga.report.call import Call, Work
from siaga.roster.slot import NO_SHIFT, Slots
from siaga.settings import Settings

SHORT_S: Final = TIMES_S[0]
"""Who gave up by then had not waited longer than any standard lets a centre take."""
MILLIS: Final = 1_000
NONE: Final = "none"
"""The key of calls that have no service, no verdict, or came in no shift."""
SEVERAL: Final = "several"
"""The agency of a service whose hunt group rings more than one."""
GONE: Final = "gone"
"""The agency of a service that is not in the settings any more."""
HOURS: Final = tuple(f"{hour:02}" for hour in range(24))
VERDICTS: Final = ("inside", "outside", "unknown", NONE)


class Dimension(StrEnum):
    """By what calls are told apart; in each of them every call counts once."""

    AGENCY = "agency"
    SERVICE = "service"
    SHIFT = "shift"
    HOUR = "hour"
    DAY = "day"
    ZONE = "zone"


@dataclass(slots=True)
class Group:
    """What has come of some of the calls.

    Attributes:
        arrival: Waits from the arrival, menu included.
        queue: Of who joined the queue, waits from there on.
        outcomes: How many came out how.
        counts: How many were otherwise remarkable, by the name of the figure.
        marks: What operators said of those that were answered.
        talk_ms: All talks together.
    """

    arrival: Served = field(default_factory=Served)
    queue: Served = field(default_factory=Served)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    marks: Counter[Mark] = field(default_factory=Counter)
    talk_ms: int = 0

    @property
    def answered(self) -> int:
        """How many reached a human."""
        return self.outcomes[Outcome.ANSWERED]

    @property
    def abandoned(self) -> int:
        """How many hung up before."""
        return self.outcomes[Outcome.ABANDONED]

    @property
    def marked(self) -> int:
        """How many of the answered ones an operator has said something of."""
        return self.marks.total()

    def add(self, other: "Group") -> None:
        """The calls of the other one, too."""
        self.arrival.add(other.arrival)
        self.queue.add(other.queue)
        self.outcomes.update(other.outcomes)
        self.counts.update(other.counts)
        self.marks.update(other.marks)
        self.talk_ms += other.talk_ms

    def take(self, call: Call, *, is_own: bool) -> None:
        """Counts a call.

        Args:
            call: Which.
            is_own: It was answered by somebody of the agency whose it is.
        """
        outcome, waited = call.story.outcome, call.story.waited_s
        self.outcomes[outcome] += 1
        self.arrival.calls += 1
        if call.queued_s is not None:
            self.queue.calls += 1
        gone = outcome is Outcome.ABANDONED and not call.is_unseen
        for served, since in ((self.arrival, 0.0), (self.queue, call.queued_s)):
            if since is None or waited is None:
                continue
            if outcome is Outcome.ANSWERED:
                served.answered.add(max(0.0, waited - since))
            elif gone:
                served.given_up.add(max(0.0, waited - since))
        for name, holds in (
            ("answered_by_own", is_own),
            ("transferred", call.is_transferred),
            ("operator_lost", call.is_lost),
            ("redials", call.is_redial),
            ("adopted", call.is_adopted),
            ("reconstructed", call.is_reconstructed),
            ("unseen", call.is_unseen),
            ("called_back", call.is_called_back and outcome is Outcome.ABANDONED),
        ):
            self.counts[name] += holds
        if outcome is Outcome.ANSWERED and call.mark is not None:
            self.marks[call.mark] += 1
        self.talk_ms += sum(work.talk_ms for work in call.work.values())


class Tally:
    """Counts the calls of a period.

    Args:
        settings: Whose agencies, services and shifts; those that are accepted now.
        period: A call counts when it arrived then.

    Attributes:
        all: Every call.
        by: By dimension and key; keys that had no call are there, too.
        work: By person or phone, what there was to do for these calls.
    """

    def __init__(self, settings: Settings, period: Period) -> None:
        self.period = period
        self._settings = settings
        self._slots = Slots(settings.roster)
        self.all = Group()
        self.by: dict[Dimension, dict[str, Group]] = {
            Dimension.AGENCY: _groups(settings.operators.agencies),
            Dimension.SERVICE: _groups(settings.catalogue.services),
            Dimension.SHIFT: _groups(settings.roster.shifts),
            Dimension.HOUR: _groups(HOURS),
            Dimension.DAY: _groups(str(each) for each in period.dates),
            Dimension.ZONE: _groups(VERDICTS),
        }
        self.work: dict[str, Work] = {
            f"person:{person}": Work() for person in settings.operators.people
        }

    def take(self, call: Call) -> None:
        """Counts a call, if it arrived in the period."""
        if call.story.arrived not in self.period:
            return
        is_own = self._is_own(call)
        self.all.take(call, is_own=is_own)
        for dimension, key in self._keys(call):
            self.by[dimension].setdefault(key, Group()).take(call, is_own=is_own)
        for target, work in call.work.items():
            self.work.setdefault(target, Work()).add(work)

    def _keys(self, call: Call) -> Iterator[tuple[Dimension, str]]:
        story = call.story
        local = story.arrived.astimezone(self.period.zone)
        shift = self._slots.at(story.arrived).shift
        yield Dimension.AGENCY, self._agency(story.service)
        yield Dimension.SERVICE, story.service or NONE
        yield Dimension.SHIFT, NONE if shift == NO_SHIFT else shift
        yield Dimension.HOUR, f"{local.hour:02}"
        yield Dimension.DAY, str(local.date())
        yield Dimension.ZONE, story.zone if story.zone in VERDICTS else NONE

    def _agency(self, service: str | None) -> str:
        """The agency that is hunted first for a service."""
        if service is None:
            return NONE
        agencies = self._agencies(service)
        if agencies is None:
            return GONE
        return agencies[0] if len(agencies) == 1 else SEVERAL

    def _agencies(self, service: str) -> tuple[AgencyId, ...] | None:
        catalogue = self._settings.catalogue
        known = catalogue.services.get(ServiceId(service))
        return None if known is None else tuple(catalogue.hunt_groups[known.group].agencies)

    def _is_own(self, call: Call) -> bool:
        kind, _, id_ = (call.story.operator or "").partition(":")
        person = self._settings.operators.people.get(PersonId(id_)) if kind == "person" else None
        if person is None or call.story.service is None:
            return False
        return person.agency in (self._agencies(call.story.service) or ())


def _groups(keys: Iterable[str]) -> dict[str, Group]:
    return {key: Group() for key in keys}
