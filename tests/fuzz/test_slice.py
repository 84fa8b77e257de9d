"""No parser is brought down: a few examples of each here, thousands by `make fuzz`."""

import pytest

from tests.fuzz.table import TARGETS
from tests.fuzz.target import search

EXAMPLES = 250
"""The same ones in each run."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_does_what_it_may_and_nothing_else(name: str) -> None:
    """It returns, or raises what its documentation says, in the time and memory of its bounds."""
    fault = search(TARGETS[name], EXAMPLES)
    if fault is not None:
        raise AssertionError(f"{name} of {fault.example!r}") from fault.error
