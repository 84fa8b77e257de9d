"""The roster of a small, a large and a huge centre: what an answer and a year cost.

A person works in a team of a rotation of eight days (pagi, pagi, siang, siang, malam, malam, and
two days off); one agency in ten people keeps office hours by weekly rows. There are holidays, and
one override for every ten people and month.
"""

import gc
import random
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

from routing.holiday import Holiday, HolidayRow, Holidays
from routing.operator import AgencyId, PersonId
from routing.override import Extra, Leave, Override
from routing.roster import Roster, RosterPlan
from routing.rotation import Rotation, RotationId, TeamId, Weekday, WeeklyRow
from routing.shift import DAY_OFF, Shift, ShiftId

SMALL, LARGE, HUGE = 10, 1_000, 10_000
"""People: a town, a capital, and more than any post has."""
PAGI, SIANG, MALAM, KANTOR = (ShiftId(name) for name in ("pagi", "siang", "malam", "kantor"))
SHIFTS = {
    PAGI: Shift(start=time(7), end=time(14)),
    SIANG: Shift(start=time(14), end=time(21)),
    MALAM: Shift(start=time(21), end=time(7)),
    KANTOR: Shift(start=time(8), end=time(16)),
}
CYCLE = (PAGI, PAGI, SIANG, SIANG, MALAM, MALAM, DAY_OFF, DAY_OFF)
TEAMS = 4
YEAR = (date(2027, 1, 1), date(2028, 1, 1))
BAR_US = 20.0
"""Of `on_duty`, with a thousand people."""
BAR_YEAR_S = 1.0
"""Of `duties` of a year, up to a thousand people."""
WORKDAYS = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)


def centre(people: int, seed: int = 112) -> Roster:
    """A centre with so many people."""
    draw = random.Random(seed)  # noqa: S311 - nothing secret, the same each time
    names = [PersonId(f"p{number:05}") for number in range(people)]
    office, shifts = names[: people // 10], names[people // 10 :]
    teams = {TeamId(f"t{number}"): tuple(shifts[number::TEAMS]) for number in range(TEAMS)}
    days = {team: 2 * number + 1 for number, team in enumerate(teams)}
    plan = RosterPlan(
        timezone="Asia/Jakarta",
        shifts=SHIFTS,
        teams=teams,
        rotations={RotationId("all"): Rotation(anchor=date(2026, 1, 1), cycle=CYCLE, teams=days)},
        weekly=(WeeklyRow(days=WORKDAYS, shift=KANTOR, people=tuple(office)),),
        holidays=Holidays(
            add=tuple(Holiday(date=date(2027, month, 17), name="libur") for month in range(1, 13)),
            rows=(HolidayRow(shift=KANTOR, people=(), agency=AgencyId("office")),),
        ),
        overrides=tuple(_overrides(names, draw)),
    )
    return Roster(plan, dict.fromkeys(office, AgencyId("office")))


def _overrides(names: list[PersonId], draw: random.Random) -> list[Override]:
    found: list[Override] = []
    for _ in range(12 * len(names) // 20):
        day = YEAR[0] + timedelta(days=draw.randrange(365))
        found.append(Leave(kind="leave", date=day, person=draw.choice(names)))
        found.append(Extra(kind="extra", date=day, person=draw.choice(names), shift=MALAM))
    return found


def _us(ask: Callable[[datetime], object], instants: list[datetime]) -> float:
    begin = perf_counter()
    for at in instants:
        ask(at)
    return (perf_counter() - begin) / len(instants) * 1e6


def _instants(days: int, count: int) -> list[datetime]:
    draw, begin = random.Random(7), datetime(2027, 3, 1, tzinfo=UTC)  # noqa: S311 - as above
    return [begin + timedelta(seconds=draw.randrange(days * 86_400)) for _ in range(count)]


def _slowest_ms(roster: Roster, days: int) -> float:
    """The longest answer on the way through so many days: one that computes a day."""
    begin = datetime(2027, 6, 1, tzinfo=UTC)
    roster.on_duty(begin)
    slowest = 0.0
    for hour in range(1, days * 24):
        before = perf_counter()
        roster.on_duty(begin + timedelta(hours=hour))
        slowest = max(slowest, perf_counter() - before)
    return slowest * 1e3


def _measure(people: int) -> bool:
    before = perf_counter()
    roster = centre(people)
    compiled_ms = (perf_counter() - before) * 1e3
    before = perf_counter()
    roster.on_duty(datetime(2027, 3, 1, tzinfo=UTC))
    first_ms = (perf_counter() - before) * 1e3
    week = _instants(7, 20_000)
    _us(roster.on_duty, week)
    answer_us = _us(roster.on_duty, week)
    before = perf_counter()
    turns = sum(1 for _ in roster.duties(*YEAR))
    year_s = perf_counter() - before
    slowest_ms = _slowest_ms(roster, 60)
    kib = _memory_kib(people)
    print(
        f"{people:6} people: on_duty {answer_us:.1f} µs in a week; first {first_ms:.1f} ms, "
        f"a new day at most {slowest_ms:.1f} ms; compiled in {compiled_ms:.0f} ms; "
        f"a year of {turns:,} turns in {year_s:.2f} s; {kib:,} KiB after asking all of it"
    )
    return people > LARGE or (answer_us <= BAR_US and year_s <= BAR_YEAR_S)


def _memory_kib(people: int) -> int:
    """What is held after every hour of a year was asked for."""
    roster = centre(people)
    gc.collect()
    tracemalloc.start()
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    for quarter in range(365 * 4):
        roster.on_duty(begin + timedelta(hours=6 * quarter))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held >> 10


if __name__ == "__main__":
    verdicts = [_measure(people) for people in (SMALL, LARGE, HUGE)]
    sys.exit(not all(verdicts))
