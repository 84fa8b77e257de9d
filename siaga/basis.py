"""What a daemon starts on: the settings of a folder, or else the last known good ones.

NoBasis            there are neither; says what is wrong with both
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siaga.known_good import Copy, KnownGood
from siaga.problem import Problem, SettingsError
from siaga.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Basis:
    """What a daemon starts on.

    Attributes:
        config: The folder of the settings.
        settings: Those to be used.
        known_good: Keeps what is accepted.
        copy: Where `settings` come from, when those in the folder cannot be used.
        problems: What is wrong with those in the folder.
        damaged: Copies that were passed over.
    """

    config: Path
    settings: Settings
    known_good: KnownGood
    copy: Copy | None = None
    problems: Sequence[Problem] = ()
    damaged: Sequence[str] = ()


class NoBasis(Exception):
    """Nothing can be started on.

    Attributes:
        problems: What is wrong with the settings in the folder.
        damaged: What is wrong with the copies, if there are any.
    """

    def __init__(self, problems: Sequence[Problem], damaged: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} problems, {len(damaged)} damaged copies")
        self.problems = problems
        self.damaged = damaged


def find(config: Path, state: Path) -> Basis:
    """The settings of a folder, or else the last known good ones.

    Raises:
        NoBasis: There are neither.
    """
    known_good = KnownGood(state)
    try:
        return Basis(config, load(config), known_good)
    except SettingsError as error:
        copy, damaged = known_good.newest()
        if copy is None:
            raise NoBasis(error.problems, damaged) from error
        return Basis(config, copy.settings, known_good, copy, error.problems, damaged)
