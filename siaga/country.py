"""Where a country is: the towns that stand for its time zones in the time zone database."""

import math
import re
from functools import cache
from importlib import resources
from typing import Final

EARTH_KM: Final = 6_371.0
"""The mean radius."""
_HALF: Final = re.compile(r"[+-]\d+")
"""Latitude or longitude: degrees, minutes and perhaps seconds (ISO 6709), as in `zone.tab`."""


def distance_km(country: str, lat: float, lon: float) -> float | None:
    """From a place to the nearest of the country's towns; None for a country without any.

    Args:
        country: ISO 3166 code.
        lat: Latitude in degrees.
        lon: Longitude in degrees.
    """
    return min((_distance_km(town, (lat, lon)) for town in _towns(country)), default=None)


@cache
def _towns(country: str) -> tuple[tuple[float, float], ...]:
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    halves = (_HALF.findall(row[1]) for row in rows if row[0] == country)
    return tuple((_degrees(lat), _degrees(lon)) for lat, lon in halves)


def _degrees(half: str) -> float:
    """Of `+DDMM`, `+DDDMM`, `+DDMMSS` or `+DDDMMSS`."""
    digits = half[1:]
    whole = 2 + len(digits) % 2
    minutes, seconds = int(digits[whole : whole + 2]), int(digits[whole + 2 :] or 0)
    degrees = int(digits[:whole]) + minutes / 60 + seconds / 3600
    return -degrees if half[0] == "-" else degrees


def _distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """On a sphere (haversine): right to half a percent."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, each)) for each in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))
