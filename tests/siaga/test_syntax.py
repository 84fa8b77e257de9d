"""What is no YAML is said in words of who wrote it, at the place of the slip."""

from pathlib import Path

import pytest

from siaga import document

CASES = {
    "a: [1, 2\nb: 3\n": "1:4: this [ is not closed before line 2; expected a ]",
    "a: {b: 1\nc: 3\n": "1:4: this { is not closed before line 2; expected a }",
    "a: {b: c d: e}\n": "1:4: this { is not closed; expected a }, or a comma between",
    "a: 1]\nb: ]\n": "2:4: this ] closes nothing",
    "a: {b: 1}}\n": "1:10: this } closes nothing",
    "a: , b\n": "1:4: expected a value, found ','",
    "a: 'it\nb: c\n": "1:4: this ' opens a text that is never closed",
    'a: "C:\\d"\n': '1:8: a \\ means something else within "',
    "a: 'b' c\n": "1:8: more text after the value; if it belongs to it, write it in quotes",
    "a: b: c\n": "1:5: a second colon; if it belongs to the text, write it in quotes",
    "a: 1\n  b: 2\n": "2:4: a key that fits nothing above it; expected the same indentation",
    "menu\n  keys: 1\n": "2:7: 'menu' above has no colon; expected a line such as key: value",
    "a: 1\nb\nc: 2\n": "2:1: 'b' has no colon; expected a line such as key: value",
    "a:\n  - 1\n - 2\n": "3:2: indented like nothing above it; expected the same indentation",
    "a:\n  *: b\n": "2:3: the key * must be in quotes: '*'",
    "a:\n  1: b\n  *: b\n": "3:3: the key * must be in quotes: '*'",
    "a: *b\n": "1:4: a text cannot begin with *; write it in quotes",
    "a: *\n": "1:4: a text cannot begin with *; write it in quotes",
    "a: @b\n": "1:4: a text cannot begin with @; write it in quotes",
    "a: `b`\n": "1:4: a text cannot begin with `; write it in quotes",
    "a:\n\tb: c\n": "2:1: a tab; YAML is indented with spaces",
    "a: b\n---\na: b\n": "2:1: a second document begins here; expected one",
    "a: &\n": "1:5: not YAML: while scanning an anchor",
    "a: !x b\n": "1:4: the tag !x means nothing here; leave it out",
}


def told(path: Path) -> list[str]:
    """What is said of a file, with line and column."""
    return [f"{p.line}:{p.col}: {p.message}" for p in document.read(path).problems]


@pytest.mark.parametrize("text", CASES)
def test_a_slip_is_told_where_it_is(text: str, tmp_path: Path) -> None:
    """Where something was opened, not where the parser came to its end; and once."""
    path = tmp_path / "zones.yaml"
    path.write_text(text)
    (said,) = told(path)
    assert said.startswith(CASES[text])


def test_an_anchor_that_is_used_twice_is_no_fault(tmp_path: Path) -> None:
    """YAML allows it, and nothing is written past the log."""
    path = tmp_path / "zones.yaml"
    path.write_text("a: &x 1\nb: &x 2\nc: *x\n")
    assert told(path) == []
    assert document.read(path).tree == {"a": "1", "b": "2", "c": "2"}
