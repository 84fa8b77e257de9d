"""The table of docs/failure-modes.md, drawn from what `make chaos` has measured.

By `make chaos JSON=docs/failure-modes.json`, then `make docs`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE, MEASURED = DOCS / "failure-modes.md", DOCS / "failure-modes.json"
BLOCK: Final = re.compile(
    r"(<!-- begin of measured -->\n).*?(<!-- end of measured -->\n)", re.DOTALL
)


def refreshed(text: str) -> str:
    """The page's text, with the figures of the last measurement."""
    rows = "".join(_rows(json.loads(MEASURED.read_text())))
    return BLOCK.sub(lambda block: f"{block[1]}{rows}{block[2]}", text)


def _rows(faults: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "| fault | | rounds | tried | served | lost | ended | recover s | slowest s | left |\n"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    for name, sums in faults.items():
        about, recover, slowest = sums["about"], sums["recover_s"], sums["slowest_s"]
        yield (
            f"| `{name}` | {about} | {sums['rounds']} | {sums['tried']} | {sums['served']} | "
            f"{sums['lost']} | {sums['ended']} | {_told(recover)} | {_told(slowest)} | "
            f"{sums['left']} |\n"
        )


def _told(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f}"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
