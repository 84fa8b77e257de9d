"""`docs/ARCHITECTURE.md` names every module of the six packages, and none that does not exist."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent.parent
PACKAGES = ("routing", "ivr", "switch", "journal", "console", "siaga")
PROSE_ROOM = "siaga/roster/"
"""The one folder whose modules the text names without it."""
MODULE = re.compile(r"`([\w/]+\.py)`")
ROOM = re.compile(r"\| `([\w/]+/)` \|")


@pytest.fixture(scope="module")
def named() -> set[str]:
    """Every module that the page names; a row of a table without a room is of the one above it."""
    found, room = set(), PROSE_ROOM
    for line in (HOUSE / "docs" / "ARCHITECTURE.md").read_text().splitlines():
        row = ROOM.match(line)
        if row is not None:
            room = row[1]
        elif not line.startswith("|"):
            room = PROSE_ROOM
        found |= {name if "/" in name else f"{room}{name}" for name in MODULE.findall(line)}
    return found


def test_every_module_is_named(named: set[str]) -> None:
    """Whoever looks for a thing finds its room, and whoever adds one says what it is."""
    files = (file for package in PACKAGES for file in (HOUSE / package).rglob("*.py"))
    modules = {str(file.relative_to(HOUSE)) for file in files if file.name != "__init__.py"}
    assert modules - named == set()


def test_nothing_is_named_that_does_not_exist(named: set[str]) -> None:
    """A module that was renamed or removed is so here, too."""
    assert {name for name in named if not (HOUSE / name).is_file()} == set()
