"""What a caller's location shows, held against the boundaries or the names of the settings."""

from collections.abc import Iterator
from typing import assert_never

from routing import location
from routing.clue import PLACE, Clue, Path, nothing
from routing.location import Address, Unread
from routing.reason import Reason
from routing.shape import Area, Atlas, Sight
from routing.zone import Finding, NeighbourId, Zones


class Locator:
    """Names and boundaries of the city and of its neighbours.

    Args:
        zones: The accepted settings. Of equal names the last one stands, and the city's before all.
        atlas: The boundaries; None without any.
    """

    def __init__(self, zones: Zones, atlas: Atlas | None) -> None:
        self._zones = zones
        self._atlas = atlas
        self._names = dict(_named(zones))

    def look(self, text: str) -> Clue:
        """What a location shows; whatever the text is, this answers and never raises.

        Args:
            text: As in `routing.zone.Evidence`: untrusted, of any length.
        """
        found = location.read(text)
        match found:
            case Unread():
                return nothing(f"caller's location says nothing: {found.why}")
            case Address():
                return self._look_at_address(found)
            case Area():
                return self._look_at_area(found)
            case _:
                assert_never(found)

    def _look_at_address(self, address: Address) -> Clue:
        """Whose names the address has; with names of two areas it shows nothing."""
        if address.country not in {"", self._zones.country}:
            return nothing("caller's address is in another country")
        known = (self._names.get(location.folded(name)) for name in address.names)
        found = dict(area for area in known if area is not None)
        if not found:
            return nothing("caller's address names no area of the settings")
        if len(found) > 1:
            return nothing("caller's address has names of different areas")
        ((neighbour, (name, path)),) = found.items()
        finding = Finding.INSIDE if neighbour is None else Finding.OUTSIDE
        reason = Reason(f"caller's address is {PLACE[finding]}: {name}", path)
        return Clue(finding, neighbour, reason)

    def _look_at_area(self, area: Area) -> Clue:
        """How the location lies to the boundaries."""
        limit = self._zones.location.max_reach_m
        if area.reach_m > limit:
            text = f"caller's location is a {area.shape} that reaches {area.reach_m:.0f} m"
            path = ("zones", "location", "max_reach_m")
            return nothing(f"{text}; above {limit:g} m it proves nothing", path)
        if self._atlas is None:
            text = f"caller's location is a {area.shape}, and no boundary is there to compare"
            return nothing(text, ("zones", "city"))
        sight = self._atlas.sight(area)
        if sight is None:
            return nothing(f"caller's location says nothing: the {area.shape} crosses itself")
        return _seen(area, sight, self._atlas.neighbours)


def _seen(area: Area, sight: Sight, known: frozenset[NeighbourId]) -> Clue:
    """Inside is whose centre is; outside is only what is so as a whole, and not just beside it."""
    city: Path = ("zones", "city", "boundary")
    what = f"caller's location, a {area.shape},"
    if sight.is_inside:
        return Clue(Finding.INSIDE, None, Reason(f"{what} is inside of the city's boundary", city))
    if not sight.is_outside:
        return nothing(f"{what} is on the city's boundary or beside it: it proves nothing", city)
    if sight.neighbour is None:
        reason = Reason(f"{what} is outside, in no neighbour's boundary", city)
        return Clue(Finding.OUTSIDE, None, reason, disproved=known)
    path = ("zones", "neighbours", sight.neighbour, "boundary")
    reason = Reason(f"{what} is outside, in the boundary of {sight.neighbour}", path)
    return Clue(Finding.OUTSIDE, sight.neighbour, reason)


def _named(zones: Zones) -> Iterator[tuple[str, tuple[NeighbourId | None, tuple[str, Path]]]]:
    """The names of areas as they are compared, each with the neighbour; None is the city."""
    for id_, neighbour in zones.neighbours.items():
        for index, name in enumerate(neighbour.names):
            path: Path = ("zones", "neighbours", id_, "names", index)
            yield location.folded(name), (id_, (name, path))
    for index, name in enumerate(zones.city.names):
        yield location.folded(name), (None, (name, ("zones", "city", "names", index)))
