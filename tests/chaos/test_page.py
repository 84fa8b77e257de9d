"""docs/failure-modes.md tells of what was measured, fault by fault."""

import json

from tests.chaos.catalogue import FAULTS
from tests.chaos.page import MEASURED, PAGE, refreshed


def test_the_table_is_the_measurement() -> None:
    """`make docs` would change nothing."""
    text = PAGE.read_text()
    assert refreshed(text) == text


def test_what_was_measured_is_what_is_played() -> None:
    """A fault that was renamed, or says something else, is measured again."""
    measured = json.loads(MEASURED.read_text())
    assert measured
    assert {name: sums["about"] for name, sums in measured.items()} == {
        name: FAULTS[name].about for name in measured
    }
