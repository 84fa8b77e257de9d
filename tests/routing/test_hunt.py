"""Whom each step of the chain leads to, and why."""

from datetime import datetime, time, timedelta, timezone

import pytest

from routing import hunt
from routing.hunt import GroupStep
from routing.offer import SeatTarget
from routing.service import ServiceId, Strategy
from tests.routing.centre import (
    CHAIN,
    DAMKAR,
    MEDIS,
    RING_S,
    START,
    TRANSFER,
    make_plan,
)

SHIFTS = {
    "pagi": (time(7), time(14), ("ani", "dedi")),
    "malam": (time(14), time(7), ("budi",)),
}
WIB = timezone(timedelta(hours=7))
AT = datetime(2026, 11, 23, 8, 0, tzinfo=WIB)


def keys(index: int, service: ServiceId = MEDIS) -> list[str]:
    """The targets of a step, at 08:00 with two shifts."""
    plan = make_plan(shifts=SHIFTS)
    chain = hunt.chain_of(plan, service)
    return [candidate.target.key for candidate in hunt.candidates(plan, chain, index, AT)]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (0, ["person:ani"]),
        (1, ["person:siti"]),
        (2, ["person:dedi"]),
        (3, ["person:budi"]),
        (4, ["seat:pos"]),
        (5, ["outside:0811@telkom"]),
    ],
)
def test_each_step_leads_to_its_own(index: int, expected: list[str]) -> None:
    """Group on duty, supervisor, other agencies, previous shift, post, outside."""
    assert keys(index) == expected


def test_an_agency_without_a_supervisor_leads_to_nobody() -> None:
    """The step is empty, and the chain goes on."""
    assert keys(1, DAMKAR) == []


def test_another_agencys_previous_shift_is_not_rung() -> None:
    """Budi of dinkes was on duty before; the fire brigade's callers do not ring him."""
    assert keys(3, DAMKAR) == []


def test_the_reasons_name_the_rule() -> None:
    """The step's and the roster's settings paths are told."""
    plan = make_plan(shifts=SHIFTS)
    chain = hunt.chain_of(plan, MEDIS)
    (candidate,) = hunt.candidates(plan, chain, 0, AT)
    assert [reason.path[:2] for reason in candidate.because] == [
        ("services", "hunt_groups"),
        ("roster", "weekly"),
    ]


def test_a_transfer_is_the_first_step() -> None:
    """The neighbour's centre comes before the group, and has to confirm."""
    plan = make_plan()
    chain = hunt.chain_of(plan, MEDIS, TRANSFER)
    (candidate,) = hunt.candidates(plan, chain, 0, START)
    assert candidate.target == TRANSFER.target
    assert candidate.target.dial == "PJSIP/0725112@siaga-telkom"
    assert hunt.needs_confirmation(chain.steps[0])
    assert isinstance(chain.steps[1], GroupStep)


def test_steps_have_a_strategy_a_ring_time_and_a_busy_wait() -> None:
    """A group says its own; all other steps ring all at once and wait for nobody."""
    chain = hunt.chain_of(make_plan(strategy=Strategy.LINEAR), MEDIS)
    group, post = chain.steps[0], chain.steps[4]
    assert hunt.strategy_of(group) is Strategy.LINEAR
    assert hunt.strategy_of(post) is Strategy.RINGALL
    assert hunt.ring_time_of(group) == hunt.ring_time_of(post) == RING_S
    assert hunt.busy_wait_of(post) == 0
    assert not hunt.needs_confirmation(post)
    assert len(chain.steps) == len(CHAIN) + 1


def test_a_target_names_whom_it_reaches() -> None:
    """A person's seat is the person; a seat of nobody is itself."""
    plan = make_plan()
    chain = hunt.chain_of(plan, MEDIS)
    (post,) = hunt.candidates(plan, chain, 4, START)
    assert isinstance(post.target, SeatTarget)
    assert (post.target.key, post.target.dial) == ("seat:pos", "PJSIP/siaga-pos")
