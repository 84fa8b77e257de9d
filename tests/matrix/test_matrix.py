"""Every cell of every table: what it may do, that calls come to it, and that the page is true."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import pytest

from ivr.command import Answer, AskPlace, Command, HangUp, Join, Play, RenewFuse
from ivr.dialogue import (
    LANGUAGE_SWITCHES,
    Decided,
    Dialogue,
    DialogueEvent,
    Listening,
    Silence,
    Speaking,
)
from ivr.fuse import FUSE_RENEWAL_S
from ivr.state import (
    Call,
    CallerGone,
    CallEvent,
    Dismissing,
    Ended,
    InMenu,
    LettingGo,
    Slowing,
    Talking,
    Waiting,
    deadline,
)
from routing.cause import Cause
from routing.floor import Floor
from routing.moment import after
from routing.note import Note
from routing.offer import (
    SHORT_TALK_S,
    Confirm,
    Connect,
    Enqueue,
    Expired,
    FloorCommand,
    FloorEvent,
    Leave,
    LegGone,
    Offer,
    Parted,
    Stage,
    Withdraw,
)
from tests.matrix import call, dialogue
from tests.matrix.cell import NOTHING, OTHERWISE, Case, outcomes
from tests.matrix.floor import CALLER, GONE, Place, Scene
from tests.matrix.page import PAGE, page, tables
from tests.matrix.sample import Values, samples
from tests.matrix.table import Step
from tests.matrix.walk import Walk, walked

STEPS, SEED = 60_000, 112
"""Of the walk: a second and a half, in which each cell that can be comes many times."""
CALLS, DIALOGUES, OFFERS, PLACES = TABLES = tables()


def cells(table: Any) -> Callable[[Any], Any]:
    """Runs a test for each cell of a table, under the names of state and event."""
    every = list(table.cells())
    return pytest.mark.parametrize(
        "cell", every, ids=[f"{state}-{event}" for state, event in every]
    )


@cache
def walk() -> Walk:
    """One walk serves all tests."""
    return walked(STEPS, SEED)


def is_shown(table: Any, cell: tuple[str, str], seen: set[tuple[str, str]]) -> None:
    """Calls come to the cell, or the table says why none does.

    Then nothing changes in it, or a caller is given a place in the queue, to be safe.
    """
    if cell not in table.unreachable:
        assert cell in seen, f"no walk comes to {cell}: walk.py does not do it, or it cannot be"
        assert table.of(cell), f"{cell} has no samples"
        return
    assert cell not in seen, f"calls do come to {cell}, which the table says cannot be"
    for step in table.of(cell):
        is_safe = any(isinstance(command, Enqueue) for command in step.commands)
        assert is_safe or (step.after == step.before and not step.commands)


ALLOWED: dict[type, set[type]] = {
    InMenu: {Play, RenewFuse, Note},
    Dismissing: {RenewFuse},
    Slowing: {RenewFuse, Note},
    Waiting: {Enqueue, Play, AskPlace, RenewFuse, Note},
    Talking: {Join, Note},
    LettingGo: {HangUp},
    Ended: {Leave, Note},
}
"""By the state that a step leads to, what may be asked for on the way."""


@cells(CALLS)
def test_a_cell_of_the_call(cell: tuple[str, str]) -> None:
    """Whatever the sample: the right commands, the fuse in time, and no caller given up."""
    is_shown(CALLS, cell, walk().calls)
    for step in CALLS.of(cell):
        assert {type(command) for command in step.commands} <= ALLOWED[type(step.after)]
        assert all(note.call == call.CALL for note in step.commands if isinstance(note, Note))
        assert_not_given_up(step)
        assert_queued(step)
        assert_fuse(step)
        assert_kept(step.before, step.after)


def assert_not_given_up(step: Step[Call, CallEvent, Command]) -> None:
    """A call ends when the caller goes, after a real talk, or when nothing else was promised.

    The floor or Asterisk is told.
    """
    if isinstance(step.after, Ended) and not isinstance(step.before, Ended):
        assert isinstance(step.event, CallerGone)
        assert isinstance(step.before, LettingGo) or Leave(call.CALL) in step.commands
    if not isinstance(step.after, LettingGo) or isinstance(step.before, LettingGo):
        return
    assert HangUp() in step.commands
    if isinstance(step.before, Dismissing):
        # All of the announcement was heard, and no key pressed for as long as after the menu.
        assert isinstance(step.before.dialogue, Listening)
        assert isinstance(step.event, Silence)
        assert step.before.dialogue.deadline <= call.NOW
    else:
        assert isinstance(step.before, Talking)
        assert isinstance(step.event, Parted)
        assert step.event.cause == Cause.NORMAL_CLEARING
        assert step.event.offer == step.before.offer
        assert after(step.before.since, SHORT_TALK_S) <= call.NOW


def assert_queued(step: Step[Call, CallEvent, Command]) -> None:
    """Who comes to wait is in the queue, once, before anything is played; who talks is joined."""
    enqueues = [place for place, c in enumerate(step.commands) if isinstance(c, Enqueue)]
    plays = [place for place, c in enumerate(step.commands) if isinstance(c, Play)]
    if isinstance(step.after, Waiting) and not isinstance(step.before, Waiting):
        assert len(enqueues) == 1
        assert plays
    assert len(enqueues) <= 1
    assert len(plays) <= 1
    assert not enqueues or enqueues < plays
    joins = [command for command in step.commands if isinstance(command, Join)]
    joined = isinstance(step.after, Talking) and not isinstance(step.before, Talking)
    assert bool(joins) == joined
    assert Answer() not in step.commands


def assert_fuse(step: Step[Call, CallEvent, Command]) -> None:
    """Until the talk a renewal is ahead, only a renewal puts it off, and no deadline spins."""
    renewed = RenewFuse() in step.commands
    if not isinstance(step.after, InMenu | Dismissing | Slowing | Waiting):
        assert not renewed
        assert (deadline(step.after) is None) != isinstance(step.after, LettingGo)
        return
    if renewed:
        assert step.after.renewal == after(call.NOW, FUSE_RENEWAL_S)
    else:
        assert isinstance(step.before, InMenu | Dismissing | Slowing | Waiting), (
            "a fuse that was off is lit"
        )
        assert step.after.renewal == step.before.renewal
    due = deadline(step.after)
    assert due is not None
    if type(step.event).__name__ == "Silence":
        assert due > call.NOW


def assert_kept(before: Call, later: Call) -> None:
    """A call's arrival never changes, nor what was chosen, once it was."""
    if isinstance(later, LettingGo | Ended) or isinstance(before, LettingGo | Ended):
        return
    assert later.arrived == before.arrived
    if isinstance(before, Waiting | Talking):
        assert isinstance(later, Waiting | Talking)
        assert (later.service, later.language) == (before.service, before.language)


