"""Marks of calls."""

from routing.mark import Mark


def test_a_prank_and_a_ghost_are_a_nuisance() -> None:
    """Who asks for information has called the wrong number, and has spoken to somebody about it."""
    assert {mark for mark in Mark if mark.is_nuisance} == {Mark.PRANK, Mark.GHOST}
