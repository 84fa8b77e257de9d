"""All settings that routing needs, in one value; a reload replaces it as a whole."""

from dataclasses import dataclass

from routing.judge import ZoneMap
from routing.operator import Operators
from routing.roster import Roster
from routing.service import Catalogue


@dataclass(frozen=True, slots=True)
class Plan:
    """The accepted settings, compiled: what the floor and the calls decide by."""

    zones: ZoneMap
    catalogue: Catalogue
    operators: Operators
    roster: Roster
