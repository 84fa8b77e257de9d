"""Phones that do not work are told when they are all that a service has."""

from datetime import time

from routing.offer import SeatChanged, SeatState, SignedOn
from routing.operator import PersonId, SeatId
from routing.plan import Plan
from routing.reach import Unreached
from tests.routing.centre import DAMKAR, MEDIS, URGENT, Play, make_plan

ANI, BUDI, DEDI = PersonId("ani"), PersonId("budi"), PersonId("dedi")
POST = SeatId("pos")


def found(plan: Plan, *off: str) -> Unreached:
    """What is found while the phones of these do not work."""
    play = Play(plan)
    for name in off:
        play.tell(SeatChanged(f"siaga-{name}", SeatState.UNREACHABLE))
    return play.floor.unreached(play.at)


def test_phones_that_all_work_are_nothing_to_tell() -> None:
    """Busy ones work."""
    play = Play(make_plan())
    play.tell(SeatChanged("siaga-dedi", SeatState.BUSY))
    assert play.floor.unreached(play.at) == Unreached()


def test_a_service_is_unreached_when_its_last_phone_is_off() -> None:
    """One of two that works is enough."""
    assert found(make_plan(), "ani") == Unreached()
    assert found(make_plan(), "ani", "budi") == Unreached((MEDIS, URGENT), (ANI, BUDI))
    assert found(make_plan(), "dedi") == Unreached((DAMKAR,), (DEDI,))


def test_who_has_signed_on_elsewhere_is_reached_there() -> None:
    """Their own phone may be off."""
    play = Play(make_plan())
    for name in ("ani", "budi"):
        play.tell(SeatChanged(f"siaga-{name}", SeatState.UNREACHABLE))
    play.tell(SignedOn(ANI, POST))
    assert play.floor.unreached(play.at) == Unreached()


def test_a_service_with_nobody_on_duty_is_another_fault() -> None:
    """No phone would help."""
    closed = {"penuh": (time(2), time(3), ("ani", "budi", "dedi"))}
    assert found(make_plan(shifts=closed), "ani", "budi", "dedi") == Unreached()


def test_the_posts_phone_is_told_by_itself() -> None:
    """It is what rings when nobody else answers."""
    assert found(make_plan(), "pos") == Unreached(post=POST)


def test_what_two_looks_have_in_common_is_what_lasts() -> None:
    """A phone that is back at the second look is not told."""
    first = Unreached((MEDIS, DAMKAR), (ANI, BUDI, DEDI), POST)
    assert first & Unreached((DAMKAR,), (DEDI,)) == Unreached((DAMKAR,), (DEDI,))
    assert first & first == first


def test_a_trunk_that_does_not_answer_is_told_by_itself() -> None:
    """It is no phone of anybody's; a busy one works."""
    plan = make_plan()
    trunk, facts = next(iter(plan.zones.zones.trunks.items()))
    endpoint = facts.endpoint.removeprefix("siaga-")
    away = found(plan, endpoint)
    assert away == Unreached(trunks=(trunk,))
    assert away & Unreached() == Unreached()
    assert away & away == away
