"""Kota Metro's settings with anything in them broken: they are read, or refused with a place."""

import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from siaga import document
from siaga.check import check
from siaga.document import Tree
from siaga.problem import Severity
from siaga.settings import STEMS, SettingsError, load
from tests.siaga.folder import KOTA_METRO

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WORDS = (
    *("", "0", "0725", "-1", "99999", "1e9", "nan", "yes", "~", "07:00", "2026-12-31", "x" * 40),
    *("medis", "sri", "post", "pos", "telkom", "dinkes", "pagi", "outside", "id", "\U0001f692"),
)
"""Values of other kinds, and words that mean something elsewhere."""
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.none() | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=4,
)


@dataclass(slots=True)
class Pair:
    """A key with its value."""

    key: str
    value: Any


class Pairs(list[Any]):
    """Keys with values, of which a key may be there twice."""


def loosened(tree: Any) -> Any:
    """The tree with mappings that can have a key twice."""
    match tree:
        case dict():
            return Pairs(Pair(key, loosened(value)) for key, value in tree.items())
        case list():
            return [loosened(item) for item in tree]
        case _:
            return tree


def slots(node: Any) -> Iterator[tuple[list[Any], int]]:
    """Every place in the tree: the list that it is in, and where."""
    for index, item in enumerate(node if isinstance(node, list) else ()):
        yield node, index
        yield from slots(item.value if isinstance(item, Pair) else item)


def written(node: Any) -> str:
    """YAML of a tree, one value a line; JSON is YAML, but for keys that are there twice."""
    match node:
        case Pairs():
            lines = (f"{json.dumps(pair.key)}: {written(pair.value)}" for pair in node)
            return "{\n" + ",\n".join(lines) + "\n}"
        case list():
            return "[\n" + ",\n".join(written(item) for item in node) + "\n]"
        case _:
            return json.dumps(node)


def mutated(tree: Tree, kind: str, word: str, other: Tree, draw: random.Random) -> str:
    """The tree with one of its places deleted, doubled, renamed, replaced or exchanged."""
    root = loosened(tree)
    places = list(slots(root))
    items, index = draw.choice(places)
    item = items[index]
    match kind, item:
        case "delete", _:
            del items[index]
        case "double", _:
            items.insert(index, item)
        case "rename", Pair():
            item.key = word
        case "exchange", Pair(_, str() as value):
            pairs = [at[place] for at, place in places if isinstance(at[place], Pair)]
            partner = draw.choice([pair for pair in pairs if isinstance(pair.value, str)])
            item.value, partner.value = partner.value, value
        case _, Pair():
            item.value = loosened(other)
        case _:
            items[index] = loosened(other)
    return written(root)


def assert_answered(stem: str, data: bytes) -> None:
    """The set is used as a whole, or each problem is in a line of a file that there is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "settings"
        shutil.copytree(KOTA_METRO, folder)
        (folder / f"{stem}.yaml").write_bytes(data)
        refusal: SettingsError | None = None
        try:
            accepted = load(folder)
        except SettingsError as error:
            refusal = error
        report = check(folder, at=AT)
        if refusal is None:
            assert accepted.plan().operators is accepted.operators
            assert report.errors == 0
        else:
            assert any(problem.severity is Severity.ERROR for problem in refusal.problems)
            assert report.problems == refusal.problems
        for problem in report.problems:
            text = Path(problem.file).read_text(errors="replace")
            assert 1 <= problem.line <= len(text.splitlines()) + 1
            assert problem.col >= 1
            assert "\n" not in problem.message


@settings(max_examples=60, deadline=None)
@given(
    stem=st.sampled_from(STEMS),
    kind=st.sampled_from(["delete", "double", "rename", "replace", "exchange"]),
    word=st.sampled_from(WORDS),
    other=TREES,
    seed=st.integers(0, 10_000),
)
def test_whatever_value_is_wrong_the_answer_has_a_place(
    stem: str, kind: str, word: str, other: Tree, seed: int
) -> None:
    """A value that is lost, doubled, misplaced or of another kind is no fault of the daemon."""
    tree = document.read(KOTA_METRO / f"{stem}.yaml").tree
    text = mutated(tree, kind, word, other, random.Random(seed))  # noqa: S311 - replayable
    assert_answered(stem, text.encode())


@settings(max_examples=60, deadline=None)
@given(
    stem=st.sampled_from(STEMS),
    start=st.floats(0, 1),
    length=st.integers(0, 60),
    data=st.binary(max_size=8) | st.sampled_from([b"\r\n", b"\xef\xbb\xbf", b"\t", b"\n- ", b": "]),
    cut=st.sampled_from(["cut off", "overwritten"]),
)
def test_whatever_byte_is_wrong_the_answer_has_a_place(
    stem: str, start: float, length: int, data: bytes, cut: str
) -> None:
    """So is a file that is cut off, overwritten in the middle, or full of other bytes."""
    good = (KOTA_METRO / f"{stem}.yaml").read_bytes()
    at = round(start * len(good))
    assert_answered(stem, good[:at] + data + (b"" if cut == "cut off" else good[at + length :]))
