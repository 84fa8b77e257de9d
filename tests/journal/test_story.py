"""A call's records make one row, and abandoned calls have a sequel."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from journal.record import Record
from journal.redial import Abandoned, Sequel, follow_up
from journal.story import Outcome, Story, tell
from tests.journal.sample import NOON, record


def call_of(*happened: tuple[float, str, dict[str, Any]], call: str = "c-1") -> list[Record]:
    """A call's records: seconds after its arrival at noon, name, facts."""
    return [
        record(number, what, at=NOON + timedelta(seconds=s), call=call, offset_s=s, detail=detail)
        for number, (s, what, detail) in enumerate(happened)
    ]


def told(*happened: tuple[float, str, dict[str, Any]]) -> Story:
    """The row of such a call."""
    story = tell("c-1", call_of(*happened))
    assert story is not None
    return story


ARRIVED = (0.0, "arrived", {"ani": "081234567890", "trunk": "seluler", "did": "112"})


def test_a_call_that_was_answered_is_told() -> None:
    """From the arrival to the mark."""
    story = told(
        ARRIVED,
        (0.0, "zone", {"verdict": "outside", "neighbour": "lampung-tengah"}),
        (3.0, "chosen", {"service": "medis"}),
        (3.1, "offered", {"target": "person:sri"}),
        (3.1, "offered", {"target": "person:bayu"}),
        (7.5, "bridged", {"target": "person:sri"}),
        (67.5, "ended", {"by": "caller", "talked_s": 60.0}),
        (80.0, "marked", {"person": "sri", "mark": "genuine"}),
    )
    assert story == Story(
        call="c-1",
        arrived=NOON,
        number="081234567890",
        trunk="seluler",
        did="112",
        zone="outside",
        neighbour="lampung-tengah",
        service="medis",
        offers=2,
        answered_s=7.5,
        operator="person:sri",
        operators=["person:sri"],
        talked_s=60.0,
        ending="ended",
        by="caller",
        ended=NOON + timedelta(seconds=67.5),
        mark="genuine",
    )
    assert story.outcome is Outcome.ANSWERED
    assert story.waited_s == 7.5


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ("abandoned", Outcome.ABANDONED),
        ("dismissed", Outcome.DISMISSED),
        ("pulled_out", Outcome.LAST_RESORT),
        ("handed_back", Outcome.LAST_RESORT),
        ("let_go", Outcome.OPEN),
        ("digit", Outcome.OPEN),
    ],
)
def test_a_call_that_nobody_answered_has_an_outcome(what: str, outcome: Outcome) -> None:
    """Which one depends on how it ended, if it did."""
    story = told(ARRIVED, (9.0, what, {}))
    assert story.outcome is outcome
    assert story.waited_s == (None if what == "digit" else 9.0)


def test_who_lost_an_operator_was_answered_all_the_same() -> None:
    """The first human counts; talks add up; who gave up then is not to be rung as abandoned."""
    story = told(
        ARRIVED,
        (5.0, "bridged", {"target": "person:sri"}),
        (9.0, "operator_lost", {"talked_s": 4.0}),
        (12.0, "bridged", {"target": "seat:pos"}),
        (20.0, "abandoned", {}),
    )
    assert (story.answered_s, story.operator, story.talked_s) == (5.0, "person:sri", 4.0)
    assert story.operators == ["person:sri", "seat:pos"]
    assert story.outcome is Outcome.ANSWERED


def test_who_comes_back_from_the_last_resort_goes_on() -> None:
    """The arrival is the first one, the ending the last."""
    story = told(
        ARRIVED,
        (9.0, "pulled_out", {"where": "waiting"}),
        (15.0, "arrived", {"ani": "081234567890", "how": "resume"}),
        (15.0, "resumed", {"service": "lalin"}),
    )
    assert (story.arrived, story.service, story.outcome) == (NOON, "lalin", Outcome.OPEN)


def test_an_adopted_call_arrived_before_its_first_record() -> None:
    """The daemon was away when it came; the arrival is known by the channel's age."""
    story = tell("c-1", call_of((30.0, "adopted", {"stage": "waiting", "service": "medis"})))
    assert story is not None
    assert (story.arrived, story.number, story.service) == (NOON, None, "medis")


def test_of_nothing_there_is_no_story() -> None:
    """A call that the store does not have."""
    assert tell("c-1", []) is None


def gave_up(at_s: float, number: str | None = "0812", call: str = "") -> Story:
    """A call that was abandoned after five seconds."""
    arrived = NOON + timedelta(seconds=at_s)
    end = arrived + timedelta(seconds=5)
    return Story(call or f"c{at_s}", arrived, number, ending="abandoned", ended=end)


def was_answered(at_s: float, number: str = "0812") -> Story:
    """A call that somebody answered."""
    arrived = NOON + timedelta(seconds=at_s)
    return Story(f"c{at_s}", arrived, number, answered_s=3.0, operator="person:sri", ending="ended")


def test_who_dials_again_and_is_answered_waits_for_nobody() -> None:
    """All calls that were abandoned before are closed by it, none that came after."""
    first, second, third = gave_up(0), gave_up(60), gave_up(600)
    found = follow_up([first, second, was_answered(120), third])
    at = NOON + timedelta(seconds=120)
    assert found == [
        Abandoned(first, Sequel.REDIALLED, "person:sri", at, tries=1),
        Abandoned(second, Sequel.REDIALLED, "person:sri", at),
        Abandoned(third, Sequel.OPEN),
    ]


def test_another_callers_call_closes_nothing() -> None:
    """Nor does one of which no number is known."""
    hidden = gave_up(10, "")
    found = follow_up([gave_up(0), hidden, was_answered(60, "0813"), was_answered(70, "")])
    assert [each.sequel for each in found] == [Sequel.OPEN, Sequel.WITHHELD]


def test_who_was_rung_is_told_with_who_did() -> None:
    """Whichever came first: the call-back, or the answer to another call."""
    rung = record(9, "called_back", at=NOON + timedelta(seconds=30), call="a", detail={"by": "sri"})
    story = gave_up(0, call="a")
    (found,) = follow_up([story, was_answered(60)], {"a": rung})
    assert (found.sequel, found.by, found.at) == (Sequel.CALLED_BACK, "sri", rung.at)
    (found,) = follow_up([story, was_answered(20)], {"a": rung})
    assert found.sequel is Sequel.REDIALLED


def test_a_caller_who_came_back_is_timed_from_the_first_arrival() -> None:
    """A daemon times what follows from when the dialplan gave the caller back."""
    late = {**ARRIVED[2], "reconstructed": True}
    records = call_of(
        (0.0, "arrived", late),
        (0.0, "last_resort", {"service": "medis", "reconstructed": True}),
        (30.0, "arrived", {**ARRIVED[2], "how": "handback"}),
        (37.5, "bridged", {"target": "person:sri"}),
    )
    stay = [
        msgspec.structs.replace(each, offset_s=s)
        for each, s in zip(records, (0, 0, 0, 7.5), strict=True)
    ]
    story = tell("c-1", stay)
    assert story is not None
    assert (story.answered_s, story.service, story.arrived) == (37.5, "medis", NOON)
