"""A record is one line of JSON and comes back from it."""

import json
from datetime import timedelta

import msgspec
import pytest

from journal.record import Ground, decode, encode, in_order
from tests.journal.sample import NOON, record


def test_a_record_comes_back_from_its_line() -> None:
    """What is written is what is read, with clocks, facts and reasons."""
    written = record(
        7,
        "chosen",
        offset_s=3.25,
        detail={"service": "medis", "count": 2, "ignored": True, "why": None},
        because=(Ground("pressed 1", "services.menu.keys.1", "services.yaml:12"), Ground("luck")),
    )
    assert decode(encode(written)) == written


def test_the_line_is_for_any_reader_of_json() -> None:
    """The time is ISO 8601 in UTC, the number is in full, and the line has exactly one end."""
    line = encode(record(1, detail={"ani": "081234567890", "note": "two\nlines"}))
    value = json.loads(line)
    assert value["at"] == "2026-11-24T12:00:00.001000Z"
    assert value["detail"]["ani"] == "081234567890"
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1


@pytest.mark.parametrize(
    "detail",
    [
        {"error": ValueError("boom")},
        {"name": "half \ud800 of a pair"},
        {"pair": {1: object()}},
        {"size": float("nan")},
    ],
)
def test_every_record_has_a_line(detail: dict[str, object]) -> None:
    """What JSON or UTF-8 has no form for is still written, and read back as a record."""
    found = decode(encode(record(1, detail=detail)))
    assert found is not None
    assert found.id == "w-00000001"
    assert found.detail


def test_a_strange_call_id_has_a_line_too() -> None:
    """A call's id that UTF-8 has no form for is escaped."""
    found = decode(encode(record(1, call="c\ud800")))
    assert found is not None
    assert found.call == r"c\ud800"


DEEP = b'{"id":"w-1","at":"2026-11-24T03:00:00Z","what":"x","detail":{"x":' + b"[" * 100_000 + b"\n"


@pytest.mark.parametrize(
    "line", [b"", b"\n", b'{"id":"w-1","at"', b"[]\n", b'{"id":1}\n', b"\xff\n", DEEP]
)
def test_what_is_no_record_is_none(line: bytes) -> None:
    """A torn or foreign line is no error."""
    assert decode(line) is None


def test_a_record_cannot_be_changed() -> None:
    """The journal is append-only, from the first."""
    with pytest.raises(AttributeError):
        record(1).what = "other"  # type: ignore[misc]
    assert msgspec.structs.replace(record(1), what="other").what == "other"


def test_what_was_found_out_afterwards_stands_at_its_time() -> None:
    """All else keeps its order, whatever a clock has done meanwhile."""
    hour = timedelta(hours=1)
    late = {"reconstructed": True}
    written = [
        record(1, "arrived", at=NOON + hour),
        record(2, "bridged", at=NOON),  # the clock was put back
        record(3, "ended", at=NOON + 3 * hour),
        record(4, "arrived", at=NOON - hour, detail=late),
        record(5, "last_resort", at=NOON + 2 * hour, detail=late),
        record(6, "ended", at=NOON + 4 * hour, detail=late),
    ]
    names = [int(each.id[-1]) for each in in_order(written)]
    assert names == [4, 1, 2, 5, 3, 6]
