"""The text of `roster.yaml`, in which overrides are struck out and added, and nothing else changes.

A YAML library that writes the file anew keeps comments, but not how people align their lines. Here
the library only tells where things are; every other byte stays.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

KEY: Final = "overrides"
INDENT: Final = "  "


class Unwritable(Exception):
    """The overrides are written in a way in which none can be added."""


def rewritten(content: str, struck: Collection[int], added: Sequence[str]) -> str:
    """The text with some overrides struck out, by index, and others added at their end.

    Args:
        content: A readable YAML file whose root is a mapping, without a byte order mark.
        struck: Indexes of overrides.
        added: Flow mappings such as `{date: 2026-12-24, kind: leave, …}`.

    Raises:
        Unwritable: An alias stands for the overrides, or the whole file is one flow mapping.
    """
    root = YAML(typ="safe", pure=True).compose(content)
    if not isinstance(root, MappingNode) or root.flow_style:
        raise Unwritable("the file is not written as one key below the other")
    newline = "\r\n" if "\r\n" in content else "\n"
    for key, value in root.value:
        if key.value == KEY:
            return _applied(content, _edits(_Part(content, newline, key, value), struck, added))
    if not added:
        return content
    margin = " " * root.start_mark.column
    lines = [f"{margin}{KEY}:", *(f"{margin}{INDENT}- {each}" for each in added)]
    whole = content if content.endswith("\n") else content + newline
    return whole + newline.join(["", *lines, ""])


Edit = tuple[int, int, str]
"""From where to where in the text, and what stands there instead."""


class _Part:
    """The key `overrides` and what follows it, as a part of the text."""

    def __init__(self, content: str, newline: str, key: Node, value: Node) -> None:
        self.content = content
        self.newline = newline
        self.value = value
        self.margin = " " * key.start_mark.column
        self.colon = content.index(":", key.end_mark.index) + 1
        self.items: list[Node] = list(value.value) if isinstance(value, SequenceNode) else []
        if value.start_mark.index < self.colon:
            raise Unwritable("'overrides' is an alias of something else")

    def line_start(self, index: int) -> int:
        """Where the line of a place begins."""
        return self.content.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """Where the line after that of a place begins, or the text ends."""
        found = self.content.find("\n", max(index - 1, 0))
        return len(self.content) if found < 0 else found + 1


def _edits(part: _Part, struck: Collection[int], added: Sequence[str]) -> list[Edit]:
    left = len(part.items) - len(set(struck))
    if part.items and not _is_flow(part.value):
        return _edits_of_block(part, struck, added, left)
    if part.items and left:
        return _edits_of_flow(part, struck, added)
    return _edits_of_nothing(part, added) if added or part.items else []


def _edits_of_block(
    part: _Part, struck: Collection[int], added: Sequence[str], left: int
) -> list[Edit]:
    """One override below the other, each behind a dash."""
    first = part.items[0].start_mark.index
    start = part.line_start(first)
    dash = part.content[start:first]
    if dash.strip() != "-":
        raise Unwritable("the first of the 'overrides' does not stand in the line of its dash")
    margin = dash[: dash.index("-")]
    edits = []
    for index in struck:
        item = part.items[index]
        begin = part.line_start(item.start_mark.index)
        if part.content[begin : item.start_mark.index].strip() != "-":
            raise Unwritable("one of the 'overrides' does not stand in the line of its dash")
        edits.append((begin, part.line_end(_end(item)), ""))
    if not left and not added:
        edits.append((part.colon, part.colon, " []"))
    end = part.line_end(_end(part.items[-1]))
    return [*edits, (end, end, _lines(part, end, margin, added))]


def _edits_of_flow(part: _Part, struck: Collection[int], added: Sequence[str]) -> list[Edit]:
    """Overrides in square brackets, some of which stay."""
    kept = [index for index in range(len(part.items)) if index not in struck]
    edits: list[Edit] = []
    for index in struck:
        if index < kept[-1]:
            begin, end = part.items[index].start_mark.index, part.items[index + 1].start_mark.index
            edits.append((begin, end, ""))
    last = _end(part.items[kept[-1]])
    between = f",{part.newline}{part.margin}{INDENT}"
    rest = _end(part.items[-1])
    return [*edits, (last, rest, "".join(between + each for each in added))]


def _edits_of_nothing(part: _Part, added: Sequence[str]) -> list[Edit]:
    """A key without a value, with an empty list, or with one of which nothing stays."""
    end = max(part.value.end_mark.index, part.colon) if _is_written(part.value) else part.colon
    if not added:
        return [(part.colon, end, " []")]
    below = part.line_end(end)
    return [
        (part.colon, end, ""),
        (below, below, _lines(part, below, part.margin + INDENT, added)),
    ]


def _is_written(value: Node) -> bool:
    return not isinstance(value, ScalarNode) or bool(value.value)


def _lines(part: _Part, at: int, margin: str, added: Sequence[str]) -> str:
    text = "".join(f"{margin}- {each}{part.newline}" for each in added)
    is_open = at > 0 and part.content[at - 1] != "\n"
    return part.newline + text if text and is_open else text


def _end(node: Node) -> int:
    """Where a node's text ends; the library's own mark of a block lies after what follows it."""
    if _is_flow(node):
        return int(node.end_mark.index)
    return max(_end(child) for child in _children(node))


def _is_flow(node: Node) -> bool:
    """Whether the node's own mark of its end is exact."""
    return bool(node.flow_style) if isinstance(node, CollectionNode) else True


def _children(node: Node) -> Iterator[Node]:
    for child in node.value:
        yield from child if isinstance(child, tuple) else (child,)


def _applied(content: str, edits: list[Edit]) -> str:
    for start, end, text in sorted(edits, reverse=True):
        content = content[:start] + text + content[end:]
    return content
