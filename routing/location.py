"""A caller's location as Asterisk hands it over, read: it may come from anybody, and say anything.

Asterisk turns a PIDF-LO (RFC 4119, RFC 5139, RFC 5491) into `name="value",name="value"`. It escapes
no quotes inside of a value, and drops the units of lengths (RFC 5491 has metres only).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from routing.shape import MAX_LATITUDE, Area, Position, arc_band, circle, ellipse, polygon

MAX_TEXT: Final = 8_192
"""Characters; a polygon of 300 corners fits in, and the dialplan hands over less."""
MAX_LENGTH_M: Final = 1e7
"""Of a radius or an axis: a quarter of the way around the Earth."""
NAMED: Final = ("A1", "A2", "A3", "A4", "A5")
"""Civic elements that name an area, from the province down (RFC 5139, clause 3.1); A6 is a street
in RFC 4119, and streets are named after cities."""
_PAIR: Final = re.compile(r'([A-Za-z][A-Za-z0-9]*+)="([^"]*+)"(?:,|\Z)')
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}+(?:\.[0-9]{1,20}+)?+(?:[eE][+-]?[0-9]{1,3}+)?+")
_FLAT: Final = "2d"
_SOLID: Final = "3d"
_SIZE: Final = {_FLAT: 2, _SOLID: 3}
"""Numbers in a position: latitude, longitude, and perhaps the altitude."""


@dataclass(frozen=True, slots=True)
class Address:
    """A civic address.

    Attributes:
        country: ISO 3166 code in capitals; empty if not told.
        names: Of the areas that it is in, from the widest down.
    """

    country: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """No place could be read, and why not."""

    why: str


Location: TypeAlias = Area | Address | Unread


class _Wrong(Exception):
    """The text is no location; what is wrong with it."""


def read(text: str) -> Location:
    """What a location says; whatever the text is, this answers and never raises.

    Read are points, circles, ellipses, arc bands and polygons, the footprints of spheres,
    ellipsoids and prisms (their heights say nothing of a zone), and civic addresses.

    Args:
        text: The format, a colon, and Asterisk's effective location; untrusted, of any length.
    """
    form, colon, rest = text.partition(":") if len(text) <= MAX_TEXT else ("", "", "")
    try:
        if not colon:
            return Unread("no location came with the call" if not text else "it cannot be read")
        return _read(form, rest)
    except (_Wrong, ArithmeticError) as error:
        return Unread(f"it cannot be read: {error}")


def folded(name: str) -> str:
    """A name as it is compared: without regard to case and to blanks."""
    return " ".join(name.casefold().split())


def _read(form: str, rest: str) -> Location:
    match form:
        case "GML":
            return _read_shape(tuple(_pairs(rest)))
        case "civicAddress":
            return _read_address(dict(_pairs(rest)))
        case "URI":
            return Unread("it is only a reference, which is not followed")
        case _:
            raise _Wrong("its format is not known")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The names and values; of a list that goes wrong anywhere nothing is believed."""
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            raise _Wrong("it is no list of names and values")
        yield pair[1], pair[2]
        at = pair.end()
    if text.endswith(",") or not text:
        raise _Wrong("it was cut off")


def _read_address(elements: dict[str, str]) -> Address:
    names = tuple(elements[name] for name in NAMED if folded(elements.get(name, "")))
    if not names:
        raise _Wrong("it names no area")
    return Address(elements.get("country", "").strip().upper(), names)


class _Values:
    """The named values of a shape."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self._pairs = pairs
        self.shape = self._one("shape")
        crs = self._all("crs")
        size = _SIZE.get(crs[0]) if crs else _SIZE[_FLAT]
        if size is None:
            raise _Wrong("its coordinates are not WGS 84")
        self._size = size

    def length(self, name: str) -> float:
        """Metres."""
        metres = _number(self._one(name))
        if not 0.0 <= metres <= MAX_LENGTH_M:
            raise _Wrong("a length is out of range")
        return metres

    def angle(self, name: str) -> float:
        """Radians; written as radians or degrees."""
        written, _, unit = self._one(name).partition(" ")
        angle = _number(written)
        radians = angle if unit == "radians" else math.radians(angle)
        if unit not in {"", "degrees", "radians"} or not -math.tau <= radians <= math.tau:
            raise _Wrong("an angle is out of range")
        return radians

    def position(self) -> Position:
        """The only one."""
        positions = self.positions()
        if len(positions) != 1:
            raise _Wrong("it has more than one position")
        return positions[0]

    def positions(self) -> tuple[Position, ...]:
        """All of them, written one by one or as a list (GML `pos` and `posList`)."""
        written = [*self._all("pos"), *self._all("posList")]
        numbers = [_number(word) for text in written for word in text.split()]
        if not numbers or len(numbers) % self._size:
            raise _Wrong("a position is not complete")
        steps = range(0, len(numbers), self._size)
        return tuple(_position(numbers[at], numbers[at + 1]) for at in steps)

    def _one(self, name: str) -> str:
        values = self._all(name)
        if len(values) != 1:
            raise _Wrong(f"{name} is missing" if not values else f"{name} is there twice")
        return values[0]

    def _all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


def _number(text: str) -> float:
    """A plain decimal number: no `nan`, no `inf`, no digits of other scripts."""
    if not _NUMBER.fullmatch(text):
        raise _Wrong("a number is none")
    number = float(text)
    if not math.isfinite(number):
        raise _Wrong("a number is out of range")
    return number


def _position(lat: float, lon: float) -> Position:
    if abs(lon) > 180.0 or abs(lat) > 90.0:  # noqa: PLR2004 - degrees around the Earth
        raise _Wrong("a position is not on the Earth")
    if abs(lat) > MAX_LATITUDE:
        raise _Wrong("a position is too near to a pole")
    return Position(lat, lon)


def _read_shape(pairs: tuple[tuple[str, str], ...]) -> Area:
    values = _Values(pairs)
    match values.shape:
        case "Point":
            return Area("point", values.position())
        case "Circle" | "Sphere":
            return _round(values.position(), values.length("radius"))
        case "Ellipse" | "Ellipsoid":
            return _read_ellipse(values)
        case "ArcBand":
            return _read_arc_band(values)
        case "Polygon" | "Prism":
            return _read_polygon(values)
        case _:
            raise _Wrong("its shape is not known")


def _round(centre: Position, radius_m: float) -> Area:
    return circle(centre, radius_m) if radius_m > 0 else Area("point", centre)


def _read_ellipse(values: _Values) -> Area:
    major, minor = values.length("semiMajorAxis"), values.length("semiMinorAxis")
    if not 0.0 < minor <= major:
        raise _Wrong("its axes are those of no ellipse")
    return ellipse(values.position(), major, minor, values.angle("orientation"))


def _read_arc_band(values: _Values) -> Area:
    inner, outer = values.length("innerRadius"), values.length("outerRadius")
    start, opening = values.angle("startAngle"), values.angle("openingAngle")
    if not inner < outer or not opening > 0.0:
        raise _Wrong("its angles and radii are those of no arc band")
    return arc_band(values.position(), inner, outer, start, opening)


def _read_polygon(values: _Values) -> Area:
    area = polygon(values.positions())
    if area is None:
        raise _Wrong("it is not one closed ring around an area")
    return area
