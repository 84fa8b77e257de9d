"""iCalendar: what other programs write is understood, and a hostile file costs nothing."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siaga.roster import calendar, content_line
from siaga.roster.schedule import Dates, Entry, ScheduleError

FILE = Path("duty.ics")
WIB = ZoneInfo("Asia/Jakarta")
SEVEN = datetime(2026, 12, 24, 0, 0, tzinfo=UTC)
"""In the morning at Kota Metro."""
START = "DTSTART:20261224T070000"
END = "DTEND:20261224T140000"
PAGI = (START, END)


def ics(*events: tuple[str, ...], head: tuple[str, ...] = ()) -> bytes:
    """A calendar of these events, each a tuple of content lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *head]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", *event]
        lines += [] if any(line.startswith("UID") for line in event) else [f"UID:{number}"]
        lines += ["END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def told(data: bytes, days: Dates | None = None) -> tuple[Entry, ...]:
    """The entries of a calendar."""
    return calendar.read(data, FILE, WIB, days).entries


def fault(data: bytes, days: Dates | None = None) -> str:
    """The first thing that is wrong with a calendar."""
    with pytest.raises(ScheduleError) as caught:
        calendar.read(data, FILE, WIB, days)
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    "times",
    [
        PAGI,
        (START, "DURATION:PT7H"),
        ("DTSTART:20261224T000000Z", "DTEND:20261224T070000Z"),
        ("DTSTART;TZID=Asia/Jakarta:20261224T070000", "DTEND;TZID=Asia/Jakarta:20261224T140000"),
        ("DTSTART;TZID=Asia/Jayapura:20261224T090000", "DURATION:PT7H"),
        ("DTSTART;TZID=SE Asia Standard Time:20261224T070000", "DURATION:PT7H"),
    ],
)
def test_times_in_any_form_are_the_same_instants(times: tuple[str, ...]) -> None:
    """UTC, a zone's, floating (the site's); an end or a duration; a zone by Windows' name."""
    (entry,) = told(ics((*times, "SUMMARY:sri")))
    assert (entry.start, entry.end - entry.start) == (SEVEN, timedelta(hours=7))


def test_a_zone_that_the_file_defines_is_used() -> None:
    """A VTIMEZONE with a name of its own has the offsets that it says (RFC 5545, 3.6.5)."""
    zone = (
        "BEGIN:VTIMEZONE",
        "TZID:Own Time of the Post",
        "BEGIN:STANDARD",
        "DTSTART:16010101T000000",
        "TZOFFSETFROM:+0700",
        "TZOFFSETTO:+0700",
        "END:STANDARD",
        "END:VTIMEZONE",
    )
    own = "TZID=Own Time of the Post"
    event = (f"DTSTART;{own}:20261224T070000", f"DTEND;{own}:20261224T140000", "SUMMARY:sri")
    (entry,) = told(ics(event, head=zone))
    assert entry.start == SEVEN


def test_a_whole_day_is_the_sites_day() -> None:
    """An all-day event goes from midnight to midnight where the post is."""
    (entry,) = told(ics(("DTSTART;VALUE=DATE:20261224", "SUMMARY:sri")))
    midnight = datetime(2026, 12, 24, tzinfo=WIB)
    assert (entry.start, entry.end) == (midnight, midnight + timedelta(days=1))


def test_cancelled_events_are_no_turns() -> None:
    """STATUS:CANCELLED leaves the person off (RFC 5545, 3.8.1.11), also once of a repetition."""
    series = (*PAGI, "UID:a", "SUMMARY:sri", "RRULE:FREQ=DAILY;COUNT=3")
    once = ("UID:a", "RECURRENCE-ID:20261225T070000", "DTSTART:20261225T070000")
    gone = (*once, "DTEND:20261225T140000", "SUMMARY:sri", "STATUS:CANCELLED")
    assert told(ics((*PAGI, "SUMMARY:sri", "STATUS:CANCELLED"))) == ()
    days = [entry.start.day for entry in told(ics(series, gone))]
    assert days == [24, 26]


