"""Each law lets a well-kept day pass, and tells a breach that was made by hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journal.record import Ground, Record
from tests.simulation import law
from tests.simulation.account import Account, Call, Talk
from tests.simulation.hunt import HUNTS
from tests.simulation.promise import PROMISES
from tests.simulation.turn import order_is_kept

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
GROUP = (Ground("on duty", "services.hunt_groups.medis"),)
OVER_S = 100.0


def record(
    at_s: float, what: str, call: str, run: str = "run1", came_s: float = 0.0, **detail: object
) -> Record:
    """A record of a call that came at `came_s`."""
    because = GROUP if what == "offered" else ()
    return Record(
        id=f"20261123T070000-{run}-{round(at_s * 1000):08d}",
        at=START + timedelta(seconds=at_s),
        what=what,
        call=call,
        offset_s=at_s - came_s,
        detail=detail,
        because=because,
    )


TALK = Talk("siaga-leg-1", 5.0, 20.0, ended=True, normally=True)
CALLER = Call("0812", "a", 0.0, 20.0, talks=(TALK,))
LEG = Call("siaga-medis-1", "siaga-leg-1", 3.0, 20.0, hung_up=True)
RECORDS = (
    record(0.0, "arrived", "a"),
    record(2.0, "queued", "a", service="medis"),
    record(3.0, "offered", "a", offer="1", target="person:sri"),
    record(5.0, "operator_answered", "a", offer="1", target="person:sri"),
    record(5.0, "bridged", "a", offer="1", target="person:sri"),
    record(20.0, "ended", "a", by="operator"),
)
OTHERS = tuple(
    Call(f"081{number}", call, came_s, 90.0, hung_up=True)
    for number, (call, came_s) in enumerate([("b", 28.0), ("c", 29.0), ("d", 30.5)])
)
GOOD = Account(START, callers=(CALLER, *OTHERS), legs=(LEG,), records=RECORDS, over=OVER_S)
"""One caller is answered, and the operator hangs up."""
CUT = ((4.0, 4.0),)


def with_caller(**changes: object) -> Account:
    """The good day with another caller in place of its own."""
    return replace(GOOD, callers=(replace(CALLER, **changes),))  # type: ignore[arg-type]


def with_talk(**changes: object) -> Account:
    """The good day with another talk."""
    return with_caller(talks=(replace(TALK, **changes),))  # type: ignore[arg-type]


def with_records(*records: Record) -> Account:
    """The good day with these records behind its own."""
    return replace(GOOD, records=(*RECORDS, *records))


def test_a_good_day_breaks_no_law() -> None:
    """Nothing is told."""
    assert law.broken(GOOD) == ()


def waiting(call: str, came_s: float, at_s: float = 30.0) -> Record:
    """A caller who came at `came_s` waits for medis."""
    return record(at_s, "queued", call, came_s=came_s, service="medis")


PASSED = (waiting("b", 28.0), waiting("c", 29.0))
BREACHES: dict[Callable[[Account], Iterator[str]], tuple[Account, ...]] = {
    law.one_call_a_phone: (
        replace(GOOD, legs=(LEG, replace(LEG, channel="siaga-leg-2", since=19.0))),
        replace(
            with_records(record(4.0, "offered", "b", offer="2", target="person:sri")),
            legs=(LEG, Call("siaga-pos", "siaga-leg-2", 4.0, 6.0)),
        ),
    ),
    law.who_stays_reaches_a_human: (
        with_caller(talks=()),
        with_caller(talks=(), until=None),
        with_caller(talks=(), until=OVER_S, hung_up=True),
    ),
    law.nobody_is_hung_up_on: (
        with_talk(until=5.5, normally=False),
        with_talk(until=8.0),
    ),
    law.a_slip_is_no_talk: (with_caller(until=7.0, talks=(replace(TALK, until=7.0),)),),
    law.talks_go_on: (
        with_talk(until=12.0, ended=False),
        with_caller(
            talks=(
                replace(TALK, until=12.0, ended=False),
                replace(TALK, leg="siaga-leg-2", since=12.0),
            )
        ),
    ),
    order_is_kept: (
        with_records(
            *PASSED, record(30.0, "offered", "c", came_s=29.0, offer="3", target="person:sri")
        ),
        with_records(
            record(30.6, "operator_answered", "d", offer="2", target="person:bayu"),
            record(31.0, "operator_lost", "d", came_s=30.5),
            waiting("c", 29.0),
            waiting("d", 30.5, 31.0),
            record(32.0, "offered", "c", came_s=29.0, offer="3", target="person:sri"),
        ),
    ),
    law.each_stay_ends_once: (
        with_records(record(20.0, "pulled_out", "a")),
        replace(GOOD, records=RECORDS[:-1]),
        with_records(record(30.0, "arrived", "a", "run2"), record(31.0, "abandoned", "a", "run2")),
    ),
    law.recordings_are_kept: (
        replace(GOOD, records=(*RECORDS, record(6.0, "recording_begun", "a", offer="1"))),
    ),
    law.talks_are_recorded: (
        replace(GOOD, records=tuple(r for r in RECORDS if r.what != "bridged")),
        with_caller(talks=()),
    ),
    law.no_fuse_burns: (with_caller(burnt=(40.0,)),),
    law.nothing_is_left: (replace(GOOD, left=("bridge siaga-bridge-a",)),),
    law.nothing_fails_unheard: (replace(GOOD, errors=("call_failed",)),),
}


@pytest.mark.parametrize(
    ("own", "account"),
    [(own, account) for own, accounts in BREACHES.items() for account in accounts],
)
def test_a_breach_is_told(own: Callable[[Account], Iterator[str]], account: Account) -> None:
    """By the law that it is against."""
    assert list(own(account))


def test_every_law_has_a_breach_here() -> None:
    """None is believed unseen; those of hunts and promises are held to mutants instead."""
    assert set(law.LAWS) - {*HUNTS, *PROMISES} == set(BREACHES)


PARDONED: dict[str, tuple[Callable[[Account], Iterator[str]], Account]] = {
    "gave up": (law.who_stays_reaches_a_human, with_caller(talks=(), hung_up=True)),
    "dismissed": (
        law.who_stays_reaches_a_human,
        replace(with_caller(talks=()), records=(*RECORDS[:1], record(20.0, "dismissed", "a"))),
    ),
    "asterisk died": (
        law.who_stays_reaches_a_human,
        replace(with_caller(talks=()), crashes=(20.0,)),
    ),
    "asterisk died in the talk": (
        law.talks_go_on,
        replace(with_talk(until=12.0, ended=False), crashes=(12.0,)),
    ),
    "the caller hung up": (
        law.talks_go_on,
        with_caller(talks=(replace(TALK, ended=False),), hung_up=True),
    ),
    "the dialplan took over": (
        law.talks_go_on,
        with_caller(talks=(replace(TALK, until=12.0, ended=False), replace(TALK, since=12.0))),
    ),
    "a slip on a bad wire": (
        law.a_slip_is_no_talk,
        replace(with_caller(until=7.0, talks=(replace(TALK, until=7.0),)), troubles=CUT),
    ),
    "killed": (
        law.each_stay_ends_once,
        replace(GOOD, records=RECORDS[:-1], killed=frozenset({"run1"})),
    ),
    "burnt in a trouble": (
        law.no_fuse_burns,
        replace(with_caller(burnt=(10.0,)), troubles=CUT),
    ),
    "who leaves is in nobody's way": (
        order_is_kept,
        with_records(
            *PASSED,
            record(30.0, "offered", "c", came_s=29.0, offer="3", target="person:sri"),
            record(30.5, "abandoned", "b", came_s=28.0),
        ),
    ),
    "an earlier call's credit": (
        order_is_kept,
        with_records(
            waiting("b", 28.0),
            record(30.0, "queued", "c", came_s=29.0, service="medis", credit_s=20),
            record(30.0, "offered", "c", came_s=29.0, offer="3", target="person:sri"),
        ),
    ),
    "who did not answer is passed": (
        order_is_kept,
        with_records(
            *PASSED,
            record(30.0, "offered", "b", came_s=28.0, offer="2", target="person:sri"),
            record(34.0, "offer_failed", "b", came_s=28.0, offer="2", target="person:sri"),
            record(34.0, "offered", "c", came_s=29.0, offer="3", target="person:sri"),
        ),
    ),
}


@pytest.mark.parametrize("why", PARDONED)
def test_what_has_a_reason_is_no_breach(why: str) -> None:
    """The reason is in the account."""
    own, account = PARDONED[why]
    assert list(own(account)) == []
