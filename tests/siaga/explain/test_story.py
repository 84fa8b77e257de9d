"""Who is not rung is told, whatever the reason is: everybody of a step is accounted for."""

from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from routing import hunt
from routing.hunt import GroupStep
from routing.offer import SeatTarget
from routing.operator import PersonId
from routing.service import (
    ChainId,
    OutsideStep,
    OverflowStep,
    PostStep,
    SupervisorStep,
    WrapUpStep,
)
from routing.zone import Evidence
from siaga.explain.foresight import Foresight, Question, foresee
from siaga.explain.story import GONE_ON, HAS_RUNG, NO_PHONE, Skip, Stop, Story
from siaga.settings import Settings, load
from tests.siaga.explain.call import drawn
from tests.siaga.folder import KOTA_METRO

SRI, AGUS, SITI = PersonId("sri"), PersonId("agus"), PersonId("siti")
AT: Final = datetime(2026, 12, 1, 8, tzinfo=ZoneInfo("Asia/Jakarta"))
EVIDENCE: Final = Evidence("seluler", "112", "081234567890")
CALLS: Final = 150


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Those that are shipped."""
    return load(KOTA_METRO)


def stops(settings: Settings, keys: str = "1", *busy: PersonId) -> tuple[Stop, ...]:
    """The steps of a call."""
    question = Question(evidence=EVIDENCE, at=AT, keys=keys, busy=frozenset(busy))
    return Story(foresee(settings, question)).stops


def seatless(settings: Settings, *people: PersonId) -> Settings:
    """The same settings, in which these people have no phone of their own."""
    operators = settings.operators
    seats = {id_: seat for id_, seat in operators.seats.items() if seat.person not in people}
    return replace(settings, operators=replace(operators, seats=seats))


def chained(settings: Settings, *steps: OverflowStep) -> Settings:
    """The same settings, with this overflow."""
    overflow = {**settings.catalogue.overflow, ChainId("biasa"): steps}
    return replace(settings, catalogue=replace(settings.catalogue, overflow=overflow))


def test_who_sits_at_no_phone_is_told_so(settings: Settings) -> None:
    """On duty, or the supervisor: a person without a phone cannot be rung."""
    group, supervisor, *_ = stops(seatless(settings, SRI, SITI))
    assert group.skips[0] == Skip(SRI, (NO_PHONE,))
    assert supervisor.skips == (Skip(SITI, (NO_PHONE,)),)
    others = stops(seatless(settings, AGUS))[2]
    assert others.skips == (Skip(AGUS, (NO_PHONE,)),)


def test_nobody_rings_twice_in_a_round(settings: Settings) -> None:
    """The wrap-up step leads to who has rung before; it is told why nobody rings."""
    outside = settings.catalogue.overflow[ChainId("biasa")][-1]
    chain = chained(settings, WrapUpStep(to="wrap_up"), PostStep(to="post"), outside)
    wrap_up = stops(chain)[1]
    assert not wrap_up.rings
    assert [(skip.person, skip.because[0]) for skip in wrap_up.skips] == [(SRI, HAS_RUNG)]


def test_a_number_that_the_longest_wait_passes_is_told(settings: Settings) -> None:
    """Whoever has waited the most is not given to a number outside in the middle of the chain."""
    outside = settings.catalogue.overflow[ChainId("biasa")][-1]
    assert isinstance(outside, OutsideStep)
    first = replace(outside, number="0725000114")
    chain = chained(settings, first, SupervisorStep(to="supervisor"), outside)
    services = {id_: replace(one, max_wait_s=2.0) for id_, one in chain.catalogue.services.items()}
    hurried = replace(chain, catalogue=replace(chain.catalogue, services=services))
    middle = stops(hurried)[1]
    assert not middle.rings
    assert [(skip.person, skip.because[0]) for skip in middle.skips] == [(None, GONE_ON)]


def test_everybody_of_a_step_rings_or_is_told_why_not(settings: Settings) -> None:
    """Over calls drawn at random: by the key of the target, at each step that was reached."""
    people = list(settings.operators.people)
    for number in range(CALLS):
        call = drawn(Random(number), number, people)  # noqa: S311 - the same each time
        question = Question(evidence=call.evidence, at=AT, keys=call.keys, busy=call.busy)
        seen = foresee(settings, question)
        for index, stop in enumerate(Story(seen).stops):
            assert_complete(seen, index, stop)


def assert_complete(seen: Foresight, index: int, stop: Stop) -> None:
    """No target of the step is left out, none is told twice, and each has a reason."""
    assert seen.chain is not None
    led_to = {
        one.key
        for one in hunt.candidates(seen.plan, seen.chain, index, seen.reached[index], seen.seating)
    }
    rung = {ring.offer.target.key for ring in stop.rings}
    passed = {one.key for one in seen.passes if one.step == index}
    assert rung | passed == led_to
    assert not rung & passed
    assert all(skip.because for skip in stop.skips)
    if isinstance(stop.step, GroupStep):
        told = {skip.person for skip in stop.skips} | _people(stop)
        of_agencies = {
            id_
            for id_, person in seen.settings.operators.people.items()
            if person.agency in stop.step.group.agencies
        }
        assert told == of_agencies


def _people(stop: Stop) -> set[PersonId | None]:
    targets = (ring.offer.target for ring in stop.rings)
    return {target.person for target in targets if isinstance(target, SeatTarget)}
