"""What waiting callers are told costs nobody a second of waiting."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from routing.service import Announcements
from siaga.settings import Settings, load
from tests.siaga.folder import KOTA_METRO
from tests.siaga.rehearsal.scene import Told, on_stage, scene

EVERY_S = st.none() | st.sampled_from([15.0, 16.0, 30.0])
RULES = st.builds(
    Announcements,
    first_after_s=st.sampled_from([10.0, 20.0]),
    position_every_s=EVERY_S,
    apology_every_s=EVERY_S,
    turned=st.booleans(),
)


@pytest.fixture(scope="module")
def metro() -> Settings:
    """The shipped settings."""
    return load(KOTA_METRO)


def without_words(told: dict[str, list[Told]] | None) -> dict[str, list[Told]] | None:
    """All but what was said."""
    if told is None:
        return None
    return {call: [one for one in own if one.what != "announced"] for call, own in told.items()}


@effort(deadline=None, max_examples=40)
@given(RULES, st.integers(0, 1000))
def test_no_announcement_makes_an_offer_or_an_answer_later(
    metro: Settings, rules: Announcements, number: int
) -> None:
    """The same callers and operators: whom it rings when, and who answers, to the millisecond."""
    telling = replace(metro, catalogue=replace(metro.catalogue, announcements=rules))
    silent = replace(metro, catalogue=replace(metro.catalogue, announcements=Announcements()))
    played = scene(number, [seat.endpoint for seat in metro.operators.seats.values()])
    assert without_words(on_stage(telling, played)) == without_words(on_stage(silent, played))


def test_callers_of_a_scene_are_told_something(metro: Settings) -> None:
    """Or the property would hold for nothing."""
    endpoints = [seat.endpoint for seat in metro.operators.seats.values()]
    said = {
        str(one.facts[0])
        for number in range(30)
        for own in (on_stage(metro, scene(number, endpoints)) or {}).values()
        for one in own
        if one.what == "announced"
    }
    assert {"turned+position_1", "waiting+position_1"} <= said
