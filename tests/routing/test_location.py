"""Locations: what Asterisk hands over is read, and whatever else anybody writes is not believed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.location import MAX_TEXT, Address, Unread, folded, read
from routing.shape import Area, Position

AT = Position(-5.113, 105.307)
POS = 'pos="-5.113 105.307"'
FLAT = 'GML:shape="{}",crs="2d",'
SOLID = 'GML:shape="{}",crs="3d",pos="-5.113 105.307 50.5",'
SQUARE = ("-5.11 105.30", "-5.11 105.31", "-5.10 105.31", "-5.10 105.30", "-5.11 105.30")
RING = ",".join(f'pos="{each}"' for each in SQUARE)
CORNERS = tuple(Position(*map(float, each.split())) for each in SQUARE[:-1])


def area(text: str) -> Area:
    """The area that a text is read as."""
    found = read(text)
    assert isinstance(found, Area), found
    return found


@pytest.mark.parametrize(
    ("text", "shape", "reach_m"),
    [
        (FLAT.format("Point") + POS, "point", 0),
        (f'GML:shape="Point",{POS},crs="2d"', "point", 0),
        (f'GML:shape="Point",{POS}', "point", 0),
        (FLAT.format("Circle") + POS + ',radius="500"', "circle", 500),
        (FLAT.format("Circle") + POS + ',radius="0"', "point", 0),
        (FLAT.format("Circle") + POS + ',radius="5e2"', "circle", 500),
        (SOLID.format("Sphere") + 'radius="500"', "circle", 500),
        (
            FLAT.format("Ellipse")
            + POS
            + ',semiMajorAxis="90",semiMinorAxis="40",orientation="43 degrees"',
            "ellipse",
            90,
        ),
        (
            SOLID.format("Ellipsoid")
            + 'semiMajorAxis="90",semiMinorAxis="40",verticalAxis="9",orientation="0.7 radians"',
            "ellipse",
            90,
        ),
        (
            FLAT.format("ArcBand")
            + POS
            + ',innerRadius="100",outerRadius="300",startAngle="266",openingAngle="120 degrees"',
            "arc band",
            300,
        ),
    ],
)
def test_shapes_are_read(text: str, shape: str, reach_m: float) -> None:
    """Round shapes with their centre, and how far they go from it; heights do not matter."""
    found = area(text)
    assert (found.shape, found.reach_m) == (shape, reach_m)
    if shape != "arc band":
        assert found.centre == AT
    assert bool(found.outline) == (shape != "point")


@pytest.mark.parametrize(
    "text",
    [
        FLAT.format("Polygon") + RING,
        FLAT.format("Polygon") + f'posList="{" ".join(SQUARE)}"',
        'GML:shape="Prism",crs="3d",'
        + ",".join(f'pos="{each} 40"' for each in SQUARE)
        + ',height="8"',
    ],
)
def test_polygons_are_read(text: str) -> None:
    """Position by position, as one list, and as the footprint of a prism."""
    found = area(text)
    assert found.outline == CORNERS
    assert found.centre.lat == pytest.approx(-5.105, abs=1e-6)
    assert found.centre.lon == pytest.approx(105.305, abs=1e-6)
    assert found.reach_m == pytest.approx(784, abs=5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no location came with the call"),
        ("GML", "it cannot be read"),
        ("x" * MAX_TEXT + ":", "it cannot be read"),
        ("<none>:", "it cannot be read: its format is not known"),
        ('URI:URI="https://lis.example/1"', "it is only a reference, which is not followed"),
        ("GML:", "it cannot be read: it was cut off"),
        (FLAT.format("Point"), "it cannot be read: it was cut off"),
        (
            FLAT.format("Point") + 'pos="-5.1',
            "it cannot be read: it is no list of names and values",
        ),
        ('GML:shape="Po"int"', "it cannot be read: it is no list of names and values"),
        ('GML:crs="2d"', "it cannot be read: shape is missing"),
        ('GML:shape="Point",shape="Circle"', "it cannot be read: shape is there twice"),
        (FLAT.format("Blob") + POS, "it cannot be read: its shape is not known"),
        (
            f'GML:shape="Point",crs="unknown",{POS}',
            "it cannot be read: its coordinates are not WGS 84",
        ),
        (FLAT.format("Point") + 'pos="-5.1"', "it cannot be read: a position is not complete"),
        (FLAT.format("Point") + 'pos=""', "it cannot be read: a position is not complete"),
        (
            FLAT.format("Point") + 'pos="1 2",pos="3 4"',
            "it cannot be read: it has more than one position",
        ),
        (FLAT.format("Point") + 'pos="nan 105"', "it cannot be read: a number is none"),
        (FLAT.format("Point") + 'pos="-inf 105"', "it cannot be read: a number is none"),
        (FLAT.format("Point") + 'pos="\u0665 105"', "it cannot be read: a number is none"),
        (FLAT.format("Point") + 'pos="1_0 105"', "it cannot be read: a number is none"),
        (FLAT.format("Point") + 'pos="1e999 105"', "it cannot be read: a number is out of range"),
        (
            FLAT.format("Point") + 'pos="105.3 -5.1"',
            "it cannot be read: a position is not on the Earth",
        ),
        (
            FLAT.format("Point") + 'pos="-5.1 181"',
            "it cannot be read: a position is not on the Earth",
        ),
        (
            FLAT.format("Point") + 'pos="89 0"',
            "it cannot be read: a position is too near to a pole",
        ),
        (FLAT.format("Circle") + POS, "it cannot be read: radius is missing"),
        (
            FLAT.format("Circle") + POS + ',radius="-1"',
            "it cannot be read: a length is out of range",
        ),
        (
            FLAT.format("Circle") + POS + ',radius="1e8"',
            "it cannot be read: a length is out of range",
        ),
        (
            FLAT.format("Ellipse") + POS + ',semiMajorAxis="4",semiMinorAxis="9",orientation="1"',
            "it cannot be read: its axes are those of no ellipse",
        ),
        (
            FLAT.format("Ellipse")
            + POS
            + ',semiMajorAxis="9",semiMinorAxis="4",orientation="1 gon"',
            "it cannot be read: an angle is out of range",
        ),
        (
            FLAT.format("Ellipse")
            + POS
            + ',semiMajorAxis="9",semiMinorAxis="4",orientation="7 radians"',
            "it cannot be read: an angle is out of range",
        ),
        (
            FLAT.format("ArcBand")
            + POS
            + ',innerRadius="9",outerRadius="3",startAngle="1",openingAngle="1"',
            "it cannot be read: its angles and radii are those of no arc band",
        ),
        (
            FLAT.format("ArcBand")
            + POS
            + ',innerRadius="1",outerRadius="3",startAngle="1",openingAngle="0"',
            "it cannot be read: its angles and radii are those of no arc band",
        ),
        (
            FLAT.format("Polygon") + RING.rpartition(",")[0],
            "it cannot be read: it is not one closed ring around an area",
        ),
        (
            FLAT.format("Polygon") + f"{RING},{RING}",
            "it cannot be read: it is not one closed ring around an area",
        ),
        (
            FLAT.format("Polygon") + 'pos="1 1",pos="2 2",pos="1 1"',
            "it cannot be read: it is not one closed ring around an area",
        ),
        (
            FLAT.format("Polygon") + 'pos="1 1",pos="2 2",pos="3 3",pos="1 1"',
            "it cannot be read: it is not one closed ring around an area",
        ),
        ('civicAddress:lang="id",A6="Jalan Metro"', "it cannot be read: it names no area"),
        ('civicAddress:A2=" "', "it cannot be read: it names no area"),
    ],
)
def test_what_is_no_location_says_why(text: str, why: str) -> None:
    """Each in words, and none as a place."""
    assert read(text) == Unread(why)


def test_a_polygon_that_was_cut_off_is_none() -> None:
    """The dialplan hands over a limited text: wherever that ends, no smaller area is made of it."""
    text = FLAT.format("Polygon") + RING
    assert all(isinstance(read(text[:length]), Unread) for length in range(len(text)))


def test_addresses_are_read() -> None:
    """From the widest area down; streets, and elements that are not of areas, are left out."""
    text = 'civicAddress:country="id",A3="Metro Pusat",A1="Lampung",A2="Kota Metro, x",A6="Y"'
    assert read(text) == Address("ID", ("Lampung", "Kota Metro, x", "Metro Pusat"))
    assert read('civicAddress:A2="Metro"') == Address("", ("Metro",))


def test_names_are_folded() -> None:
    """Neither case nor blanks tell two names apart."""
    assert folded("  KOTA\tmetro ") == folded("Kota Metro") == "kota metro"


@given(
    st.text(st.characters(codec=None))
    | st.text('GMLposhape=",:civicAddress0123456789. -e').map("GML:".__add__)
    | st.lists(
        st.sampled_from(
            [
                'shape="Point"',
                'shape="Polygon"',
                'shape="Circle"',
                'shape="ArcBand"',
                POS,
                'radius="9"',
                'crs="3d"',
                'innerRadius="0"',
                'outerRadius="2"',
                'startAngle="9"',
                'openingAngle="360"',
                'pos="0 0"',
                'pos="1 0"',
                'pos="0 1"',
                'posList="0 0 1 1 2 0"',
            ]
        )
    ).map(lambda pairs: "GML:" + ",".join(pairs))
)
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever it is; what is read is finite and on the Earth."""
    found = read(text)
    if isinstance(found, Area):
        places = (found.centre, *found.outline)
        assert all(math.isfinite(each) for place in places for each in place)
        assert found.reach_m >= 0


@given(st.floats(-85, 85), st.floats(-180, 180))
def test_latitude_comes_first(lat: float, lon: float) -> None:
    """As in EPSG:4326, and never the other way around."""
    found = area(f'GML:shape="Point",pos="{lat:.6f} {lon:.6f}"')
    assert found.centre == (float(f"{lat:.6f}"), float(f"{lon:.6f}"))
