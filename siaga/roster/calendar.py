"""The roster as iCalendar (RFC 5545): an event for each turn.

Written times are UTC, so that no program has to know the site's zone. What an event of ours means
is in its properties `X-SIAGA-PERSON` and `X-SIAGA-SHIFT`, which other programs carry along.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar, Event

from routing.operator import PersonId
from routing.walltime import first_instant
from siaga.problem import Place, Problem
from siaga.roster.content_line import Outline, outline
from siaga.roster.directory import quoted
from siaga.roster.schedule import (
    FIRST,
    LAST,
    MAX_DAYS,
    MAX_ENTRIES,
    Dates,
    Entry,
    Schedule,
    ScheduleError,
    fault,
    text,
)
from siaga.roster.turn import Turn

PRODUCT: Final = "-//Siaga 112//roster//EN"
PERSON, SHIFT, LINE = "X-SIAGA-PERSON", "X-SIAGA-SHIFT", "X-SIAGA-LINE"
FROM, TO, PEOPLE = "X-SIAGA-FROM", "X-SIAGA-TO", "X-SIAGA-PEOPLE"
"""Of the whole calendar: which dates and people it is about, also where nobody works."""
MAX_AGE: Final = timedelta(days=3660)
"""Ten years: before that no repetition begun is believed to go on; each step of it takes time."""
MAX_STEPS: Final = 400_000
"""Repetitions times days: about ten seconds of work."""
MAX_TURN: Final = timedelta(days=7)
"""No shift is longer than two days; a year would only slow down what follows."""
MARGIN: Final = timedelta(days=2)
"""A turn may start on the date before, as another zone's clock shows it, and end on the next."""


