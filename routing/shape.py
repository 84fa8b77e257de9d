"""The shapes of RFC 5491, clause 5, as outlines on the map (WGS 84, EPSG:4326).

Metres become degrees by the Earth's curvature at the shape's own centre. For a shape of 5 km that
is right to 0.01 % near the equator and 0.15 % at 60 degrees: less than 8 m. Round edges become
chords outside of the edge, so that an outline never leaves out a part of its shape; it is at most
0.13 % of the radius too wide.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from routing.zone import NeighbourId

MAX_LATITUDE: Final = 85.0
"""Degrees; nearer to a pole a degree of longitude is too short to be a measure."""
CORNERS: Final = 64
"""Of the outline of a full circle."""
LEAST_POSITIONS: Final = 4
"""Of a polygon: three corners, and the first one again (RFC 5491, clause 5.2.2)."""
_AXIS_M: Final = 6_378_137.0
"""Semi-major axis of WGS 84."""
_ECCENTRICITY_2: Final = 0.006_694_379_990_14
"""First eccentricity of WGS 84, squared."""


class Position(NamedTuple):
    """A place on the map, in degrees: latitude first, as in EPSG:4326 and RFC 5491."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Area:
    """Where somebody may be.

    Attributes:
        shape: The shape's name, as people are told it.
        centre: Where they most probably are.
        outline: Corners around all of it, not closed; empty for a point.
        reach_m: How far the shape goes from its centre, in metres.
    """

    shape: str
    centre: Position
    outline: tuple[Position, ...] = ()
    reach_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """How an area lies to the boundaries.

    Attributes:
        is_inside: The area's centre is in the city, or on its boundary.
        is_outside: The whole area is outside of the city, and not just beside it.
        neighbour: Whose boundary is around the area's centre, when that is not in the city.
    """

    is_inside: bool
    is_outside: bool
    neighbour: NeighbourId | None = None


class Atlas(Protocol):
    """Boundaries of the city and of its neighbours."""

    @property
    def neighbours(self) -> frozenset[NeighbourId]:
        """The neighbours whose boundaries are known."""

    def sight(self, area: Area) -> Sight | None:
        """How the area lies to the boundaries; None for an outline that crosses itself."""


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Of latitude and of longitude, at that latitude, by the curvature of WGS 84."""
    radians = math.radians(latitude)
    root = math.sqrt(1.0 - _ECCENTRICITY_2 * math.sin(radians) ** 2)
    north = _AXIS_M * (1.0 - _ECCENTRICITY_2) / root**3
    east = _AXIS_M / root * math.cos(radians)
    return math.radians(north), math.radians(east)


def circle(centre: Position, radius_m: float) -> Area:
    """RFC 5491, clause 5.2.3."""
    return ellipse(centre, radius_m, radius_m, 0.0, shape="circle")


def ellipse(
    centre: Position, major_m: float, minor_m: float, orientation: float, *, shape: str = "ellipse"
) -> Area:
    """RFC 5491, clause 5.2.4.

    Args:
        centre: Of the ellipse.
        major_m: Half of its longer axis.
        minor_m: Half of its shorter axis.
        orientation: Of the longer axis, in radians from north to east.
        shape: Its name.
    """
    wider = 1.0 / math.cos(math.pi / CORNERS)
    sine, cosine = math.sin(orientation), math.cos(orientation)
    corners: list[tuple[float, float]] = []
    for step in range(CORNERS):
        turn = math.tau * step / CORNERS
        along, across = wider * major_m * math.cos(turn), wider * minor_m * math.sin(turn)
        corners.append((along * sine + across * cosine, along * cosine - across * sine))
    outline = _moved(centre, corners)
    return Area(shape, centre, outline, max(major_m, minor_m))


def arc_band(
    centre: Position, inner_m: float, outer_m: float, start: float, opening: float
) -> Area:
    """RFC 5491, clause 5.2.5: between two circles, from one bearing clockwise to another one.

    A full turn is taken for the whole circle: it is wider, and proves less.

    Args:
        centre: Of both circles.
        inner_m: Radius of the inner one.
        outer_m: Radius of the outer one.
        start: The first bearing, in radians from north to east.
        opening: The angle from there, in radians.
    """
    if opening >= math.tau:
        return ellipse(centre, outer_m, outer_m, 0.0, shape="arc band")
    steps = max(1, math.ceil(CORNERS * opening / math.tau))
    step = opening / steps
    wider = outer_m / math.cos(step / 2)
    outer = [_bearing(start, outer_m)]
    outer += [_bearing(start + step * (at + 0.5), wider) for at in range(steps)]
    outer += [_bearing(start + opening, outer_m)]
    inner = [_bearing(start + step * at, inner_m) for at in range(steps, -1, -1)]
    corners = [*outer, *(inner if inner_m > 0 else [(0.0, 0.0)])]
    (middle,) = _moved(centre, [_bearing(start + opening / 2, (inner_m + outer_m) / 2)])
    return Area("arc band", middle, _moved(centre, corners), outer_m)


def polygon(ring: tuple[Position, ...]) -> Area | None:
    """RFC 5491, clause 5.2.2: a ring of at least four positions that ends where it begins.

    None when it is no such ring, returns to its beginning before the end (so that it is several
    rings), or has no area.
    """
    corners = ring[:-1]
    first = ring[0]
    if len(ring) < LEAST_POSITIONS or ring[-1] != first or first in corners[1:]:
        return None
    north, east = metres_per_degree(first.lat)
    flat = [(_turned(lon - first.lon) * east, (lat - first.lat) * north) for lat, lon in corners]
    middle = _centroid(flat)
    if middle is None:
        return None
    reach = max(math.dist(middle, corner) for corner in flat)
    (centre,) = _moved(first, [middle])
    return Area("polygon", centre, corners, reach)


def _bearing(angle: float, metres: float) -> tuple[float, float]:
    """Metres to the east and to the north, in a direction from north to east."""
    return metres * math.sin(angle), metres * math.cos(angle)


def _moved(centre: Position, offsets: list[tuple[float, float]]) -> tuple[Position, ...]:
    """Positions so many metres to the east and to the north of the centre."""
    north, east = metres_per_degree(centre.lat)
    return tuple(Position(centre.lat + y / north, centre.lon + x / east) for x, y in offsets)


def _turned(degrees: float) -> float:
    """A difference of longitudes, the short way around the Earth."""
    return (degrees + 180.0) % 360.0 - 180.0


def _centroid(corners: list[tuple[float, float]]) -> tuple[float, float] | None:
    """The centre of gravity of a polygon; None when it has no area."""
    double = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        double += cross
        x += (x1 + x2) * cross
        y += (y1 + y2) * cross
    if abs(double) < 1e-6:  # noqa: PLR2004 - square metres: a line
        return None
    return x / (3 * double), y / (3 * double)
