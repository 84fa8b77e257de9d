"""The laws of order can fail: what they are to find is found, and nothing else."""

from datetime import UTC, datetime, timedelta

from journal.record import Record
from sandbox.mark import Mark
from tests.chaos.order import Place, passed_over, places, served_late, two_at_once

BEGAN = datetime(2026, 12, 1, tzinfo=UTC)
URGENT = {"medis": 60.0}


def record(second: float, call: str, what: str, **detail: object) -> Record:
    """Something that happened to a call so many seconds after the begin."""
    at = BEGAN + timedelta(seconds=second)
    return Record(id=f"w-{second}", at=at, what=what, call=call, detail=detail)


def waiting(second: float, call: str, service: str = "umum", **detail: object) -> list[Record]:
    """A call that comes in and waits at once."""
    return [
        record(second, call, "arrived"),
        record(second, call, "queued", service=service, **detail),
    ]


def served(second: float, call: str, person: str) -> list[Record]:
    """A person is rung for the call, and answers."""
    target = f"person:{person}"
    return [
        record(second, call, "offered", target=target),
        record(second, call, "operator_answered", target=target),
    ]


def test_who_came_first_is_not_passed_over() -> None:
    """The second caller is not rung for before the first one, unless the first gives up."""
    two = [*waiting(0, "a"), *waiting(1, "b")]
    assert passed_over([*two, *served(2, "a", "sri"), *served(3, "b", "sri")], {}) == []
    wrong = [*two, *served(2, "b", "sri"), *served(3, "a", "sri")]
    assert passed_over(wrong, {}) == ["person:sri was rung for b before a"]
    assert passed_over([*two, *served(2, "b", "sri"), record(3, "a", "abandoned")], {}) == []


def test_an_emergency_passes_so_many_seconds_of_waiting() -> None:
    """Priority is worth its seconds and no more: who has waited longer is still ahead."""
    three = [*waiting(0, "long"), *waiting(50, "short"), *waiting(70, "urgent", "medis")]
    right = [*served(80, "long", "sri"), *served(81, "urgent", "sri"), *served(82, "short", "sri")]
    assert passed_over([*three, *right], URGENT) == []
    assert passed_over([*three, *right], {}) == ["person:sri was rung for urgent before short"]


def test_a_credit_counts_as_waiting() -> None:
    """Who has dialled again is ahead of who came in the time that was waited before."""
    two = [*waiting(0, "b"), *waiting(5, "again", credit_s=20)]
    assert passed_over([*two, *served(6, "again", "sri"), *served(7, "b", "sri")], {}) == []
    assert places(two, {})["again"].at == BEGAN.timestamp() - 15


def test_who_has_lost_an_operator_is_first_for_all_others() -> None:
    """That operator may serve somebody else meanwhile; another one may not."""
    lost = [
        *waiting(0, "a"),
        *waiting(1, "b"),
        *served(2, "b", "agus"),
        *[record(3, "b", "operator_lost"), record(3, "b", "queued", service="umum")],
    ]
    found = passed_over([*lost, *served(4, "a", "agus"), *served(5, "b", "sri")], {})
    assert found == ["person:agus was rung for b before a"]
    found = passed_over([*lost, *served(4, "a", "sri"), *served(5, "b", "sri")], {})
    assert found[1:] == ["person:sri was rung for a before b"]


def mark(second: float, kind: str, number: str) -> Mark:
    """Something that a seat has seen."""
    return Mark(kind, number, second, "medis-1")


def test_a_seat_has_one_call_at_a_time() -> None:
    """A call that comes while another is there is found, if they do not only just cross."""
    first = [mark(0, "offer", "1"), mark(1, "answer", "1")]
    two = [*first, mark(2, "offer", "2"), mark(2.02, "end", "1"), mark(3, "end", "2")]
    assert two_at_once(two, 0.05) == []
    assert two_at_once(two, 0.01) == ["medis-1: rung for 2 while 1 was there, for 0.020 s"]


def test_a_seat_serves_who_is_ahead_first() -> None:
    """By what the phones have seen; who came too late to be ahead is not missed."""
    marks = [mark(6, "answer", "1"), mark(9, "answer", "2")]
    place = {"1": Place(2.0, 0.0), "2": Place(1.0, 0.0)}
    offered = {"1": 5.0, "2": 8.0}
    wrong = served_late(marks, place, {"1": 2.0, "2": 1.0}, offered)
    assert wrong == ["medis-1: 2 was served after 1"]
    assert served_late(marks, place, {"1": 2.0, "2": 7.0}, offered) == []
