"""The page of a report, as Chromium shows and prints it: whole, legible, of one file, harmless."""

import json
import re
import struct
import zlib
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from routing.operator import AgencyId, PersonId
from routing.service import ServiceId
from sandbox.browser import Browser
from siaga.report.page import as_html
from siaga.report.report import Report
from siaga.report.table import tables
from tests.siaga.report import scene
from tests.siaga.report.city import START, city
from tests.siaga.report.scene import DAY, NOON, answered, by_call, period, settings

PHONE, DESK, PAPER = 360, 1280, 695
"""Widths in pixels; the last one is an A4 sheet within its margins, at 96 a inch."""
LEAST_PX = 9.0
"""Of a text in a chart."""
CONTRAST = 4.5
"""WCAG 2.2, 1.4.3."""
LOOK = f"<script>{Path(__file__).with_name('look.js').read_text()}</script>"
"""What Chromium runs at the end of a copy of the page."""
NASTY = '<script>alert("x")</script> & "Sri" \'=1+1\''


@pytest.fixture(scope="module")
def october() -> Report:
    """A month of a city that calls."""
    of = period(START, START + timedelta(days=31))
    return scene.report(by_call(city(settings(), 1_200, 31)[1]), of)


def looked_at(page: str, folder: Path, browser: Browser, width: int) -> dict[str, Any]:
    """What a look at the page finds, in a window of that width."""
    path = folder / "page.html"
    path.write_text(page.replace("</body>", f"{LOOK}</body>"))
    document = browser.document(path, width=width, height=900)
    found = re.search(r'data-found="([^"]*)"', document)
    assert found is not None
    result: dict[str, Any] = json.loads(found[1].replace("&quot;", '"').replace("&amp;", "&"))
    return result


def reports(october: Report) -> dict[str, Report]:
    """Reports of much, little and nothing, and of what a page could stumble over."""
    own = settings()
    long_ = "Dinas Pemadam Kebakaran dan Penyelamatan serta Penanggulangan Bencana Daerah Kota"
    people = dict(own.operators.people)
    people[PersonId("sri")] = replace(people[PersonId("sri")], name=NASTY)
    people[PersonId("bayu")] = replace(people[PersonId("bayu")], name="Raden" + "wijaya" * 8)
    agencies = dict(own.operators.agencies)
    agencies[AgencyId("dinkes")] = replace(agencies[AgencyId("dinkes")], name=long_)
    odd = replace(own, operators=replace(own.operators, people=people, agencies=agencies))
    year = period(NOON - 200 * DAY, NOON + 200 * DAY)
    call = [answered("c", NOON, 5.0), answered("d", NOON, 12.0, NASTY, "seat:<b>")]
    return {
        "a month": october,
        "nothing": scene.report([], period(NOON, NOON + DAY), own),
        "one call": scene.report([answered("c", NOON, 5.0)], period(NOON, NOON + DAY), own),
        "long and nasty names": scene.report(call, period(NOON, NOON + DAY), odd),
        "more than a year": scene.report(call, year, own),
    }


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_everything_is_visible_at_any_width(
    width: int, october: Report, browser: Browser, tmp_path: Path
) -> None:
    """Nothing is wider than the window, cut, too small, too pale, or on something else."""
    for name, report in reports(october).items():
        found = looked_at(as_html(report), tmp_path, browser, width)
        assert found["window"] == width
        assert found["faults"] == [], name
        assert found["least_px"] >= LEAST_PX, name
        assert found["contrast"] >= CONTRAST, name
        assert found["charts"] == 13


def test_everything_is_visible_on_paper(october: Report, browser: Browser, tmp_path: Path) -> None:
    """The rules for print hold on a sheet of A4."""
    for name, report in reports(october).items():
        page = as_html(report)
        assert page.count("@media print") == 1
        found = looked_at(page.replace("@media print", "@media all"), tmp_path, browser, PAPER)
        assert found["faults"] == [], name
        assert found["contrast"] >= CONTRAST, name


