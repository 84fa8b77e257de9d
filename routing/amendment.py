"""Overrides, compiled: what they do to the assignments of each date, one after the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, TypeAlias, assert_never

from routing.assignment import Assignment, Assignments, noted
from routing.operator import AgencyId, PersonId
from routing.override import Closed, Extra, Leave, Override, Swap
from routing.reason import Reason
from routing.shift import ShiftId

AgencyOf: TypeAlias = Mapping[PersonId, AgencyId]
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """Takes everybody off these shifts, or everybody of an agency."""

    path: Path
    shifts: tuple[ShiftId, ...]
    agency: AgencyId | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """These shifts of one person, to be worked by another."""

    shifts: tuple[ShiftId, ...]
    giver: PersonId
    taker: PersonId


@dataclass(frozen=True, slots=True)
class Exchange:
    """Transfers that happen at once."""

    path: Path
    transfers: tuple[Transfer, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Absence:
    """Takes a person off these shifts."""

    path: Path
    shifts: tuple[ShiftId, ...]
    person: PersonId


@dataclass(frozen=True, slots=True)
class Presence:
    """Puts a person on a shift."""

    path: Path
    assignment: Assignment


Amendment: TypeAlias = Closing | Exchange | Absence | Presence


def by_date(
    overrides: tuple[Override, ...], shifts: Iterable[ShiftId], first_place: int
) -> dict[date, list[Amendment]]:
    """The amendments of each date, in the order in which they act.

    Args:
        overrides: As they are written.
        shifts: All there are; an override that names none is for all.
        first_place: From here on extras have their places in the order of the settings.
    """
    known, found = tuple(shifts), dict[date, list[Amendment]]()
    for index, override in sorted(enumerate(overrides), key=lambda item: _rank(item[1])):
        for day, amendment in _amendments(override, index, known, first_place):
            found.setdefault(day, []).append(amendment)
    return found


def amend(assignments: Assignments, amendment: Amendment, agency_of: AgencyOf) -> Iterator[Reason]:
    """Changes the assignments of a date; run to its end, it tells what did not fit them."""
    match amendment:
        case Closing():
            closed = [
                key
                for key, each in assignments.items()
                if each.shift in amendment.shifts
                and amendment.agency in {None, agency_of.get(each.person)}
            ]
            for key in closed:
                del assignments[key]
            if not closed:
                yield Reason("nobody would work anyway", amendment.path)
        case Exchange():
            yield from _exchange(assignments, amendment)
        case Absence(shifts=shifts, person=person):
            gone = [assignments.pop((shift, person), None) for shift in shifts]
            if not any(gone):
                yield Reason(f"{person} does not work anyway", amendment.path)
        case Presence(assignment=extra):
            if (extra.shift, extra.person) in assignments:
                text = f"{extra.person} works {extra.shift} anyway"
                yield Reason(text, amendment.path)
            assignments[extra.shift, extra.person] = extra
        case _:
            assert_never(amendment)


def _exchange(assignments: Assignments, exchange: Exchange) -> Iterator[Reason]:
    taken: list[tuple[Assignment, PersonId]] = []
    for transfer in exchange.transfers:
        given = [assignments.pop((shift, transfer.giver), None) for shift in transfer.shifts]
        taken.extend((each, transfer.taker) for each in given if each is not None)
        if not any(given):
            which = transfer.shifts[0] if len(transfer.shifts) == 1 else "at all"
            text = f"{transfer.giver} does not work {which}, so there is nothing to take over"
            yield Reason(text, exchange.path)
    for old, taker in taken:
        if (old.shift, taker) in assignments:
            yield Reason(f"{taker} works {old.shift} anyway", exchange.path)
        text = noted(f"works {old.shift} in exchange with {old.person}", exchange.note)
        new = replace(old, person=taker, because=Reason(text, exchange.path))
        assignments[old.shift, taker] = new


_CLOSED, _SWAP, _WHOLE_LEAVE, _ONE_SHIFT = range(4)
_ONE_DAY: Final = timedelta(days=1)


def _rank(override: Override) -> int:
    match override:
        case Closed():
            return _CLOSED
        case Swap():
            return _SWAP
        case Leave(shift=None):
            return _WHOLE_LEAVE
        case Leave() | Extra():
            return _ONE_SHIFT
        case _:
            assert_never(override)


def days_of(override: Override) -> Iterator[date]:
    """The dates of an override; none when it ends before it begins."""
    last = override.date if override.until is None else override.until
    first = override.date.toordinal()
    yield from map(date.fromordinal, range(first, last.toordinal() + 1))


def _amendments(
    override: Override, index: int, known: tuple[ShiftId, ...], first_place: int
) -> Iterator[tuple[date, Amendment]]:
    path: Path = ("roster", "overrides", index)
    shifts = known if override.shift is None else (override.shift,)
    amendment: Amendment
    match override:
        case Closed(agency=agency):
            amendment = Closing(path, shifts, agency)
        case Leave(person=person):
            amendment = Absence(path, shifts, person)
        case Extra(person=person, shift=shift, note=note):
            because = Reason(noted(f"works {shift} as an extra", note), path)
            amendment = Presence(path, Assignment(person, shift, first_place + index, because))
        case Swap():
            yield from _exchanges(override, path, shifts, known)
            return
        case _:
            assert_never(override)
    for day in days_of(override):
        yield day, amendment


def _exchanges(
    swap: Swap, path: Path, shifts: tuple[ShiftId, ...], known: tuple[ShiftId, ...]
) -> Iterator[tuple[date, Amendment]]:
    """Both transfers at once on one day, or each on its own."""
    back = known if swap.partner_shift is None else (swap.partner_shift,)
    there = Transfer(shifts, swap.person, swap.partner)
    return_ = Transfer(back, swap.partner, swap.person)
    if swap.partner_date is None or swap.partner_date == swap.date:
        for day in days_of(swap):
            yield day, Exchange(path, (there, return_), swap.note)
    else:
        yield swap.date, Exchange(path, (there,), swap.note)
        yield swap.partner_date, Exchange(path, (return_,), swap.note)
