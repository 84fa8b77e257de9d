"""A mutant: one rule of the house, and the smallest edit that breaks it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
"""Has a file for each mutant."""


class Stale(ValueError):
    """The code that the mutant edits is not as it was: the mutant must follow it, or go."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit of one file.

    Attributes:
        name: Its file's, without the ending.
        rule: What must hold, and does not any more.
        file: Which one is edited, as seen from the repository's root.
        old: The code, which is there exactly once.
        new: What stands in its place.
    """

    name: str
    rule: str
    file: str
    old: str
    new: str

    def applied(self, code: str) -> str:
        """The code with the rule broken.

        Raises:
            Stale: The edited piece is not there, or more than once.
        """
        times = code.count(self.old)
        if times != 1:
            raise Stale(f"{self.name}: in {self.file} {times} times instead of once: {self.old!r}")
        return code.replace(self.old, self.new)


def read(path: Path) -> Mutant:
    """The mutant of a file.

    Raises:
        TypeError: The file has other keys than a mutant.
    """
    return Mutant(name=path.stem, **tomllib.loads(path.read_text(encoding="utf-8")))


def mutants() -> tuple[Mutant, ...]:
    """Those that the simulator must catch, in the order of their names."""
    return tuple(read(path) for path in sorted(FOLDER.glob("*.toml")))


def uncaught() -> tuple[Mutant, ...]:
    """Those that it does not catch yet: holes in scenarios or laws that are known."""
    return tuple(read(path) for path in sorted((FOLDER / "uncaught").glob("*.toml")))
