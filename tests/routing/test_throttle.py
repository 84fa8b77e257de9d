"""Which numbers are slowed down: for how long, for what, and who never is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.mark import Mark
from routing.moment import Instant, Moment
from routing.note import CallId
from routing.offer import Enqueue, SeatState
from routing.plan import Plan
from routing.service import ThrottleRule
from routing.throttle import MARKS, NUMBERS, Charges, Marked, Throttle
from siaga.rule.throttle import AFTER, HANDICAP_S, LASTS_S, PRIORITY, WITHIN_S
from tests.routing.centre import CHAIN, MEDIS, START, Play, make_plan

NUMBER, OTHER = "081234567890", "081234567891"
RULE = ThrottleRule(after=3, within_s=100.0, lasts_s=50.0, priority=-2)
AGEING_S = 60.0


def throttled(rule: ThrottleRule | None = RULE, shared: tuple[str, ...] = ()) -> Plan:
    """A small centre with that rule."""
    plan = make_plan()
    catalogue = replace(plan.catalogue, throttle=rule, shared_numbers=shared, ageing_s=AGEING_S)
    zones = replace(plan.zones.zones, country="ID", area_code="725")
    return replace(plan, catalogue=catalogue, zones=type(plan.zones)(zones))


def at(seconds: float) -> Moment:
    """So long after the start, by both clocks."""
    return Moment(Instant(seconds), START + timedelta(seconds=seconds))


def marked(
    *times: float, number: str = NUMBER, mark: Mark = Mark.PRANK, plan: Plan | None = None
) -> Throttle:
    """A throttle that was told so of a new call at each of these times."""
    throttle = Throttle(plan or throttled())
    for time in times:
        throttle.mark(number, mark, CallId(f"c{time}"), at(time))
    return throttle


def test_a_number_of_repeated_pranks_is_slowed_down_for_a_time() -> None:
    """From the third of them, until the rule's time has passed, with the rule as the reason."""
    assert marked(0, 10).verdict(NUMBER, at(20)) is None
    throttle = marked(0, 10, 20)
    slowed = throttle.verdict(NUMBER, at(20))
    assert slowed is not None
    assert (slowed.marks, slowed.handicap_s, slowed.until) == (3, 2 * AGEING_S, at(70).wall)
    assert slowed.because[0].text == "3 calls within 100 s were pranks or ghosts"
    assert [reason.path for reason in slowed.because] == [
        ("services", "throttle", "after"),
        ("services", "throttle", "lasts_s"),
    ]
    assert slowed.detail == {
        "marks": 3,
        "until": "2026-11-23T01:01:10+0000",
        "handicap_s": 2 * AGEING_S,
    }
    assert throttle.slowed(at(20)) == {"+6281234567890": slowed}
    assert throttle.verdict(NUMBER, at(69.9)) is not None
    assert throttle.verdict(NUMBER, at(70)) is None
    assert throttle.slowed(at(70)) == {}


def test_pranks_far_apart_are_no_repetition() -> None:
    """Each of them would have to come within the rule's time of the others."""
    assert marked(0, 60, 120).verdict(NUMBER, at(120)) is None
    throttle = marked(0, 10, 20, 55)
    slowed = throttle.verdict(NUMBER, at(60))
    assert slowed is not None
    assert (slowed.marks, slowed.until) == (4, at(105).wall)


def test_the_newest_repetition_counts() -> None:
    """A single prank long after does not make it longer, nor does it end it."""
    long = throttled(replace(RULE, lasts_s=1000.0))
    slowed = marked(0, 10, 20, 500, plan=long).verdict(NUMBER, at(600))
    assert slowed is not None
    assert slowed.until == at(1020).wall


@pytest.mark.parametrize("mark", [Mark.GENUINE, Mark.INFORMATION])
def test_only_nuisances_count(mark: Mark) -> None:
    """Who asks for something has called somebody."""
    assert marked(0, 1, 2, 3, mark=mark).snapshot() == Charges()


