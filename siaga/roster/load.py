"""How the work is shared among the people of an agency: hours, nights, holidays."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from routing.operator import AgencyId, PersonId
from routing.shift import Duty

NIGHT: Final = (time(0), time(5))
"""A turn that goes on at some moment between is a night (Directive 2003/88/EC, article 2, 3)."""


class Measure(StrEnum):
    """What of a person's work is counted."""

    HOURS = "hours"
    NIGHTS = "nights"
    HOLIDAYS = "holidays"


@dataclass(frozen=True, slots=True)
class Load:
    """Somebody who has much more or less of something than the colleagues have on average.

    Attributes:
        person: Who.
        agency: Whose average.
        measure: Of what.
        amount: How much of it the person has.
        average: How much the people of the agency who are on duty at all have.
    """

    person: PersonId
    agency: AgencyId
    measure: Measure
    amount: float
    average: float


def uneven(
    duties: Iterable[Duty],
    agency_of: Callable[[PersonId], AgencyId],
    is_holiday: Callable[[date], bool],
    share: float,
) -> Iterator[Load]:
    """The people whose load differs from the average by more than a share, and by more than a turn.

    One turn more or less is no unfairness: three turns cannot be shared by two.
    """
    by_agency: dict[AgencyId, dict[PersonId, list[Duty]]] = {}
    for duty in duties:
        people = by_agency.setdefault(agency_of(duty.person), {})
        people.setdefault(duty.person, []).append(duty)
    for agency, people in by_agency.items():
        for measure in Measure:
            amounts = {id_: _amount(own, measure, is_holiday) for id_, own in people.items()}
            average = sum(amounts.values()) / len(amounts)
            turn = _longest_h(people.values()) if measure is Measure.HOURS else 1.0
            for person, amount in amounts.items():
                if abs(amount - average) > max(share * average, turn):
                    yield Load(person, agency, measure, amount, average)


def _amount(duties: Sequence[Duty], measure: Measure, is_holiday: Callable[[date], bool]) -> float:
    match measure:
        case Measure.HOURS:
            return sum(_hours(duty) for duty in duties)
        case Measure.NIGHTS:
            return float(sum(is_night(duty) for duty in duties))
        case Measure.HOLIDAYS:
            return float(sum(is_holiday(duty.start.date()) for duty in duties))


def is_night(duty: Duty) -> bool:
    """Whether some part of a turn lies in the night, by the site's clock."""
    day = duty.start.date()
    while datetime.combine(day, NIGHT[0], duty.end.tzinfo) < duty.end:
        if datetime.combine(day, NIGHT[1], duty.start.tzinfo) > duty.start:
            return True
        day += timedelta(days=1)
    return False


def _hours(duty: Duty) -> float:
    return (duty.end - duty.start) / timedelta(hours=1)


def _longest_h(people: Iterable[Sequence[Duty]]) -> float:
    return max(_hours(duty) for own in people for duty in own)
