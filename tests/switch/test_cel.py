"""Asterisk's rows are read as they were meant; whatever else stands there is nobody's."""

import base64
import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.cel import ROW_BYTES, Came, Gone, Home, Parted, Resort, Served, parse

CALL = "1796095943.0"
SEEN = [
    (
        b'"siaga-came","MDgxMjk5","{""extra"":""1796095943.284 telkom 112 1796095943.0""}"',
        Came(CALL, 1796095943.284, "telkom", "112", "081299"),
    ),
    (
        b'"siaga-came","","{""extra"":""1796095943.284 telkom  1796095943.0""}"',
        Came(CALL, 1796095943.284, "telkom", "", ""),
    ),
    (
        b'"siaga-resort","MDgxMjk5","{""extra"":""1796095943.285  1796095943.0""}"',
        Resort(CALL, 1796095943.285, ""),
    ),
    (
        b'"siaga-served","NjEwMQ==","{""extra"":""1796095943.480 siaga-medis-1  1796095943.0""}"',
        Served(CALL, 1796095943.48, "siaga-medis-1", ""),
    ),
    (
        b'"siaga-served","","{""extra"":""1796095943.480 siaga-telkom 0812 1796095943.0""}"',
        Served(CALL, 1796095943.48, "siaga-telkom", "0812"),
    ),
    (b'"siaga-parted","","{""extra"":""1796095946.9 1796095943.0""}"', Parted(CALL, 1796095946.9)),
    (
        b'"siaga-home","","{""extra"":""1796095946.9 medis 1796095943.0""}"',
        Home(CALL, 1796095946.9, "medis"),
    ),
    (
        b'"siaga-gone","MDgxMjk5","{""extra"":""1796095946.931 operator medis 1796095943.0""}"\n',
        Gone(CALL, 1796095946.931, "operator", "medis"),
    ),
]
"""As Asterisk 22.10.1 has written them."""


@pytest.mark.parametrize(("line", "row"), SEEN)
def test_a_row_is_what_the_dialplan_has_told(line: bytes, row: object) -> None:
    """Each kind of row, with and without what may be missing."""
    assert parse(line) == row


@pytest.mark.parametrize(("line", "row"), SEEN)
@given(cut=st.integers(0, 200))
def test_half_a_row_in_front_costs_only_itself(line: bytes, row: object, cut: int) -> None:
    """Asterisk was killed while it wrote a row: the next one follows on the same line."""
    half = SEEN[0][0][: min(cut, len(SEEN[0][0]) - 1)]
    assert parse(half + line) == row


@pytest.mark.parametrize(("line", "_row"), SEEN)
def test_half_a_row_is_none(line: bytes, _row: object) -> None:
    """However much of it is there."""
    whole = line.rstrip(b"\n")
    assert [cut for cut in range(len(whole)) if parse(whole[:cut]) is not None] == []


@given(number=st.text(max_size=60), extra=st.text(max_size=60))
def test_no_text_of_a_caller_makes_a_row_of_another_kind(number: str, extra: str) -> None:
    """A number is read back as it was; other words than those of a row make none."""
    coded = base64.b64encode(number.encode(errors="replace")).decode()
    line = io.StringIO()
    told = json.dumps({"extra": f"1796095943.284 telkom 112 {CALL}"})
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(
        ["siaga-came", coded, told]
    )
    row = parse(line.getvalue().encode())
    assert isinstance(row, Came)
    assert row.number == number.encode(errors="replace").decode().strip()
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(
        ["siaga-parted", coded, json.dumps({"extra": extra})]
    )
    parted = parse(line.getvalue().encode())
    assert parted is None or extra.split(" ", maxsplit=1)[0].replace(".", "").isdecimal()


@given(st.binary(max_size=400))
def test_garbage_is_no_row(line: bytes) -> None:
    """Whatever it is, nothing is raised."""
    assert parse(line) is None
    parse(b'"siaga-' + line)
    parse(b'"siaga-came","' + line + b'"')
    parse(b'"siaga-came","","' + line + b'"')


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b'"ANSWER","","{""extra"":""1796095943.284 1796095943.0""}"',
        b'"siaga-other","","{""extra"":""1796095943.284 1796095943.0""}"',
        b'"siaga-parted","","{""extra"":""now 1796095943.0""}"',
        b'"siaga-parted","","{""extra"":""1796095943.284 ""}"',
        b'"siaga-parted","","{""extra"":""1796095943.284""}"',
        b'"siaga-parted","","{""extra"":7}"',
        b'"siaga-parted","","[]"',
        b'"siaga-parted","",""',
        b'"siaga-gone","","{""extra"":""1796095946.931 1796095943.0""}"',
        b"x" * ROW_BYTES + SEEN[5][0],
    ],
)
def test_other_rows_are_nobodys(line: bytes) -> None:
    """Of the PBX's own traffic, or with something missing."""
    assert parse(line) is None
