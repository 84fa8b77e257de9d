"""What is read from files: settings, tables, calendars, and what the daemon keeps for itself."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from ivr.guard import Tries
from journal.reader import SUFFIX, Reader
from routing.operator import PersonId
from routing.snapshot import Snapshot
from routing.throttle import Charges
from siaga import atlas, gazetteer
from siaga.datafile import DataFile
from siaga.document import read as read_tree
from siaga.explain import pidf
from siaga.known_good import KnownGood
from siaga.notebook import FileNotebook
from siaga.pin import Digest, PinError, Pins
from siaga.problem import Problem, SettingsError, Severity
from siaga.roster import calendar, table
from siaga.roster.schedule import ScheduleError
from siaga.settings import STEMS, load
from tests.fuzz import seed
from tests.fuzz.mutation import document, noise
from tests.fuzz.target import Target
from tests.fuzz.wire import kota_metro
from tests.siaga.folder import KOTA_METRO

WIB: Final = ZoneInfo("Asia/Jakarta")
NAMES: Final = ("cells.csv", "ranges.csv", "kota-metro.geojson")
"""Of tables and boundaries of the shipped settings."""


def _sound(problems: tuple[Problem, ...] | list[Problem], data: bytes | None = None) -> None:
    """Each has a place that there is, and one line of text."""
    for problem in problems:
        assert problem.line >= 1
        assert problem.col >= 1
        assert problem.message
        assert len(str(problem).splitlines()) == 1, problem
        if data is not None:
            assert problem.line <= data.count(b"\n") + data.count(b"\r") + 2


def settings(stem: str, data: bytes) -> None:
    """A set is used as a whole and compiles, or is refused with places and an error among them."""
    try:
        accepted = load(KOTA_METRO, {stem: data})
    except SettingsError as error:
        problems = error.problems
    else:
        accepted.plan()
        _sound(accepted.warnings)
        return
    assert any(problem.severity is Severity.ERROR for problem in problems)
    _sound(problems)


def data_file(name: str, data: bytes) -> None:
    """A table or a boundary is used, or its problems have places."""
    file = DataFile(name, data)
    zones = kota_metro().zones
    match name:
        case "cells.csv":
            gazetteer._read_cells(file, zones)
        case "ranges.csv":
            gazetteer._read_ranges(file, zones)
        case _:
            atlas.read(file, {}, zones)
    _sound(file.problems, data)


def imported(read: Callable[[bytes], object], data: bytes) -> None:
    """A roster's turns, or all that is wrong, with lines."""
    try:
        read(data)
    except ScheduleError as error:
        problems = error.problems
    else:
        return
    assert problems
    _sound(problems, data)


def place(data: bytes) -> None:
    """A PIDF-LO of a file is a location, or a fault with its place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "place.xml"
        path.write_bytes(data)
        try:
            assert len(pidf.read(path)) <= 2 * len(data) + 100
        except SettingsError as error:
            _sound(error.problems)


def notebook(kind: Any, data: bytes) -> None:
    """A value that can be written again, or none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(data)
        book: FileNotebook[Any] = FileNotebook(path, kind)
        found = book.read()
        book.close()
    if found is not None:
        assert msgspec.json.decode(msgspec.json.encode(found), type=kind) == found


def pins(data: bytes) -> None:
    """Digests or a PinError; and whoever signs on meanwhile gets a verdict."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pins"
        path.write_bytes(data)
        known = Pins(path)
        assert known._judge(PersonId("sri"), "1234").value
        known.read()


def spool(data: bytes) -> None:
    """Each whole line is a record or passed over; what is left is half a line."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"a{SUFFIX}").write_bytes(data)
        reader = Reader(Path(folder))
        found = reader.more()
        while more := reader.more():
            found += more
        assert len(found) <= data.count(b"\n")
        assert reader.behind == len(data.rpartition(b"\n")[2])


def known_good(data: bytes) -> None:
    """A copy with other sums or another file is passed over, and told of."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        copy = state / "settings" / "00000001"
        copy.mkdir(parents=True)
        (copy / "SHA256SUMS").write_bytes(data)
        (copy / "siaga.yaml").write_bytes(data)
        found, faults = KnownGood(state).newest()
        assert found is None
        assert len(faults) == 1


def _records() -> bytes:
    """Some lines of a spool."""
    lines = (
        {"id": "w-1", "at": "2026-11-24T03:00:00Z", "what": "arrived", "call": "c", "offset_s": 0.0,
         "detail": {"ani": "0812", "trunk": "telkom", "did": "112", "how": "new"}},
        {"id": "w-2", "at": "2026-11-24T03:00:01Z", "what": "zone", "call": "c",
         "because": [{"text": "so it is", "path": "zones.order", "where": "zones.yaml:3"}]},
    )  # fmt: skip
    return b"".join(msgspec.json.encode(each) + b"\n" for each in lines)


def _pins() -> bytes:
    return "".join(f"{who}:{Digest.of('2468', 2).text}\n" for who in ("sri", "bayu")).encode()


def _notebooks() -> tuple[Target, ...]:
    at = datetime(2026, 11, 24, 3, 0, tzinfo=UTC).timestamp()
    pause = {"turn": at, "automatic": False, "since": at, "until": None, "reason": "makan"}
    examples: tuple[tuple[str, Any, Any], ...] = (
        ("floor", Snapshot, {**_empty(Snapshot), "pauses": {"sri": pause}}),
        ("throttle", Charges, _empty(Charges)),
        ("tries", Tries, _empty(Tries)),
    )
    return tuple(
        Target(f"notebook-{name}", document((value,)), partial(notebook, kind), share=0.5)
        for name, kind, value in examples
    )


def _empty(kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(kind()))
    return found


def _set(stem: str) -> Target:
    """A file of settings, broken as text or as a tree (JSON is YAML)."""
    data = seed.shipped(f"{stem}.yaml")
    examples = noise((data,)) | document((read_tree(KOTA_METRO / f"{stem}.yaml").tree,))
    return Target(f"settings-{stem}", examples, partial(settings, stem), share=0.1)


TARGETS: Final = (
    *map(_set, STEMS),
    *(
        Target(f"data-{name}", noise((seed.shipped(name),)), partial(data_file, name))
        for name in NAMES
    ),
    Target(
        "roster-csv",
        noise(seed.CSV),
        partial(imported, lambda data: table.read(data, Path("a.csv"), WIB)),
    ),
    Target(
        "roster-ics",
        noise(seed.ICS),
        partial(imported, lambda data: calendar.read(data, Path("a.ics"), WIB, None)),
        share=0.3,
    ),
    Target("pidf", noise(seed.PIDF), place, share=0.5),
    *_notebooks(),
    Target("pins", noise((_pins(),)), pins, (PinError,), share=0.5),
    Target("spool", noise((_records(),)), spool, share=0.5),
    Target("known-good", noise((b"0" * 64 + b"  siaga.yaml\n",)), known_good, share=0.2),
)
