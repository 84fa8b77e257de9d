"""The files that zones.yaml names: what is in them counts, and is kept with the rest."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.zone import Evidence, Finding, Row
from siaga import country, datafile, geojson, table
from siaga.datafile import MAX_PROBLEMS, DataFile
from siaga.known_good import KnownGood
from siaga.settings import Settings, SettingsError, load
from siaga.table import Table
from tests.siaga.folder import GOOD, KOTA_METRO, edited

NAMED = "order: [cell, number]\ncells: cells.csv\nranges: ranges.csv"
CELLS = "cell,zone,note\n510-99-1,inside,\n510-99-2*,unknown,\n"
RANGES = "from,to,zone,neighbour\n07254,07255,inside,\n"
SQUARE = "[[[105.2,-5.2],[105.4,-5.2],[105.4,-5.0],[105.2,-5.0],[105.2,-5.2]]]"
OTHER = "[[[106.2,-5.2,9],[106.4,-5.2,9],[106.4,-5.0,9],[106.2,-5.2,9]]]"


def with_files(folder: Path, *, cells: str = CELLS, ranges: str = RANGES) -> Path:
    """The small good settings with two tables, and a trunk that is trusted for cells."""
    edited(folder, "zones.yaml", "order: [trunk, number]", NAMED)
    path = folder / "zones.yaml"
    path.write_text(path.read_text().replace("dids:", "trust: [phone-cell, number]\n    dids:"))
    (folder / "cells.csv").write_text(cells)
    (folder / "ranges.csv").write_text(ranges)
    return folder


def told(file: DataFile) -> list[str]:
    """What is wrong with a file, without its name."""
    return [str(problem).removeprefix(f"{file.file}:") for problem in file.problems]


def polygon(coordinates: str = SQUARE, type_: str = "Polygon") -> str:
    """A geometry."""
    return f'{{"type": "{type_}", "coordinates": {coordinates}}}'


def test_what_is_in_the_files_counts(tmp_path: Path) -> None:
    """A call is judged by cells and ranges, and the reason leads to the line of the row."""
    accepted = load(with_files(tmp_path))
    judge = accepted.plan().zones.judge
    verdict = judge(Evidence("telkom", "1", "", access="3GPP;cgi-3gpp=510991"))
    assert verdict.finding is Finding.INSIDE
    assert accepted.locate(verdict.because[0].path) == (str(tmp_path / "cells.csv"), 2, 1)
    verdict = judge(Evidence("telkom", "1", "0725 541234"))
    assert verdict.finding is Finding.INSIDE
    assert accepted.locate(verdict.because[0].path) == (str(tmp_path / "ranges.csv"), 2, 1)
    assert accepted.locate(("ranges.csv",)) == (str(tmp_path / "ranges.csv"), 1, 1)


def test_the_files_are_part_of_the_settings(tmp_path: Path) -> None:
    """They are kept byte by byte with the others, and a start on the copy judges as before."""
    accepted = load(with_files(tmp_path / "settings"))
    assert accepted.files["cells.csv"] == CELLS.encode()
    known = KnownGood(tmp_path / "state")
    known.keep(accepted)
    known.keep(accepted)
    copy, faults = known.newest()
    assert copy is not None
    assert faults == ()
    assert copy.settings.files == accepted.files
    evidence = Evidence("telkom", "1", "0725 541234", access="3GPP;cgi-3gpp=510991")
    assert copy.settings.plan().zones.judge(evidence) == accepted.plan().zones.judge(evidence)


def test_a_copy_without_one_of_its_files_is_damaged(tmp_path: Path) -> None:
    """The sums of a copy cover the files of data, too."""
    known = KnownGood(tmp_path / "state")
    known.keep(load(with_files(tmp_path / "settings")))
    (tmp_path / "state" / "settings" / "00000001" / "cells.csv").write_text("cell,zone\n1,inside\n")
    copy, (fault,) = known.newest()
    assert copy is None
    assert "SHA256SUMS" in fault


def test_the_shipped_example_has_an_own_boundary() -> None:
    """The middle of Kota Metro is inside, and Bandar Lampung is not."""
    judge = load(KOTA_METRO).plan().zones.judge
    metro = judge(Evidence("seluler", "112", "", 'GML:shape="Point",pos="-5.113 105.307"'))
    bandar = judge(Evidence("seluler", "112", "", 'GML:shape="Point",pos="-5.43 105.26"'))
    assert (metro.finding, bandar.finding) == (Finding.INSIDE, Finding.OUTSIDE)
    cell = judge(
        Evidence("seluler", "112", "", access="3GPP;cgi-3gpp=510991A2B0C0FF01;network-provided")
    )
    assert cell.finding is Finding.INSIDE


def test_who_has_no_boundary_does_not_pay_for_geometry() -> None:
    """Shapely is not even imported then."""
    program = (
        "import sys, siaga.daemon; from pathlib import Path; from siaga.settings import load; "
        "load(Path(sys.argv[1])).plan(); sys.exit('shapely' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(GOOD)], check=False)  # noqa: S603 - this Python
    assert done.returncode == 0


def test_a_file_can_be_saved_by_a_spreadsheet(tmp_path: Path) -> None:
    """With a byte order mark, line ends of Windows, quotes, blanks, and capitals in its head."""
    cells = '\ufeff"Cell",Note , zone\r\n\r\n"51","a, ""b""", inside\r\n# 52,x,inside\r\n'
    accepted = load(with_files(tmp_path, cells=cells))
    assert accepted.tables.cells.find("51") == (Row(Finding.INSIDE, note='a, "b"'), 3)
    assert accepted.tables.cells.find("52") is None


