"""The figures of a report are those that a plain count of the same calls brings."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import ceil
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from journal.record import Record
from journal.standard import STANDARDS, TIMES_S
from journal.story import Outcome, tell
from siaga.period import Period
from siaga.rehearsal.rehearsal import Rehearsal
from siaga.report.call import Work, read
from siaga.report.figure import CALLS, of_calls, of_work
from siaga.report.report import as_json
from siaga.report.tally import Dimension, Tally
from siaga.settings import Settings
from tests.siaga.report import scene
from tests.siaga.report.city import START, city
from tests.siaga.report.scene import ARRIVED, NOON, abandoned, answered, history

DAYS = 7
ADDED = tuple(figure.name for figure in CALLS if figure.unit == "count" or figure.name == "talk_s")
"""The figures of which the parts add up."""
OCTOBER = scene.period(START, START + timedelta(days=DAYS))


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Kota Metro."""
    return scene.settings()


@pytest.fixture(scope="module")
def played(settings: Settings) -> tuple[Rehearsal, list[list[Record]]]:
    """A week of a city that calls, and the records of each of its calls."""
    done, records = city(settings, 2_000, DAYS)
    return done, scene.by_call(records)


def added(tallies: list[Tally]) -> dict[str, float]:
    """The figures that add up, of all of them."""
    every = [of_calls(each.all) for each in tallies]
    return {name: round(sum(each[name] or 0 for each in every), 3) for name in ADDED}


def test_the_parts_are_the_whole(
    played: tuple[Rehearsal, list[list[Record]]], settings: Settings
) -> None:
    """Each call is in one part of each dimension, and in nothing twice; so is each talk."""
    found = scene.tally(played[1], OCTOBER, settings)
    whole = of_calls(found.all)
    assert whole["calls"] == 2_000
    for dimension, groups in found.by.items():
        for name in ADDED:
            total = sum(of_calls(group)[name] or 0 for group in groups.values())
            assert total == pytest.approx(whole[name]), (dimension, name)
    work = [of_work(each) for each in found.work.values()]
    assert sum(each["talk_s"] or 0 for each in work) == pytest.approx(whole["talk_s"])
    for mark in ("genuine", "information", "prank", "ghost"):
        assert sum(each[mark] or 0 for each in work) == whole[mark]
    assert whole["unmarked"] == (whole["answered"] or 0) - found.all.marked


def test_a_rehearsal_and_a_report_have_one_definition(
    played: tuple[Rehearsal, list[list[Record]]], settings: Settings
) -> None:
    """The rehearsal's own count of these calls, by notes, says the same as the report's."""
    done, histories = played
    found = scene.tally(histories, OCTOBER, settings).all
    for own, theirs in ((found.arrival, done.tally.all), (found.queue, done.tally.chosen)):
        assert own.calls == theirs.calls
        assert own.answered.number == theirs.answered.number
        assert own.given_up.number == theirs.given_up.number
        assert own.longest == theirs.longest
        for percent in (50, 90, 99):
            assert own.answered.percentile(percent) == theirs.answered.percentile(percent)
        for standard in STANDARDS:
            limit = standard.within_s
            assert own.share_within(limit) == theirs.share_within(limit)


def test_answer_times_are_those_of_a_sorted_list(
    played: tuple[Rehearsal, list[list[Record]]], settings: Settings
) -> None:
    """Mean, nearest rank and shares, from the rows of `siaga112 calls`."""
    stories = [tell("c", records) for records in played[1]]
    times = sorted(
        story.answered_s for story in stories if story is not None and story.answered_s is not None
    )
    lost = [
        story.waited_s or 0.0
        for story in stories
        if story is not None and story.outcome is Outcome.ABANDONED
    ]
    figures = of_calls(scene.tally(played[1], OCTOBER, settings).all)
    assert figures["answered"] == len(times)
    assert figures["mean_s"] == pytest.approx(fmean(times), abs=0.001)
    for percent in (50, 90, 95, 99):
        exact = times[ceil(len(times) * percent / 100) - 1]
        assert figures[f"p{percent}_s"] == pytest.approx(exact, abs=0.1)
        assert (figures[f"p{percent}_s"] or 0) >= exact
    for limit in TIMES_S:
        within = sum(each <= limit for each in times)
        late = sum(each > limit for each in lost)
        assert figures[f"within_{limit}"] == within
        share = within / (len(times) + late)
        assert figures[f"within_{limit}_share"] == pytest.approx(share, abs=0.0001)
    assert figures["abandoned_short"] == sum(each <= TIMES_S[0] for each in lost)


