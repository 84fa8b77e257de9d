"""Who calls: drawn from the seed alone, in the shares that the city says."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from routing.mark import Mark
from siaga.rehearsal.city import City, Spread
from siaga.rehearsal.crowd import LEAST_TALK_S, Crowd, drawn
from siaga.rehearsal.span import Curve, Span
from siaga.rehearsal.visit import Visit
from siaga.settings import load
from tests.siaga.folder import GOOD, KOTA_METRO

METRO = ZoneInfo("Asia/Jakarta")
START = datetime(2026, 11, 30, tzinfo=METRO)
SPAN = Span(START, START + timedelta(days=10))
CALLS = 5000


def crowd(seed: int, city: City | None = None) -> list[Visit]:
    """A crowd of Kota Metro."""
    city = city or City()
    menu = load(KOTA_METRO).menu
    return list(Crowd(city, menu, Curve(city, SPAN, METRO), seed).visits(CALLS))


def test_one_seed_is_one_crowd() -> None:
    """The same callers do the same; another seed has others."""
    assert crowd(1) == crowd(1)
    assert crowd(1) != crowd(2)


def test_shares_are_those_of_the_city() -> None:
    """Kinds of calls, keys that mean nothing, people who press nothing, services of the genuine."""
    found, city = crowd(1), City()
    kinds = Counter(visit.mark for visit in found)
    assert kinds[Mark.GHOST] / CALLS == pytest.approx(city.callers.ghost.share, abs=0.03)
    assert kinds[Mark.GENUINE] / CALLS == pytest.approx(city.callers.genuine.share, abs=0.02)
    genuine = [visit for visit in found if visit.mark is Mark.GENUINE]
    pressed = Counter(visit.citizen.keys[-1][1] for visit in genuine if visit.citizen.keys)
    assert pressed["1"] / pressed.total() == pytest.approx(5 / 13, abs=0.05)
    silent = sum(not visit.citizen.keys for visit in genuine) / len(genuine)
    assert silent == pytest.approx(city.callers.genuine.silent, abs=0.03)
    stays = sum(visit.citizen.patience_s is None for visit in genuine) / len(genuine)
    assert stays == pytest.approx(city.callers.genuine.stays, abs=0.05)


def test_one_side_ends_each_talk_and_an_operator_not_at_once() -> None:
    """Who hangs up within three seconds would not have answered."""
    for visit in crowd(1):
        assert (visit.talk_s is None) != (visit.citizen.talk_s is None)
        assert visit.talk_s is None or visit.talk_s >= LEAST_TALK_S


def test_first_keys_that_mean_nothing_or_switch_the_language_are_followed_by_the_right_one() -> (
    None
):
    """A wrong key is one that the menu does not know."""
    menu = load(KOTA_METRO).menu
    firsts = {v.citizen.keys[0][1] for v in crowd(1) if len(v.citizen.keys) == 2}
    wrong = firsts - {menu.language_key}
    assert menu.language_key in firsts
    assert wrong
    assert wrong.isdisjoint(menu.keys)


def test_a_menu_in_one_language_has_no_key_for_another() -> None:
    """Nobody presses it first then."""
    city, menu = City(wrong_key=0.0, other_language=1.0), load(GOOD).menu
    assert len(menu.languages) == 1
    found = Crowd(city, menu, Curve(city, SPAN, METRO), 1).visits(200)
    assert {len(visit.citizen.keys) for visit in found} <= {0, 1}


def test_half_is_over_within_the_median_and_nine_tenths_within_p90() -> None:
    """As the city's file says it, so it is drawn."""
    draw, spread = Random(1), Spread(median_s=60.0, p90_s=180.0)  # noqa: S311
    found = sorted(drawn(spread, draw) for _ in range(20_000))
    assert found[10_000] == pytest.approx(60, rel=0.05)
    assert found[18_000] == pytest.approx(180, rel=0.05)