def test_places_are_those_of_the_values(tmp_path: Path) -> None:
    """Commas in quotes divide nothing; a value that is left out is where it should have been."""
    cells = 'note,zone,cell\n"a, b",nowhere,1\nx,inside,\n'
    with pytest.raises(SettingsError) as raised:
        load(with_files(tmp_path, cells=cells))
    assert [(each.line, each.col) for each in raised.value.problems] == [(2, 8), (3, 10)]


def test_an_empty_file_is_no_table(tmp_path: Path) -> None:
    """Nor is one of blanks."""
    with pytest.raises(SettingsError, match=r"cells\.csv:1:1: this file is empty"):
        load(with_files(tmp_path, cells="\r\n  \n"))


def test_an_unknown_country_is_told_once(tmp_path: Path) -> None:
    """Not in each row of the ranges."""
    folder = with_files(tmp_path)
    zones = folder / "zones.yaml"
    zones.write_text(zones.read_text().replace("country: ID", "country: XX"))
    with pytest.raises(SettingsError) as raised:
        load(folder)
    assert [str(each).removeprefix(f"{folder}/") for each in raised.value.problems] == [
        "zones.yaml:1:10: 'XX' is no ISO 3166 country code"
    ]


def test_a_note_is_told_in_one_line(tmp_path: Path) -> None:
    """Whole, without what a terminal would obey."""
    note = "reaches over the border to \x1b[31mGunung Sugih\t"
    accepted = load(with_files(tmp_path, cells=f"cell,zone,note\n51,inside,{note}\n"))
    found = accepted.tables.cells.find("51")
    assert found is not None
    assert found[0].note == "reaches over the border to [31mGunung Sugih"


def test_neighbours_may_touch(tmp_path: Path) -> None:
    """Boundaries that were drawn by different hands overlap a little, without a warning."""
    folder = with_files(tmp_path)
    zones = folder / "zones.yaml"
    text = zones.read_text().replace("[cell,", "[location, cell,")
    text = text.replace("trust: [", "trust: [location, ").replace(
        "policy: announce", "policy: announce, boundary: east.geojson"
    )
    zones.write_text(text + "city: {boundary: metro.geojson}\n")
    (folder / "metro.geojson").write_text(polygon())
    east = SQUARE.replace("105.4", "105.6").replace("105.2", "105.3999")
    (folder / "east.geojson").write_text(polygon(east))
    accepted = load(folder)
    assert accepted.warnings == ()
    verdict = accepted.plan().zones.judge(
        Evidence("telkom", "1", "", 'GML:shape="Point",pos="-5.1 105.5"')
    )
    assert (verdict.finding, verdict.neighbour) == (Finding.OUTSIDE, "bandar-lampung")


def test_equal_rows_are_one(tmp_path: Path) -> None:
    """A hundred thousand rows need not be a hundred thousand objects."""
    ranges = "from,zone,note\n07254,inside,x\n07255,inside,x\n"
    sheet = load(with_files(tmp_path, ranges=ranges)).tables.ranges
    assert sheet.row(0)[0] is sheet.row(1)[0]


def test_of_many_problems_the_first_ones_are_told(tmp_path: Path) -> None:
    """A column that is wrong in every row does not fill the screen, and the count is right."""
    cells = "cell,zone\n" + "".join(f"{each},somewhere\n" for each in range(200))
    with pytest.raises(SettingsError) as raised:
        load(with_files(tmp_path, cells=cells))
    problems = raised.value.problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].message == f"{200 - MAX_PROBLEMS} more lines of this file are wrong"