def test_a_genuine_call_wipes_it_out() -> None:
    """One real emergency is worth more than all pranks before."""
    throttle = marked(0, 10, 20)
    throttle.mark(NUMBER, Mark.INFORMATION, CallId("question"), at(21))
    assert throttle.verdict(NUMBER, at(22)) is not None
    throttle.mark(NUMBER, Mark.GENUINE, CallId("fire"), at(25))
    assert throttle.verdict(NUMBER, at(26)) is None
    assert throttle.snapshot() == Charges()


def test_the_last_word_on_a_call_counts() -> None:
    """A mark that was a slip of the finger is taken back by another one of the same call."""
    throttle = marked(0, 10, 20)
    throttle.mark(NUMBER, Mark.INFORMATION, CallId("c20"), at(25))
    assert throttle.verdict(NUMBER, at(26)) is None
    throttle.mark(NUMBER, Mark.GHOST, CallId("c10"), at(27))
    throttle.mark(NUMBER, Mark.GHOST, CallId("c10"), at(28))
    assert throttle.verdict(NUMBER, at(29)) is None


@pytest.mark.parametrize("spelling", ["+6281234567890", "6281234567890", "006281234567890"])
def test_a_number_is_the_same_however_a_carrier_writes_it(spelling: str) -> None:
    """Two trunks, one caller."""
    assert marked(0, 10, 20, number=spelling).verdict(NUMBER, at(30)) is not None


@pytest.mark.parametrize(
    "number", ["", "anonymous", "112", "101", "412345", "0812", "999999999999", "x" * 5000, "٠٨١٢"]
)
def test_who_cannot_be_told_apart_is_never_slowed_down(number: str) -> None:
    """Withheld, incomplete, an extension of this house, or nonsense."""
    throttle = marked(0, 10, 20, number=number)
    assert throttle.verdict(number, at(30)) is None
    assert throttle.snapshot() == Charges()


@pytest.mark.parametrize("allowed", [NUMBER, "+6281234567890", "0812*"])
@pytest.mark.parametrize("shared", [False, True])
def test_who_is_allowed_or_shared_is_never_slowed_down(allowed: str, *, shared: bool) -> None:
    """Nor when the list comes after the pranks, by a reload."""
    numbers = (allowed,)
    plan = throttled(RULE, numbers) if shared else throttled(replace(RULE, allow=numbers))
    assert marked(0, 10, 20, plan=plan).snapshot() == Charges()
    throttle = marked(0, 10, 20)
    throttle.use(plan)
    assert throttle.verdict(NUMBER, at(30)) is None
    assert throttle.slowed(at(30)) == {}


def test_other_numbers_are_not_touched() -> None:
    """The neighbour of a prankster is served."""
    assert marked(0, 10, 20).verdict(OTHER, at(30)) is None


def test_without_a_rule_nothing_is_kept() -> None:
    """Neither of new calls, nor of those before, nor of another run."""
    off = Throttle(throttled(None))
    off.mark(NUMBER, Mark.PRANK, CallId("a"), at(0))
    off.restore(marked(0, 10, 20).snapshot(), at(30))
    assert off.snapshot() == Charges()
    assert off.verdict(NUMBER, at(30)) is None
    assert off.slowed(at(30)) == {}
    throttle = marked(0, 10, 20)
    before = throttle.revision
    throttle.use(throttled(None))
    assert throttle.revision == before + 1
    assert throttle.snapshot() == Charges()
    throttle.use(throttled(None))
    assert throttle.revision == before + 1


def test_other_settings_count_at_once() -> None:
    """A rule that asks for more frees, one that lasts longer keeps."""
    throttle = marked(0, 10, 20)
    throttle.use(throttled(replace(RULE, after=4)))
    assert throttle.verdict(NUMBER, at(30)) is None
    throttle.use(throttled(replace(RULE, lasts_s=1000.0, priority=-1)))
    slowed = throttle.verdict(NUMBER, at(500))
    assert slowed is not None
    assert slowed.handicap_s == AGEING_S


def test_another_run_goes_on_from_what_was_kept() -> None:
    """The same verdict; what is too old to matter is not taken up."""
    kept = marked(0, 10, 20).snapshot()
    assert kept.marks["+6281234567890"][0] == Marked(
        CallId("c0"), Mark.PRANK, at(0).wall.timestamp()
    )
    again = Throttle(throttled())
    again.restore(kept, at(30))
    assert again.verdict(NUMBER, at(30)) == marked(0, 10, 20).verdict(NUMBER, at(30))
    late = Throttle(throttled())
    late.restore(kept, at(20 + RULE.within_s + RULE.lasts_s))
    assert late.snapshot() == Charges()