def test_the_order_of_calls_does_not_matter(
    played: tuple[Rehearsal, list[list[Record]]], settings: Settings
) -> None:
    """They come from the store in no order."""
    histories = list(played[1])
    first = as_json(scene.report(histories, OCTOBER, settings))
    random.Random(1).shuffle(histories)  # noqa: S311 - the same each time
    assert as_json(scene.report(histories, OCTOBER, settings)) == first


@cache
def small() -> tuple[Settings, list[list[Record]]]:
    """The settings, and some calls of a city, made once."""
    own = scene.settings()
    return own, scene.by_call(city(own, 150, DAYS)[1])


@given(st.lists(st.integers(1, DAYS * 86_400 - 1), max_size=3, unique=True))
@hypothesis_settings(max_examples=6, deadline=None)
def test_periods_that_follow_each_other_add_up(cuts: list[int]) -> None:
    """Whatever the second at which one ends and the next one begins."""
    own, histories = small()
    seconds = [0, *sorted(cuts), DAYS * 86_400]
    edges = [START + timedelta(seconds=each) for each in seconds]
    parts = [scene.tally(histories, scene.period(*each), own) for each in pairwise(edges)]
    whole = scene.tally(histories, OCTOBER, own)
    assert added(parts) == added([whole])
    work = Work()
    for each in (one for part in parts for one in part.work.values()):
        work.add(each)
    expected = Work()
    for each in whole.work.values():
        expected.add(each)
    assert work == expected


CALLS_AT = st.lists(
    st.tuples(
        st.integers(0, 6_000),
        st.integers(0, 600).map(lambda tenth: tenth / 10),
        st.sampled_from(["answered", "abandoned", "pulled_out", "open"]),
        st.sampled_from(["medis", "damkar", "umum", "not there any more"]),
    ),
    max_size=30,
)


@given(CALLS_AT)
@hypothesis_settings(max_examples=40, deadline=None)
def test_each_call_has_one_outcome_and_one_place(
    calls: list[tuple[int, float, str, str]],
) -> None:
    """Answered, abandoned, dismissed, last resort and open are all there is."""
    own, _ = small()
    histories = []
    for number, (minute, s, outcome, service) in enumerate(calls):
        call, at = f"c{number}", START + timedelta(minutes=minute)
        if outcome == "answered":
            histories.append(answered(call, at, s, service))
        elif outcome == "abandoned":
            histories.append(abandoned(call, at, s))
        else:
            ending = () if outcome == "open" else ((s, outcome, {"where": "waiting"}),)
            histories.append(history(call, at, ARRIVED, *ending))
    found = scene.tally(histories, OCTOBER, own)
    figures = of_calls(found.all)
    outcomes = ("answered", "abandoned", "dismissed", "last_resort", "open")
    assert sum(figures[name] or 0 for name in outcomes) == len(calls) == figures["calls"]
    for groups in found.by.values():
        assert sum(group.arrival.calls for group in groups.values()) == len(calls)


def one(*records: Record) -> dict[str, int | float | None]:
    """The figures of one call."""
    own, _ = small()
    return of_calls(scene.tally([list(records)], scene.period(NOON, NOON + scene.DAY), own).all)


def test_of_no_calls_nothing_is_told() -> None:
    """Counts are 0, shares and times are not there, and every hour, shift and day is."""
    own, _ = small()
    found = scene.tally([], scene.period(NOON, NOON + scene.DAY), own)
    for name, value in of_calls(found.all).items():
        assert value in {0, None}, name
    assert list(found.by[Dimension.HOUR]) == [f"{hour:02}" for hour in range(24)]
    assert list(found.by[Dimension.SHIFT]) == list(own.roster.shifts)
    assert list(found.by[Dimension.DAY]) == ["2026-10-06", "2026-10-07"]


def test_one_call_is_told() -> None:
    """Answered after 12.34 s, of which 2 went into the menu; it counts where it belongs."""
    own, _ = small()
    found = scene.tally([answered("c", NOON, 12.34)], scene.period(NOON, NOON + scene.DAY), own)
    figures = of_calls(found.all)
    assert (figures["calls"], figures["answered"], figures["answered_by_own"]) == (1, 1, 1)
    assert (figures["within_10"], figures["within_15"]) == (0, 1)
    assert (figures["mean_s"], figures["p50_s"], figures["longest_s"]) == (12.34, 12.4, 12.4)
    assert (figures["queue_mean_s"], figures["queue_p90_s"]) == (10.34, 10.4)
    assert (figures["talk_s"], figures["unmarked"]) == (60.0, 1)
    for dimension, key in (
        (Dimension.AGENCY, "dinkes"),
        (Dimension.SERVICE, "medis"),
        (Dimension.SHIFT, "pagi"),
        (Dimension.HOUR, "12"),
        (Dimension.DAY, "2026-10-06"),
        (Dimension.ZONE, "inside"),
    ):
        assert found.by[dimension][key].arrival.calls == 1
    sri = of_work(found.work["person:sri"])
    assert (sri["offers"], sri["talks"], sri["ring_mean_s"], sri["talk_s"]) == (1, 1, 10.34, 60.0)


