"""The table of docs/records.md, drawn from the schema of records: python -m tests.journal.page."""

from collections.abc import Iterator
from pathlib import Path

from journal.kind import KINDS, OPTIONAL, Kind
from journal.record import VERSION

PAGE = Path(__file__).parent.parent.parent / "docs" / "records.md"
BEGIN, END = "<!-- begin of the kinds -->\n", "<!-- end of the kinds -->\n"


def table() -> str:
    """All kinds, those of calls first."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield f"Version {VERSION}."
    for title, of_call in (("Of a call", True), ("Of either", None), ("Of the centre", False)):
        yield ""
        yield f"### {title}"
        yield ""
        yield "| `what` | what has happened | `detail` |"
        yield "| --- | --- | --- |"
        for name, kind in KINDS.items():
            if kind.of_call is of_call:
                why = " (with `because`)" if kind.decides else ""
                yield f"| `{name}` | {kind.meaning}{why} | {_facts(kind)} |"


def _facts(kind: Kind) -> str:
    return "; ".join(
        f"`{name.removesuffix(OPTIONAL)}` {type_}"
        f"{', optional' if name.endswith(OPTIONAL) else ''}: {meaning}"
        for name, (type_, meaning) in kind.facts.items()
    )


def parts(page: str) -> tuple[str, str, str]:
    """What stands before the table, the table, and what stands after it."""
    before, rest = page.split(BEGIN)
    inside, after = rest.split(END)
    return before, inside, after


if __name__ == "__main__":
    first, _, last = parts(PAGE.read_text())
    PAGE.write_text(f"{first}{BEGIN}{table()}{END}{last}")
