"""What clients of the broker want is done, recorded with who wanted it, and answered."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.outcome import Accepted, Failed, Finding, Outcome, Refused
from journal.kind import faults
from journal.post import Command, Obeyed, Refusal
from journal.record import Record
from siaga.bidding import Bidding
from siaga.instruction import Instructions
from siaga.settings import Settings, load
from siaga.simulation import Simulation
from siaga.virtual import run
from switch.fake.behaviour import Answer
from tests.live.centre import ON_DUTY, quick_settings

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ACCEPTED = Accepted(
    folder="/etc/siaga112",
    changed=("roster.yaml",),
    restart_needed={"mqtt.host": "siaga.yaml:9"},
    warnings=(),
    kept=True,
)
PROBLEM = Finding(
    file="a.yaml", line=1, col=2, severity="error", message="bad", text="a.yaml:1:2: bad"
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Kota Metro with quick times."""
    folder: Path = tmp_path_factory.mktemp("settings") / "own"
    return load(quick_settings(folder, (*ON_DUTY, "bayu")))


def obey(
    settings: Settings, *commands: Command | Refusal, outcome: Outcome = ACCEPTED
) -> tuple[list[Obeyed], list[Record]]:
    """What is answered, and the records that tell of it."""
    answers: list[Obeyed] = []

    async def reload() -> Outcome:
        return outcome

    async def whole() -> list[Record]:
        simulation = Simulation(settings, seed=1, start=START)
        for phone in ("siaga-medis-1", "siaga-medis-2"):
            simulation.asterisk.register(phone, Answer(0.5))
        await simulation.start()
        conductor = simulation.centre.conductor
        follow = Instructions(conductor, simulation.clock).follow
        bidding = Bidding(reload=reload, follow=follow, note=conductor.note)
        for command in commands:
            if isinstance(command, Command):
                answers.append(await bidding.obey(command))
            else:
                bidding.refuse(command)
        await asyncio.sleep(1)
        await simulation.stop()
        names = {"commanded", "instructed", "paused", "ready"}
        return [each for each in simulation.records if each.what in names]

    records = run(whole())
    assert [fault for each in records for fault in faults(each)] == []
    return answers, records


def test_an_operator_is_paused_and_ready_by_word_of_a_client(settings: Settings) -> None:
    """The same as from a terminal, and the record says who and how."""
    answers, records = obey(
        settings,
        Command(id=1, command="pause", by="dinkes", person="sri", reason="rapat"),
        Command(id=2, command="ready", by="dinkes", person="sri"),
        Command(id=3, command="pause", by="dinkes", person="nobody"),
    )
    assert [(each.id, each.done, each.outcome) for each in answers] == [
        (1, True, "paused"),
        (2, True, "ready"),
        (3, False, "unknown_operator"),
    ]
    assert "Sri" in answers[0].text
    assert [each.what for each in records] == [
        "instructed",
        "paused",
        "instructed",
        "ready",
        "instructed",
    ]
    assert (records[0].detail["by"], records[0].detail["via"]) == ("dinkes", "mqtt")


def test_what_is_no_instruction_is_refused_and_recorded(settings: Settings) -> None:
    """Its form was right, and what it says is not."""
    bad = Command(id=1, command="pause", by="dinkes", person="sri", for_s=-1)
    answers, records = obey(settings, bad)
    assert (answers[0].done, answers[0].outcome) == (False, "malformed")
    assert [each.detail["outcome"] for each in records] == ["malformed"]


def test_what_was_refused_before_is_recorded(settings: Settings) -> None:
    """With who, what and why."""
    refusal = Refusal(command="halt", by="x", error="unknown_command", why="no command 'halt'")
    _, records = obey(settings, refusal)
    assert records[0].detail == {
        "command": "halt",
        "by": "x",
        "outcome": "unknown_command",
        "why": "no command 'halt'",
    }


@pytest.mark.parametrize(
    ("outcome", "done", "words"),
    [
        (ACCEPTED, True, "roster.yaml; mqtt.host wait for a restart"),
        (
            Refused(folder="/etc/siaga112", problems=(PROBLEM,), in_use_since=START),
            False,
            "1 problems: a.yaml:1:2: bad",
        ),
        (Failed(why="no disk"), False, "no disk"),
    ],
)
def test_a_reload_is_answered_with_what_came_of_it(
    outcome: Outcome, words: str, settings: Settings, *, done: bool
) -> None:
    """And recorded with who asked for it."""
    command = Command(id=1, command="reload", by="kominfo", reason="jadwal baru")
    answers, records = obey(settings, command, outcome=outcome)
    assert answers[0].done is done
    assert words in answers[0].text
    assert [each.detail for each in records] == [
        {"command": "reload", "by": "kominfo", "outcome": "taken", "why": "jadwal baru"}
    ]
