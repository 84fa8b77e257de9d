"""A rehearsal from its first call to its last, and what came of it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from routing.draw import Draw
from routing.floor import Floor
from routing.moment import Moment
from routing.note import Note
from routing.operator import Language, PersonId
from routing.plan import Plan
from siaga.patience import prompt_s
from siaga.rehearsal.city import City
from siaga.rehearsal.crowd import Crowd
from siaga.rehearsal.people import CityPeople
from siaga.rehearsal.span import Curve, Span
from siaga.rehearsal.stage import Stage
from siaga.rehearsal.tally import Tally
from siaga.rehearsal.visit import Visit
from siaga.rehearsal.watch import Watch
from siaga.roster.slot import Slots
from siaga.settings import Settings

WEEK: Final = timedelta(weeks=1)
DAY: Final = timedelta(days=1)
SEED: Final = 112
EVERY: Final = 100
"""Calls between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of one.

    Attributes:
        settings: On which it was played.
        span: Of which time.
        seed: Of all that was drawn.
        tally: What came of the calls.
        watch: What must never be, and was.
        on_duty_s: Seconds on duty in the span, by person.
        virtual_s: From the first second to the end of the last call.
        wall_s: What it took.
    """

    settings: Settings
    span: Span
    seed: int
    tally: Tally
    watch: Watch
    on_duty_s: dict[PersonId, float]
    virtual_s: float
    wall_s: float


def rehearse(
    settings: Settings,
    city: City,
    span: Span,
    calls: int,
    seed: int = SEED,
    *,
    progress: Callable[[int], None] = lambda _: None,
    floor: Callable[[Plan, str, Draw], Floor] = Floor,
    hear: Callable[[Note, Moment], None] = lambda _note, _at: None,
) -> Rehearsal:
    """Plays so many calls of a city on these settings.

    Args:
        settings: The accepted ones.
        city: What callers and operators do.
        span: When the calls come.
        calls: How many.
        seed: One seed is one run.
        progress: Takes the number of calls that have come, now and then.
        floor: Makes the floor.
        hear: Takes every note of the core, after it has been counted.
    """
    began = time.monotonic()
    plan, zone = settings.plan(), ZoneInfo(settings.roster.timezone)
    tally, watch = Tally(plan, Slots(settings.roster)), Watch()

    @cache
    def media_s(language: str, name: str) -> float:
        return prompt_s(settings, Language(language), name)

    def heard(note: Note, at: Moment) -> None:
        tally.hear(note, at)
        hear(note, at)

    draw = Random(f"floor {seed}").random  # noqa: S311 - the same each time
    stage = Stage(
        floor(plan, "", draw),
        settings.menu,
        plan.catalogue,
        start=span.start,
        people=CityPeople(city.operators, plan.roster),
        media_s=media_s,
        hear=heard,
        watch=watch,
    )
    crowd = Crowd(city, settings.menu, Curve(city, span, zone), seed)
    stage.play(_counted(tally.expect(crowd.visits(calls)), progress))
    return Rehearsal(
        settings=settings,
        span=span,
        seed=seed,
        tally=tally,
        watch=watch,
        on_duty_s=_on_duty_s(plan, span),
        virtual_s=stage.now.instant,
        wall_s=time.monotonic() - began,
    )


def calls_of(city: City, span: Span, zone: ZoneInfo) -> int:
    """How many calls a city makes in a span of time; at least one."""
    return max(1, round(city.calls_per_day * Curve(city, span, zone).days))


def days_of(city: City, calls: int) -> int:
    """In how many whole days a city makes so many calls."""
    return max(1, ceil(calls / city.calls_per_day))


def _counted(visits: Iterator[Visit], progress: Callable[[int], None]) -> Iterator[Visit]:
    for number, visit in enumerate(visits):
        if number % EVERY == 0:
            progress(number)
        yield visit


def _on_duty_s(plan: Plan, span: Span) -> dict[PersonId, float]:
    found: dict[PersonId, float] = dict.fromkeys(plan.operators.people, 0.0)
    at: datetime = span.start
    while at < span.end:
        until = min(plan.roster.next_change(at) or span.end, span.end)
        for duty in plan.roster.on_duty(at):
            found[duty.person] = found.get(duty.person, 0.0) + (until - at).total_seconds()
        at = until
    return found
