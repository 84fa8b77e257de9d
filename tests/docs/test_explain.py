"""`docs/explain.md` shows what the command answers, on the settings that are shipped."""

from tests.docs.example import PAGE, commands, refreshed

EXAMPLES = 2


def test_the_examples_are_true() -> None:
    """Lines of the settings move; whoever reads the page looks there."""
    text = PAGE.read_text()
    assert len(commands(text)) == EXAMPLES
    assert refreshed(text) == text, "docs/explain.md is stale: run make docs"