def test_a_clock_that_was_put_back_slows_nobody_down_for_longer() -> None:
    """Marks of the future do not count before their time."""
    throttle = marked(0, 10, 20)
    assert throttle.verdict(NUMBER, at(-5000)) is None
    throttle.mark(NUMBER, Mark.PRANK, CallId("again"), at(-5000))
    assert throttle.verdict(NUMBER, at(-5000)) is None


def test_what_is_kept_is_bounded() -> None:
    """Of numbers and of marks; who was marked last is known, and what is too old is forgotten."""
    throttle = Throttle(throttled(replace(RULE, lasts_s=1e6, after=2)))
    for number in range(NUMBERS + 50):
        for call in range(2):
            name = CallId(f"{number}-{call}")
            throttle.mark(f"0812{number:08}", Mark.GHOST, name, at(number / 100))
    assert len(throttle.snapshot().marks) == NUMBERS
    assert throttle.verdict("081200000000", at(20)) is None
    assert throttle.verdict(f"0812{NUMBERS:08}", at(20)) is not None
    many = marked(*range(MARKS + 5))
    (marks,) = many.snapshot().marks.values()
    assert len(marks) == MARKS
    many.mark(OTHER, Mark.PRANK, CallId("other"), at(1000))
    assert set(many.snapshot().marks) == {"+6281234567891"}


def test_a_file_of_too_much_is_cut_to_size() -> None:
    """Whoever wrote it."""
    marks = tuple(Marked(CallId(str(n)), Mark.PRANK, START.timestamp()) for n in range(MARKS + 9))
    numbers = {f"+62812{number:08}": marks for number in range(NUMBERS + 9)}
    throttle = Throttle(throttled())
    throttle.restore(Charges({**numbers, "+6281299999999": ()}), at(1))
    kept = throttle.snapshot().marks
    assert len(kept) == NUMBERS
    assert {len(marks) for marks in kept.values()} == {MARKS}


RULES = st.builds(
    ThrottleRule,
    after=st.integers(*AFTER),
    within_s=st.floats(*WITHIN_S),
    lasts_s=st.floats(*LASTS_S),
    priority=st.integers(*PRIORITY),
)
"""All that `check` accepts, with an `ageing_s` that fits."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word of an operator's, so long after the one before."""

    number: str
    mark: Mark
    call: int
    later_s: float


SAID = st.builds(
    Said,
    number=st.sampled_from((NUMBER, "+6281234567890", OTHER, "", "101")),
    mark=st.sampled_from(Mark),
    call=st.integers(0, 30),
    later_s=st.one_of(st.just(0.0), st.floats(-1e5, 1e5)),
)


def told(rule: ThrottleRule, history: Sequence[Said]) -> tuple[Throttle, float]:
    """A throttle that was told all of it, and the time after."""
    throttle, now = Throttle(throttled(rule)), 0.0
    for said in history:
        now += said.later_s
        throttle.mark(said.number, said.mark, CallId(str(said.call)), at(now))
    return throttle, now


@given(RULES, st.lists(SAID, max_size=40))
def test_every_throttle_ends_by_itself(rule: ThrottleRule, history: list[Said]) -> None:
    """Whatever was said: no later than it says, and never later than the rule's time from now."""
    throttle, now = told(rule, history)
    slowed = throttle.verdict(NUMBER, at(now))
    if slowed is not None:
        left_s = (slowed.until - at(now).wall).total_seconds()
        assert 0 <= left_s <= rule.lasts_s + 1e-3
        assert slowed.marks >= rule.after
        assert 0 < slowed.handicap_s <= HANDICAP_S
        assert throttle.verdict(NUMBER, at(now + left_s + 1e-3)) is None or any(
            said.later_s < 0 for said in history
        )
    latest = max(sum(said.later_s for said in history[:count]) for count in range(41))
    assert throttle.verdict(NUMBER, at(latest + rule.lasts_s + 1.0)) is None