def test_a_call_counts_where_it_arrived() -> None:
    """At the first instant of a period, not at that of the next; its end may lie beyond."""
    own, _ = small()
    before = scene.period(NOON - scene.DAY, NOON)
    after = scene.period(NOON, NOON + scene.DAY)
    call = [answered("c", NOON, 5.0)]
    late = [answered("c", NOON - timedelta(microseconds=1), 5.0)]
    assert scene.tally(call, before, own).all.arrival.calls == 0
    assert scene.tally(call, after, own).all.arrival.calls == 1
    assert scene.tally(late, before, own).all.answered == 1
    assert scene.tally(late, after, own).all.arrival.calls == 0


def test_an_adopted_talk_is_answered_and_nobody_knows_after_how_long() -> None:
    """The daemon was away when they were brought together: it counts in no answer time."""
    talking = {"stage": "talking", "service": "medis", "target": "person:sri"}
    figures = one(
        *history("c", NOON, (30.0, "adopted", talking), (90.0, "ended", {"talked_s": 60.0}))
    )
    assert (figures["answered"], figures["answered_untimed"], figures["adopted"]) == (1, 1, 1)
    assert (figures["mean_s"], figures["within_20"], figures["talk_s"]) == (None, 0, 60.0)


def test_who_lost_the_operator_of_before_is_not_answered_again() -> None:
    """The second human of an adopted talk was not the first."""
    talking = {"stage": "talking", "service": "medis", "target": "person:sri"}
    figures = one(
        *history(
            "c",
            NOON,
            (30.0, "adopted", talking),
            (40.0, "operator_lost", {"talked_s": 10.0, "why": "phone lost"}),
            (45.0, "bridged", {"offer": "o", "target": "person:bayu"}),
            (50.0, "ended", {"talked_s": 5.0}),
        )
    )
    assert (figures["answered"], figures["answered_untimed"], figures["talk_s"]) == (1, 1, 15.0)


def test_an_end_that_was_found_out_afterwards_is_counted_as_one() -> None:
    """The operator hung up while the daemon was away."""
    ended = (90.0, "ended", {"by": "operator", "reconstructed": True})
    adopted = (80.0, "adopted", {"stage": "talking", "service": "medis", "target": None})
    figures = one(*history("c", NOON, ARRIVED, adopted, ended))
    assert (figures["answered"], figures["reconstructed"], figures["answered_untimed"]) == (1, 1, 1)


def test_calls_that_asterisk_has_lost_have_no_wait() -> None:
    """They are abandoned, to be rung back; when they were, nobody has seen."""
    figures = one(*abandoned("c", NOON, 300.0, "gone unseen"))
    assert (figures["abandoned"], figures["unseen"], figures["abandoned_short"]) == (1, 1, 0)
    assert (figures["longest_s"], figures["within_10_share"]) == (None, None)


def test_a_neighbours_centre_answers_by_the_zones_rules() -> None:
    """The same number at the end of a chain is no transfer; neither number is told."""
    own, _ = small()
    offer = {"offer": "o", "target": "outside:0725000112@telkom"}
    for path, transferred in (("zones.neighbours", 1), ("services.overflow.biasa.5", 0)):
        call = history(
            "c",
            NOON,
            ARRIVED,
            (0.0, "zone", {"verdict": "outside", "neighbour": "lampung-tengah"}),
            (0.1, "offered", {**offer, "path": path}),
            (5.0, "bridged", offer),
            (9.0, "ended", {"by": "caller", "talked_s": 4.0}),
        )
        found = scene.tally([call], scene.period(NOON, NOON + scene.DAY), own)
        assert of_calls(found.all)["transferred"] == transferred
        assert of_work(found.work["outside"])["talks"] == 1
        assert not any("0725" in target for target in found.work)