@pytest.mark.parametrize("name", call.beginnings())
def test_a_way_into_a_call(name: str) -> None:
    """The caller is answered, hears something, and has a fuse that will be renewed in time."""
    state, commands = call.beginnings()[name]
    assert isinstance(state, InMenu | Dismissing | Slowing | Waiting | Talking)
    if not isinstance(state, Talking):
        assert Answer() in commands
        assert any(isinstance(command, Play) for command in commands)
        assert state.renewal <= after(call.NOW, FUSE_RENEWAL_S)
    assert isinstance(state, Waiting) == any(isinstance(c, Enqueue) for c in commands)


@cells(DIALOGUES)
def test_a_cell_of_the_dialogue(cell: tuple[str, str]) -> None:
    """Each step brings the decision nearer, and a new prompt has all its time to be spoken."""
    is_shown(DIALOGUES, cell, walk().dialogues)
    for step in DIALOGUES.of(cell):
        assert_nearer(step)


def assert_nearer(step: Step[Dialogue, DialogueEvent, str]) -> None:
    """What was tried only grows, within its bounds; the same menu is not spoken for nothing."""
    before, later = step.before, step.after
    assert not isinstance(before, Decided)
    if isinstance(later, Decided):
        assert later.because.path[:2] == ("services", "menu")
        return
    tried = [
        (getattr(before.tries, name), getattr(later.tries, name))
        for name in ("silences", "wrong_keys", "switches")
    ]
    assert all(old <= new <= old + 1 for old, new in tried)
    assert later.tries.switches <= LANGUAGE_SWITCHES
    if isinstance(later, Speaking):
        assert sum(new - old for old, new in tried) == 1
        assert later.deadline > dialogue.AT
    elif isinstance(before, Speaking):
        assert isinstance(later, Listening)
        assert later.deadline > dialogue.AT
    else:
        assert later == before


FOLLOWING = {
    Stage.RINGING.name: {Stage.CONFIRMING.name, Stage.TALKING.name, Stage.WITHDRAWN.name, GONE},
    Stage.CONFIRMING.name: {Stage.TALKING.name, Stage.WITHDRAWN.name, GONE},
    Stage.TALKING.name: {Stage.WITHDRAWN.name, GONE},
    Stage.WITHDRAWN.name: {GONE},
}
"""The stages that may follow: never back."""
FloorStep: TypeAlias = Step[Scene, FloorEvent, FloorCommand]


