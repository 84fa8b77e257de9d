"""A YAML 1.2 file as a tree of texts, with the place of each key and value.

Scalars stay the text that was written, quoted or not: `0725` keeps its zero, `on` is a word, and
what each text means is decided by the type that it is read into. Only a plain null, or nothing at
all, is None.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from siaga.problem import Place, Problem, SettingsPath
from siaga.source import Stamp, Unreadable, contents, stamp
from siaga.syntax import explain

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"

MAX_BYTES: Final = 1 << 20
"""A city's settings take some kilobytes; a file above this was put here by mistake."""
MAX_DEPTH: Final = 20
"""The schema is six levels deep; aliases can nest without end."""
MAX_NODES: Final = 50_000
"""A few aliases of aliases stand for billions of values."""
_CORE: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset(
    _CORE + kind
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge")
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Document:
    """One file of the settings.

    Attributes:
        stem: The file's name without `.yaml`: the first key of its settings paths.
        file: As it was opened.
        data: Its bytes as they were read; empty when they could not be.
        tree: What it says; None when it could not be read.
        keys: Where each key or list item is written.
        values: Where each value begins.
        problems: Why it could not be read, keys written twice, and all that is found later.
        stamp: Tells whether the file is still the one that was read.
        unfit: Where values are that do not fit the schema: rules have nothing to add there.
    """

    stem: str
    file: str
    data: bytes = b""
    tree: Tree = None
    keys: dict[SettingsPath, Place] = field(default_factory=dict)
    values: dict[SettingsPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stamp: Stamp | None = None
    unfit: set[SettingsPath] = field(default_factory=set)

    def place(self, path: SettingsPath, *, of_key: bool = False) -> Place:
        """The place of the value or key at a path, or of the nearest that is written around it."""
        for length in range(len(path), 0, -1):
            start = path[:length]
            first, second = self.values.get(start), self.keys.get(start)
            if of_key or length < len(path):
                first, second = second, first
            found = first or second
            if found is not None:
                return found
        return Place(self.file, 1, 1)


class _Unreadable(Exception):
    """The file's text is no tree of texts."""

    def __init__(self, message: str, line: int = 1, col: int = 1) -> None:
        super().__init__(message)
        self.line, self.col = line, col


def read(path: Path, data: bytes | None = None) -> Document:
    """The document of a file; whatever the file holds, this answers and never raises.

    Args:
        path: The file.
        data: What it is to hold from now on; None means what it holds.
    """
    document = Document(path.stem, str(path), stamp=stamp(path))
    try:
        document.data = _bytes(path) if data is None else _bounded(data)
        root = _composed(_text(document.data))
        document.tree = _Reader(document).read(root)
    except _Unreadable as error:
        document.problems.append(Problem(document.file, error.line, error.col, str(error)))
        document.tree = None
    return document


def find(
    tree: Tree, pattern: tuple[str, ...], path: SettingsPath
) -> Iterator[tuple[SettingsPath, Tree]]:
    """The values at a pattern; `*` is every key or item, `path` the settings path of the tree."""
    if not pattern:
        yield path, tree
        return
    key, rest = pattern[0], pattern[1:]
    match tree:
        case dict():
            for name in tree if key == "*" else (key,):
                if name in tree:
                    yield from find(tree[name], rest, (*path, name))
        case list() if key == "*":
            for index, item in enumerate(tree):
                yield from find(item, rest, (*path, index))
        case _:
            return


def _bytes(path: Path) -> bytes:
    try:
        return contents(path, MAX_BYTES)
    except Unreadable as error:
        raise _Unreadable(f"this file {error}") from error


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise _Unreadable(f"this file is larger than {MAX_BYTES >> 20} MiB")
    return data


def _text(data: bytes) -> str:
    if data.startswith(_UTF16):
        raise _Unreadable("this file is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        line, col = _line_and_column(before)
        raise _Unreadable("this is not UTF-8; save the file as UTF-8", line, col) from error


def _composed(text: str) -> Node:
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False  # would be written to standard error
        root: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        raise _Unreadable(*explain(error, text)) from error
    except ReaderError as error:
        line, col = _line_and_column(text[: error.position])
        message = f"the character U+{ord(text[error.position]):04X} cannot be in a YAML file"
        raise _Unreadable(message, line, col) from error
    except RecursionError as error:
        raise _Unreadable(f"values are nested more than {MAX_DEPTH} deep") from error
    except (YAMLError, ValueError) as error:
        raise _Unreadable(f"not YAML: {error}") from error
    if root is None:
        raise _Unreadable("this file is empty")
    return root


def _line_and_column(before: str) -> tuple[int, int]:
    """Of the character that follows this text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Reader:
    """Turns a graph of nodes into a tree, and notes the places."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def read(self, root: Node) -> Tree:
        tree = self._read(root, (self._document.stem,))
        if tree is None:
            raise _Unreadable("this file is empty")
        return tree

    def _read(self, node: Node, path: SettingsPath) -> Tree:
        self._count += 1
        if len(path) > MAX_DEPTH:
            raise _unreadable_at(node, f"values are nested more than {MAX_DEPTH} deep")
        if self._count > MAX_NODES:
            raise _unreadable_at(node, f"more than {MAX_NODES} values")
        tag = str(node.tag)
        if tag not in _TAGS:
            raise _unreadable_at(node, f"the tag {tag} means nothing here; leave it out")
        self._document.values[path] = self._place(node)
        match node:
            case MappingNode():
                return self._read_mapping(node, path)
            case SequenceNode():
                return [self._read_item(item, (*path, i)) for i, item in enumerate(node.value)]
            case _:
                return None if tag == f"{_CORE}null" else str(node.value)

    def _read_item(self, node: Node, path: SettingsPath) -> Tree:
        self._document.keys[path] = self._place(node)
        return self._read(node, path)

    def _read_mapping(self, node: MappingNode, path: SettingsPath) -> Tree:
        tree: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise _unreadable_at(key_node, "a key must be a word, not a list or a mapping")
            key = str(key_node.value)
            place = self._place(key_node)
            if key in tree:
                first = self._document.keys[(*path, key)]
                message = f"{key!r} is here twice; the first one is in line {first.line}"
                self._document.problems.append(Problem(*place, message))
                continue
            self._document.keys[(*path, key)] = place
            tree[key] = self._read(value_node, (*path, key))
        return tree

    def _place(self, node: Node) -> Place:
        mark = node.start_mark
        return Place(self._document.file, mark.line + 1, mark.column + 1)


def _unreadable_at(node: Node, message: str) -> _Unreadable:
    return _Unreadable(message, node.start_mark.line + 1, node.start_mark.column + 1)