@pytest.mark.parametrize(
    ("happened", "figure"),
    [
        (((9.0, "dismissed", {"waited_s": 9.0}),), "dismissed"),
        (((9.0, "pulled_out", {"where": "waiting"}),), "last_resort"),
        (((9.0, "let_go", {}),), "open"),
        ((), "open"),
        (((1.0, "queued", {"service": "medis", "waiting": 1, "credit_s": 20}),), "redials"),
        (((1.0, "queued", {"service": "medis", "waiting": 1}),), "queued"),
        (((9.0, "abandoned", {}), (99.0, "called_back", {"by": "sri"})), "called_back"),
    ],
)
def test_what_else_can_become_of_a_call(happened: tuple[scene.Happened, ...], figure: str) -> None:
    """Each has a figure of its own."""
    assert one(*history("c", NOON, ARRIVED, *happened))[figure] == 1


def test_who_comes_back_from_the_last_resort_is_one_call() -> None:
    """From its first arrival to its last ending."""
    figures = one(
        *history(
            "c",
            NOON,
            ARRIVED,
            (5.0, "pulled_out", {"where": "menu"}),
            (11.0, "arrived", {"how": "resume", "trunk": "", "did": ""}),
            (11.0, "resumed", {"service": "medis"}),
            (18.0, "bridged", {"offer": "o", "target": "seat:pos"}),
            (20.0, "ended", {"talked_s": 2.0}),
        )
    )
    assert (figures["calls"], figures["answered"], figures["last_resort"]) == (1, 1, 0)
    assert (figures["mean_s"], figures["queue_mean_s"]) == (18.0, 7.0)


def test_the_last_mark_counts_and_is_the_persons_who_made_it() -> None:
    """One that a later release knows is passed over."""
    own, _ = small()
    said = [
        (80.0 + number, "marked", {"person": person, "mark": mark})
        for number, (person, mark) in enumerate(
            (("sri", "ghost"), ("sri", "genuine"), ("sri", "emergency"))
        )
    ]
    call = [*answered("c", NOON, 5.0), *history("c", NOON, *said)]
    found = scene.tally([call], scene.period(NOON, NOON + scene.DAY), own)
    figures, sri = of_calls(found.all), of_work(found.work["person:sri"])
    assert (figures["genuine"], figures["ghost"], figures["unmarked"]) == (1, 0, 0)
    assert (figures["genuine_share"], figures["marked_share"]) == (1.0, 1.0)
    assert (sri["genuine"], sri["ghost"]) == (1, 0)


def test_offers_that_came_to_nothing_are_told_apart() -> None:
    """Rang out is one thing, busy or declined another."""
    own, _ = small()
    failed = [
        (1.0, "offer_failed", {"offer": "o", "target": "person:sri", "outcome": outcome})
        for outcome in ("no answer", "declined", "busy")
    ]
    offered = [(0.5, "offered", {"offer": "o", "target": "person:sri"})] * 3
    call = history("c", NOON, ARRIVED, *offered, *failed)
    found = scene.tally([call], scene.period(NOON, NOON + scene.DAY), own)
    sri = of_work(found.work["person:sri"])
    assert (sri["offers"], sri["no_answer"], sri["refused"], sri["talks"]) == (3, 1, 2, 0)


def test_agencies_are_those_that_are_hunted_first() -> None:
    """Whoever answers; of several, none or a forgotten service there are keys, too."""
    own, _ = small()
    calls = [
        answered("a", NOON, 5.0, "medis", "person:agus"),
        answered("b", NOON, 5.0, "umum"),
        answered("c", NOON, 5.0, "gone"),
        abandoned("d", NOON, 3.0),
    ]
    found = scene.tally(calls, scene.period(NOON, NOON + scene.DAY), own)
    agencies = found.by[Dimension.AGENCY]
    for key, own_ in (("dinkes", 0), ("several", 1), ("gone", 0), ("none", 0)):
        figures = of_calls(agencies[key])
        assert (figures["calls"], figures["answered_by_own"]) == (1, own_), key


def test_hours_are_those_of_the_sites_clock_also_when_it_is_put_back() -> None:
    """In Berlin, 02:30 comes twice on 25 October 2026: both are of the hour 02, of one day."""
    own, _ = small()
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    day = Period(
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC).astimezone(berlin),
        datetime(2026, 10, 25, 23, 0, tzinfo=UTC).astimezone(berlin),
        berlin,
    )
    found = Tally(own, day)
    for number in range(2):
        call = read(answered(f"c{number}", first + timedelta(hours=number), 5.0))
        assert call is not None
        found.take(call)
    assert found.by[Dimension.HOUR]["02"].arrival.calls == 2
    assert {key: group.answered for key, group in found.by[Dimension.DAY].items()} == {
        "2026-10-25": 2
    }
