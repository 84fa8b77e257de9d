"""Every command that a page names exists, with the options that it is given there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from siaga.cli import app

HOUSE = Path(__file__).parent.parent.parent
PAGES = sorted(
    [
        *HOUSE.glob("docs/*.md"),
        *(
            HOUSE / name
            for name in ("README.md", "systemd/README.md", "asterisk-dialplan/README.md")
        ),
    ]
)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
BEFORE = r"(?:^|`|[;&|(] *|\$ |sudo -u siaga112 )"
"""Where a command begins; elsewhere it is the name of a user, a database, a unit."""
COMMAND = re.compile(rf"{BEFORE}siaga112 +([^\n`;|&#()]*)", re.MULTILINE)
WORD = re.compile(r"(?:--)?[a-z][a-z-]*")
OPTION = re.compile(r"--[a-z][a-z-]*")


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command line in the page's code."""
    for code in CODE.findall(page.read_text()):
        for found in COMMAND.findall(code):
            words = found.split()
            if words and WORD.fullmatch(words[0]):
                yield words


def fault(words: list[str]) -> str | None:
    """What of a command line does not exist."""
    command = get_command(app)
    rest = list(words)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        known = command.commands
        if rest[0] not in known:
            return f"no command {rest[0]}"
        command = known[rest.pop(0)]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    strange = [word for word in rest if OPTION.fullmatch(word) and word not in options | {"--help"}]
    return f"no option {strange}" if strange else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    """Whoever types what they read gets what they were promised."""
    faults = [f"{' '.join(words)}: {why}" for words in commands(page) if (why := fault(words))]
    assert faults == []


def test_commands_are_found_where_pages_name_them() -> None:
    """In running text, in blocks, and with what is given to them."""
    found = list(commands(HOUSE / "docs" / "admin.md"))
    assert ["roster", "show", "--now"] in [words[:3] for words in found]
    assert len(found) > 10
    assert fault(["roster", "shw"]) == "no command shw"
    assert fault(["status", "--wach"]) == "no option ['--wach']"
    assert fault(shlex.split("explain --from 0812 --press 1")) is None