def write(turns: Iterable[Turn], days: Dates, people: Iterable[PersonId], at: datetime) -> str:
    """The turns as a calendar.

    Args:
        turns: All those of `people` on `days`.
        days: What the calendar is about.
        people: Whom the calendar is about, also those who have no turn.
        at: When it was made (DTSTAMP, RFC 5545, 3.8.7.2).
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add(FROM, str(days.first))
    calendar.add(TO, str(days.last))
    calendar.add(PEOPLE, " ".join(sorted(people)))
    for turn in turns:
        duty = turn.duty
        event = Event()
        event.add("UID", f"{turn.date}-{duty.shift}-{duty.person}@siaga112")
        event.add("DTSTAMP", at.astimezone(UTC))
        event.add("DTSTART", duty.start.astimezone(UTC))
        event.add("DTEND", duty.end.astimezone(UTC))
        event.add("SUMMARY", f"{duty.shift}: {turn.name}")
        event.add("DESCRIPTION", duty.because.text)
        event.add(PERSON, duty.person)
        event.add(SHIFT, duty.shift)
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def read(data: bytes, path: Path, zone: tzinfo, days: Dates | None) -> Schedule:
    """The turns that the events of a calendar tell, repetitions written out.

    Cancelled events are none. Times without a zone, and whole days, are the site's. Who it is, is
    told by `X-SIAGA-PERSON`, else by the attendees, else by the summary or a part of it before or
    after a colon.

    Args:
        data: The file.
        path: How it is named in messages.
        zone: The site's.
        days: The dates that are wanted; None where the file itself bounds them.

    Raises:
        ScheduleError: No calendar, a hostile one, or events that are no turns; each with its line.
    """
    found = outline(text(data, path), path)
    calendar = _parsed(data, path)
    days = days or _days(calendar, path)
    components = calendar.walk("VEVENT")
    if len(components) != len(found.events):
        raise fault(path, 1, "an event has no BEGIN or no END of its own")
    events = [
        _Read(event, Place(str(path), line, 1), zone)
        for event, line in zip(components, found.events, strict=True)
    ]
    _require_sound(events)
    window = days or _window(events, found, path)
    _require_bounded(events, found, window, path)
    entries = tuple(_entries(events, window, path, zone))
    return Schedule(entries, days, _people(calendar))


@dataclass(slots=True)
class _Read:
    """An event of the file, and where it begins."""

    event: Any
    place: Place
    zone: tzinfo

    @property
    def start(self) -> datetime:
        """Its first start."""
        return _instant(self.event["DTSTART"].dt, self.zone)

    def fault(self) -> str | None:
        """What is wrong with it by itself."""
        event = self.event
        for name in ("DTSTART", "DTEND", "DURATION"):
            if isinstance(event.get(name), list):
                return f"{name} is here twice"
        if "DTSTART" not in event:
            return "DTSTART is missing"
        if "DTEND" in event and "DURATION" in event:
            return "DTEND and DURATION cannot stand together (RFC 5545, 3.6.1)"
        for name in ("DTSTART", "DTEND"):
            if name in event:
                fault = _fault_of_time(event[name], name)
                if fault is not None:
                    return fault
        if "DTEND" in event and _instant(event["DTEND"].dt, self.zone) <= self.start:
            return f"DTEND is not after DTSTART in {_title(event)}"
        if "DURATION" in event:
            return _fault_of_duration(event["DURATION"])
        return None


def _fault_of_time(written: Any, name: str) -> str | None:
    try:
        found, zone = written.dt, written.params.get("TZID")
    except Exception:  # noqa: BLE001 - a property that the library could not read raises its own
        return f"{name} is no time"
    if not isinstance(found, date):
        return f"{name} is no time"
    if not FIRST.year <= found.year <= LAST.year:
        return f"{name} is in the year {found.year}"
    if zone is not None and isinstance(found, datetime) and found.tzinfo is None:
        return f"time zone {quoted(str(zone))} is not known; expected a name such as Asia/Jakarta"
    return None


def _fault_of_duration(written: Any) -> str | None:
    try:
        is_sound = timedelta() < written.dt <= MAX_TURN
    except Exception:  # noqa: BLE001 - the same
        is_sound = False
    return None if is_sound else f"DURATION is no time from 1 s to {MAX_TURN.days} days"


def _title(event: Any) -> str:
    return f"the event {quoted(str(event.get('SUMMARY', '')))}"


def _parsed(data: bytes, path: Path) -> Calendar:
    try:
        found = Calendar.from_ical(data.removeprefix(b"\xef\xbb\xbf"), multiple=True)
    except Exception as error:  # the library has no error of its own for what it cannot read
        raise fault(path, 1, f"this is no calendar: {quoted(str(error))}") from error
    if len(found) != 1 or not isinstance(found[0], Calendar):
        raise fault(path, 1, "expected one VCALENDAR")
    calendar = found[0]
    method = str(calendar.get("METHOD", "PUBLISH")).upper()
    if method not in {"PUBLISH", "REQUEST"}:
        raise fault(path, 1, f"METHOD {quoted(method)} tells no roster; expected PUBLISH")
    return calendar


def _days(calendar: Calendar, path: Path) -> Dates | None:
    """The dates that a calendar of ours says that it is about."""
    if FROM not in calendar or TO not in calendar:
        return None
    try:
        first, last = (date.fromisoformat(str(calendar[name])) for name in (FROM, TO))
    except ValueError as error:
        raise fault(path, 1, f"{FROM} and {TO} are no dates") from error
    if not FIRST <= first <= last <= LAST or len(Dates(first, last)) > MAX_DAYS:
        raise fault(path, 1, f"{FROM} and {TO} are more than {MAX_DAYS} days, or none")
    return Dates(first, last)


def _people(calendar: Calendar) -> frozenset[str] | None:
    return frozenset(str(calendar[PEOPLE]).split()) if PEOPLE in calendar else None


def _require_sound(events: Sequence[_Read]) -> None:
    problems = [Problem(*read.place, fault) for read in events if (fault := read.fault())]
    if problems:
        raise ScheduleError(problems)


def _window(events: Sequence[_Read], found: Outline, path: Path) -> Dates:
    """The dates within which the events are, as far as the file bounds them."""
    if not events:
        today = FIRST
        return Dates(today, today)
    if found.endless:
        message = "this event repeats without an end; expected --from and --to"
        raise fault(path, found.endless[0], message)
    starts = [read.start.astimezone(read.zone).date() for read in events]
    first, last = min(starts), max(starts)
    if (last - first).days >= MAX_DAYS:
        message = f"from {first} to {last} are more than {MAX_DAYS} days; expected --from and --to"
        raise fault(path, 1, message)
    if found.repeating:
        last = min(first + timedelta(days=MAX_DAYS - 1), LAST)
    return Dates(first, last)


def _require_bounded(events: Sequence[_Read], found: Outline, window: Dates, path: Path) -> None:
    """Expanding the repetitions takes seconds, not hours."""
    oldest = datetime.combine(window.first, time(), UTC) - MAX_AGE
    for read in events:
        if "RRULE" in read.event and read.start < oldest:
            message = f"this event has been repeated since {read.start.year}, which is too long ago"
            raise ScheduleError([Problem(*read.place, message)])
    if found.repeating * (len(window) + MAX_AGE.days) > MAX_STEPS:
        message = f"{found.repeating} events are repeated; expected each turn as an event"
        raise fault(path, 1, message)


def _entries(events: Sequence[_Read], window: Dates, path: Path, zone: tzinfo) -> Iterator[Entry]:
    calendar = Calendar()
    for read in events:
        read.event[LINE] = read.place.line
        calendar.add_component(read.event)
    begin = datetime.combine(window.first, time(), zone) - MARGIN
    end = datetime.combine(window.last, time(), zone) + MARGIN
    try:
        occurrences = recurring_ical_events.of(calendar).between(begin, end)
    except Exception as error:  # the libraries below raise whatever they stumble over
        raise fault(path, 1, f"the events cannot be read: {quoted(str(error))}") from error
    if len(occurrences) > MAX_ENTRIES:
        raise fault(path, 1, f"more than {MAX_ENTRIES} turns")
    for event in occurrences:
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield from _told(event, Place(str(path), int(event[LINE]), 1), zone)


def _told(event: Any, place: Place, zone: tzinfo) -> Iterator[Entry]:
    """One entry for each person of an event."""
    start, end = _instant(event["DTSTART"].dt, zone), _instant(event["DTEND"].dt, zone)
    title = _title(event)
    if end <= start:
        raise ScheduleError([Problem(*place, f"{title} does not end after its start")])
    shift = str(event[SHIFT]) if SHIFT in event else None
    for names in _who(event):
        yield Entry(names, start, end, shift, place, title)


def _who(event: Any) -> tuple[tuple[str, ...], ...]:
    """What each person of an event is called, the surest name first."""
    if PERSON in event:
        return ((str(event[PERSON]),),)
    attendees = event.get("ATTENDEE", [])
    if attendees:
        attendees = attendees if isinstance(attendees, list) else [attendees]
        return tuple(_names(attendee) for attendee in attendees)
    summary = str(event.get("SUMMARY", ""))
    return ((summary, *(part for part in summary.split(":"))),)


def _names(attendee: Any) -> tuple[str, ...]:
    address = str(attendee)
    scheme, _, mail = address.partition(":")
    name = str(attendee.params.get("CN", ""))
    return (*((name,) if name else ()), mail if scheme.casefold() == "mailto" else address)


def _instant(found: date, zone: tzinfo) -> datetime:
    """The instant of a time; one without a zone is the site's, and a date is its midnight."""
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    return first_instant(found, zone) if found.tzinfo is None else found.astimezone(UTC)