def test_it_is_printed_on_a_few_sheets(october: Report, browser: Browser, tmp_path: Path) -> None:
    """A month is on ten pages at most, and no page is lost."""
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(as_html(october))
    browser.paper(page, paper)
    printed = paper.read_bytes()
    assert printed.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 10


def test_its_picture_has_the_colours_of_its_series(
    october: Report, browser: Browser, tmp_path: Path
) -> None:
    """Charts are really drawn: answered in blue, given up in orange."""
    page, picture = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(as_html(october))
    browser.picture(page, picture, width=PHONE, height=2_400)
    colours = pixels(picture.read_bytes())
    for colour in (b"\x1d\x5c\x96", b"\xe3\x9a\x2d", b"\x7f\xb2\xdd"):
        assert colour in colours


def pixels(png: bytes) -> set[bytes]:
    """The colours of a PNG without interlacing, of 8 bits."""
    place, data, size, colour = 8, b"", (0, 0), 0
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            *head, depth, colour, _, _, _ = struct.unpack(">IIBBBBB", body)
            size = (head[0], head[1])
            assert depth == 8
        elif kind == b"IDAT":
            data += body
        place += length + 12
    return _colours(zlib.decompress(data), size, {2: 3, 6: 4}[colour])


def _colours(raw: bytes, size: tuple[int, int], wide: int) -> set[bytes]:
    """What the filters of PNG (RFC 2083, 6) leave, as colours of three bytes."""
    width, height = size
    row, found = bytearray(width * wide), set()
    for number in range(height):
        begin = number * (width * wide + 1)
        kind, line = raw[begin], bytearray(raw[begin + 1 : begin + 1 + width * wide])
        for place in range(len(line)):
            left = line[place - wide] if place >= wide else 0
            up, corner = row[place], row[place - wide] if place >= wide else 0
            line[place] = (line[place] + _guess(kind, left, up, corner)) & 255
        found |= {bytes(line[each : each + 3]) for each in range(0, len(line), wide)}
        row = line
    return found


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        near = sorted((left, up, corner), key=lambda each: abs(left + up - corner - each))
        order = (left, up, corner)
        least = abs(left + up - corner - near[0])
        return next(each for each in order if abs(left + up - corner - each) == least)
    return (0, left, up, (left + up) // 2)[kind]


class Page(HTMLParser):
    """What stands in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes elements, what they lead to, and what runs in them."""
        self.tags.append(tag)
        self._open.append(tag)
        for name, value in attrs:
            if name in {"href", "src", "xlink:href", "action"} or name.startswith("on"):
                self.links.append(f"{name}={value}")
            if name == "id":
                self.ids.append(str(value))

    def handle_data(self, data: str) -> None:
        """Notes texts."""
        self.texts.append(data)


def read(page: str) -> Page:
    """The page, taken apart."""
    found = Page()
    found.feed(page)
    return found


def test_it_is_one_file_without_scripts_or_addresses(october: Report) -> None:
    """Whoever opens it asks nobody for anything, and runs nothing."""
    page = as_html(october)
    found = read(page)
    assert not set(found.tags) & {"script", "link", "img", "iframe", "object", "embed", "a", "form"}
    assert found.links == []
    assert "http" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert len(found.ids) == len(set(found.ids))
    for label in re.findall(r'aria-labelledby="([^"]*)"', page):
        assert set(label.split()) <= set(found.ids)


def test_every_chart_is_told_in_words_and_in_a_table(october: Report) -> None:
    """A title, a description, and beside it a table with the cells that the terminal has."""
    page = as_html(october)
    found = read(page)
    assert found.tags.count("svg") == found.tags.count("desc")
    assert found.tags.count("section") - 1 == found.tags.count("table")
    texts = set(found.texts)
    for table in tables(october):
        assert table.title in texts
        for row in table.rows:
            assert {cell for cell in row if cell} <= texts, table.title


def test_names_are_texts_whatever_they_are(october: Report) -> None:
    """Of settings and of records: none becomes part of the page."""
    page = as_html(reports(october)["long and nasty names"])
    found = read(page)
    assert "script" not in found.tags
    assert "b" not in found.tags
    assert NASTY in found.texts
    assert ServiceId(NASTY) in found.texts
