"""Boundaries as GeoJSON (RFC 7946), with the line and column of what is wrong in them."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from routing.number import shown
from siaga import country
from siaga.datafile import DataFile, text_of

Where: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the document's root."""

MAX_CORNERS: Final = 100_000
"""A city's boundary at 1:25,000 has some thousand."""
MAX_AWAY_KM: Final = 2_000.0
"""From the nearest town of the country that the time zone database knows; Kerguelen and the like
have towns of their own in it."""
LEAST_POSITIONS: Final = 4
"""Of a ring (RFC 7946, clause 3.1.6)."""
LEAST_NUMBERS: Final = 2
"""Of a position: longitude and latitude (RFC 7946, clause 3.1.1)."""
SWAPPED: Final = "latitude and longitude seem to be swapped: GeoJSON has the longitude first"
_WGS84: Final = re.compile(r"CRS84|EPSG:+4326")
_BLANK: Final = re.compile(r"[ \t\n\r]*")


def boundary(file: DataFile, country_code: str) -> BaseGeometry | None:
    """The area in a file: longitudes and latitudes; None, and problems, when it is none.

    Of a collection it is all areas together.

    Args:
        file: The file.
        country_code: ISO 3166 code of the country that it should be in.
    """
    text = text_of(file)
    if text is None:
        return None
    reader = _Reader()
    try:
        tree = json.loads(text, parse_constant=_no_number)
        polygons = [polygon for polygon in reader.polygons(tree, ()) if polygon is not None]
    except json.JSONDecodeError as error:
        file.error(error.lineno, error.colno, f"not JSON: {error.msg}")
        return None
    except RecursionError:
        file.error(1, 1, "values are nested too deep")
        return None
    except ValueError as error:
        file.error(1, 1, f"not JSON: {shown(str(error))}")
        return None
    if not reader.problems:
        reader.check_all(polygons, country_code)
    for where, message in reader.problems:
        file.error(*_place(text, where), message)
    file.close()
    return None if reader.problems else shapely.union_all(polygons)


class _Reader:
    """Makes polygons of a document, and notes what is wrong and where."""

    def __init__(self) -> None:
        self.problems: list[tuple[Where, str]] = []

    def polygons(self, value: Any, where: Where) -> Iterator[shapely.Polygon | None]:
        """Those in a GeoJSON object; None for each that cannot be used."""
        self._check_reference(value, where)
        match value:
            case {"type": "FeatureCollection", "features": list() as features}:
                for index, feature in enumerate(features):
                    yield from self.polygons(feature, (*where, "features", index))
            case {"type": "Feature", "geometry": dict() as geometry}:
                yield from self.polygons(geometry, (*where, "geometry"))
            case {"type": "Polygon", "coordinates": list() as rings}:
                yield self._polygon(rings, (*where, "coordinates"))
            case {"type": "MultiPolygon", "coordinates": list() as polygons}:
                for index, rings in enumerate(polygons):
                    yield self._polygon(rings, (*where, "coordinates", index))
            case {"type": str() as type_}:
                expected = "expected Polygon, MultiPolygon, or features with these"
                self._wrong(where, f"this {shown(type_)} has no area; {expected}")
            case _:
                self._wrong(where, "this is no GeoJSON object: it has no type")

    def check_all(self, polygons: list[shapely.Polygon], country_code: str) -> None:
        """Whether there are polygons, not too many corners, and all in the country."""
        if not polygons:
            self._wrong((), "there is no area in this file")
            return
        if sum(len(shapely.get_coordinates(each)) for each in polygons) > MAX_CORNERS:
            self._wrong((), f"more than {MAX_CORNERS} corners: simplify the boundary")
            return
        middle = polygons[0].envelope.centroid
        away = country.distance_km(country_code, middle.y, middle.x)
        if away is None or away <= MAX_AWAY_KM:
            return
        turned = country.distance_km(country_code, middle.x, middle.y)
        is_swapped = turned is not None and turned <= MAX_AWAY_KM
        hint = SWAPPED if is_swapped else "is it the right file?"
        self._wrong(
            (), f"this area is {away:.0f} km away from the nearest town of {country_code}; {hint}"
        )

    def _check_reference(self, value: Any, where: Where) -> None:
        """Coordinates are WGS 84 (RFC 7946, clause 4); older files could name others."""
        if isinstance(value, dict) and value.get("crs") is not None:
            name = json.dumps(value["crs"])
            if not _WGS84.search(name):
                message = (
                    f"its coordinates are not WGS 84 but {shown(name)}; convert it to EPSG:4326"
                )
                self._wrong((*where, "crs"), message)

    def _polygon(self, rings: Any, where: Where) -> shapely.Polygon | None:
        if not isinstance(rings, list) or not rings:
            self._wrong(where, "expected a list of rings")
            return None
        before = len(self.problems)
        for index, ring in enumerate(rings):
            self._check_ring(ring, (*where, index))
        if len(self.problems) > before:
            return None
        flat = [[position[:2] for position in ring] for ring in rings]
        polygon = shapely.Polygon(flat[0], flat[1:])
        if not polygon.is_valid:
            reason = shapely.is_valid_reason(polygon).replace("[", " at ").rstrip("]")
            self._wrong(where, f"this polygon cannot be used: {reason}")
            return None
        return polygon

    def _check_ring(self, ring: Any, where: Where) -> None:
        """The first thing that is wrong with a ring."""
        if not isinstance(ring, list):
            self._wrong(where, "expected a ring: a list of positions")
            return
        for index, position in enumerate(ring):
            fault = _fault_of(position)
            if fault:
                self._wrong((*where, index), fault)
                return
        if len(ring) < LEAST_POSITIONS:
            message = (
                f"a ring has at least {LEAST_POSITIONS} positions, the first one again at its end"
            )
            self._wrong(where, message)
        elif ring[0][:2] != ring[-1][:2]:
            self._wrong((*where, len(ring) - 1), "this ring does not end where it begins")

    def _wrong(self, where: Where, message: str) -> None:
        self.problems.append((where, message))


def _fault_of(position: Any) -> str:
    """What is wrong with a position, or nothing."""
    if not isinstance(position, list) or len(position) < LEAST_NUMBERS:
        return "expected a position: longitude, latitude"
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in position):
        return "expected numbers: longitude, latitude"
    lon, lat = position[:2]
    if abs(lon) <= 180 and abs(lat) <= 90:  # noqa: PLR2004 - degrees; `nan` and `inf` are not below
        return ""
    hint = f"; {SWAPPED}" if abs(lat) <= 180 and abs(lon) <= 90 else ""  # noqa: PLR2004 - the same
    return f"longitude {shown(str(lon))} and latitude {shown(str(lat))} are not on the Earth{hint}"


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _place(text: str, where: Where) -> tuple[int, int]:
    """Line and column of the value at a path, from 1: the text was read once, and is read again."""
    at = _after_blanks(text, 0)
    for key in where:
        at = _inside(text, at, key)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _inside(text: str, at: int, wanted: str | int) -> int:
    """Where the value of a key or index begins in the object or list that begins at `at`."""
    decoder = json.JSONDecoder()
    index = 0
    while True:
        at = _after_blanks(text, at + 1)
        key: str | int = index
        if isinstance(wanted, str):
            key, at = decoder.raw_decode(text, at)
            at = _after_blanks(text, _after_blanks(text, at) + 1)
        if key == wanted:
            return at
        _, at = decoder.raw_decode(text, at)
        at = _after_blanks(text, at)
        index += 1


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
