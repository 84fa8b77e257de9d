"""The strategies are as fair as their names say."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.offer import LegAnswered, LegGone, PlanChanged, SeatState
from routing.operator import Language, PersonId, Seat, SeatId
from routing.service import Strategy
from tests.routing.centre import Play, crowded, make_group, make_plan, offered

ONE_AT_A_TIME = [strategy for strategy in Strategy if strategy is not Strategy.RINGALL]
CALLS = 3000
CHI_1, CHI_3 = 10.83, 16.27
"""Chi-square of 1 and 3 degrees of freedom that chance exceeds once in a thousand seeds."""


def crowd(strategy: Strategy, penalties: list[int], seed: int = 112) -> Play:
    """A floor with so many operators, all free."""
    return Play(crowded(make_group(strategy), penalties), seed)


def served(play: Play, calls: int) -> list[str]:
    """Who answers so many calls, one after the other, when all are free each time."""
    answered = []
    for number in range(calls):
        (key,) = offered(play.come(f"c{number}"))
        play.talk(key)
        answered.append(key.removeprefix("person:"))
    return answered


def chi_square(counts: list[int], shares: list[float]) -> float:
    """How far counts are from their shares."""
    whole = sum(counts)
    pairs = zip(counts, shares, strict=True)
    return sum((count - share * whole) ** 2 / (share * whole) for count, share in pairs)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(1, 5))
def test_rrmemory_gives_everybody_the_same_number(people: int, rounds: int) -> None:
    """Of k rounds with n operators each answers exactly k calls, always in the same order."""
    answered = served(crowd(Strategy.RRMEMORY, [0] * people), rounds * people)
    assert answered == [str(number) for number in range(people)] * rounds


def test_rrmemory_begins_after_who_was_rung_whether_they_answered_or_not() -> None:
    """As in Asterisk, the memory is of ringing: the next caller does not begin with the sleeper."""
    play = crowd(Strategy.RRMEMORY, [0, 0, 0])
    assert offered(play.come("a")) == ["person:0"]
    assert offered(play.miss("person:0")) == ["person:1"]
    play.talk("person:1")
    assert offered(play.come("b")) == ["person:2"]


def test_rrmemory_begins_in_front_when_the_last_one_is_not_on_duty() -> None:
    """New settings without the one who was rung last begin a new round."""
    play = Play(make_plan(strategy=Strategy.RRMEMORY))
    served(play, 1)
    play.tell(_without_ani())
    assert offered(play.come("b")) == ["person:budi"]


def _without_ani() -> PlanChanged:
    return PlanChanged(make_plan(people=("budi", "dedi"), strategy=Strategy.RRMEMORY))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5), st.lists(st.tuples(st.booleans(), st.floats(4.0, 900.0)), max_size=30))
def test_leastrecent_chooses_who_has_been_longest_without_a_call(
    people: int, events: list[tuple[bool, float]]
) -> None:
    """Whatever the order in which talks begin and end, of those who are free."""
    play = crowd(Strategy.LEASTRECENT, [0] * people)
    last = dict.fromkeys([f"person:{number}" for number in range(people)], 0.0)
    talks: list[str] = []
    for number, (begins, seconds) in enumerate(events):
        play.now += seconds
        if begins and len(talks) < people:
            (key,) = offered(play.come(f"c{number}"))
            assert last[key] == min(last[other] for other in last if other not in talks)
            play.tell(LegAnswered(play.offer_to(key)))
            talks.append(key)
        elif talks:
            key = talks.pop(int(seconds) % len(talks))
            play.tell(LegGone(play.offer_to(key), 16))
            last[key] = play.at.wall.timestamp()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(1, 40))
def test_fewestcalls_differ_by_one_at_most(people: int, calls: int) -> None:
    """Nobody gets a second call before everybody has had the first."""
    counts = Counter(served(crowd(Strategy.FEWESTCALLS, [0] * people), calls))
    spread = [counts[str(number)] for number in range(people)]
    assert max(spread) - min(spread) <= 1


def test_fewestcalls_counts_a_turn_of_duty_only() -> None:
    """On the next day everybody begins at none, whatever the day before was like."""
    play = crowd(Strategy.FEWESTCALLS, [0, 0])
    play.seat("1", SeatState.UNREACHABLE)
    served(play, 5)
    play.seat("1", SeatState.READY)
    assert offered(play.come("today")) == ["person:1"]
    play.talk("person:1")
    play.now += 86_400
    assert offered(play.come("tomorrow")) == ["person:0"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_rings_everybody_equally_often(seed: int) -> None:
    """Within what chance allows; and the same seed is the same row of operators."""
    answered = served(crowd(Strategy.RANDOM, [0] * 4, seed), CALLS)
    counts = [answered.count(str(number)) for number in range(4)]
    assert chi_square(counts, [0.25] * 4) < CHI_3
    assert answered[:50] == served(crowd(Strategy.RANDOM, [0] * 4, seed), 50)
    followed = Counter(pairwise(answered))
    assert len(followed) == 16, "no two operators may always follow one another"


@pytest.mark.parametrize("penalty", [0, 1, 4])
def test_wrandom_weighs_by_penalty_as_asterisk_does(penalty: int) -> None:
    """Each draws below 1 + penalty and the lowest is rung: p against 0 wins 1 in 2(1 + p)."""
    counts = Counter(served(crowd(Strategy.WRANDOM, [0, penalty]), CALLS))
    share = 1 / (2 * (1 + penalty))
    assert chi_square([counts["0"], counts["1"]], [1 - share, share]) < CHI_1


def test_the_bound_catches_who_is_not_random() -> None:
    """A strategy that has a favourite, or other weights, is far outside it."""
    linear = Counter(served(crowd(Strategy.LINEAR, [0] * 4), 100))
    assert chi_square([linear[str(n)] for n in range(4)], [0.25] * 4) > CHI_3
    equal = Counter(served(crowd(Strategy.RANDOM, [0, 0]), CALLS))
    assert chi_square([equal["0"], equal["1"]], [0.75, 0.25]) > CHI_1


@pytest.mark.parametrize(
    "strategy", [each for each in ONE_AT_A_TIME if each is not Strategy.WRANDOM]
)
def test_a_lower_penalty_is_rung_first(strategy: Strategy) -> None:
    """Whatever the strategy, it decides among equals only."""
    play = crowd(strategy, [2, 0, 1])
    rung = offered(play.come("a"))
    rung += offered(play.miss(rung[-1]))
    rung += offered(play.miss(rung[-1]))
    assert rung == ["person:1", "person:2", "person:0"]


@pytest.mark.parametrize("strategy", ONE_AT_A_TIME)
def test_each_is_rung_once_before_the_chain_goes_on(strategy: Strategy) -> None:
    """One phone at a time, nobody twice, nobody left out; then the post's phone."""
    play = crowd(strategy, [0] * 4)
    rung = offered(play.come("a"))
    for _ in range(4):
        more = offered(play.miss(rung[-1]))
        assert len(more) == 1
        rung += more
    assert sorted(rung[:4]) == [f"person:{number}" for number in range(4)]
    assert rung[4:] == ["seat:pos"]