def test_a_table_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was put there by mistake does not fill the memory."""
    monkeypatch.setattr(table, "MAX_ROWS", 3)
    file = DataFile("t.csv", b"cell\n1\n2\n3\n")
    assert [line.values["cell"] for line in Table(file, ("cell",), ()).rows()] == ["1", "2"]
    assert told(file) == ["4:1: more than 3 rows"]


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is asked for first."""
    monkeypatch.setattr(datafile, "MAX_BYTES", 1 << 20)
    with pytest.raises(SettingsError) as raised:
        load(with_files(tmp_path, cells="#" * ((1 << 20) + 1)))
    (problem,) = raised.value.problems
    assert problem.message == "'cells.csv' cannot be used: it is larger than 1 MiB"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What is in its place is told where the file is named."""
    folder = with_files(tmp_path)
    (folder / "cells.csv").unlink()
    (folder / "cells.csv").mkdir()
    with pytest.raises(SettingsError, match=r"'cells\.csv' cannot be used: it is a folder, not a"):
        load(folder)


@pytest.mark.parametrize(
    "text",
    [
        polygon(),
        polygon(f"[{SQUARE},{OTHER}]", "MultiPolygon"),
        f'{{"type": "Feature", "properties": null, "geometry": {polygon()}}}',
        f'{{"type":"FeatureCollection","crs":"CRS84","features":[{polygon()},{polygon(OTHER)}]}}',
    ],
)
def test_boundaries_come_in_several_forms(text: str) -> None:
    """Geometries, features and collections; heights are left out."""
    file = DataFile("metro.geojson", text.encode())
    area = geojson.boundary(file, "ID")
    assert told(file) == []
    assert area is not None
    assert area.bounds[:2] == (105.2, -5.2)


def test_a_hole_is_not_of_the_area() -> None:
    """A town that belongs to somebody else is cut out."""
    hole = "[[105.25,-5.15],[105.35,-5.15],[105.35,-5.05],[105.25,-5.15]]"
    file = DataFile("metro.geojson", polygon(f"{SQUARE[:-1]},{hole}]").encode())
    area = geojson.boundary(file, "ID")
    assert area is not None
    assert area.area == pytest.approx(0.2 * 0.2 - 0.1 * 0.1 / 2)


def test_too_many_corners_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A boundary to the centimetre makes each call wait."""
    monkeypatch.setattr(geojson, "MAX_CORNERS", 4)
    file = DataFile("metro.geojson", polygon().encode())
    assert geojson.boundary(file, "ID") is None
    assert told(file) == ["1:1: more than 4 corners: simplify the boundary"]


def test_a_number_with_thousands_of_digits_is_a_problem_not_a_crash() -> None:
    """JSON has no limit for numbers, and Python has one."""
    file = DataFile("metro.geojson", polygon(SQUARE.replace("105.2", "1" * 5000, 1)).encode())
    assert geojson.boundary(file, "ID") is None
    file = DataFile("metro.geojson", polygon(SQUARE.replace("105.2", "1" * 4000, 1)).encode())
    assert geojson.boundary(file, "ID") is None
    assert len(told(file)) == 1


def test_a_country_without_towns_has_no_place() -> None:
    """Nothing is said of boundaries there."""
    assert country.distance_km("XX", 0, 0) is None
    file = DataFile("x.geojson", polygon().encode())
    assert geojson.boundary(file, "XX") is not None


@pytest.mark.parametrize(
    ("code", "lat", "lon"), [("ID", -6.17, 106.8), ("NL", 52.37, 4.9), ("US", 40.7142, -74.0064)]
)
def test_countries_are_where_their_towns_are(code: str, lat: float, lon: float) -> None:
    """Written with minutes or with seconds, west and south of zero, too."""
    distance = country.distance_km(code, lat, lon)
    assert distance is not None
    assert distance < 10


def test_distances_are_those_of_the_earth() -> None:
    """Jakarta to Singapore is 890 km."""
    assert country.distance_km("SG", -6.17, 106.8) == pytest.approx(890, rel=0.01)


@settings(deadline=None)
@given(
    st.text('{}[]":,.-0123456789eE\n \\typeoordinasPgFuC') | st.text(st.characters(codec="utf-8")),
    st.integers(0, 150),
    st.integers(0, 30),
)
def test_no_slip_breaks_the_reader_of_boundaries(text: str, start: int, length: int) -> None:
    """A good file with any piece replaced is accepted, or refused with a place in it."""
    good = polygon().replace("],", "],\n")
    bad = good[:start] + text + good[start + length :]
    file = DataFile("metro.geojson", bad.encode())
    area = geojson.boundary(file, "ID")
    assert (area is None) == bool(file.problems)
    for problem in file.problems:
        assert 1 <= problem.line <= bad.count("\n") + 1
        assert str(problem).isprintable()


@settings(deadline=None)
@given(st.text('cell,zone\n\r"#;inside510*\t \x00', max_size=80))
def test_no_text_breaks_the_reader_of_tables(text: str) -> None:
    """Rows, or problems with a place in the file."""
    file = DataFile("cells.csv", ("cell,zone\n" + text).encode())
    rows = list(Table(file, ("cell", "zone"), ("note",)).rows())
    assert rows or file.problems
    for problem in file.problems:
        assert 1 <= problem.line <= text.count("\n") + 2
        assert problem.col >= 1


def test_accepted_tables_are_of_the_settings() -> None:
    """The shipped example has four rows of cells and three ranges."""
    shipped: Settings = load(KOTA_METRO)
    assert (len(shipped.tables.cells.rows), len(shipped.tables.ranges)) == (4, 3)
