"""A few mutants that the simulator catches at once; `make mutants` plays all of them."""

import pytest

from tests.mutants.mutant import mutants
from tests.mutants.trial import attempt
from tests.simulation.law import LAWS

QUICK = ("bridge-stays", "ends-twice", "menu-lets-the-fuse-burn", "newest-first")
SEEDS = 6
"""Scenarios in which one must be caught; the first one or two do it."""


@pytest.mark.parametrize("name", QUICK)
def test_it_is_caught(name: str) -> None:
    """The simulator sees that a rule is broken, and says by which law and at which seed."""
    mutant = next(each for each in mutants() if each.name == name)
    catch = attempt(mutant, seeds=SEEDS, first=0).catch
    assert catch is not None
    assert catch.law in {law.__name__ for law in LAWS}
    assert catch.seed is not None
