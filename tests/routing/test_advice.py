"""Whom a dialplan that keeps its calls is told to ring."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.advice import Advice, advise
from routing.offer import OutsideTarget, SeatState, Target
from routing.plan import Plan
from routing.service import PostStep, Strategy
from routing.zone import Evidence, Finding
from tests.routing.centre import DAMKAR, MEDIS, RING_S, START, Play, make_plan

NOWHERE = Evidence(trunk="telkom", did="112", ani="081234567890")
ALL = ("ani", "budi", "dedi", "siti", "pos")


def ask(
    plan: Plan, service: str = MEDIS, *, busy: tuple[str, ...] = (), tried: tuple[str, ...] = ()
) -> Advice:
    """The advice while these people's phones are in use, and these have been dialled."""

    def is_free(target: Target) -> bool:
        return target.dial not in {f"PJSIP/siaga-{name}" for name in busy}

    return advise(plan, service, NOWHERE, tried=tried, is_free=is_free, at=START)


def dials(advice: Advice) -> list[str]:
    """Whom it rings, in order."""
    return [target.dial.removeprefix("PJSIP/siaga-") for target in advice.targets]


def texts(advice: Advice) -> str:
    """Its grounds."""
    return "; ".join(reason.text for reason in advice.because)


def test_the_operators_on_duty_are_rung_first_those_with_a_penalty_last() -> None:
    """As the floor does, with service, label, ring time and reasons."""
    advice = ask(make_plan())
    assert dials(advice) == ["ani", "budi"]
    assert (advice.service, advice.label, advice.step) == (MEDIS, "112 MEDIS", "group")
    assert (advice.ring_time_s, advice.starts_over) == (RING_S, False)
    assert advice.verdict.finding is Finding.UNKNOWN
    assert texts(advice).startswith("calls on trunk telkom come from anywhere")
    assert "hunt group medis; works penuh by the weekly roster" in texts(advice)
    assert texts(advice).count("hunt group medis") == 1


def test_a_group_that_is_rung_one_after_another_gets_one() -> None:
    """And the next one when that has been tried."""
    plan = make_plan(strategy=Strategy.LINEAR)
    assert dials(ask(plan)) == ["ani"]
    assert dials(ask(plan, tried=("PJSIP/siaga-ani",))) == ["budi"]


@pytest.mark.parametrize(
    ("busy", "step", "rung"),
    [
        (("ani",), "group", ["budi"]),
        (("ani", "budi"), "supervisor", ["siti"]),
        (("ani", "budi", "siti"), "other_agencies", ["dedi"]),
        (("ani", "budi", "siti", "dedi"), "post", ["pos"]),
    ],
)
def test_the_first_step_with_somebody_free_is_rung(
    busy: tuple[str, ...], step: str, rung: list[str]
) -> None:
    """Along the overflow chain, so that every caller reaches a human."""
    advice = ask(make_plan(), busy=busy)
    assert (advice.step, dials(advice)) == (step, rung)


def test_the_chain_ends_outside() -> None:
    """With a number, as dialled on its trunk."""
    advice = ask(make_plan(), busy=ALL)
    assert advice.step == "outside"
    assert [target.dial for target in advice.targets] == ["PJSIP/0811@siaga-telkom"]


def test_when_all_have_been_tried_the_chain_starts_over() -> None:
    """And says so."""
    tried = (*(f"PJSIP/siaga-{name}" for name in ALL), "PJSIP/0811@siaga-telkom")
    advice = ask(make_plan(), tried=tried)
    assert (advice.starts_over, dials(advice)) == (True, ["ani", "budi"])


def test_nobody_at_all_is_no_target_and_says_so() -> None:
    """A chain whose last phone is in use; what the dialplan does then is its own."""
    plan = make_plan(chain=(PostStep(to="post"),))
    advice = ask(plan, busy=ALL, tried=("PJSIP/siaga-ani",))
    assert (advice.step, advice.targets, advice.ring_time_s) == (None, (), 0.0)
    assert texts(advice).endswith("nobody of the whole chain can be rung now")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "no service was named: the default one"),
        ("ambulans", "there is no service 'ambulans': the default one"),
        ("\x1b[2J", "there is no service '[2J': the default one"),
    ],
)
def test_what_is_not_in_the_settings_is_the_default_service_and_told(asked: str, told: str) -> None:
    """Nobody is left without a phone for a typo in a dialplan."""
    advice = ask(make_plan(), asked)
    assert (advice.service, dials(advice)) == (MEDIS, ["ani", "budi"])
    assert told in texts(advice)


def test_another_service_rings_its_own_group() -> None:
    """The agencies are those of the service."""
    assert dials(ask(make_plan(), DAMKAR)) == ["dedi"]


@given(
    states=st.fixed_dictionaries({name: st.sampled_from(SeatState) for name in ALL}),
    tried=st.sets(st.sampled_from(ALL)),
    service=st.sampled_from([MEDIS, DAMKAR]),
    has_linear=st.booleans(),
)
def test_it_never_names_who_is_not_free_and_always_somebody_if_anybody_is(
    states: dict[str, SeatState],
    tried: set[str],
    service: str,
    has_linear: bool,  # noqa: FBT001 - hypothesis passes it by name
) -> None:
    """Whatever the phones' states and the calls before: the floor would offer to each of them."""
    strategy = Strategy.LINEAR if has_linear else Strategy.RINGALL
    shifts = {"penuh": (time(0), time(0), ("ani", "budi", "dedi"))}
    play = Play(make_plan(strategy=strategy, shifts=shifts))
    for name, state in states.items():
        play.seat(name, state)
    advice = advise(
        make_plan(strategy=strategy, shifts=shifts),
        service,
        NOWHERE,
        tried={f"PJSIP/siaga-{name}" for name in tried},
        is_free=lambda target: play.floor.is_free(target, play.at),
        at=START,
    )
    assert advice.targets, "the number outside is always there"
    assert all(play.floor.is_free(target, play.at) for target in advice.targets)
    untried = {name for name, state in states.items() if state is SeatState.READY} - tried
    rung = set(dials(advice))
    is_outside = isinstance(advice.targets[0], OutsideTarget)
    assert rung <= untried or is_outside
    if service == DAMKAR:
        untried.discard("siti")  # supervises the other agency only
    assert not (is_outside and untried), "somebody of the post is free and was passed over"
