"""The text of the roster: overrides come and go, and every other byte stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from siaga.roster.manuscript import Unwritable, rewritten

LINE = "{date: 2026-12-24, kind: leave, person: sri, shift: pagi, note: imported}"


def overrides_of(text: str) -> object:
    """What the text says at `overrides`, as a YAML reader takes it."""
    return YAML(typ="safe", pure=True).load(text).get("overrides")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", f"a: 1\n\noverrides:\n  - {LINE}\n"),
        ("a: 1", f"a: 1\n\noverrides:\n  - {LINE}\n"),
        ("a: 1\r\n", f"a: 1\r\n\r\noverrides:\r\n  - {LINE}\r\n"),
        ("overrides:  # none\na: 1\n", f"overrides:  # none\n  - {LINE}\na: 1\n"),
        ("overrides: []  # none\na: 1\n", f"overrides:  # none\n  - {LINE}\na: 1\n"),
        ("overrides: ~\na: 1\n", f"overrides:\n  - {LINE}\na: 1\n"),
        ("overrides:", f"overrides:\n  - {LINE}\n"),
        ("overrides:\n- {x: 1}  # c\na: 1\n", f"overrides:\n- {{x: 1}}  # c\n- {LINE}\na: 1\n"),
        ("overrides:\n    - {x: 1}", f"overrides:\n    - {{x: 1}}\n    - {LINE}\n"),
        (
            "overrides:\n  - x: 1\n    y: 2  # c\n\n# end\n",
            f"overrides:\n  - x: 1\n    y: 2  # c\n  - {LINE}\n\n# end\n",
        ),
        (
            "overrides:\n  - x: |\n      two\n      lines\na: 1\n",
            f"overrides:\n  - x: |\n      two\n      lines\n  - {LINE}\na: 1\n",
        ),
        ("overrides: [{x: 1}]\na: 1\n", f"overrides: [{{x: 1}},\n  {LINE}]\na: 1\n"),
        ("overrides: [{x: 1},]\n", f"overrides: [{{x: 1}},\n  {LINE},]\n"),
    ],
)
def test_an_override_is_added_as_the_others_are_written(before: str, after: str) -> None:
    """Comments, indents, line ends and everything else around it stay."""
    assert rewritten(before, (), [LINE]) == after
    assert isinstance(overrides_of(after), list)


@pytest.mark.parametrize(
    ("before", "struck", "after"),
    [
        ("overrides:\n  - {x: 1}  # c\n  - {x: 2}\n", [0], "overrides:\n  - {x: 2}\n"),
        (
            "overrides:\n  - {x: 1}\n  # of 2\n  - {x: 2}\n",
            [1],
            "overrides:\n  - {x: 1}\n  # of 2\n",
        ),
        ("overrides:\n  - {x: 1}\n", [0], "overrides: []\n"),
        ("overrides: # c\n  - {x: 1}\na: 1\n", [0], "overrides: [] # c\na: 1\n"),
        ("overrides: [{x: 1}, {x: 2}, {x: 3}]\n", [0, 2], "overrides: [{x: 2}]\n"),
        ("overrides: [{x: 1}, {x: 2}, {x: 3}]\n", [1, 2], "overrides: [{x: 1}]\n"),
        ("overrides: [{x: 1}]\n", [0], "overrides: []\n"),
        ("a: 1\n", [], "a: 1\n"),
        ("overrides:\n", [], "overrides:\n"),
    ],
)
def test_an_override_is_struck_out(before: str, struck: list[int], after: str) -> None:
    """Its lines go, with a comment at their end; those of the others stay."""
    assert rewritten(before, struck, ()) == after


@pytest.mark.parametrize(
    "text",
    [
        "{overrides: [], a: 1}\n",
        "a: &x [{x: 1}]\noverrides: *x\n",
        "overrides:\n  -\n    x: 1\n",
    ],
)
def test_what_cannot_be_edited_is_refused(text: str) -> None:
    """A file in which the lines of an override cannot be told is left to people."""
    with pytest.raises(Unwritable):
        rewritten(text, (), [LINE])


@given(
    number=st.integers(0, 5),
    style=st.sampled_from(["block", "flow", "lines"]),
    data=st.data(),
    added=st.integers(0, 3),
)
def test_what_is_left_is_what_was_meant(
    number: int, style: str, data: st.DataObject, added: int
) -> None:
    """However the list is written: those struck out are gone, the others in order, the new last."""
    struck = data.draw(st.sets(st.integers(0, number - 1)) if number else st.just(set()))
    items = [f"{{x: {index}}}" for index in range(number)]
    match style:
        case "block":
            body = "".join(f"\n  - {item}  # {item}" for item in items)
        case "lines":
            body = "".join(f"\n- x: {index}\n  # c\n" for index in range(number))
        case _:
            body = f" [{', '.join(items)}]"
    text = f"a: 1\noverrides:{body}\n# below\nb: 2\n"
    after = rewritten(text, struck, ["{x: new}"] * added)
    left = [{"x": index} for index in range(number) if index not in struck]
    assert (overrides_of(after) or []) == left + [{"x": "new"}] * added
    assert after.startswith("a: 1\noverrides:")
    assert after.endswith("\n# below\nb: 2\n")
