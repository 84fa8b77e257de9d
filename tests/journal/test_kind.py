"""The schema of records has all that is written, and nothing else; so has its page."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.timeline import SENTENCES
from journal.kind import KINDS, TYPES, faults
from journal.mask import PERSONAL
from journal.seal import ASIDE
from tests.journal.page import PAGE, parts, table
from tests.journal.sample import record
from tests.scenario.tape import Tape

HOUSE = Path(__file__).parent.parent.parent
PACKAGES = ("routing", "ivr", "switch", "journal", "console", "siaga")
TAPES = sorted((HOUSE / "tests" / "replay").glob("*.jsonl"))


def emitted() -> set[str]:
    """The names of all notes in the source."""
    files = (file for package in PACKAGES for file in (HOUSE / package).rglob("*.py"))
    return {name for file in files for name in _names(ast.parse(file.read_text()))}


def _names(tree: ast.Module) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call):
                    yield from _named(call, function)


def _named(call: ast.Call, function: ast.AST) -> Iterator[str]:
    """The name is the second argument of `Note`, and the first text of whatever makes one."""
    called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if called == "Note" and len(call.args) > 1:
        yield from _texts(call.args[1], function)
    elif called == "Belated":
        for keyword in call.keywords:
            yield from _constants(keyword.value) if keyword.arg == "what" else ()
    elif called == "_note":
        yield from (text for word in call.args[:1] for text in _texts(word, function))
        yield from (text for word in call.args[1:2] for text in _constants(word))


def _texts(word: ast.expr, function: ast.AST) -> Iterator[str]:
    """The texts that this can be: written here, or given to this name in the function."""
    yield from _constants(word)
    if isinstance(word, ast.Name):
        for each in ast.walk(function):
            if isinstance(each, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == word.id for target in each.targets
            ):
                yield from _constants(each.value)


def _constants(word: ast.expr) -> Iterator[str]:
    branches = [word.body, word.orelse] if isinstance(word, ast.IfExp) else [word]
    for each in branches:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def test_each_name_that_is_written_is_described() -> None:
    """Whoever adds a note says in journal/kind.py what it means; whoever removes one, too."""
    assert emitted() - KINDS.keys() == set()
    assert KINDS.keys() - emitted() == set()


def test_each_name_has_a_sentence() -> None:
    """For the timeline of a call, and of `make run`."""
    assert KINDS.keys() - SENTENCES.keys() == set()


def test_the_page_is_the_schema() -> None:
    """Else: python -m tests.journal.page."""
    assert parts(PAGE.read_text())[1] == table()


@pytest.mark.parametrize("tape", TAPES, ids=lambda path: path.stem)
def test_the_records_of_real_calls_are_as_described(tape: Path) -> None:
    """Each fact with its type, none missing, none that nobody knows."""
    assert [fault for each in Tape.read(tape).records for fault in faults(each)] == []


def test_a_record_that_is_not_as_described_is_told() -> None:
    """In each way that it can be."""
    odd = record(1, "ended", detail={"by": 5, "extra": "x", "talked_s": True})
    assert sorted(faults(odd)) == [
        "ended: by is 5, no text",
        "ended: extra is not described",
        "ended: talked_s is True, no number",
    ]
    assert list(faults(record(1, "ended", call=None))) == ["ended: no call", "ended: by is missing"]
    assert list(faults(record(1, "nonsense"))) == ["nonsense: no such kind"]


def test_what_is_put_aside_is_what_is_personal() -> None:
    """A fact that is masked for others does not stand in the chained text, and is said to be."""
    assert PERSONAL.keys() <= ASIDE
    for kind in KINDS.values():
        for name, (type_, meaning) in kind.facts.items():
            assert ("*put aside*" in meaning) is (name.removesuffix("?") in ASIDE)
            assert set(type_.split(" or ")) <= TYPES.keys()
