"""People by the names that other programs know them by."""

from collections.abc import Sequence

from routing.number import shown
from routing.operator import Operators, PersonId
from siaga.problem import suggestion


class Directory:
    """Finds a person by id, by name, or by the part of a mail address before the @ as their id.

    Capitals and the number of spaces do not matter. A name that two people have finds neither.
    """

    def __init__(self, operators: Operators) -> None:
        self._ids = tuple(operators.people)
        found: dict[str, set[PersonId]] = {}
        for id_, person in operators.people.items():
            found.setdefault(_plain(person.name), set()).add(id_)
        self._by_name = {name: ids.pop() for name, ids in found.items() if len(ids) == 1}
        self._by_name |= {_plain(id_): id_ for id_ in operators.people}

    def find(self, names: Sequence[str]) -> PersonId | None:
        """Whom the first of these names that is somebody's means."""
        for name in names:
            local = name.rpartition("@")[0] if "@" in name else name
            found = self._by_name.get(_plain(name)) or self._by_name.get(_plain(local))
            if found is not None:
                return found
        return None

    def unknown(self, name: str) -> str:
        """The message for a name that is nobody's: who may have been meant."""
        near = suggestion(_plain(name), self._by_name, "people")
        if "did you mean" not in near:
            near = suggestion(name, self._ids, "people")
        return f"unknown person {quoted(name)}{near}"


def quoted(text: str) -> str:
    """A foreign text as a message may repeat it: short, and with nothing invisible in it."""
    return repr(shown(text))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