@cells(OFFERS)
def test_a_cell_of_an_offer(cell: tuple[str, str]) -> None:
    """Stages go one way, each with its command; a target is free only when its leg is gone."""
    is_shown(OFFERS, cell, walk().offers)
    for step in OFFERS.of(cell):
        was, now = step.before.stage, step.after.stage
        assert now == was or now in FOLLOWING[was]
        told = {type(c) for c in step.commands if getattr(c, "offer", None) == step.after.offer}
        told &= {Confirm, Connect, Withdraw, Parted}
        assert told == expected(was, now)
        if now == GONE:
            assert step.event == LegGone(step.after.offer, Cause.NO_ANSWER)
        assert_floor(step)


def expected(was: str, now: str) -> set[type]:
    """The one command about an offer that goes with a change of its stage."""
    if was == now:
        return set()
    if now == GONE:
        return {Parted} if was == Stage.TALKING.name else set()
    return {{"CONFIRMING": Confirm, "TALKING": Connect, "WITHDRAWN": Withdraw}[now]}


@cells(PLACES)
def test_a_cell_of_a_place(cell: tuple[str, str]) -> None:
    """Who waits goes on waiting, until a human has answered or the caller has gone."""
    is_shown(PLACES, cell, walk().places)
    for step in PLACES.of(cell):
        waited = step.before.place is not Place.ELSEWHERE
        waits = step.after.place is not Place.ELSEWHERE
        connected = any(isinstance(c, Connect) and c.call == CALLER for c in step.commands)
        left = step.event == Leave(CALLER)
        if waited:
            assert waits == (not connected and not left)
        else:
            assert waits == (isinstance(step.event, Enqueue) and step.event.call == CALLER)
        assert_floor(step)


def assert_floor(step: FloorStep) -> None:
    """No target has two offers, no place is forgotten, and the next deadline is ahead."""
    play, before = step.after.play, step.before.play.floor
    hall: Floor = play.floor
    assert {key: offer.id for key, offer in hall._phones.taken().items()} == {
        offer.target.key: offer.id for offer in hall._board._offers.values()
    }
    assert len(hall._phones.taken()) == len(hall._board)
    for offer in hall._board._offers.values():
        if offer.stage in {Stage.RINGING, Stage.CONFIRMING}:
            assert offer in hall._queue[offer.call].offers
    freed = step.event.offer if isinstance(step.event, LegGone) else None
    for command in step.commands:
        if isinstance(command, Offer):
            held = before._phones.taken().get(command.target.key)
            assert held is None or held.id == freed
    due = hall.deadline()
    # Who is blind waits for `Sighted`, which the conductor always tells.
    assert due is not None or not hall._queue or hall._blind
    assert due is None or not isinstance(step.event, Expired) or due > play.now


def test_the_page_tells_what_the_code_does() -> None:
    """docs/STATES.md is drawn from the code."""
    assert PAGE.read_text() == page(), "docs/STATES.md is stale: run make docs"


@pytest.mark.parametrize("seed", range(3))
def test_no_walk_comes_where_the_tables_say_that_none_does(seed: int) -> None:
    """Nor to a state or event that the tables do not know."""
    way = walked(STEPS // 4, seed)
    for table, seen in zip(TABLES, (way.calls, way.dialogues, way.offers, way.places), strict=True):
        assert seen <= set(table.cells()) - set(table.unreachable)


@dataclass(frozen=True)
class Novelty:
    """A type that joined a union."""

    colour: str


def test_a_type_that_is_new_is_sampled_or_missed_aloud() -> None:
    """With values for its fields it is sampled by itself; without them it is told which."""
    union = LegGone | Novelty
    values: Values = {"offer": {"": "o1"}, "cause": {"": 16}}
    with pytest.raises(LookupError, match=r"Novelty\.colour"):
        list(samples(union, values))
    found = list(samples(union, {**values, "colour": {"light": "red", "dark": "blue"}}))
    assert [type(sample.value) for sample in found] == [LegGone, Novelty, Novelty]
    assert [sample.facets for sample in found[1:]] == [{"colour": "light"}, {"colour": "dark"}]


def test_only_what_the_outcome_depends_on_is_named() -> None:
    """Of two differences that make none, neither; the outcome of many ways is the otherwise."""
    cases = [
        Case(
            {"key": key, "moon": moon, "time": time}, "", "rings" if key == time == "1" else NOTHING
        )
        for key in "123"
        for moon in ("full", "new")
        for time in "12"
    ]
    assert outcomes(cases) == {"rings": "1, 1", NOTHING: OTHERWISE}
    assert outcomes(cases[:1]) == {"rings": ""}


def test_words_that_do_not_decide_are_an_error() -> None:
    """Two samples of the same words with different outcomes: a difference has no name."""
    with pytest.raises(ValueError, match="do not decide"):
        outcomes([Case({"key": "1"}, "", "a"), Case({"key": "1"}, "", "b")])