@given(RULES, st.lists(SAID, max_size=40))
def test_another_run_says_the_same(rule: ThrottleRule, history: list[Said]) -> None:
    """What is kept is all that matters."""
    throttle, now = told(rule, history)
    again = Throttle(throttled(rule))
    again.restore(throttle.snapshot(), at(now))
    for seconds in (0.0, rule.lasts_s / 2, rule.lasts_s * 2):
        moment = at(now + seconds)
        assert again.verdict(NUMBER, moment) == throttle.verdict(NUMBER, moment)


@given(RULES, st.lists(SAID, max_size=40), st.sampled_from((NUMBER, "0812*", "+62*")))
def test_nothing_that_is_said_slows_down_who_is_allowed(
    rule: ThrottleRule, history: list[Said], allowed: str
) -> None:
    """The list has the last word."""
    throttle, now = told(replace(rule, allow=(allowed,)), history)
    assert throttle.verdict(NUMBER, at(now)) is None


@given(RULES, st.lists(SAID, max_size=40))
def test_a_genuine_call_always_frees(rule: ThrottleRule, history: list[Said]) -> None:
    """Whatever was said before."""
    throttle, now = told(rule, history)
    throttle.mark(NUMBER, Mark.GENUINE, CallId("genuine"), at(now))
    assert throttle.verdict(NUMBER, at(now)) is None


# The place in the queue


def waiting(*callers: tuple[str, float, float]) -> list[str]:
    """The order of callers by name, time of arrival and handicap, for whom nobody is free."""
    play = Play(make_plan(people=()))
    for name, arrived, handicap_s in callers:
        place = START.timestamp() + arrived
        play.tell(Enqueue(call=CallId(name), service=MEDIS, arrived=place, handicap_s=handicap_s))
    return [view.call for view in play.floor.waiting()]


def test_who_is_slowed_down_waits_behind_who_comes_soon_after() -> None:
    """And before who comes later than that."""
    slowed = ("slowed", 0.0, 120.0)
    assert waiting(slowed, ("soon", 119.0, 0.0)) == ["soon", "slowed"]
    assert waiting(slowed, ("late", 121.0, 0.0)) == ["slowed", "late"]


@given(
    st.floats(0.0, HANDICAP_S),
    st.lists(st.floats(0.0, 5000.0), max_size=12),
)
def test_nobody_is_passed_by_who_comes_later_than_the_handicap(
    handicap_s: float, others: list[float]
) -> None:
    """However many call: who passes is among those who have come by then."""
    callers = [(str(n), arrived, 0.0) for n, arrived in enumerate(others)]
    order = waiting(("slowed", 0.0, handicap_s), *callers)
    before = {arrived for name, arrived, _ in callers if order.index(name) < order.index("slowed")}
    assert all(arrived < handicap_s or handicap_s == 0 for arrived in before)


def test_a_slowed_caller_rings_at_once_who_is_free() -> None:
    """The place is all that is worse: with a phone that is free nobody waits."""
    play = Play()
    play.tell(Enqueue(call=CallId("slowed"), service=MEDIS, arrived=0.0, handicap_s=HANDICAP_S))
    assert play.live


@settings(max_examples=25, deadline=None)
@given(st.integers(*PRIORITY), st.floats(1.0, 30.0))
def test_a_slowed_caller_is_answered_though_others_never_stop_calling(
    priority: int, talk_s: float
) -> None:
    """One operator, always asked for by somebody: the handicap, and one talk more, is the most."""
    play = Play(make_plan(people=("ani",), chain=CHAIN[3:4]))
    for nobody in ("siti", "pos"):
        play.seat(nobody, SeatState.UNREACHABLE)
    handicap_s, began = -priority * AGEING_S, play.now
    play.come("first")
    play.tell(
        Enqueue(
            call=CallId("slowed"),
            service=MEDIS,
            arrived=play.at.wall.timestamp(),
            handicap_s=handicap_s,
        )
    )
    count = 0
    while (serving := play.live[play.offer_to("person:ani")].call) != "slowed":
        count += 1
        play.come(f"other {count}")
        play.talk("person:ani", talk_s)
        assert play.live[play.offer_to("person:ani")].call != serving
    assert play.now - began <= handicap_s + 2 * talk_s
