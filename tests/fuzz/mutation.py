"""Real documents with a few things in them changed, and now and then nothing real at all."""

import json
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

Path: TypeAlias = tuple[str | int, ...]

MOST_EDITS: Final = 4
BITS: Final = (
    *(b"\0", b"\n", b"\r\n", b"\r", b"\t", b" ", b'"', b"'", b"\\", b"\x1b[2J", b"\x7f", b"\xff"),
    *(b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xed\xa0\x80", b"%00"),
    *(b",", b";", b":", b"=", b"&", b"|", b"(", b")", b"[", b"]", b"{", b"}", b"<", b">", b"#"),
    *(b"- ", b"? ", b"*a", b"&a ", b"<<: *a", b"!!python/object:x", b"---\n", b"...\n", b"~"),
    *(b"${SHELL(id)}", b"$[1+1]", b"=cmd()", b"@SUM(1)", b"%s%n", b"{0.__class__}", b"[/b]"),
    *(b"-1", b"0", b"1e999", b"NaN", b"Infinity", b"9" * 40, b"0." + b"9" * 400, b"\xd9\xa3"),
    *(b"null", b"true", b"[" * 200, b'{"a":' * 200, b"(" * 200, b"x" * 9000),
    *(b"RRULE:FREQ=SECONDLY\r\n", b"BEGIN:VEVENT\r\n", b"END:VCALENDAR\r\n", b"DTSTART:", b"T"),
    *(b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>", b"&a;", b"]]>", b"result=", b"HANGUP\n", b"agi_"),
    *(b"9999-12-31T23:59:59Z", b"0001-01-01", b"2026-02-30", b"24:00", b"+99:99"),
)
"""What means something to one parser or another."""
STRANGE: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.1, -0.0, 1e308),
    *("", " ", "0", "\0", "\n", "\u202e", "\x1b[2J", "[/b]", "=1+1", "a" * 5000, "\U0001f692"),
    *("9999-12-31T23:59:59.999999+14:00", "0001-01-01T00:00:00-23:59", "nan", "1e999"),
    *([], {}, [[]], {"": ""}, {"id": {}}, [None] * 300),
)
"""Values that stand in for one that is right."""


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of these documents with pieces cut, doubled, moved, overwritten and put in."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, MOST_EDITS))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from((0, 0, 1, 2, 7, 40, 300)))
        kind = draw(st.sampled_from(("put in", "overwrite", "double", "cut", "move", "end")))
        bit = draw(st.sampled_from(BITS) | st.binary(max_size=12))
        head, piece, tail = data[:at], data[at : at + length], data[at + length :]
        match kind:
            case "put in":
                data = head + bit + piece + tail
            case "overwrite":
                data = head + bit + tail
            case "double":
                data = head + piece * draw(st.sampled_from((2, 3, 200))) + tail
            case "cut":
                data = head + tail
            case "move":
                to = draw(st.integers(0, len(head)))
                data = head[:to] + piece + head[to:] + tail
            case _:
                data = head
    return data


def noise(seeds: Sequence[bytes], most: int = 400) -> st.SearchStrategy[bytes]:
    """Mostly mutations, with some noise between them."""
    bits = st.lists(st.sampled_from(BITS) | st.binary(max_size=8), max_size=12).map(b"".join)
    return mutated(seeds) | mutated(seeds) | bits | st.binary(max_size=most)


def text(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    """The same as texts; also such as no bytes can be."""
    some = noise([seed.encode() for seed in seeds]).map(lambda data: data.decode(errors="replace"))
    return some | some | st.text(max_size=200) | st.text(st.characters(), max_size=30)


def utf8(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    """Texts that came as UTF-8: no half of a surrogate pair is in them."""
    return text(seeds).map(lambda each: each.encode(errors="replace").decode())


@st.composite
def value(draw: st.DrawFn, seeds: Sequence[Any]) -> Any:
    """One of these JSON values with other values in some of its places."""
    # A copy: what is drawn is changed.
    tree = json.loads(json.dumps(draw(st.sampled_from(seeds))))
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(("replace", "replace", "remove", "rename", "nest")))
        if kind == "remove":
            del holder[key]
        elif kind == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(("", "type", "id", "x", "\u202e")))] = holder.pop(key)
        elif kind == "nest":
            holder[key] = [holder[key]]
        else:
            new = draw(st.sampled_from(STRANGE) | st.text(max_size=20))
            holder[key] = json.loads(json.dumps(new))
    return tree


def document(seeds: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """JSON with other values in it, or broken."""
    written = value(seeds).map(lambda tree: json.dumps(tree).encode())
    return written | written | noise([json.dumps(seed).encode() for seed in seeds])


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Each place of a tree: what it is in, and under which key."""
    found: list[tuple[Any, Any]] = []
    match tree:
        case dict():
            keys: list[Any] = list(tree)
        case list():
            keys = list(range(len(tree)))
        case _:
            return found
    for key in keys:
        found.append((tree, key))
        found += _places(tree[key])
    return found