def test_repetitions_are_written_out() -> None:
    """RRULE, EXDATE, RDATE and a moved occurrence, as other programs show them."""
    series = (*PAGI, "UID:a", "SUMMARY:sri", "RRULE:FREQ=WEEKLY;BYDAY=TH,FR;COUNT=4")
    more = ("EXDATE:20261225T070000", "RDATE:20261228T070000")
    once = ("UID:a", "RECURRENCE-ID:20261231T070000", "DTSTART:20261231T140000")
    moved = (*once, "DTEND:20261231T210000", "SUMMARY:sri")
    found = {
        entry.start.astimezone(WIB).strftime("%d %H")
        for entry in told(ics((*series, *more), moved))
    }
    assert found == {"24 07", "28 07", "31 14", "01 07"}


def test_a_repetition_without_an_end_needs_dates() -> None:
    """Asked for some dates, it gives those; asked for all, it is refused with its line."""
    data = ics((*PAGI, "SUMMARY:sri", "RRULE:FREQ=DAILY"))
    assert fault(data) == (
        "duty.ics:8:1: this event repeats without an end; expected --from and --to"
    )
    found = told(data, Dates(date(2027, 1, 1), date(2027, 1, 3)))
    assert {entry.start.astimezone(WIB).day for entry in found} >= {1, 2, 3}
    assert len(found) <= 7


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("X-SIAGA-PERSON:sri", "SUMMARY:x"), [("sri",)]),
        (("SUMMARY:Sri Wahyuni",), [("Sri Wahyuni", "Sri Wahyuni")]),
        (("SUMMARY:pagi: sri",), [("pagi: sri", "pagi", " sri")]),
        (
            ("ATTENDEE;CN=Sri:mailto:sri@metro.example", "ATTENDEE:mailto:agus@metro.example"),
            [("Sri", "sri@metro.example"), ("agus@metro.example",)],
        ),
    ],
)
def test_who_it_is(lines: tuple[str, ...], names: list[tuple[str, ...]]) -> None:
    """Our own property, else each attendee, else the summary and its parts."""
    assert [entry.names for entry in told(ics((*PAGI, *lines)))] == names


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "duty.ics:1:1: expected one VCALENDAR"),
        (b"hello", "duty.ics:1:1: this is no calendar"),
        (b"\xff", "duty.ics:1:1: this is not UTF-8"),
        (ics() + ics(), "expected one VCALENDAR"),
        (ics() + b"BEGIN:VEVENT\r\n", "an event has no BEGIN or no END of its own"),
        (ics(head=("METHOD:CANCEL",)), "METHOD 'CANCEL' tells no roster; expected PUBLISH"),
        (ics((END, "SUMMARY:sri")), "duty.ics:4:1: DTSTART is missing"),
        (ics(("DTSTART:garbage", END)), "duty.ics:4:1: DTSTART is no time"),
        (ics((START, "DTEND:19010101T000000")), "DTEND is in the year 1901"),
        (ics(("DTSTART:99991231T235959",)), "DTSTART is in the year 9999"),
        (ics((*PAGI, START, "SUMMARY:sri")), "DTSTART is here twice"),
        (ics((*PAGI, "DURATION:PT7H")), "DTEND and DURATION cannot stand together"),
        (ics((START, "SUMMARY:sri")), "'sri' does not end after its start"),
        (ics((START, "DURATION:-PT7H")), "DURATION is no time from 1 s to 7 days"),
        (ics((START, "DURATION:x")), "DURATION is no time"),
        (ics((START, "DTEND:20261224T060000")), "duty.ics:4:1: DTEND is not after"),
        (
            ics(("DTSTART;TZID=Mars/Olympus:20261224T070000",)),
            "time zone 'Mars/Olympus' is not known",
        ),
        (
            ics((*PAGI, "RRULE:FREQ=SECONDLY")),
            "duty.ics:7:1: a repetition of 'SECONDLY' is not taken",
        ),
        (ics((*PAGI, "RRULE:FREQ=DAILY;BYHOUR=1,2,3")), "'BYHOUR=1,2,3' is not taken"),
        (ics((*PAGI, "RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO")), "'BYDAY=MO' is not taken"),
        (ics((*PAGI, "RRULE:FREQ=\r\n YEARLY;BYMONTH=2;BYMONTHDAY=30")), "'YEARLY' is not taken"),
        (ics((*PAGI, "RRULE:FREQ=DAILY;INTERVAL=0;COUNT=2")), "'INTERVAL=0' is not taken"),
        (ics((*PAGI, "RRULE:nonsense")), "is not taken"),
        (ics((*PAGI, "EXRULE:FREQ=DAILY")), "EXRULE is no part of iCalendar any more"),
        (ics((START.replace("2026", "2004"), "RRULE:FREQ=DAILY;UNTIL=20300101")), "since 2004"),
        (ics(head=("X-SIAGA-FROM:x", "X-SIAGA-TO:y")), "X-SIAGA-FROM and X-SIAGA-TO are no dates"),
        (
            ics(head=("X-SIAGA-FROM:2001-01-01", "X-SIAGA-TO:2099-01-01")),
            "X-SIAGA-FROM and X-SIAGA-TO are more than 732 days, or none",
        ),
        (ics(PAGI, (START.replace("2026", "2030"),)), "are more than 732 days; expected --from"),
        (ics(head=("BEGIN:VTIMEZONE", "BEGIN:DAYLIGHT", "RRULE:FREQ=SECONDLY")), "'SECONDLY'"),
    ],
)
def test_what_is_no_roster_is_told(data: bytes, message: str) -> None:
    """With the line on which the event begins, or the rule stands."""
    assert message in fault(
        data, Dates(date(2026, 12, 1), date(2026, 12, 31)) if b"2004" in data else None
    )


