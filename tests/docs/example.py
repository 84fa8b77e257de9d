"""Writes what `siaga112 explain` answers into docs/explain.md: `make docs`.

A block that begins with the command ends with its answer; a last line `…` stands for the rest of a
long one. The JSON of the page is shortened by hand.
"""

import re
import shlex
from pathlib import Path
from typing import Final

from typer.testing import CliRunner

from siaga.cli import app

HOUSE: Final = Path(__file__).parent.parent.parent
PAGE: Final = HOUSE / "docs" / "explain.md"
REST: Final = "…"
_BLOCK: Final = re.compile(
    r"^```\n\$ siaga112 (explain (?!.*--json).*)\n((?:.*\n)*?)```$", re.MULTILINE
)


def refreshed(text: str) -> str:
    """The page's text, with the answers of today."""
    return _BLOCK.sub(_refreshed, text)


def commands(text: str) -> list[str]:
    """The commands whose answers the page has."""
    return [block[1] for block in _BLOCK.finditer(text)]


def _refreshed(block: re.Match[str]) -> str:
    words = [*shlex.split(block[1]), "--config", str(HOUSE / "config")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    lines = [line.rstrip() for line in result.stdout.rstrip().splitlines()]
    if block[2].endswith(f"{REST}\n"):
        lines = [*lines[: len(block[2].splitlines()) - 1], REST]
    answer = "\n".join(lines)
    return f"```\n$ siaga112 {block[1]}\n{answer}\n```"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(refreshed(PAGE.read_text()))


if __name__ == "__main__":
    main()
