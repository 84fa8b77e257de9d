"""Marks of calls."""

import pytest

from routing.mark import Mark


@pytest.mark.parametrize(
    ("mark", "is_nuisance"),
    [(Mark.GENUINE, False), (Mark.INFORMATION, False), (Mark.PRANK, True), (Mark.GHOST, True)],
)
def test_a_prank_and_a_ghost_are_a_nuisance(mark: Mark, is_nuisance: bool) -> None:
    """Who asks for information has called the wrong number, and has spoken to somebody about it."""
    assert mark.is_nuisance is is_nuisance
