"""Shapes on the map: as large as they are on the Earth, in every direction."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.shape import (
    CORNERS,
    MAX_LATITUDE,
    Area,
    Position,
    arc_band,
    circle,
    ellipse,
    metres_per_degree,
    polygon,
)

METRO = Position(-5.113, 105.307)
CENTRES = st.builds(Position, st.floats(-MAX_LATITUDE, MAX_LATITUDE), st.floats(-180, 180))


def offsets(area: Area, centre: Position) -> list[tuple[float, float]]:
    """The corners in metres to the east and to the north of the centre."""
    north, east = metres_per_degree(centre.lat)
    return [((lon - centre.lon) * east, (lat - centre.lat) * north) for lat, lon in area.outline]


def bearing(offset: tuple[float, float]) -> float:
    """Degrees from north to east."""
    return math.degrees(math.atan2(*offset)) % 360


@pytest.mark.parametrize(
    ("lat", "north", "east"),
    [(0, 110_574, 111_320), (45, 111_132, 78_847), (-60, 111_412, 55_800)],
)
def test_degrees_are_as_long_as_on_the_earth(lat: float, north: float, east: float) -> None:
    """As in the tables of WGS 84, to a metre."""
    assert metres_per_degree(lat) == pytest.approx((north, east), abs=1)


@given(CENTRES, st.floats(1, 50_000))
def test_a_circle_is_around_its_centre(centre: Position, radius: float) -> None:
    """No corner is nearer than the radius, and none is a sixth of a percent further."""
    area = circle(centre, radius)
    assert len(area.outline) == CORNERS
    assert (area.shape, area.reach_m) == ("circle", radius)
    for offset in offsets(area, centre):
        assert radius * 0.9999 <= math.hypot(*offset) <= radius * 1.0016


@pytest.mark.parametrize(("degrees", "east", "north"), [(0, 40, 90), (90, 90, 40), (180, 40, 90)])
def test_an_ellipse_is_turned_from_north_to_east(degrees: float, east: float, north: float) -> None:
    """Its longer axis points to the north at 0 degrees and to the east at 90."""
    found = offsets(ellipse(METRO, 90, 40, math.radians(degrees)), METRO)
    assert max(x for x, _ in found) == pytest.approx(east, rel=2e-3)
    assert max(y for _, y in found) == pytest.approx(north, rel=2e-3)


def test_an_ellipse_between_points_to_the_north_east() -> None:
    """Clockwise, as compasses count."""
    found = offsets(ellipse(METRO, 90, 40, math.radians(30)), METRO)
    assert bearing(max(found, key=lambda offset: math.hypot(*offset))) % 180 == pytest.approx(30)


@pytest.mark.parametrize("inner", [0.0, 100.0])
def test_an_arc_band_goes_clockwise(inner: float) -> None:
    """From its first bearing through the opening angle, between both radii."""
    area = arc_band(METRO, inner, 300, math.radians(350), math.radians(90))
    found = offsets(area, METRO)
    assert all(inner * 0.9999 <= math.hypot(*each) <= 300.4 for each in found)
    assert all(not 80.1 < bearing(each) < 349.9 for each in found if math.hypot(*each) > 1)
    (middle,) = offsets(Area("", METRO, (area.centre,)), METRO)
    assert bearing(middle) == pytest.approx(35)
    assert math.hypot(*middle) == pytest.approx((inner + 300) / 2)


def test_a_full_arc_band_is_a_circle() -> None:
    """What it leaves out in its middle is taken in: more proves less."""
    area = arc_band(METRO, 100, 300, 0, math.tau)
    assert area.centre == METRO
    assert area.outline == circle(METRO, 300).outline


def test_a_polygon_is_around_its_centre_of_gravity() -> None:
    """Also on both sides of the date line."""
    ring = tuple(Position(*each) for each in ((0, 179.9), (0, -179.9), (0.2, -179.9), (0.2, 179.9)))
    area = polygon((*ring, ring[0]))
    assert area is not None
    assert area.centre.lat == pytest.approx(0.1)
    assert area.centre.lon % 360 == pytest.approx(180)
    assert area.reach_m == pytest.approx(15_680, abs=50)


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (1, 0), (0, 0)],
        [(0, 0), (1, 0), (1, 1), (0, 1)],
        [(0, 0), (1, 0), (1, 1), (0, 0), (2, 2), (3, 3), (0, 0)],
        [(0, 0), (1, 1), (2, 2), (0, 0)],
    ],
)
def test_what_is_no_ring_is_no_polygon(ring: list[tuple[float, float]]) -> None:
    """Too short, not closed, closed twice, or without area."""
    assert polygon(tuple(Position(*each) for each in ring)) is None
