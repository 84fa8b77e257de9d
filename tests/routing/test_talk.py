"""The last talk of each operator, and what they say of it."""

from routing.mark import Mark
from routing.moment import Instant
from routing.note import CallId
from routing.offer import (
    Adopt,
    Leave,
    LegAnswered,
    LegGone,
    Marked,
    OfferId,
    SeatTarget,
    Stage,
    Standing,
)
from routing.operator import PersonId, SeatId
from routing.talk import Talk, Talks
from tests.routing.centre import CHAIN, Play, make_plan

ANI, ANIS = "person:ani", PersonId("ani")
A, B = CallId("a"), CallId("b")
NUMBER = "081234567890"


def alone() -> Play:
    """A floor with Ani only."""
    return Play(make_plan(people=("ani",), chain=CHAIN[3:4]))


def last(play: Play) -> Talk | None:
    """Ani's last talk."""
    presence = play.floor.presence("siaga-ani", play.at)
    assert presence is not None
    return presence.talk


def marks(play: Play) -> list[tuple[str | None, object]]:
    """The calls that were marked, and how."""
    return [(note.call, note.detail["mark"]) for note in play.notes if note.what == "marked"]


def test_a_talk_is_the_last_one_from_its_answer_on() -> None:
    """So what is marked in mid-talk, or after a slip of the hand, is never an older one."""
    play = alone()
    assert last(play) is None
    play.come("a", number=NUMBER)
    assert last(play) is None
    play.tell(LegAnswered(play.offer_to(ANI)))
    assert last(play) == Talk(A, NUMBER, ANIS)
    play.tell(LegGone(play.offer_to(ANI), 16))
    assert last(play) == Talk(A, NUMBER, ANIS)


def test_the_newest_mark_counts_until_the_next_talk() -> None:
    """Each is noted for its call, with the one before; the same one twice is noted once."""
    play = alone()
    play.come("a", number=NUMBER)
    play.talk(ANI)
    for mark in (Mark.PRANK, Mark.PRANK, Mark.GENUINE):
        play.tell(Marked(ANIS, mark))
    assert marks(play) == [(A, "prank"), (A, "genuine")]
    assert play.notes[-1].detail == {"person": "ani", "mark": "genuine", "before": "prank"}
    play.come("b")
    play.talk(ANI)
    assert last(play) == Talk(B, None, ANIS)
    play.tell(Marked(ANIS, Mark.GHOST))
    assert marks(play)[2:] == [(B, "ghost")]
    assert play.notes[-1].detail == {"person": "ani", "mark": "ghost"}


def test_a_mark_without_a_talk_means_nothing() -> None:
    """Nor one of somebody unknown."""
    play = alone()
    play.tell(Marked(ANIS, Mark.PRANK))
    play.tell(Marked(PersonId("nobody"), Mark.PRANK))
    assert marks(play) == []


def test_a_talk_outlives_the_process_with_its_mark() -> None:
    """The revision tells that there is something new to be kept; who is unknown is left out."""
    play = alone()
    revision = play.floor.revision
    play.come("a", number=NUMBER)
    play.talk(ANI)
    play.tell(Marked(ANIS, Mark.GHOST))
    assert play.floor.revision > revision
    kept = play.floor.snapshot(play.at)
    again = alone()
    again.floor.restore(kept, again.at)
    assert last(again) == Talk(A, NUMBER, ANIS, Mark.GHOST)
    other = Play(make_plan(people=("budi",), chain=CHAIN[3:4]))
    other.floor.restore(kept, other.at)
    assert other.floor.snapshot(other.at).talks == {}


def standing(call: CallId) -> Standing:
    """Ani talks, as another run has left it."""
    return Standing(
        offer=OfferId("old"),
        call=call,
        target=SeatTarget(SeatId("ani-1"), "siaga-ani", ANIS),
        confirm=False,
        stage=Stage.TALKING,
        deadline=Instant(0.0),
        number=NUMBER,
    )


def test_a_talk_of_an_earlier_run_is_the_last_one_too() -> None:
    """One that was kept keeps its mark; one that began in the run's last second is not missed."""
    play = alone()
    play.come("a", number=NUMBER)
    play.talk(ANI)
    play.tell(Marked(ANIS, Mark.PRANK))
    kept = play.floor.snapshot(play.at)
    for call, expected in ((A, Mark.PRANK), (B, None)):
        again = alone()
        again.floor.restore(kept, again.at)
        again.tell(Adopt((standing(call),), ()))
        assert last(again) == Talk(call, NUMBER, ANIS, expected)


def test_the_posts_phone_has_no_last_talk() -> None:
    """Whoever picked it up is not known."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    play.tell(Leave(A))
    play.come("a")
    play.miss(ANI)
    play.tell(LegAnswered(play.offer_to("seat:pos")))
    assert play.floor.snapshot(play.at).talks == {}


def test_talks_are_counted_by_their_changes() -> None:
    """What changes nothing needs not be kept again."""
    talks = Talks()
    talks.began(Talk(A, None, ANIS))
    assert talks.revision == 1
    talks.began(Talk(A, None, ANIS))
    assert talks.revision == 1
    assert talks.mark(ANIS, Mark.GHOST) == Talk(A, None, ANIS, Mark.GHOST)
    assert talks.revision == 2
    assert talks.mark(ANIS, Mark.GHOST) is None
    assert talks.mark(PersonId("budi"), Mark.GHOST) is None
    assert talks.revision == 2
