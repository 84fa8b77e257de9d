"""The laws hold for whatever is drawn: a few seeds here, thousands by `make simulate`."""

import pytest

from tests.simulation import act
from tests.simulation.chance import scenario
from tests.simulation.law import broken
from tests.simulation.performance import play

SEEDS = 12


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_laws_hold(seed: int) -> None:
    """Whoever calls, whoever answers and whatever breaks."""
    assert broken(play(scenario(seed))) == ()


def test_every_kind_is_drawn() -> None:
    """In a hundred seeds there is some of each."""
    drawn = {type(each).__name__ for seed in range(100) for each in scenario(seed).acts}
    kinds = {name for name, kind in vars(act).items() if "when" in _fields(kind)}
    assert drawn == kinds


def _fields(kind: object) -> frozenset[str]:
    return frozenset(getattr(kind, "__dataclass_fields__", ()))
