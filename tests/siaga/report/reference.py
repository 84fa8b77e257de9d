"""The tables of docs/report.md, drawn from the figures themselves.

By `make docs`, or python -m tests.siaga.report.reference.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from siaga.report import national
from siaga.report.figure import CALLS, WORK, Figure

PAGE: Final = Path(__file__).parents[3] / "docs" / "report.md"
HEADS: Final = {
    "version": ("integer", "", "of what the columns mean: 1"),
    "centre": ("text", "", "the city's name in `zones.yaml`"),
    "month": ("text", "YYYY-MM", "of the site's calendar"),
    "timezone": ("text", "IANA name", "the site's, as `Asia/Jakarta`"),
    "complete": ("text", "", "`true`, or `false` while the month is not over"),
    "service": (
        "text",
        "",
        "id of the service; `all` for the whole month, `none` for who chose none",
    ),
    "name": ("text", "", "the service's name in the site's first language"),
}
"""What stands before the figures of the national month: type, unit, meaning."""
TYPES: Final = {"count": "integer", "share": "decimal", "s": "decimal"}
UNITS: Final = {"count": "calls", "share": "of 1", "s": "seconds"}
BLOCK: Final = re.compile(r"(<!-- begin of (\w+) -->\n).*?(<!-- end of \2 -->\n)", re.DOTALL)


def refreshed(text: str) -> str:
    """The page's text, with the figures of today."""
    drawn = {"calls": _figures(CALLS), "work": _figures(WORK), "national": _national()}
    return BLOCK.sub(lambda block: f"{block[1]}{''.join(drawn[block[2]])}{block[3]}", text)


def _figures(figures: Iterable[Figure[Any]]) -> Iterator[str]:
    yield "| figure | type | unit | what |\n| --- | --- | --- | --- |\n"
    for each in figures:
        yield f"| `{each.name}` | {TYPES[each.unit]} | {UNITS[each.unit]} | {each.meaning} |\n"


def _national() -> Iterator[str]:
    calls = {figure.name: figure for figure in CALLS}
    yield "| | column | type | unit | what |\n| --- | --- | --- | --- | --- |\n"
    for place, name in enumerate(national.COLUMNS, 1):
        if name in HEADS:
            type_, unit, meaning = HEADS[name]
        else:
            type_, unit = TYPES[calls[name].unit], UNITS[calls[name].unit]
            meaning = calls[name].meaning
        yield f"| {place} | `{name}` | {type_} | {unit} | {meaning} |\n"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
