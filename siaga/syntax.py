"""What is wrong with a text that is no YAML, said to somebody who does not know YAML's grammar.

The parser tells where it could not go on. That is often lines after the slip, so the place that is
told here is the one where something was opened.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from ruamel.yaml.error import MarkedYAMLError, StreamMark

from routing.number import shown

Place: TypeAlias = tuple[int, int]
"""Line and column from 1."""

_QUOTES: Final = "write it in quotes"
_CLOSING: Final = {"[": "]", "{": "}"}


def explain(error: MarkedYAMLError, text: str) -> tuple[str, int, int]:
    """The message, and the line and column that it is about, from 1.

    Args:
        error: What the parser says.
        text: What it has read.
    """
    at = _place(error.problem_mark) or _place(error.context_mark) or (1, 1)
    begun = _place(error.context_mark) or at
    tab = _tab(text, at)
    if tab is not None:
        return ("a tab; YAML is indented with spaces", *tab)
    context, problem = error.context or "", error.problem or ""
    for start, sentence, is_begin in _SENTENCES:
        if f"{context}: {problem}".startswith(start):
            place = begun if is_begin else at
            return (sentence(text, begun, at), *place)
    what = ": ".join(reason for reason in (context, problem) if reason)
    return (f"not YAML: {what}", *at)


def _place(mark: StreamMark | None) -> Place | None:
    return None if mark is None else (mark.line + 1, mark.column + 1)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _tab(text: str, at: Place) -> Place | None:
    """A tab that indents the line, or stands where the parser stopped."""
    line, col = at
    written = _line(text, line)
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent or written[col - 1 : col] == "\t":
        return line, written.index("\t") + 1
    return None


def _letter(text: str, at: Place) -> str:
    return _line(text, at[0])[at[1] - 1 : at[1]]


def _unclosed(text: str, begun: Place, at: Place) -> str:
    opened = _letter(text, begun)
    closing = _CLOSING.get(opened, "]")
    where = "" if at[0] == begun[0] else f" before line {at[0]}"
    return f"this {opened} is not closed{where}; expected a {closing}, or a comma between two items"


def _unclosed_quote(text: str, begun: Place, _: Place) -> str:
    return f"this {_letter(text, begun)} opens a text that is never closed; expected another one"


def _bare_colon(text: str, _: Place, at: Place) -> str:
    if ": " in _line(text, at[0])[: at[1] - 1]:
        return f"a second colon; if it belongs to the text, {_QUOTES}"
    above = _line(text, at[0] - 1).strip()
    if above and ":" not in above and not above.startswith(("#", "- ")):
        return f"{shown(above)!r} above has no colon; expected a line such as key: value"
    return "a key that fits nothing above it; expected the same indentation as its neighbours"


def _no_colon(text: str, begun: Place, _: Place) -> str:
    if _letter(text, begun) == "*":
        return _star(text, begun, begun)
    return f"{shown(_line(text, begun[0]))!r} has no colon; expected a line such as key: value"


def _indentation(text: str, _: Place, at: Place) -> str:
    if _letter(text, at) in _CLOSING.values():
        return f"this {_letter(text, at)} closes nothing"
    if _line(text, at[0])[: at[1] - 1].strip():
        return f"more text after the value; if it belongs to it, {_QUOTES}"
    return "indented like nothing above it; expected the same indentation as its neighbours"


def _cannot_begin(text: str, _: Place, at: Place) -> str:
    return f"a text cannot begin with {_letter(text, at)}; {_QUOTES}"


def _star(text: str, _: Place, at: Place) -> str:
    if _line(text, at[0])[at[1] :].lstrip().startswith(":"):
        return "the key * must be in quotes: '*'"
    return f"a text cannot begin with *; {_QUOTES}"


def _nothing_there(text: str, _: Place, at: Place) -> str:
    if _letter(text, at) in _CLOSING.values():
        return f"this {_letter(text, at)} closes nothing"
    return f"expected a value, found {_letter(text, at)!r}"


def _documents(*_: object) -> str:
    return "a second document begins here; expected one: leave out --- and ..."


def _escape(*_: object) -> str:
    return "a \\ means something else within \"; write this text in ' instead"


_Sentence: TypeAlias = Callable[[str, Place, Place], str]
_SENTENCES: Final[tuple[tuple[str, _Sentence, bool], ...]] = (
    ("while parsing a flow", _unclosed, True),
    ("while scanning a quoted scalar", _unclosed_quote, True),
    ("while scanning a double-quoted scalar", _escape, False),
    (": mapping values are not allowed", _bare_colon, False),
    ("while scanning a simple key", _no_colon, True),
    ("while parsing a block mapping: expected <block end>", _indentation, False),
    ("while parsing a block collection: expected <block end>", _indentation, False),
    ("while scanning for the next token", _cannot_begin, False),
    (": found undefined alias", _star, False),
    ("while scanning an alias", _star, True),
    ("while parsing a block node", _nothing_there, False),
    ("expected a single document", _documents, False),
)
"""What the parser's sentence begins with, what is said instead, and whether of its beginning."""
