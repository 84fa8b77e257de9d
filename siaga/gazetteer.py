"""The files that `zones.yaml` names, read: cells, ranges of numbers, and boundaries.

What is wrong in a file is said with its place there; what is wrong with its name, where it stands.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from routing.cell import WILDCARD, CellTable, normalise_id
from routing.judge import Tables
from routing.number import normalise_prefix, shown
from routing.range import RangeSheet, number_range
from routing.shape import Atlas
from routing.zone import Finding, NeighbourId, Row, Zones
from siaga import datafile
from siaga.datafile import DataFile
from siaga.problem import SettingsPath, suggestion
from siaga.rule.finding import Findings
from siaga.source import stamp
from siaga.table import Line, Table

ZONES: Final = [finding.value for finding in Finding]
ROW: Final = ("neighbour", "note")


class Gazetteer:
    """Reads the files of a folder that the zones name.

    Args:
        folder: Of the settings.
        findings: Takes what is wrong with the names.

    Attributes:
        files: What was read, by name.
    """

    def __init__(self, folder: Path, findings: Findings) -> None:
        self.files: dict[str, DataFile] = {}
        self._folder = folder
        self._findings = findings

    def read(self, zones: Zones) -> Tables:
        """What could be read of them; what is wrong is a problem of the file."""
        cells = self._named(zones.cells, ("zones", "cells"), ".csv")
        ranges = self._named(zones.ranges, ("zones", "ranges"), ".csv")
        return Tables(
            cells=CellTable() if cells is None else _read_cells(cells, zones),
            ranges=RangeSheet() if ranges is None else _read_ranges(ranges, zones),
            atlas=self._read_atlas(zones),
        )

    def _named(self, name: str | None, path: SettingsPath, suffix: str) -> DataFile | None:
        """The file of that name; None without a name, and, with a finding, when it is not there."""
        if name is None:
            return None
        if not datafile.NAME.fullmatch(name) or not name.endswith(suffix):
            message = (
                f"{shown(name)!r} is no file in this folder; expected a name that ends in {suffix}"
            )
            self._findings.error(path, message)
            return None
        if name in self.files:
            self._findings.error(path, f"{name!r} is named twice")
            return None
        path_of_file = self._folder / name
        before = stamp(path_of_file)
        data, fault = datafile.read(path_of_file)
        if fault:
            self._findings.error(path, f"{name!r} cannot be used: {fault}")
            return None
        self.files[name] = DataFile(str(path_of_file), data, stamp=before)
        return self.files[name]

    def _read_atlas(self, zones: Zones) -> Atlas | None:
        """The boundaries on one map; None without any, or without one of the city."""
        city = self._named(zones.city.boundary, ("zones", "city", "boundary"), ".geojson")
        files = {
            id_: file
            for id_, each in zones.neighbours.items()
            if (
                file := self._named(
                    each.boundary, ("zones", "neighbours", id_, "boundary"), ".geojson"
                )
            )
        }
        if city is None and not files:
            return None
        # It takes a tenth of a second and 15 MiB: only who has boundaries pays. Its linear algebra,
        # which nothing here uses, would start a thread for each processor.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from siaga import atlas  # noqa: PLC0415

        return atlas.read(city, files, zones)


def _read_cells(file: DataFile, zones: Zones) -> CellTable:
    table = Table(file, ("cell", "zone"), ROW)
    first: dict[str, int] = {}
    rows: list[Row] = []
    for line, row in _rows(table, file, zones):
        id_ = normalise_id(line.values["cell"])
        bare = id_.removesuffix(WILDCARD)
        if not bare.isascii() or not bare.isalnum():
            message = (
                f"{shown(line.values['cell'])!r} is no cell; expected its id, or a beginning and *"
            )
            table.error(line, "cell", message)
        elif first.setdefault(id_, line.number) != line.number:
            message = f"{shown(id_)!r} is the cell in line {first[id_]} already"
            table.error(line, "cell", message)
        else:
            rows.append(row)
    file.close()
    return CellTable(list(first), rows, list(first.values()))


def _read_ranges(file: DataFile, zones: Zones) -> RangeSheet:
    table = Table(file, ("from", "zone"), ("to", *ROW))
    sheet = RangeSheet()
    country = zones.country
    for line, row in _rows(table, file, zones):
        try:
            first = normalise_prefix(line.values["from"], country)
        except ValueError as error:
            if "ISO 3166" in str(error):
                break  # The zones' own rules say it.
            table.error(line, "from", str(error))
            continue
        try:
            last = normalise_prefix(line.values["to"], country) if line.values["to"] else first
            sheet.add(number_range(first, last), row, line.number)
        except ValueError as error:
            table.error(line, "to" if line.values["to"] else "from", str(error))
    file.close()
    return sheet


def _rows(table: Table, file: DataFile, zones: Zones) -> Iterator[tuple[Line, Row]]:
    """The rows with what they say of a zone; equal ones are one object."""
    known: dict[tuple[str, str, str], Row | None] = {}
    open_: list[Line] = []
    for line in table.rows():
        key = (line.values["zone"], line.values["neighbour"], line.values["note"])
        row = known.get(key)
        if row is None:
            row = known[key] = _row(table, line, zones)
        if row is None:
            continue
        if row.zone is Finding.OUTSIDE and row.neighbour is None:
            open_.append(line)
        yield line, row
    if open_:
        more = f" (and {len(open_) - 1} more)" if len(open_) > 1 else ""
        message = f"outside, but no neighbour is named: such callers are served here{more}"
        file.warning(open_[0].number, table.col(open_[0], "zone"), message)


def _row(table: Table, line: Line, zones: Zones) -> Row | None:
    """What a row says of a zone; None, and a problem, when that cannot be read."""
    zone, neighbour = line.values["zone"], line.values["neighbour"]
    if zone not in ZONES:
        meant = suggestion(zone, ZONES, "expected one of")
        table.error(line, "zone", f"{shown(zone)!r} is not known here{meant}")
        return None
    if neighbour and neighbour not in zones.neighbours:
        meant = suggestion(neighbour, zones.neighbours, "neighbours")
        table.error(line, "neighbour", f"unknown neighbour {shown(neighbour)!r}{meant}")
        return None
    if neighbour and zone != Finding.OUTSIDE:
        message = f"a neighbour can only be named with zone outside, not {zone}"
        table.error(line, "neighbour", message)
        return None
    id_ = NeighbourId(neighbour) if neighbour else None
    note = "".join(letter for letter in line.values["note"] if letter.isprintable())
    return Row(Finding(zone), id_, note)
