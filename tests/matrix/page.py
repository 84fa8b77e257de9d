"""Draws docs/STATES.md from the code: `make docs`."""

import sys
from pathlib import Path
from typing import Any

from tests.matrix import call, dialogue, floor
from tests.matrix.cell import NOTHING, outcomes
from tests.matrix.floor import GONE
from tests.matrix.table import Table

PAGE = Path(__file__).parent.parent.parent / "docs" / "STATES.md"
HEAD = f"""\
# States: what comes of every event

Drawn from the code by `make docs`; a test fails when it is stale. Each cell was found by stepping
the code with samples of the state and of the event. Of all that the samples differ in, only what
the outcome depends on is named.

A cell names the **state** after the event, the commands and “notes” that the step returns, and in
italics the condition. A state's name alone means that only its data changed; {NOTHING} means that
nothing changes at all.
"""


def tables() -> tuple[Table[Any, Any, Any], ...]:
    """All tables of the page, drawn from the code as it is now."""
    return call.table(), dialogue.table(), floor.offers(), floor.places()


def page() -> str:
    """The page's text."""
    return "\n".join([HEAD, *(section(table) for table in tables())])


def section(table: Table[Any, Any, Any]) -> str:
    """Heading, diagram, table and what cannot be."""
    reasons = list(dict.fromkeys(table.unreachable.values()))
    rows = [
        f"| `{event}` | "
        + " | ".join(_cell(table, (state, event), reasons) for state in table.states)
        for event in table.events
    ]
    head = " | ".join(f"`{state}`" for state in table.states)
    lines = [
        f"## {table.title}",
        "",
        table.about,
        "",
        *diagram(table),
        "",
        f"| event | {head} |",
        "| --- |" + " --- |" * len(table.states),
        *(f"{row} |" for row in rows),
        "",
        *(f"{number}. {reason}." for number, reason in enumerate(reasons, 1)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _cell(table: Table[Any, Any, Any], cell: tuple[str, str], reasons: list[str]) -> str:
    if cell in table.unreachable:
        return f"cannot be ({reasons.index(table.unreachable[cell]) + 1})"
    found = outcomes([step.case for step in table.of(cell)])
    return "<br>".join(f"{text} *{when}*" if when else text for text, when in found.items())


def diagram(table: Table[Any, Any, Any]) -> list[str]:
    """The ways from state to state, in Mermaid's words."""
    begins: dict[str, list[str]] = {}
    for name, state in table.begins.items():
        begins.setdefault(state, []).append(name)
    return [
        "```mermaid",
        "stateDiagram-v2",
        *(f"    [*] --> {state}: {', '.join(names)}" for state, names in begins.items()),
        *(
            f"    {before} --> {'[*]' if after == GONE else after}: {', '.join(events)}"
            for (before, after), events in table.edges().items()
        ),
        "```",
    ]


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
