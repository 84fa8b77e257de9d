"""Boundaries: on the boundary is inside, beside it is not outside, and metres are metres."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from routing.boundary import BoundaryAtlas
from routing.shape import Area, Position, Sight, circle, metres_per_degree, polygon
from routing.zone import NeighbourId

EAST, NORTH = NeighbourId("east"), NeighbourId("north")
CITY = shapely.box(105.26, -5.16, 105.35, -5.06)
ATLAS = BoundaryAtlas(
    CITY,
    {EAST: shapely.box(105.30, -5.16, 105.60, -5.06), NORTH: shapely.box(105.0, -5.06, 106, -4.9)},
    margin_m=100,
)
INSIDE = Sight(is_inside=True, is_outside=False)
NEITHER = Sight(is_inside=False, is_outside=False)


def point(lat: float, lon: float) -> Area:
    """A point."""
    return Area("point", Position(lat, lon))


def east_of_the_city(metres: float) -> Position:
    """So far to the east of the middle of the city's eastern boundary."""
    return Position(-5.11, 105.35 + metres / metres_per_degree(-5.11)[1])


@given(st.floats(-5.16, -5.06), st.floats(105.26, 105.35))
def test_what_is_in_the_city_is_inside(lat: float, lon: float) -> None:
    """Also where a neighbour's boundary overlaps the city's."""
    assert ATLAS.sight(point(lat, lon)) == INSIDE


@given(st.floats(0, 1), st.sampled_from([(0, 1), (1, 2), (2, 3), (3, 0)]))
def test_what_is_on_the_boundary_is_inside(share: float, side: tuple[int, int]) -> None:
    """Wherever on it, in spite of rounding."""
    corners = [(-5.16, 105.26), (-5.16, 105.35), (-5.06, 105.35), (-5.06, 105.26)]
    (lat1, lon1), (lat2, lon2) = corners[side[0]], corners[side[1]]
    assert ATLAS.sight(point(lat1 + share * (lat2 - lat1), lon1 + share * (lon2 - lon1))) == INSIDE


@pytest.mark.parametrize(("metres", "is_outside"), [(1, False), (98, False), (102, True)])
def test_the_margin_is_measured_in_metres(metres: float, is_outside: bool) -> None:  # noqa: FBT001 - a parameter
    """A point beside the boundary is not outside before it is further away than the margin."""
    assert ATLAS.sight(Area("point", east_of_the_city(metres))) == Sight(
        is_inside=False, is_outside=is_outside, neighbour=EAST
    )


@pytest.mark.parametrize(
    ("metres", "radius", "is_outside"), [(700, 590, True), (700, 610, False), (9_000, 8_800, True)]
)
def test_a_circle_is_outside_as_a_whole_or_not_at_all(
    metres: float,
    radius: float,
    is_outside: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Its edge, not its centre, has to be further away than the margin."""
    sight = ATLAS.sight(circle(east_of_the_city(metres), radius))
    assert sight == Sight(is_inside=False, is_outside=is_outside, neighbour=EAST)


def test_a_circle_is_inside_with_its_centre() -> None:
    """Inside takes nothing away from anybody: most of it is enough."""
    assert ATLAS.sight(circle(Position(-5.11, 105.349), 5_000)) == INSIDE


def test_an_area_around_the_whole_city_is_not_outside() -> None:
    """Though its centre is."""
    ring = tuple(
        Position(*each) for each in ((-6, 105), (-6, 108), (-5, 108), (-5, 105), (-6, 105))
    )
    area = polygon(ring)
    assert area is not None
    assert ATLAS.sight(area) == NEITHER


def test_far_away_is_outside_and_nobody_s() -> None:
    """Where no boundary is known there is no neighbour."""
    assert ATLAS.sight(point(3.1, 101.7)) == Sight(is_inside=False, is_outside=True)
    assert ATLAS.neighbours == {EAST, NORTH}


def test_latitude_and_longitude_are_not_swapped() -> None:
    """Boundaries have the longitude first and locations the latitude, and they agree."""
    assert ATLAS.sight(point(-5.0, 105.9)) == Sight(
        is_inside=False, is_outside=True, neighbour=NORTH
    )


def test_an_outline_that_crosses_itself_says_nothing() -> None:
    """A bow tie has no inside that people agree on."""
    corners = ((-5.1, 105.3), (-5.0, 105.4), (-5.1, 105.4), (-5.0, 105.3))
    area = Area("polygon", Position(-5.05, 105.35), tuple(Position(*each) for each in corners))
    assert ATLAS.sight(area) is None


@pytest.mark.parametrize("lat", [0.0, -5.0, 45.0, 69.6])
def test_a_margin_is_as_wide_in_every_latitude(lat: float) -> None:
    """To the north and to the east, though a degree to the east is shorter in Tromsø."""
    city = shapely.box(18.0, lat - 0.05, 18.2, lat + 0.05)
    atlas = BoundaryAtlas(city, {}, margin_m=1_000)
    north, east = metres_per_degree(lat)
    for metres, is_outside in ((990, False), (1_010, True)):
        places = (Position(lat + 0.05 + metres / north, 18.1), Position(lat, 18.2 + metres / east))
        for place in places:
            sight = Sight(is_inside=False, is_outside=is_outside)
            assert atlas.sight(Area("point", place)) == sight


def test_a_city_on_the_date_line_is_in_one_piece() -> None:
    """Longitudes are counted from the city, the short way around."""
    city = shapely.MultiPolygon(
        [shapely.box(179.9, -17, 180, -16), shapely.box(-180, -17, -179.9, -16)]
    )
    atlas = BoundaryAtlas(city, {}, margin_m=0)
    assert atlas.sight(point(-16.5, 179.95)) == INSIDE
    assert atlas.sight(point(-16.5, -179.95)) == INSIDE


@given(st.floats(-5.3, -4.9), st.floats(105.1, 105.6), st.floats(1, 5_000))
def test_more_uncertainty_never_puts_anybody_outside(lat: float, lon: float, radius: float) -> None:
    """What a circle proves, each smaller one around the same centre proves, too."""
    wide, narrow = (ATLAS.sight(circle(Position(lat, lon), each)) for each in (radius, radius / 2))
    assert wide is not None
    assert narrow is not None
    assert narrow.is_outside or not wide.is_outside
