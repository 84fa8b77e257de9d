"""Boundaries on a flat map in metres, and how a caller's location lies to them.

The map is WGS 84, stretched by its scale at the city: straight lines stay straight, so what is
inside of a boundary on the Earth's map is inside of it here, wherever it is. Only `margin_m` is
measured on it: at the city it is right, 100 km to the north or south of it by 3 % at 60 degrees of
latitude.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from routing.shape import Area, Position, Sight, metres_per_degree
from routing.zone import NeighbourId

GRID_M: Final = 0.001
"""Millimetres: what is nearer to a boundary lies on it."""


class BoundaryAtlas:
    """The boundaries, compiled: prepared geometries answer in microseconds.

    Args:
        city: The city's boundary: polygons of longitudes and latitudes, valid.
        neighbours: The same of its neighbours. Where two overlap, the first one counts.
        margin_m: So near to the city nobody is outside of it.
    """

    def __init__(
        self, city: BaseGeometry, neighbours: Mapping[NeighbourId, BaseGeometry], margin_m: float
    ) -> None:
        _, south, _, up = city.bounds
        middle = (south + up) / 2
        north, east = metres_per_degree(middle)
        # Any of its longitudes does: the middle of a city on the date line would be far away.
        self._centre = np.array([shapely.get_coordinates(city)[0, 0], middle])
        self._scale = np.array([east, north])
        self._margin_m = max(margin_m, GRID_M)
        self._city = self._prepared(city)
        self._neighbours = {id_: self._prepared(each) for id_, each in neighbours.items()}

    @property
    def neighbours(self) -> frozenset[NeighbourId]:
        """The neighbours whose boundaries are known."""
        return frozenset(self._neighbours)

    def sight(self, area: Area) -> Sight | None:
        """How the area lies to the boundaries; None for an outline that crosses itself."""
        centre = self._point(area.centre)
        shape: BaseGeometry = centre
        if area.outline:
            shape = shapely.Polygon(self._flat(np.array([(x, y) for y, x in area.outline])))
            if not shape.is_valid:
                return None
        if shapely.dwithin(self._city, centre, GRID_M):
            return Sight(is_inside=True, is_outside=False)
        is_outside = not shapely.dwithin(self._city, shape, self._margin_m)
        around = (id_ for id_, each in self._neighbours.items() if each.intersects(centre))
        return Sight(is_inside=False, is_outside=is_outside, neighbour=next(around, None))

    def _point(self, position: Position) -> shapely.Point:
        return shapely.Point(self._flat(np.array([(position.lon, position.lat)]))[0])

    def _prepared(self, geometry: BaseGeometry) -> BaseGeometry:
        flat = shapely.transform(geometry, self._flat)
        shapely.prepare(flat)
        return flat

    def _flat(self, degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Longitudes and latitudes as metres from the city, the short way around the Earth."""
        off = degrees - self._centre
        off[:, 0] = (off[:, 0] + 180.0) % 360.0 - 180.0
        flat: npt.NDArray[np.float64] = off * self._scale
        return flat
