"""What the rules find, and the bounds that many of them share."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from siaga.datafile import DataFile
from siaga.document import Document
from siaga.problem import Place, Problem, SettingsPath, Severity

ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""Ids go into names of files, contexts and endpoints."""
DIALLED: Final = re.compile(r"\+?[0-9*#]+")
"""What a trunk can dial; anything else would end in a dial string of Asterisk's."""
DTMF: Final = frozenset("0123456789*#")
"""The keys of a telephone."""
MAX_PENALTY: Final = 1000
"""Of an operator, and of a limit for them; far more than anybody tells apart."""
RING_S: Final = (1.0, 120.0)
"""A phone rings at least once, and a caller's chain goes on within two minutes."""


class Findings:
    """Takes what rules find, and puts it with the document that it is about.

    Args:
        documents: By stem.
        is_whole: Every name stands for something; else what seems unused is just misspelt.
    """

    def __init__(
        self, documents: Mapping[str, Document | DataFile], *, is_whole: bool = True
    ) -> None:
        self._documents = documents
        self.is_whole = is_whole

    def error(self, path: SettingsPath, message: str, *, of_key: bool = False) -> None:
        """The settings cannot be used because of this."""
        self._add(path, message, Severity.ERROR, of_key=of_key)

    def warning(self, path: SettingsPath, message: str, *, of_key: bool = False) -> None:
        """The settings can be used, but this is probably not what was meant."""
        self._add(path, message, Severity.WARNING, of_key=of_key)

    def unused(self, path: SettingsPath, message: str) -> None:
        """A warning about an entry that nothing refers to."""
        if self.is_whole:
            self.warning(path, message, of_key=True)

    def place(self, path: SettingsPath) -> Place:
        """The place where this is written, to be told in a message about something else."""
        return self._documents[str(path[0])].place(path, of_key=True)

    def line(self, path: SettingsPath) -> int:
        """The line where this is written, to be told in a message about something else."""
        return self.place(path).line

    def within(self, path: SettingsPath, value: float, bounds: tuple[float, float]) -> None:
        """An error unless the value lies between the bounds, which also leaves out `nan`."""
        low, high = bounds
        if not low <= value <= high:
            self.error(path, f"{value:g} is out of range; expected {low:g} to {high:g}")

    def once(self, path: SettingsPath, values: Sequence[object]) -> None:
        """An error for each item of a list that is there a second time."""
        seen: set[object] = set()
        for index, value in enumerate(values):
            if value in seen:
                self.error((*path, index), f"{str(value)!r} is here twice")
            seen.add(value)

    def ids(self, path: SettingsPath, ids: Collection[str]) -> None:
        """An error for each key that cannot be an id, and when there is none."""
        if not ids:
            self.error(path, "expected at least one entry")
        for id_ in ids:
            if not ID.fullmatch(id_):
                message = f"{id_!r} cannot be an id; expected small letters, digits, - and _"
                self.error((*path, id_), message, of_key=True)

    def _add(self, path: SettingsPath, message: str, severity: Severity, *, of_key: bool) -> None:
        document = self._documents[str(path[0])]
        if isinstance(document, Document) and path in document.unfit:
            return
        place = document.place(path, of_key=of_key)
        document.problems.append(Problem(*place, message, severity))
