"""What was found once stays mended."""

import pytest

from tests.simulation.found import FOUND
from tests.simulation.law import broken
from tests.simulation.performance import play


@pytest.mark.parametrize("name", FOUND)
def test_it_breaks_no_law(name: str) -> None:
    """Each of them did, by the latencies that are kept with it."""
    assert broken(play(FOUND[name])) == ()
