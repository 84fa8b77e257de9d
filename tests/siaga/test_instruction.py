"""Instructions on a whole centre: done, recorded with whose word it was, and answered."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from console.instruction import Answered
from journal.record import Record
from siaga.instruction import LONGEST_S, Instructions, Invalid, instruction_of
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer
from tests.live.centre import ON_DUTY, quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BY: dict[str, str | int] = {"by": "budi", "via": "socket", "uid": 1000}
Script = Callable[[Simulation, Instructions], Awaitable[None]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    return load(quick_settings(tmp_path_factory.mktemp("settings") / "own", (*ON_DUTY, "bayu")))


def play(settings: Settings, script: Script) -> list[Record]:
    """Runs a script on a centre that serves; returns the records."""

    async def whole() -> list[Record]:
        simulation = Simulation(settings, seed=1, start=START)
        for phone in ("siaga-medis-1", "siaga-medis-2"):
            simulation.asterisk.register(phone, Answer(0.5))
        await simulation.start()
        await script(simulation, desk(simulation))
        await simulation.stop()
        return simulation.records

    return run(whole())


def desk(simulation: Simulation) -> Instructions:
    """Takes instructions for the centre that runs now."""
    return Instructions(simulation.centre.conductor, simulation.clock)


def say(desk: Instructions, wanted: str, person: object, **more: object) -> Answered:
    """What is answered."""
    return desk.follow(instruction_of(wanted, person, **more), BY)


def told(records: list[Record]) -> list[tuple[str, object]]:
    """What came of instructions, and what the floor made of them."""
    return [
        (record.what, record.detail.get("outcome", record.detail["person"]))
        for record in records
        if record.what in {"instructed", "paused", "ready"}
    ]


def test_a_pause_is_done_recorded_and_answered(settings: Settings) -> None:
    """The record has whose word it was, and stands before what came of it."""

    async def script(simulation: Simulation, desk: Instructions) -> None:
        now = simulation.clock.now().wall
        answer = say(desk, "pause", "bayu", for_s=900, reason=" makan siang ")
        assert (answer.outcome, answer.holds, answer.name) == ("paused", True, "Bayu Pratama")
        assert answer.until == now + timedelta(minutes=15)
        assert answer.text == "Bayu Pratama (bayu) is paused until 08:15"
        assert say(desk, "ready", "bayu").text == "Bayu Pratama (bayu) is ready"
        assert say(desk, "ready", "bayu").outcome == "already ready"

    records = play(settings, script)
    assert told(records) == [
        ("instructed", "paused"),
        ("paused", "bayu"),
        ("instructed", "ready"),
        ("ready", "bayu"),
        ("instructed", "already ready"),
    ]
    first = next(record for record in records if record.what == "instructed")
    assert first.detail | BY == first.detail
    assert (first.detail["reason"], first.detail["for_s"]) == ("makan siang", 900.0)
    assert first.because
    assert "last" not in first.detail


def test_the_last_one_is_paused_only_when_that_is_meant(settings: Settings) -> None:
    """And whoever means it is told what it costs."""

    async def script(_simulation: Simulation, desk: Instructions) -> None:
        assert say(desk, "pause", "bayu").holds
        refused = say(desk, "pause", "sri")
        assert (refused.outcome, refused.holds, refused.last) == (
            "the agency's last one",
            False,
            True,
        )
        assert "is not paused; nobody else of dinkes is on duty and there" in refused.text
        meant = say(desk, "pause", "sri", force=True)
        assert meant.text == (
            "Sri Wahyuni (sri) is paused until ready, or until the turn of duty ends; nobody else "
            "of dinkes is on duty and there: its callers overflow now"
        )
        again = say(desk, "pause", "sri")
        assert (again.outcome, again.holds) == ("already paused", True)

    records = play(settings, script)
    assert [r.detail.get("last") for r in records if r.what == "instructed"] == [
        None,
        None,
        True,
        None,
    ]


def test_who_is_not_known_or_not_on_duty_is_said_so(settings: Settings) -> None:
    """With who may have been meant."""

    async def script(_simulation: Simulation, desk: Instructions) -> None:
        assert say(desk, "pause", "sry").text == "no operator 'sry'; did you mean 'sri'?"
        assert say(desk, "pause", "ratna").outcome == "off duty"
        assert say(desk, "pause", "ratna").text == "Ratna Dewi (ratna) is not on duty"

    assert [each for each in told(play(settings, script)) if each[0] != "instructed"] == []


def test_a_daemon_that_does_not_serve_takes_no_word(settings: Settings) -> None:
    """It would be forgotten when it begins to: it is said, and recorded as not done."""

    async def whole() -> tuple[Answered, list[Record]]:
        simulation = Simulation(settings, seed=1, start=START)
        await simulation.start()
        simulation.centre.conductor.let_go()
        answer = say(desk(simulation), "pause", "bayu")
        records = list(simulation.records)
        await simulation.stop()
        return answer, records

    answer, records = run(whole())
    assert (answer.outcome, answer.holds) == ("not served", False)
    assert "does not serve calls now" in answer.text
    assert told(records) == [("instructed", "not served")]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"wanted": "sleep"}, "known: pause, ready"),
        ({"person": ""}, "the id of an operator"),
        ({"person": 7}, "the id of an operator"),
        ({"person": "x" * 101}, "the id of an operator"),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"reason": None}, "at most 200 characters"),
        ({"reason": "a\nb"}, "one line of text"),
        ({"force": 1}, "true or false"),
        ({"for_s": "15"}, "in seconds"),
        ({"for_s": True}, "in seconds"),
        ({"for_s": 0}, "up to 24 h"),
        ({"for_s": float("nan")}, "up to 24 h"),
        ({"for_s": LONGEST_S + 1}, "up to 24 h"),
    ],
)
def test_what_is_no_instruction_says_why(words: dict[str, object], why: str) -> None:
    """Whatever came over a wire."""
    whole: dict[str, object] = {"wanted": "pause", "person": "sri", **words}
    with pytest.raises(Invalid, match=why):
        instruction_of(str(whole.pop("wanted")), whole.pop("person"), **whole)
