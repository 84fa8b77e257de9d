"""The board holds the calls in progress and the figures, and nothing without bound."""

from collections.abc import Mapping

import pytest

from console import board as module
from console.board import Board
from tests.journal.sample import NOON, record


def played(*steps: tuple[str, str | None, float, Mapping[str, object]]) -> Board:
    """A board that has seen these records: name, call, offset, facts."""
    board = Board()
    for number, (what, call, offset_s, detail) in enumerate(steps):
        board.take(record(number, what, at=NOON, call=call, offset_s=offset_s, detail=dict(detail)))
    return board


ARRIVED = ("arrived", "a", 0.0, {"how": "new"})
QUEUED = ("queued", "a", 3.0, {"service": "medis"})
BRIDGED = ("bridged", "a", 8.0, {"target": "person:ani"})


def test_a_call_goes_from_stage_to_stage() -> None:
    """Whoever looks sees where each caller is, since when, for what and with whom."""
    board = played(ARRIVED)
    (call,) = board.calls.values()
    assert call.stage == "arriving"
    assert call.since == NOON
    assert played(ARRIVED, ("answered", "a", 0.1, {})).calls["a"].stage == "menu"
    assert played(ARRIVED, QUEUED).calls["a"].stage == "waiting"
    talking = played(ARRIVED, QUEUED, BRIDGED).calls["a"]
    assert (talking.stage, talking.service, talking.target, talking.answered_s) == (
        "talking",
        "medis",
        "person:ani",
        8.0,
    )
    lost = played(ARRIVED, QUEUED, BRIDGED, ("operator_lost", "a", 20.0, {})).calls["a"]
    assert (lost.stage, lost.target) == ("waiting", None)


@pytest.mark.parametrize("ending", ["ended", "abandoned", "pulled_out", "handed_back"])
def test_a_call_that_has_ended_is_off_the_board(ending: str) -> None:
    """However it ended for this process."""
    assert played(ARRIVED, QUEUED, (ending, "a", 9.0, {})).calls == {}


def test_the_figures_are_those_of_the_glossary() -> None:
    """Answer time runs from arrival to the first human, once for each call."""
    board = played(
        ARRIVED,
        BRIDGED,
        ("operator_lost", "a", 20.0, {}),
        ("bridged", "a", 30.0, {"target": "person:budi"}),
        ("ended", "a", 60.0, {}),
        ("arrived", "b", 0.0, {"how": "new"}),
        ("abandoned", "b", 5.0, {}),
        ("arrived", "c", 0.0, {"how": "new"}),
        ("bridged", "c", 16.0, {"target": "person:ani"}),
    )
    assert board.figures == {
        "calls": 3,
        "answered": 2,
        "abandoned": 1,
        "answer_time_s": {"mean": 12.0, "longest": 16.0, "within": {"10": 1, "15": 1, "20": 2}},
    }


def test_before_the_first_call_there_are_no_times() -> None:
    """No call is not an answer within nothing."""
    times = Board().figures["answer_time_s"]
    assert (times["mean"], times["longest"]) == (None, None)


def test_a_caller_who_comes_back_is_not_a_new_call() -> None:
    """One that the dialplan gives back is on the board again and counted once."""
    back = ("arrived", "a", 0.0, {"how": "resume"})
    resumed = ("resumed", "a", 0.1, {"service": "medis"})
    board = played(ARRIVED, ("pulled_out", "a", 9.0, {}), back, resumed)
    assert board.figures["calls"] == 1
    assert (board.calls["a"].stage, board.calls["a"].service) == ("waiting", "medis")


def test_what_is_told_afterwards_is_no_call_in_progress() -> None:
    """It is over, whether all of it is told or only what came before this process had it."""
    afterwards = ("arrived", "a", 0.0, {"how": "new", "reconstructed": True})
    resort = ("last_resort", "a", 0.0, {"service": "medis", "reconstructed": True})
    back = ("arrived", "a", 1.0, {"how": "handback"})
    ended = ("ended", "a", 9.0, {"by": "caller"})
    board = played(back, BRIDGED, ended, afterwards, resort)
    assert board.calls == {}
    assert board.figures["calls"] == 1
    gone = ("abandoned", "b", 9.0, {"reconstructed": True})
    assert played(("arrived", "b", 0.0, {"how": "new", "reconstructed": True}), gone).calls == {}


def test_records_of_no_call_and_of_unknown_calls_are_only_counted() -> None:
    """A record that came late, or is about the whole centre, makes no call."""
    board = played(("asterisk_up", None, 0.0, {}), ("ringing", "gone", 1.0, {}))
    assert board.calls == {}
    assert board.counts == {"asterisk_up": 1, "ringing": 1}


def test_nothing_grows_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """If ends are missing the oldest calls go; not every new name of a record is counted."""
    monkeypatch.setattr(module, "CALLS", 3)
    monkeypatch.setattr(module, "NAMES", 2)
    board = played(*(("arrived", str(number), 0.0, {"how": "new"}) for number in range(5)))
    assert list(board.calls) == ["2", "3", "4"]
    for number in range(5):
        board.take(record(number, f"name_{number}"))
    assert set(board.counts) == {"arrived", "name_0"}