def test_too_many_events_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By their number alone, before any library looks at them; the same for depth."""
    monkeypatch.setattr(content_line, "MAX_ENTRIES", 3)
    assert "too many events" in fault(ics(*[PAGI] * 4))
    assert "nested too deep" in fault(b"BEGIN:VEVENT\n" * 10_000)


def test_too_many_repetitions_are_refused() -> None:
    """Each step takes time, so their number is bounded before the first one is taken."""
    event = (*PAGI, "SUMMARY:sri", "RRULE:FREQ=DAILY;COUNT=100000")
    assert "200 events are repeated" in fault(ics(*[event] * 200))


LINES = st.sampled_from(
    [
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "BEGIN:STANDARD",
        "TZID:X",
        "UID:a",
        START,
        END,
        "DURATION:PT7H",
        "DURATION:-P1D",
        "DTSTART;VALUE=DATE:20261224",
        "DTSTART;TZID=X:20261224T070000",
        "DTSTART;VALUE=PERIOD:20261224T070000Z/PT7H",
        "DTEND;VALUE=DATE:20261225",
        "RRULE:FREQ=DAILY;COUNT=3",
        "RRULE:FREQ=DAILY;COUNT=-3",
        "RRULE:FREQ=WEEKLY;BYDAY=XX;UNTIL=20270101",
        "RRULE:FREQ=DAILY;UNTIL=20261226T000000Z;INTERVAL=0",
        "RDATE:20261226T070000",
        "RDATE;VALUE=PERIOD:20261226T070000Z/PT1H",
        "EXDATE:20261224T070000",
        "EXDATE;TZID=X:20261224T070000",
        "RECURRENCE-ID:20261224T070000",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261224T070000",
        "STATUS:CANCELLED",
        "STATUS:CANCELLED",
        "ATTENDEE;CN=Sri:mailto:sri@metro.example",
        "SUMMARY:sri",
        "X-SIAGA-LINE:x",
        "X-SIAGA-PERSON:sri",
        "X-WR-TIMEZONE:Mars/Olympus",
        " folded",
        ":",
        ";;;=",
    ]
)


@given(st.lists(LINES, max_size=12), st.text(max_size=5))
def test_any_lines_are_turns_or_an_error(lines: list[str], junk: str) -> None:
    """Whatever stands in an event, nothing but the documented error comes out."""
    for data in (
        ics((*lines, junk)),
        ics((*PAGI, *lines)),
        "\n".join([*lines, junk]).encode("utf-8", "surrogatepass"),
    ):
        with suppress(ScheduleError):
            found = calendar.read(data, FILE, WIB, None)
            assert all(entry.start < entry.end for entry in found.entries)


@given(st.binary(max_size=100))
def test_any_bytes_are_turns_or_an_error(data: bytes) -> None:
    """The same for a file that is no calendar at all."""
    with pytest.raises(ScheduleError):
        calendar.read(data, FILE, WIB, None)
