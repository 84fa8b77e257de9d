"""A failing scenario is cut down to what makes it fail, and can be played again to the byte."""

import re

import pytest

from switch.fake.behaviour import Citizen
from tests.simulation import __main__ as command
from tests.simulation.act import Calls, Cut
from tests.simulation.chance import scenario
from tests.simulation.minimum import minimum
from tests.simulation.performance import play
from tests.simulation.scenario import Scenario

SEED = 3


def test_a_seed_is_one_scenario() -> None:
    """Another one is another."""
    assert scenario(SEED) == scenario(SEED)
    assert scenario(SEED).acts != scenario(SEED + 1).acts


def test_a_scenario_is_one_journal() -> None:
    """The same bytes each time; other latencies tell other ones."""
    few = scenario(SEED).keep(range(25))
    assert play(few).journal == play(few).journal != b""


def test_only_the_acts_that_matter_are_kept() -> None:
    """Whatever else was drawn, and wherever those stand."""
    whole = scenario(SEED)
    wanted = {2, 7, len(whole.acts) - 1}

    def fails(smaller: Scenario) -> bool:
        return {whole.acts[place] for place in wanted} <= set(smaller.acts)

    found, kept = minimum(whole, fails)
    assert set(kept) == wanted
    assert found.acts == tuple(whole.acts[place] for place in sorted(wanted))


def test_other_latencies_are_tried_for_fewer_acts() -> None:
    """What fails by a race fails with few acts only by another chance."""
    acts = tuple(Cut(float(n)) for n in range(4))
    whole = Scenario(0, scenario(0).start, 0, acts, chance=9)
    found, kept = minimum(whole, lambda smaller: len(smaller.acts) == 4 or smaller.chance == 2)
    assert (kept, found.chance) == ((), 2)


def broken_by_two(account: object) -> tuple[str, ...]:
    """A law that forbids a second caller."""
    callers = getattr(account, "callers", ())
    return ("alone: not alone",) if len(callers) > 1 else ()


def test_the_printed_command_plays_the_smallest_scenario_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails in the same way, with the same journal each time."""
    monkeypatch.setattr(command, "broken", broken_by_two)
    few = scenario(SEED).keep(range(6))
    monkeypatch.setattr(command, "scenario", lambda _: few)
    assert command.main(["--seeds", "1", "--first", str(SEED), "--stop"]) == 1
    printed = capsys.readouterr().out
    assert printed.count("Calls(") == 2
    found = re.search(r"python -m tests\.simulation (--first .*)", printed)
    assert found is not None
    told = []
    for _ in range(2):
        assert command.main(found[1].split()) == 1
        told.append(capsys.readouterr())
    assert told[0] == told[1]
    assert '"what":"arrived"' in told[0].out
    assert "alone: not alone" in told[0].err


def test_an_empty_scenario_breaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody calls; the command says so by its exit status."""
    assert command.main(["--first", "0", "--keep", "none"]) == 0
    assert "asterisk_up" in capsys.readouterr().out


def test_what_happens_can_be_written_by_hand() -> None:
    """One caller, whom somebody willing answers in the end."""
    alone = Scenario(0, scenario(0).start, 0, (Calls(1.0, "081234567890", Citizen()),))
    (caller,) = play(alone).callers
    assert caller.talks
