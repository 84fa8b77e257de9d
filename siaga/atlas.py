"""The boundaries that the zones name, on one map."""

from collections.abc import Mapping
from typing import Final

from routing.boundary import BoundaryAtlas
from routing.shape import Atlas
from routing.zone import NeighbourId, Zones
from siaga.datafile import DataFile
from siaga.geojson import boundary

MAX_SHARED: Final = 0.01
"""Of the smaller area; boundaries that were drawn by different hands overlap a little."""


def read(
    city: DataFile | None, files: Mapping[NeighbourId, DataFile], zones: Zones
) -> Atlas | None:
    """The map; None, and problems in the files, without a boundary of the city.

    Args:
        city: The city's boundary.
        files: Those of neighbours.
        zones: The settings.
    """
    inside = None if city is None else boundary(city, zones.country)
    found = {id_: boundary(file, zones.country) for id_, file in files.items()}
    outside = {id_: area for id_, area in found.items() if area is not None}
    if inside is None:
        return None
    for id_, area in outside.items():
        shared = inside.intersection(area).area / min(inside.area, area.area)
        if shared > MAX_SHARED:
            message = f"{shared:.0%} of this area is the city's too: there it counts as the city"
            files[id_].warning(1, 1, message)
    return BoundaryAtlas(inside, outside, zones.location.margin_m)