def test_ringall_rings_everybody() -> None:
    """Whatever their penalty, as long as there is no limit."""
    play = crowd(Strategy.RINGALL, [5, 0, 2])
    assert sorted(offered(play.come("a"))) == ["person:0", "person:1", "person:2"]


def speakers(strategy: Strategy, languages: list[str], penalties: list[int] | None = None) -> Play:
    """A floor with operators who speak these, one each, all free."""
    plan = crowded(make_group(strategy), penalties or [0] * len(languages))
    people = {
        person: replace(who, languages=(Language(languages[int(person)]),))
        if person.isdecimal()
        else who
        for person, who in plan.operators.people.items()
    }
    return Play(replace(plan, operators=replace(plan.operators, people=people)))


def order(play: Play, language: str | None, count: int) -> list[str]:
    """In which order they are rung, when nobody answers."""
    rung = offered(play.call("a", language=language))
    while len(rung) < count:
        rung += offered(play.miss(rung[-1]))
    return [key.removeprefix("person:") for key in rung[:count]]


@pytest.mark.parametrize("strategy", ONE_AT_A_TIME)
def test_who_speaks_the_callers_language_is_rung_first(strategy: Strategy) -> None:
    """Whatever the penalty; nobody else is left out."""
    rung = order(speakers(strategy, ["id", "en", "id", "en"], [0, 9, 0, 9]), "en", 4)
    assert (set(rung[:2]), set(rung[2:])) == ({"1", "3"}, {"0", "2"})


def test_the_offer_says_when_the_language_has_decided() -> None:
    """And only then: of those who all speak it, none is rung for it."""

    def grounds(languages: list[str], spoken: str) -> list[str]:
        play = speakers(Strategy.LINEAR, languages)
        play.call("a", language=spoken)
        return [r.text for note in play.notes if note.what == "offered" for r in note.because]

    assert "speaks en" in grounds(["id", "en"], "en")
    assert "speaks id" not in grounds(["id", "id"], "id")
    assert "speaks fr" not in grounds(["id", "en"], "fr")


def test_ringall_rings_everybody_in_any_language() -> None:
    """A caller in need waits for no preference."""
    play = speakers(Strategy.RINGALL, ["id", "en", "id"])
    rung = sorted(offered(play.call("a", language="en")))
    assert rung == ["person:0", "person:1", "person:2"]


@given(
    st.sampled_from(ONE_AT_A_TIME),
    st.lists(st.sampled_from(["id", "en"]), min_size=2, max_size=5),
    st.sampled_from(["id", "en", "fr", None]),
)
def test_no_language_keeps_anybody_from_a_human(
    strategy: Strategy, languages: list[str], spoken: str | None
) -> None:
    """All of a group are rung once, whatever is spoken, those who speak it before the others."""
    rung = order(speakers(strategy, languages), spoken, len(languages))
    assert sorted(rung) == [str(number) for number in range(len(languages))]
    speaks = [languages[int(number)] == spoken for number in rung]
    assert speaks == sorted(speaks, reverse=True)


@pytest.mark.parametrize("strategy", ONE_AT_A_TIME)
def test_who_sits_at_two_phones_has_one_turn(strategy: Strategy) -> None:
    """A person is ranked, and rung, once: two phones are no two chances."""
    plan = crowded(make_group(strategy), [0, 0])
    second = Seat(endpoint="siaga-0-second", person=PersonId("0"))
    seats = {**plan.operators.seats, SeatId("0-2"): second}
    play = Play(replace(plan, operators=replace(plan.operators, seats=seats)))
    rung = offered(play.come("a"))
    rung += offered(play.miss(rung[-1]))
    assert sorted(rung) == ["person:0", "person:1"]
