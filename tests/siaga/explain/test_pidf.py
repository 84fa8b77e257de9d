"""A PIDF-LO in a file is told as Asterisk tells one that comes with a call."""

from pathlib import Path
from typing import Final

import pytest

from routing.location import Unread
from routing.location import read as read_location
from sandbox.pidf import EPSG_2D, Circle, Civic, Place, Point, Polygon, document
from siaga.explain.pidf import read
from siaga.problem import SettingsError

ROOM = Point(-5.1131, 105.3067)
PLACES: Final[tuple[Place, ...]] = (
    ROOM,
    Circle(ROOM, 500.0),
    Polygon([Point(-5.1, 105.3), Point(-5.2, 105.3), Point(-5.2, 105.4), Point(-5.1, 105.3)]),
    Civic({"country": "ID", "A1": "Lampung", "A3": "Kota Metro", "RD": "Jl. Kenanga (No. 1)"}),
)
"""The live tests hold `told` of each to a real Asterisk (tests/live/test_evidence.py)."""
POS: Final = "<gml:pos>-5.1131 105.3067</gml:pos>"
ELLIPSE: Final = (
    f'<gs:Ellipse srsName="{EPSG_2D}">{POS}'
    '<gs:semiMajorAxis uom="urn:ogc:def:uom:EPSG::9001"> 200 </gs:semiMajorAxis>'
    '<gs:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">100</gs:semiMinorAxis>'
    '<gs:orientation uom="urn:ogc:def:uom:EPSG::910{unit}">1.5</gs:orientation></gs:Ellipse>'
)


def told(tmp_path: Path, text: str) -> str:
    """What is told of a document."""
    path = tmp_path / "place.xml"
    path.write_text(text)
    return read(path)


def refused(tmp_path: Path, text: str) -> str:
    """Why a document is refused."""
    with pytest.raises(SettingsError) as caught:
        told(tmp_path, text)
    return str(caught.value)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: type(place).__name__.lower())
def test_a_place_is_told_as_asterisk_does(tmp_path: Path, place: Place) -> None:
    """The same text, so that it is judged the same."""
    assert told(tmp_path, document(place.xml)) == place.told


@pytest.mark.parametrize(("unit", "name"), [("1", "radians"), ("2", "degrees")])
def test_an_angle_has_its_unit(tmp_path: Path, unit: str, name: str) -> None:
    """As Asterisk's stylesheet has it, and as locations are read here."""
    text = told(tmp_path, document(ELLIPSE.replace("{unit}", unit)))
    assert f'semiMajorAxis="200",semiMinorAxis="100",orientation="1.5 {name}"' in text
    assert not isinstance(read_location(text), Unread)


def test_a_shape_of_another_system_is_told_as_such(tmp_path: Path) -> None:
    """It is judged to say nothing."""
    text = told(tmp_path, document(ROOM.xml.replace(EPSG_2D, "urn:x")))
    assert text.startswith('GML:shape="Point",crs="unknown",')
    assert isinstance(read_location(text), Unread)


def test_devices_come_before_tuples(tmp_path: Path) -> None:
    """Asterisk takes the first location in that order, wherever it is written."""
    other = document(Point(1.0, 2.0).xml).replace("dm:device", "tuple")
    inner = other.partition('<tuple id="phone">')[2].partition("</tuple>")[0]
    text = document(ROOM.xml).replace("<dm:device", f'<tuple id="a">{inner}</tuple><dm:device')
    assert told(tmp_path, text) == ROOM.told
    only = document(ROOM.xml).replace("dm:device", "tuple")
    assert told(tmp_path, only) == ROOM.told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", ":1:1: this is not XML: no element found"),
        ("<presence", ":1:1: this is not XML: unclosed token"),
        ("<a>\n <b></a>", ":2:7: this is not XML: mismatched tag"),
        ('<?xml version="1.0" encoding="pUTF-8"?><a/>', "its encoding cannot be read: "),
        ('<?xml version="1.0" encoding="utf-7"?><a/>', "its encoding cannot be read: "),
        ('<?xml version="1.0" encoding="rot13"?><a/>', "its encoding cannot be read: "),
        ("<presence/>", "this is no PIDF-LO; expected <presence xmlns="),
        (document("").replace("location-info", "x"), "no device, tuple or person in it has"),
        (document("<gp:x/>"), "its location-info has neither a shape nor a civicAddress"),
    ],
)
def test_what_is_no_location_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """With the place in the file, and what was expected."""
    assert why in refused(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(SettingsError, match=r"nothing\.xml:1:1: this file is missing"):
        read(tmp_path / "nothing.xml")


def test_entities_without_end_are_refused(tmp_path: Path) -> None:
    """A billion laughs end at the library's bound."""
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
    )
    text = f"<!DOCTYPE presence [{laughs}]><presence>&l9;</presence>"
    assert "this is not XML: limit on input amplification" in refused(tmp_path, text)
