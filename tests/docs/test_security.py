"""`docs/security.md` names tests that there are, and the bounds that hold."""

import re
from pathlib import Path

import pytest

from console import control, message, server
from switch import fastagi

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_what_is_said_to_be_shown_is_shown(file: str, name: str) -> None:
    """Whoever reads the page can run what it promises."""
    text = (HOUSE / file).read_text()
    assert not name or re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)


def test_the_bounds_are_those_of_the_code() -> None:
    """In the row of each door."""
    assert f"{server.LIMIT_S:g} s, {server.CONNECTIONS} connections" in PAGE
    bounds = f"{message.REQUEST_S:g} s, {control.CONNECTIONS} connections"
    assert f"{message.REQUEST_BYTES // 1024} KB, {bounds}" in PAGE
    assert f"{fastagi.LIMIT_S:g} s, {fastagi.CONNECTIONS} connections" in PAGE
